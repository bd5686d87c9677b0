"""Where a poll stands. A page follows the last RECORDNO of the one before, so nothing that changes while it reads moves others out of it.

Deletes are told by the audit trail as record numbers, while records are known by their business ids, which outlive a document that is made
anew. A number nobody can read any more therefore has all listed once more, at most as often as the document says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.errors import SchemaDriftError
from schema.codecs import canonical_instant


@dataclass(frozen=True, slots=True)
class State:
    """Instants are canonical, "" when there is none.

    ``since``: every change before it has been read. ``listed``: when the last listing of all began. ``is_due``: records were deleted
    that only a listing tells. While a walk is under way: what it asks from, the last record number, and when it began by the vendor's clock.
    """

    since: str = ""
    listed: str = ""
    is_due: bool = False
    is_under_way: bool = False
    asked_from: str = ""
    after: int = 0
    began: str = ""

    @property
    def is_full(self) -> bool:
        return not self.asked_from

    def text(self) -> str:
        """The checkpoint: "" at the very beginning."""
        told = {"since": self.since, "listed": self.listed, "due": self.is_due}
        if self.is_under_way:
            return json.dumps(told | {"from": self.asked_from, "after": self.after, "began": self.began})
        return json.dumps(told) if self.since or self.listed else ""

    def begun(self, overlap_s: float, is_filtered: bool) -> State:
        """The walk to go on with, or a new one from a little before what is covered."""
        if self.is_under_way:
            return self
        start = ""
        if self.since and is_filtered:
            start = canonical_instant(datetime.fromisoformat(self.since) - timedelta(seconds=overlap_s))
        return replace(self, is_under_way=True, asked_from=start, after=0, began="")

    def ended(self) -> State:
        """The state between this walk and the next."""
        if self.is_full:
            return State(since=self.began, listed=self.began)
        return State(since=self.began, listed=self.listed, is_due=self.is_due)


def parsed(checkpoint: str) -> State:
    """The state a checkpoint stands for. Raises SchemaDriftError when it is not one of ours."""
    if not checkpoint:
        return State()
    try:
        told = json.loads(checkpoint)
        common = State(str(told["since"]), str(told["listed"]), bool(told["due"]))
        if "after" not in told:
            return common
        return replace(common, is_under_way=True, asked_from=str(told["from"]), after=int(told["after"]), began=str(told["began"]))
    except (ValueError, KeyError, TypeError) as error:
        raise SchemaDriftError("the checkpoint was not made by this connector; start again without one") from error
