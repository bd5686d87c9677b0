"""Deliveries: every reader of changes with its lag and rate, its tries, its dead letters, and what can be done about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import ADMINS, OPERATORS, Page
from hub.console.sheets import csv_answer
from hub.console.shell import ask, attempt, field, part, person, redirect, render, tell, with_toast
from hub.errors import RequestError

ERRORS = "errors { code message field remedy retryable }"
STATUS = """subscriptionId name kind system state position lag lagSeconds deliveredPerMinute failedPerMinute retries oldestAt failingSince
    lanes { state count }"""
LIST = f"query Readers {{ deliveryStatus {{ {STATUS} }} }}"
TRY = "id version operation intentKey state request response error correlationId startedAt finishedAt recordId externalKey worker"
ONE = f"""query Reader($id: ID!, $after: String) {{ deliveryStatus(subscriptionId: $id) {{ {STATUS} subscription {{ id url filter payload coalesces topic payloadVersions
      createdAt createdBy failingSince formerUntil notice retryS }} }}
    laneGroups(subscriptionId: $id) {{ entity state cause reason count attempts oldestAt money {{ amount currency }} task {{ id }} }}
    attempts(subscriptionId: $id, first: 20, after: $after) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {TRY} }} }} }}"""
LETTERS = """query Letters($system: String, $entity: String) { deadLetterClasses(system: $system, entity: $entity) {
    cause means subscriptionId subscription { name kind } system entity count tasks team remedy dueAt oldestAt money { amount currency } task { id reason } } }"""
STATE = f"mutation State($id: ID!, $state: String!) {{ setSubscriptionState(id: $id, state: $state) {{ done {ERRORS} }} }}"
ROTATE = f"mutation Rotate($id: ID!, $s: Int!) {{ rotateSecret(id: $id, formerForS: $s) {{ secret formerUntil {ERRORS} }} }}"
TEST = f"mutation Test($id: ID!) {{ sendTestEvent(id: $id) {{ attempt {{ state request response error startedAt finishedAt }} {ERRORS} }} }}"
AGAIN = f"""mutation Again($id: ID!, $entity: String, $events: [String!], $since: DateTime, $until: DateTime, $dryRun: Boolean!) {{
    sendAgain(subscriptionId: $id, entity: $entity, eventIds: $events, since: $since, until: $until, dryRun: $dryRun) {{ count deadLetters expired {ERRORS} }} }}"""
REPLAY = f"""mutation Replay($id: ID, $entity: String, $task: Long, $since: DateTime, $until: DateTime, $dryRun: Boolean!) {{
    replay(subscriptionId: $id, entity: $entity, taskId: $task, since: $since, until: $until, dryRun: $dryRun) {{ count money {{ amount currency }} {ERRORS} }} }}"""
STATES = {"pause": ("paused", "It is held back; its position stays."), "resume": ("active", "It goes on where it stood."), "disable": ("disabled", "It is ended; retention no longer spares what it has not seen.")}
HOUR_S = 3600


async def listed(request: Request) -> Response:
    """Every reader in a line."""
    readers = (await ask(request, LIST))["deliveryStatus"]
    if request.query_params.get("format") == "csv":
        header = ("name", "kind", "system", "state", "lag_positions", "lag_seconds", "delivered_per_minute", "failed_per_minute", "parked")
        rows = ((one["name"], one["kind"], one["system"], one["state"], one["lag"], one["lagSeconds"], one["deliveredPerMinute"], one["failedPerMinute"], _lanes(one, "parked")) for one in readers)
        return csv_answer("subscriptions.csv", header, rows)
    return render(request, "delivery/list.html", title="Subscriptions", readers=readers)


def _lanes(reader: dict[str, Any], state: str) -> int:
    return sum(one["count"] for one in reader["lanes"] if one["state"] == state)


async def one(request: Request) -> Response:
    """One reader: how far it is, what holds it up, and its last tries."""
    data = await ask(request, ONE, id=request.path_params["id"], after=request.query_params.get("after"))
    if not data["deliveryStatus"]:
        raise RequestError("NOT_FOUND", "there is no such subscription", remedy="Look at the list of subscriptions.")
    [reader] = data["deliveryStatus"]
    return render(
        request, "delivery/one.html", title=reader["name"], crumbs=(("Subscriptions", "/subscriptions"), (reader["name"], "")), reader=reader,
        groups=data["laneGroups"], tries=data["attempts"]["nodes"], page=data["attempts"]["pageInfo"], may_change=person(request).may(*ADMINS),
    )  # fmt: skip


async def set_state(request: Request) -> Response:
    state, said = STATES[request.url.path.rpartition("/")[2]]
    await tell(request, STATE, id=request.path_params["id"], state=state)
    return redirect(request, f"/subscriptions/{request.path_params['id']}", said)


async def rotate(request: Request) -> Response:
    """A new secret, shown here and nowhere else."""
    former = 0 if await field(request, "leaked") == "1" else 24 * HOUR_S
    done = await tell(request, ROTATE, id=request.path_params["id"], s=former)
    return render(
        request, "delivery/secret.html", title="New secret", crumbs=(("Subscriptions", "/subscriptions"), ("New secret", "")), done=done, id=request.path_params["id"]
    )


async def test(request: Request) -> Response:
    """Send a test event, and show how it was taken."""
    done = await tell(request, TEST, id=request.path_params["id"])
    return part(request, "delivery/one.html", "tested", tried=done["attempt"])


async def again(request: Request) -> Response:
    """Send once more what was delivered; a first sending of the form tells how much that is."""
    id_, is_dry = request.path_params["id"], await field(request, "sure") != "1"
    events = (await field(request, "events")).split()
    done = await tell(
        request, AGAIN, id=id_, entity=await field(request, "entity") or None, events=events or None, since=_instant(await field(request, "since")),
        until=_instant(await field(request, "until")), dryRun=is_dry,
    )  # fmt: skip
    if is_dry:
        return part(request, "delivery/one.html", "again", done=done, reader={"subscriptionId": id_}, given=await _given(request))
    return redirect(request, f"/subscriptions/{id_}", f"{done['count']} events are sent once more under their ids.")


async def _given(request: Request) -> dict[str, str]:
    return {name: await field(request, name) for name in ("entity", "events", "since", "until")}


def _instant(text: str) -> str | None:
    """What a local-time input says, as UTC; None when it says nothing."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).isoformat() if text else None
    except ValueError as error:
        raise RequestError("BAD_INPUT", "that is no instant", field="since", remedy="Write it like 2026-05-18T08:00.") from error


async def letters(request: Request) -> Response:
    """Dead letters by class, with the money at stake."""
    given = {name: request.query_params.get(name, "") for name in ("system", "entity")}
    classes = (await ask(request, LETTERS, **{name: value or None for name, value in given.items()}))["deadLetterClasses"]
    if request.query_params.get("format") == "csv":
        header = ("cause", "means", "reader", "system", "entity", "count", "money", "team", "remedy", "due", "oldest")
        rows = (
            (one["cause"], one["means"], (one["subscription"] or {}).get("name"), one["system"], one["entity"], one["count"],
             "; ".join(f"{each['amount']} {each['currency']}" for each in one["money"]), one["team"], one["remedy"], one["dueAt"], one["oldestAt"])
            for one in classes
        )  # fmt: skip
        return csv_answer("dead-letters.csv", header, rows)
    return render(request, "delivery/letters.html", title="Dead letters", classes=classes, given=given)


async def replay(request: Request) -> Response:
    """Try dead letters again; a first sending of the form tells how many they are and what money they hold."""
    is_dry = await field(request, "sure") != "1"
    given = {name: await field(request, name) for name in ("id", "entity", "task", "since", "until")}
    data, troubles = await attempt(
        request, REPLAY, id=given["id"] or None, entity=given["entity"] or None, task=given["task"] or None, since=_instant(given["since"]),
        until=_instant(given["until"]), dryRun=is_dry,
    )  # fmt: skip
    done = data.get("replay") or {}
    if is_dry or troubles or done.get("errors"):
        return part(request, "delivery/letters.html", "preview", done=done, given=given, troubles=[*troubles, *(done.get("errors") or ())])
    answer = part(request, "delivery/letters.html", "replayed", done=done)
    return with_toast(answer, f"{done['count']} deliveries are tried again. What did arrive is not made twice.")


PAGE = Page(
    "Subscriptions", "/subscriptions",
    (
        Route("/subscriptions", listed),
        Route("/subscriptions/{id}", one),
        Route("/subscriptions/{id}/rotate", rotate, methods=["POST"]),
        Route("/subscriptions/{id}/test", test, methods=["POST"]),
        Route("/subscriptions/{id}/again", again, methods=["POST"]),
        *(Route(f"/subscriptions/{{id}}/{what}", set_state, methods=["POST"], name=what) for what in STATES),
    ),
    section="systems", icon="send", roles=OPERATORS,
)  # fmt: skip
LETTERS_PAGE = Page(
    "Dead letters", "/dead-letters", (Route("/dead-letters", letters), Route("/dead-letters/replay", replay, methods=["POST"])),
    section="systems", icon="warn", roles=OPERATORS,
)  # fmt: skip
