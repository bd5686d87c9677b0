"""Answers to tasks from a sheet: ``task_id, answer, reason`` and, for records that are the same, ``survivor`` and ``pick.<field>``.

Every line is tried first, by the same mutations that then do it; a line that cannot be done is told by its number and stops no
other. What was done is taken back as one: actions by their ids, closed tasks by opening them again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import Request

from hub.console.deeds import DEEDS, instant_of, outcome_words, run
from hub.console.pages.compare import records_of
from hub.console.sheets import read_sheet
from hub.console.shell import AskError, ask, tell
from hub.errors import RequestError

ANSWERS = {
    "close": "closes the task by hand; needs a reason",
    "same": "merges the task's records; survivor may name the one that stays, pick.<field> a value",
    "not same": "says that the records are not the same, for good; needs a reason",
    "claim": "takes the task",
    "comment": "says something of the task: the reason is the comment",
    "snooze": "puts the task off until the day in column until; needs a reason",
}
"""What may stand in column ``answer``."""
MOST_MERGES = 500

TASK = "stewardTask(id: {id}) {{ id state cause entity recordId detail }}"
MERGE = """mutation Same($entity: String!, $survivor: ID!, $losers: [ID!]!, $reason: String!, $picks: JSON, $dryRun: Boolean!) {
  merge(entity: $entity, survivor: $survivor, losers: $losers, reason: $reason, picks: $picks, dryRun: $dryRun) {
    actionId children proposal { id } errors { code message field remedy retryable } }
}"""
APART = """mutation Apart($entity: String!, $ids: [ID!]!, $reason: String!) {
  keepApart(entity: $entity, ids: $ids, reason: $reason) { actionId proposal { id } errors { code message field remedy retryable } }
}"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sheet, and what came of it. ``state``: ready, done, proposed or refused."""

    number: int
    task_id: str
    answer: str
    reason: str = ""
    survivor: str = ""
    until: str = ""
    picks: Mapping[str, Any] = field(default_factory=dict)
    state: str = "ready"
    told: str = ""
    action_id: str = ""

    def refused(self, why: str) -> Line:
        return replace(self, state="refused", told=why)


def read(raw: bytes) -> list[Line]:
    """The lines that answer something. Raises :class:`RequestError` for a sheet that cannot be read."""
    lines = [_line(number, row) for number, row in read_sheet(raw, ("task_id", "answer")) if row.get("answer", "").strip()]
    if not lines:
        raise RequestError("BAD_INPUT", "no line of the sheet has an answer", field="file", remedy=f"Write one of: {', '.join(ANSWERS)}.")
    first = {line.task_id: line.number for line in reversed(lines)}
    return [line if first[line.task_id] == line.number else line.refused("another line answers this task already") for line in lines]


def _line(number: int, row: Mapping[str, str]) -> Line:
    answer = " ".join(row["answer"].lower().replace("_", " ").split())
    picks = {name.removeprefix("pick."): {"value": value} for name, value in row.items() if name.startswith("pick.") and value}
    line = Line(number, row["task_id"].strip(), answer, row.get("reason", ""), row.get("survivor", "").strip(), row.get("until", "").strip(), picks)
    if not line.task_id.isdigit():
        return line.refused("the task's id is no number")
    if answer not in ANSWERS:
        return line.refused(f"there is no answer “{answer[:40]}”; write one of: {', '.join(ANSWERS)}")
    if answer in ("close", "not same", "comment", "snooze") and not line.reason.strip():
        return line.refused("it needs a reason")
    return line


async def carry_out(request: Request, lines: Sequence[Line], *, is_dry_run: bool) -> list[Line]:
    """Try every line, or do it. Answers of one kind and reason go together; each merge is a step of its own."""
    tasks = await _tasks(request, lines)
    known = [_checked(line, tasks.get(line.task_id)) for line in lines]
    done: dict[int, Line] = {line.number: line for line in known}
    for line in await _by_deed(request, [one for one in known if one.state == "ready" and one.answer in _DEEDS], is_dry_run):
        done[line.number] = line
    merges = [one for one in known if one.state == "ready" and one.answer in ("same", "not same")]
    for place, line in enumerate(merges):
        task = tasks[line.task_id]
        done[line.number] = line.refused(f"at most {MOST_MERGES} at once") if place >= MOST_MERGES else await _judged(request, line, task, is_dry_run)
    return [done[line.number] for line in lines]


_DEEDS = {"close": "resolve", "claim": "claim", "comment": "comment", "snooze": "snooze"}


async def _tasks(request: Request, lines: Sequence[Line]) -> dict[str, dict[str, Any]]:
    """The tasks of the lines by id, twenty a question."""
    ids = list(dict.fromkeys(line.task_id for line in lines if line.state == "ready"))
    found: dict[str, dict[str, Any]] = {}
    for at in range(0, len(ids), 20):
        some = ids[at : at + 20]
        data = await ask(request, "{ " + " ".join(f"t{one}: {TASK.format(id=one)}" for one in some) + " }")
        found |= {one: data[f"t{one}"] for one in some if data[f"t{one}"]}
    return found


def _checked(line: Line, task: Mapping[str, Any] | None) -> Line:
    if line.state != "ready":
        return line
    if task is None:
        return line.refused("there is no such task")
    if task["state"] != "open":
        return line.refused("the task is closed already")
    if line.answer in ("same", "not same"):
        records = records_of(task)
        if len(records) < 2:
            return line.refused("the task is not about several records; answer it in the inbox")
        if line.survivor and line.survivor not in records:
            return line.refused("the survivor is not one of the task's records")
    return line


async def _by_deed(request: Request, lines: Sequence[Line], is_dry_run: bool) -> list[Line]:
    """Answers that many tasks take at once."""
    groups: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.answer, line.reason, line.until), []).append(line)
    found: list[Line] = []
    for (answer, reason, until), some in groups.items():
        try:
            given = {"reason": reason, "text": reason, "until": instant_of(until) if until else ""}
            told = await run(request, DEEDS[_DEEDS[answer]], [one.task_id for one in some], given, is_dry_run=is_dry_run)
        except RequestError as error:
            found += [one.refused(_sentence(error)) for one in some]
            continue
        outcomes = {str(one["id"]): one for one in told["outcomes"]}
        found += [replace(one, state="done") if outcomes[one.task_id]["done"] else one.refused(outcome_words(outcomes[one.task_id])) for one in some]
    return found


async def _judged(request: Request, line: Line, task: Mapping[str, Any], is_dry_run: bool) -> Line:
    """Same, or not the same."""
    records = records_of(task)
    try:
        if line.answer == "not same":
            if is_dry_run:
                return replace(line, state="done", told=f"{len(records)} records stay apart")
            told = await tell(request, APART, entity=task["entity"], ids=records, reason=line.reason)
        else:
            survivor = line.survivor or records[0]
            told = await tell(
                request, MERGE, entity=task["entity"], survivor=survivor, losers=[one for one in records if one != survivor],
                reason=line.reason or "The same, by a sheet of answers.", picks=dict(line.picks) or None, dryRun=is_dry_run,
            )  # fmt: skip
    except AskError as error:
        return line.refused(_sentence(error))
    if told.get("proposal"):
        return replace(line, state="proposed", told="a second person must approve it")
    moved = told.get("children")
    return replace(line, state="done", told=f"{moved} records refer to the survivor then" if moved else "", action_id=str(told.get("actionId") or ""))


def _sentence(error: RequestError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}. {error.remedy}".strip()
