"""Where a poll stands: between polls, in a listing of everything by rising id, or among what changed by rising instant.

A whole listing is asked for forward-only, by the last id read, since numbered pages shift while rows come and go. Changes are sorted by
their instant, and each request asks from the newest instant seen; only rows of one instant that fill more than a page are read by numbers.
Deletes leave no trace, so from time to time a poll ends where the first began: the hub then lists everything and compares.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.errors import SchemaDriftError
from schema.codecs import canonical_instant


@dataclass(frozen=True, slots=True)
class Walk:
    """``since``: every change before it is read; ``swept``: when the last whole listing began. Of a poll under way: ``after`` (the last id
    of a whole listing, -1 before the first), or ``asked_from`` and ``page``; ``began`` by the vendor's clock."""

    since: str = ""
    swept: str = ""
    is_under_way: bool = False
    is_whole: bool = False
    after: int = -1
    asked_from: str = ""
    page: int = 1
    began: str = ""

    def text(self) -> str:
        """The checkpoint; "" at the very beginning."""
        if self.is_under_way:
            where = {"after": self.after} if self.is_whole else {"from": self.asked_from, "page": self.page}
            return json.dumps({"since": self.since, "swept": self.swept, "began": self.began, **where})
        return json.dumps({"since": self.since, "swept": self.swept}) if self.since else ""

    def begun(self, overlap_s: float) -> Walk:
        """The walk to go on with; one over changes starts ``overlap_s`` before what is covered."""
        if self.is_under_way:
            return self
        if not self.since:
            return replace(self, is_under_way=True, is_whole=True)
        start = canonical_instant(datetime.fromisoformat(self.since) - timedelta(seconds=overlap_s))
        return replace(self, is_under_way=True, asked_from=start)

    def whole_page(self, ids: list[int], clock: str, *, is_remembered: bool) -> Walk:
        """After a page of a whole listing; an empty one ends it. ``is_remembered``: the next poll asks for changes."""
        began = self.began or clock
        if not ids:
            return Walk(since=began, swept=began) if is_remembered else Walk()
        return replace(self, after=max(ids), began=began)

    def changes_page(self, newest: str, is_full: bool, clock: str, sweep_every_s: float) -> Walk:
        """After a page of changes; one that is not full ends them."""
        began = self.began or clock
        if is_full and newest > self.asked_from:
            return replace(self, asked_from=newest, page=1, began=began)
        if is_full:
            return replace(self, page=self.page + 1, began=began)
        age_s = (datetime.fromisoformat(began) - datetime.fromisoformat(self.swept)).total_seconds()
        return Walk() if sweep_every_s and age_s >= sweep_every_s else Walk(since=began, swept=self.swept)


def parse_checkpoint(checkpoint: str) -> Walk:
    """The walk a checkpoint stands for. Raises SchemaDriftError when it is not one of ours."""
    if not checkpoint:
        return Walk()
    try:
        told = json.loads(checkpoint)
        since, swept = str(told["since"]), str(told["swept"])
        if "after" in told:
            return Walk(since, swept, True, True, int(told["after"]), began=str(told["began"]))
        if "from" in told:
            return Walk(since, swept, True, False, asked_from=str(told["from"]), page=int(told["page"]), began=str(told["began"]))
        if since and swept:
            return Walk(since, swept)
    except (ValueError, KeyError, TypeError) as error:
        raise SchemaDriftError("the checkpoint was not made by this connector; start again without one") from error
    raise SchemaDriftError("the checkpoint was not made by this connector; start again without one")
