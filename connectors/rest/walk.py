"""Where a poll stands: a checkpoint between polls, and the walk through the pages of one poll.

A walk never loses a record that changes while it reads. On a list sorted by the instant of change it walks *by those
instants* (the next request asks from the newest instant seen), since page numbers skip rows when a row moves to the
end; otherwise it keeps its filter. The next walk starts from the vendor's clock at the begin of this one, minus the
declared overlap for what is committed late.
"""

from __future__ import annotations

import email.utils
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.errors import SchemaDriftError
from connectors.rest.config import STAMPS, Changes, Paging, Resource
from schema.codecs import CodecError, canonical_instant
from schema.paths import ABSENT, at_path

UNKNOWN_CLOCK_S = 300
"""A system that does not tell its clock may be this far from ours."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The state of a poll, as its checkpoint keeps it. Instants are canonical, "" when there is none.

    ``since``: every change before it has been read by an earlier walk. The rest is about the walk under way: what it
    asks from, its place, and when it began by the vendor's clock: the next walk starts there, minus the overlap.
    """

    since: str = ""
    asked_from: str = ""
    place: str = ""
    began: str = ""
    is_full: bool = True
    is_under_way: bool = False

    def text(self) -> str:
        """The checkpoint: "" at the very beginning."""
        if not self.is_under_way:
            return json.dumps({"since": self.since}) if self.since else ""
        about = {"since": self.since, "from": self.asked_from, "place": self.place, "began": self.began, "full": self.is_full}
        return json.dumps(about)


def parse_checkpoint(checkpoint: str) -> Walk:
    """The walk a checkpoint stands for. Raises SchemaDriftError when it is not one of ours."""
    if not checkpoint:
        return Walk()
    try:
        stored = json.loads(checkpoint)
        if "place" not in stored:
            return Walk(since=str(stored["since"]))
        return Walk(stored["since"], stored["from"], stored["place"], stored["began"], stored["full"], is_under_way=True)
    except (ValueError, KeyError, TypeError) as error:
        raise SchemaDriftError("the checkpoint was not made by this connector; start again without one") from error


def begun(walk: Walk, resource: Resource) -> Walk:
    """The walk to go on with; a new one starts ``overlap_s`` before what is already covered."""
    if walk.is_under_way:
        return walk
    start = ""
    if walk.since and resource.changes:
        start = canonical_instant(datetime.fromisoformat(walk.since) - timedelta(seconds=resource.changes.overlap_s))
    return Walk(walk.since, start, is_full=not start, is_under_way=True)


def query(walk: Walk, resource: Resource) -> dict[str, str]:
    """The parameters of the walk's next request (not for a link, which carries its own)."""
    paging, found = resource.paging, dict(resource.list_params)
    if paging.size_param:
        found[paging.size_param] = str(paging.size)
    if resource.changes and walk.asked_from:
        found[resource.changes.param] = str(STAMPS[resource.changes.form].write(_told(walk.asked_from, resource.changes)))
    if paging.kind == "page":
        found[paging.param] = walk.place or str(paging.first)
    elif paging.kind == "offset":
        found[paging.param] = walk.place or "0"
    elif paging.kind == "token" and walk.place:
        found[paging.param] = walk.place
    return found


def advanced(walk: Walk, resource: Resource, answer: Any, items: list[Any], date_header: str | None, now: float) -> Walk:
    """The walk after a page: further on, or ended (``is_under_way`` False)."""
    page_newest = max(filter(None, (modified_of(one, resource) for one in items)), default="")
    walk = replace(walk, began=walk.began or clock_of(date_header, now))
    following = _next_place(walk, resource.paging, answer, items)
    if following is None:
        # a list without a filter is read whole each time
        return Walk(since=walk.began if resource.changes else "")
    changes = resource.changes
    if (
        changes
        and changes.is_ordered
        and page_newest
        and resource.paging.kind in ("page", "offset")
        and (not walk.asked_from or _told(page_newest, changes) > _told(walk.asked_from, changes))
    ):
        return replace(walk, asked_from=page_newest, place="")
    return replace(walk, place=following)


def modified_of(record: Any, resource: Resource) -> str:
    """When the record changed, as a canonical instant; "" when it does not say."""
    found = at_path(record, resource.modified) if resource.modified else None
    if found is None or found is ABSENT:
        return ""
    try:
        return str(STAMPS[resource.modified_form].read(found) or "")
    except CodecError:
        return ""


def _told(moment: str, changes: Changes) -> str:
    """The instant as the parameter can say it: a count of seconds or milliseconds cuts what is finer."""
    digits = {"epoch_s": 0, "epoch_ms": 3}.get(changes.form, 6)
    return moment[:20] + moment[20 : 20 + digits].ljust(6, "0") + "Z"


def clock_of(date_header: str | None, now: float) -> str:
    """The vendor's clock when the walk began, else ours with a margin."""
    try:
        if date_header:
            return canonical_instant(email.utils.parsedate_to_datetime(date_header))
    except (ValueError, TypeError):
        pass
    return canonical_instant(datetime.fromtimestamp(now - UNKNOWN_CLOCK_S, UTC))


def _next_place(walk: Walk, paging: Paging, answer: Any, items: list[Any]) -> str | None:
    """Where the next page is, None after the last."""
    if paging.kind == "none":
        return None
    if paging.kind in ("link", "token"):
        found = at_path(answer, paging.next)
        return str(found) if found and found is not ABSENT else None
    here = int(walk.place or (paging.first if paging.kind == "page" else 0))
    following = here + (1 if paging.kind == "page" else max(len(items), 1))
    if paging.pages:
        pages = at_path(answer, paging.pages)
        is_last = not isinstance(pages, int) or here - paging.first + 1 >= pages
    elif paging.more:
        is_last = at_path(answer, paging.more) is not True
    else:
        is_last = len(items) < paging.size
    return None if is_last else str(following)
