"""What people do with tasks, one or many at once: the mutation, what it takes, how it is said, and what takes it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from starlette.requests import Request

from hub.console.shell import tell
from hub.errors import RequestError

_ANSWER = "{ outcomes { id done code message } done money { amount currency } errors { code message field remedy retryable } }"


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do with tasks. ``arguments``: GraphQL argument → (type, field of the form); ``key`` presses it in a list."""

    name: str
    title: str
    mutation: str
    done_one: str
    done_many: str
    arguments: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    placeholders: Mapping[str, str] = field(default_factory=dict)
    """What stands for required fields in a preview, before anybody filled them in."""
    key: str = ""
    hint: str = ""

    @property
    def takes(self) -> tuple[str, ...]:
        """Fields of the form."""
        return tuple(name for _, name in self.arguments.values())

    @property
    def document(self) -> str:
        declared = "".join(f", ${name}: {kind}" for name, (kind, _) in self.arguments.items())
        passed = "".join(f", {name}: ${name}" for name in self.arguments)
        return f"mutation Work($ids: [Long!]!, $dryRun: Boolean!{declared}) {{ {self.mutation}(ids: $ids, dryRun: $dryRun{passed}) {_ANSWER} }}"

    def said(self, many: int) -> str:
        """What was done, in words."""
        return self.done_one if many == 1 else f"{many} {self.done_many}"


_TOMORROW = "2100-01-01T08:00:00Z"

DEEDS: Mapping[str, Deed] = {
    one.name: one
    for one in (
        Deed("claim", "Claim", "claimTasks", "Claimed: it is yours.", "tasks are yours.", key="c"),
        Deed("release", "Release", "releaseTasks", "Given back to the team.", "tasks given back.", {"comment": ("String!", "comment")}),
        Deed(
            "assign", "Assign", "assignTasks", "Assigned.", "tasks assigned.", {"to": ("ID", "to"), "comment": ("String!", "comment")},
            hint="Without a name, each goes to whoever has least to do.",
        ),
        Deed("comment", "Comment", "commentTasks", "Comment kept.", "tasks commented.", {"text": ("String!", "text")}, {"text": "preview"}),
        Deed(
            "snooze", "Snooze", "snoozeTasks", "Put off.", "tasks put off.", {"until": ("DateTime!", "until"), "reason": ("String!", "reason")},
            {"until": _TOMORROW, "reason": "preview"},
        ),
        Deed(
            "ask", "Ask", "askAbout", "Asked; it waits for the answer.", "tasks wait for an answer.",
            {"question": ("String!", "question"), "until": ("DateTime!", "until"), "memberId": ("ID", "to"), "somebody": ("String!", "somebody")},
            {"question": "preview", "until": _TOMORROW, "somebody": "preview"}, hint="The account manager, say. It comes back with the answer, or on the day.",
        ),
        Deed("tag", "Tag", "tagTasks", "Tagged.", "tasks tagged.", {"tags": ("[String!]!", "tags")}, {"tags": "preview"}),
        Deed(
            "resolve", "Close", "resolveTasks", "Closed.", "tasks closed.", {"resolution": ("String!", "reason"), "action": ("String!", "action")},
            {"reason": "preview"}, hint="By hand, without changing a record. Say why: the next person reads it.",
        ),
        Deed("reopen", "Reopen", "reopenTasks", "Open again.", "tasks open again.", {"reason": ("String!", "reason")}, {"reason": "preview"}),
    )
}  # fmt: skip
UNDO = Deed("undo", "Undo", "undoTaskWork", "Taken back.", "tasks are as they were.")
"""What takes any of them back, as long as nobody did something since."""


async def run(request: Request, deed: Deed, ids: Sequence[str], given: Mapping[str, str], *, is_dry_run: bool = False) -> dict[str, Any]:
    """Do it, or tell what would come of it: ``outcomes`` a task, ``done`` of them, their ``money``. Raises AskError."""
    variables: dict[str, Any] = {}
    for name, (kind, form_name) in deed.arguments.items():
        value: Any = given.get(form_name, "")
        if name == "action":
            value = value or "close"
        if kind.startswith("["):
            value = [one for one in value.replace(",", " ").split() if one]
        variables[name] = value if value or kind == "String!" or kind.startswith("[") else None
    return await tell(request, deed.document, ids=list(ids), dryRun=is_dry_run, **variables)


def instant_of(text: str) -> str:
    """A day of a form, or an instant as it is: eight in the morning, before people begin.

    >>> instant_of("2026-05-18")
    '2026-05-18T08:00:00+00:00'
    """
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(8), UTC).isoformat()
        return datetime.fromisoformat(text).replace(tzinfo=UTC).isoformat() if "T" in text and len(text) <= 19 else text
    except ValueError as error:
        raise RequestError("BAD_INPUT", "that is no day", field="until", remedy="Write it like 2026-05-18.") from error


def outcome_words(outcome: Mapping[str, Any]) -> str:
    """Why something was not done, as a sentence."""
    text = outcome.get("message") or "It could not be done"
    return f"{text[:1].upper()}{text[1:]}."
