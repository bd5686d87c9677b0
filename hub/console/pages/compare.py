"""Two to twelve records side by side: are they one? Same, not the same, ask, or one group; what each answer brings is seen before.

The page itself is one read. Evidence and preview are panels of their own: they load by themselves, may fail by themselves, and
the preview follows every choice. No key decides; keys open dialogs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.access import masked_fields
from hub.console.page import OPERATORS, Page
from hub.console.pages.record_parts import camel
from hub.console.shell import ask, attempt, configuration, fields, form, person, redirect, render, shell, tell, tenant_id
from hub.core.risk import risk_of
from hub.errors import RequestError
from hub.flows.compare import LEAST, MOST, Comparison, Row, compare
from hub.store import labels
from schema import CODE_SETS, ENTITIES
from schema.language import EntityMeta, entity_name

ERRORS = "errors { code message field remedy retryable }"
TASK = """query Task($id: Long!) { stewardTask(id: $id) { id cause subject state entity recordId system reason remedy detail dueAt team risk
    money { amount currency } assignee { name } question { text } snoozedUntil suggestion { action confidence } } }"""
NEXT = """query Next { stewardTasks(cause: "possible_duplicate", state: "open", snoozed: false, order: PRIORITY, first: 5) { nodes { id } } }"""
PAIRS = """query Pairs($entity: String!, $ids: [ID!]!) { matchPairs(entity: $entity, ids: $ids, strongest: true) {
    a { sourceId system recordId } b { sourceId system recordId } score { weight probability parts { comparison level weight a b } guards { kind reason } } }
    matchModels(entity: $entity) { version state auto review } }"""
PREVIEW = """query Preview($entity: String!, $survivor: ID!, $losers: [ID!]!, $picks: JSON, $ids: [ID!]!, $compared: Boolean!) {
    matchPairs(entity: $entity, ids: $ids, strongest: true) @include(if: $compared) { score { guards { kind reason } } }
    mergePreview(entity: $entity, survivor: $survivor, losers: $losers, picks: $picks) {
    risk why needsSecondPerson vetoes { kind reason remedy recordIds } fields { field before { recordId value } after differs picked rule provisional masked }
    children { entity field count } deliveries { system operation externalId mode fields }
    records { id receivables { amount currency } unbilled { amount currency } activeProjects signedContracts sources { system object externalId role } } } }"""
MERGE = f"""mutation Merge($entity: String!, $survivor: ID!, $losers: [ID!]!, $reason: String!, $picks: JSON) {{
    merge(entity: $entity, survivor: $survivor, losers: $losers, reason: $reason, picks: $picks) {{ actionId children proposal {{ id risk }} {ERRORS} }} }}"""
APART = f"""mutation Apart($entity: String!, $ids: [ID!]!, $reason: String!) {{
    keepApart(entity: $entity, ids: $ids, reason: $reason) {{ actionId proposal {{ id risk }} {ERRORS} }} }}"""
GROUP = f"""mutation Group($head: ID!, $clients: [ID!]!, $kind: String!, $reason: String!) {{
    sameGroup(head: $head, clients: $clients, kind: $kind, reason: $reason) {{ actionId proposal {{ id risk }} {ERRORS} }} }}"""
ASK = f"""mutation Ask($ids: [Long!]!, $question: String!, $until: DateTime!, $somebody: String!) {{
    askAbout(ids: $ids, question: $question, until: $until, somebody: $somebody) {{ done outcomes {{ id code message }} {ERRORS} }} }}"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which records the page is about, and the task that asks."""

    meta: EntityMeta
    ids: tuple[UUID, ...]
    task: str

    @property
    def query(self) -> dict[str, Any]:
        return {"entity": self.meta.name, "id": [str(one) for one in self.ids], "task": self.task}


def _asked(entity: str, ids: Sequence[str], task: str) -> Asked:
    """Raises BAD_INPUT for fewer than two records, or more than twelve."""
    meta = ENTITIES.get(entity)
    try:
        wanted = tuple(dict.fromkeys(UUID(one) for one in ids))
    except ValueError:
        wanted = ()
    if meta is None or not LEAST <= len(wanted) <= MOST:
        raise RequestError("BAD_INPUT", f"{LEAST} to {MOST} records of one kind stand side by side", remedy="Choose them in the inbox or in the search.")
    return Asked(meta, wanted, task if task.isdigit() else "")


def _of_query(request: Request) -> Asked:
    query = request.query_params
    return _asked(query.get("entity", ""), query.getlist("id"), query.get("task", ""))


async def _of_form(request: Request) -> Asked:
    given = await form(request)
    return _asked(str(given.get("entity", "")), await fields(request, "id"), str(given.get("task", "")))


async def of_task(request: Request) -> Response:
    """The records a task asks about; one that names a single record leads to it."""
    return await _to_records(request, request.path_params["task"])


async def _to_records(request: Request, name: str) -> Response:
    task = await _task(request, name)
    if task is None:
        raise RequestError("NOT_FOUND", "there is no such task", remedy="Look at the inbox.")
    ids = records_of(task)
    if len(ids) < LEAST:
        return redirect(request, f"/record/{task['entity']}/{ids[0]}" if ids else "/inbox")
    return redirect(request, "/compare", entity=task["entity"], id=ids[:MOST], task=task["id"])


def records_of(task: Mapping[str, Any]) -> list[str]:
    """The golden ids a task is about, its own first.

    >>> records_of({"recordId": "a", "detail": {"other": "b", "candidates": ["c", "a"], "evidence": []}})
    ['a', 'b', 'c']
    """
    detail = task.get("detail") or {}
    named = [task.get("recordId"), detail.get("other"), detail.get("created_for"), detail.get("linked_to")]
    several = [one for name in ("candidates", "records") for one in detail.get(name) or ()]
    return list(dict.fromkeys(str(one) for one in (*named, *several) if one))


async def _task(request: Request, task: str) -> dict[str, Any] | None:
    if not task.isdigit():
        return None
    found: dict[str, Any] | None = (await ask(request, TASK, id=task))["stewardTask"]
    return found


async def side_by_side(request: Request) -> Response:
    """The records in columns, what differs marked; who is the likeliest to stay is chosen already."""
    query = request.query_params
    if query.get("task") and not query.getlist("id"):
        return await _to_records(request, query["task"])
    asked = _of_query(request)
    who = person(request).principal
    who.need_everything()
    config = await configuration(request)
    async with shell(request).pool.acquire() as connection:
        found = await compare(connection, config, asked.meta.name, asked.ids, masked_fields(asked.meta, who.role))
    if len(found.columns) < LEAST:
        return redirect(request, f"/record/{asked.meta.name}/{found.columns[0].golden_id}", "They are one record already.")
    task = await _task(request, asked.task) if asked.task else None
    survivor = request.query_params.get("survivor") or str(likeliest(found))
    return render(
        request, "compare/compare.html", title="Compare", crumbs=[("Inbox", "/inbox"), (f"{len(found.columns)} {asked.meta.plural.replace('_', ' ')}", "")],
        found=found, meta=asked.meta, asked=asked, task=task, survivor=survivor, groups=grouped(found.rows), only=request.query_params.get("only", ""),
        risks={row.name: risk_of(asked.meta, row.name).value for row in found.rows}, differing=sum(row.differs for row in found.rows),
        kinds=list(CODE_SETS["RELATIONSHIP_KIND"].values), tomorrow=(date.today() + timedelta(days=7)).isoformat(), may_decide=person(request).may(*OPERATORS),
    )  # fmt: skip


def likeliest(found: Comparison) -> UUID:
    """Who had better stay: the record with money on it, then with more sources, then the older one."""
    best = min(
        found.columns,
        key=lambda one: (not (one.stakes and one.stakes.is_money_attached), -len(one.sources), one.created_at, one.golden_id),
    )
    return best.golden_id


def grouped(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Rows under the group they move with; those of none first."""
    found: dict[str, list[Row]] = {"": []}
    for row in rows:
        found.setdefault(row.group, []).append(row)
    return [(name, some) for name, some in found.items() if some]


async def evidence(request: Request) -> Response:
    """What speaks for and against each pair, comparison by comparison."""
    asked = _of_query(request)
    data, troubles = await attempt(request, PAIRS, entity=asked.meta.name, ids=[str(one) for one in asked.ids])
    task = await _task(request, asked.task) if asked.task else None
    model = next((one for one in data.get("matchModels") or () if one["state"] == "in_force"), None)
    return render(
        request, "compare/evidence.html", model=model, pairs=data.get("matchPairs") or (), troubles=troubles, told=told_by(task), asked=asked,
        names=await _names(request, asked),
    )  # fmt: skip


async def _names(request: Request, asked: Asked) -> dict[str, str]:
    async with shell(request).pool.acquire() as connection:
        found = await labels.read(connection, tenant_id(request), {(asked.meta.name, one) for one in asked.ids})
    return {str(golden_id): text for golden_id, text in found.items()}


def told_by(task: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """What the rule saw that opened the task: (what was looked at, what was found)."""
    seen = ((task or {}).get("detail") or {}).get("evidence") or []
    if isinstance(seen, Mapping):
        return [(str(one.get("comparison", "")), str(one.get("level", ""))) for one in seen.get("parts", ())]
    return [(str(one[0]), str(one[1])) for one in seen if isinstance(one, Sequence) and len(one) == 2]


def picks_of(asked: Asked, given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Per field the record whose value shall stand, where somebody chose one."""
    found = {}
    for name in asked.meta.fields:
        chosen = str(given.get(f"pick.{name}", ""))
        if chosen in {str(one) for one in asked.ids}:
            found[name] = {"record": chosen}
    return found


def survivor_of(asked: Asked, given: Mapping[str, Any]) -> tuple[str, list[str]]:
    """(who stays, who goes); raises INVALID_VALUE when nobody was chosen."""
    survivor = str(given.get("survivor", ""))
    ids = [str(one) for one in asked.ids]
    if survivor not in ids:
        raise RequestError("INVALID_VALUE", "nobody is chosen to stay", field="survivor", remedy="Choose the record that stays.")
    return survivor, [one for one in ids if one != survivor]


async def preview(request: Request) -> Response:
    """What a merge would come to with the choices made so far."""
    asked = await _of_form(request)
    given = await form(request)
    survivor, losers = survivor_of(asked, given)
    data, troubles = await attempt(
        request, PREVIEW, entity=asked.meta.name, survivor=survivor, losers=losers, picks=picks_of(asked, given) or None,
        ids=[survivor, *losers], compared=bool(asked.meta.compare),
    )  # fmt: skip
    told = data.get("mergePreview")
    guards = {(one["kind"], one["reason"]): one for pair in data.get("matchPairs") or () for one in pair["score"]["guards"]}
    return render(
        request, "compare/preview.html", preview=told, troubles=troubles, meta=asked.meta, labels=await _labels(request, asked, told), guards=list(guards.values())
    )


async def _labels(request: Request, asked: Asked, told: Mapping[str, Any] | None) -> dict[str, str]:
    """What the records are called that references of the joined record lead to."""
    targets = {camel(one.name): entity_name(one.target) for one in asked.meta.references}
    wanted = {(targets[one["field"]], UUID(one["after"])) for one in (told or {}).get("fields", ()) if one["field"] in targets and one["after"]}
    async with shell(request).pool.acquire() as connection:
        return {str(golden_id): text for golden_id, text in (await labels.read(connection, tenant_id(request), wanted)).items()}


async def same(request: Request) -> Response:
    """They are one: merge them."""
    asked = await _of_form(request)
    given = await form(request)
    survivor, losers = survivor_of(asked, given)
    done = await tell(
        request, MERGE, entity=asked.meta.name, survivor=survivor, losers=losers, reason=_reason(given, "merge"), picks=picks_of(asked, given) or None
    )
    return await _decided(request, asked, done, f"{len(losers) + 1} records are one now.", f"/record/{asked.meta.name}/{survivor}")


async def not_the_same(request: Request) -> Response:
    """They are not one, and stay so."""
    asked = await _of_form(request)
    done = await tell(request, APART, entity=asked.meta.name, ids=[str(one) for one in asked.ids], reason=_reason(await form(request), "apart"))
    return await _decided(request, asked, done, "They are kept apart for good.", "")


async def one_group(request: Request) -> Response:
    """Sister companies: each goes below the head of the group, and they are never merged by a rule."""
    asked = await _of_form(request)
    given = await form(request)
    reason, head = _reason(given, "group"), str(given.get("head", ""))
    ids = [str(one) for one in asked.ids]
    if head not in ids:
        raise RequestError("INVALID_VALUE", "nobody is chosen as the head of the group", field="head", remedy="Choose the head.")
    done = await tell(request, GROUP, head=head, clients=ids, kind=str(given.get("kind", "")), reason=reason)
    if not done.get("proposal"):
        await tell(request, APART, entity=asked.meta.name, ids=ids, reason=reason)
    return await _decided(request, asked, done, "They are one group, and stay records of their own.", "")


async def ask_somebody(request: Request) -> Response:
    """Somebody else knows: the task waits for the answer."""
    asked = await _of_form(request)
    given = await form(request)
    question, until = str(given.get("question", "")).strip(), str(given.get("until", ""))
    if not asked.task:
        raise RequestError("NOT_POSSIBLE", "a question belongs to a task, and nobody asked about these records", remedy="Open the comparison from a task.")
    if not question or not until:
        raise RequestError("REASON_REQUIRED", "a question needs words and a day", field="question", remedy="Write what is asked, and until when it waits.")
    done = await tell(request, ASK, ids=[asked.task], question=question, until=f"{until}T08:00:00Z", somebody=str(given.get("somebody", "")).strip())
    if refused := [one for one in done.get("outcomes") or () if one["code"]]:
        raise RequestError(refused[0]["code"], refused[0]["message"], remedy="Look at the task again.")
    return redirect(request, await _next(request, asked) or "/inbox", "The question is asked; the task waits for its answer.")


def _reason(given: Mapping[str, Any], name: str) -> str:
    found = str(given.get(f"reason.{name}", "")).strip()
    if not found:
        raise RequestError("REASON_REQUIRED", "a decision needs a reason", field="reason", remedy="Say why; whoever looks at it later wants to know.")
    return found


async def _decided(request: Request, asked: Asked, done: Mapping[str, Any], text: str, stays: str) -> Response:
    """What was done, with five seconds to take it back; then the next task."""
    if done.get("proposal"):
        waits = f"A second person must approve: proposal {done['proposal']['id']}, {done['proposal']['risk']}. Nothing is changed before."
        return redirect(request, await _next(request, asked) or "/inbox", waits)
    return redirect(request, "/compare/done", action=done.get("actionId"), text=text, stays=stays, next=await _next(request, asked), **asked.query)


async def done(request: Request) -> Response:
    """The word about a decision, with its undo; moves on by itself."""
    query = request.query_params
    action, following, stays = query.get("action", ""), query.get("next", ""), query.get("stays", "")
    return render(
        request, "compare/done.html", title="Decided", action=action if action.isdigit() else "", text=query.get("text", "")[:200],
        following=following if following.startswith("/compare/task/") else "", stays=stays if stays.startswith("/record/") else "",
        again={"entity": query.get("entity"), "id": query.getlist("id"), "task": query.get("task")},
    )  # fmt: skip


async def _next(request: Request, asked: Asked) -> str:
    """The next task of this kind, when one came from a task."""
    if not asked.task:
        return ""
    data, _ = await attempt(request, NEXT)
    ids = [one["id"] for one in (data.get("stewardTasks") or {}).get("nodes") or ()]
    return next((f"/compare/task/{one}" for one in ids if one != asked.task), "")


PAGE = Page(
    "Compare", "",
    (
        Route("/compare", side_by_side),
        Route("/compare/task/{task}", of_task),
        Route("/compare/evidence", evidence),
        Route("/compare/preview", preview, methods=["POST"]),
        Route("/compare/same", same, methods=["POST"]),
        Route("/compare/apart", not_the_same, methods=["POST"]),
        Route("/compare/group", one_group, methods=["POST"]),
        Route("/compare/ask", ask_somebody, methods=["POST"]),
        Route("/compare/done", done),
    ),
    section="work", icon="scale", roles=OPERATORS,
)  # fmt: skip
