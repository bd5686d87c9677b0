"""How one more message changes a contribution: per field the newest statement stands, whatever order they arrive in.

In CRM record 4711 ``name`` was stated by version 7 and ``phone`` by version 9; a late version 8 with both changes only
``name``. Absent is not empty: a message that does not speak of a field leaves it alone. What we wrote there ourselves
and see come back is *reflected*: kept, but no offer, until the system says something else.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from hub.core.normalize import instant_text
from hub.core.records import Contribution, Reading, Values
from schema.systems import SystemKind

ALL = "*"
"""Stands in ``stated`` and ``since`` for every spoken field that is not listed."""

ENDED = "!"
"""In ``stated``: the order of the newest delete, so that an older message cannot bring the record back."""

RAW = "?"
"""In ``stated``, before a field's name: the order of its unmapped code, which neither hides nor ages its value."""

_MISSING: Any = object()


class Folded(NamedTuple):
    """A contribution after one more reading."""

    contribution: Contribution
    outcome: str
    """``applied`` (values or state changed), ``unchanged``, ``stale`` (older than all we know) or ``deleted``."""
    changed: frozenset[str] = frozenset()
    """Fields whose stated value (or unmapped raw code) is another now."""


# -------------------------------------------------------------------------------------------------------------- order


def order_of(version: str, received_at: dt.datetime, inbox_id: int, reprocess: int = 0) -> str:
    """What places a message among the others about the same record.

    >>> order_of("7", dt.datetime(2026, 5, 17, 8, tzinfo=dt.timezone.utc), 42)
    '7|2026-05-17T08:00:00.000000Z|42|0'
    """
    return f"{version}|{instant_text(received_at)}|{inbox_id}|{reprocess}"


def is_newer(a: str, b: str) -> bool:
    """Whether the message of order ``a`` comes after that of order ``b``.

    Both with a version: the versions decide, as numbers or instants where both are. Equal or missing versions: the
    time received, then the inbox id; the same message taken up again under a newer mapping beats itself. What nobody
    stated (a field we wrote into a record that does not show it) is older than everything.

    >>> is_newer("10|t1|1|0", "9|t2|2|0"), is_newer("|t1|1|0", "9|t2|2|0"), is_newer("9|t2|2|1", "9|t2|2|0")
    (True, False, True)
    >>> is_newer("9|t2|2|0", ""), is_newer("", "9|t2|2|0")
    (True, False)
    """
    if a == b or not a or not b:
        return bool(a) and a != b
    version_a, received_a, inbox_a, again_a = a.rsplit("|", 3)
    version_b, received_b, inbox_b, again_b = b.rsplit("|", 3)
    if version_a and version_b and version_a != version_b:
        side = _compare_versions(version_a, version_b)
        if side:
            return side > 0
    if received_a != received_b:
        return received_a > received_b
    return (int(inbox_a), int(again_a)) > (int(inbox_b), int(again_b))


def _compare_versions(a: str, b: str) -> int:
    if a.isascii() and b.isascii() and a.isdigit() and b.isdigit():
        a, b = a.lstrip("0"), b.lstrip("0")
        if len(a) != len(b):
            return 1 if len(a) > len(b) else -1
    elif _CANONICAL.match(a) and _CANONICAL.match(b):
        pass  # sorts as text
    elif _INSTANT.match(a) and _INSTANT.match(b):
        moment_a, moment_b = _moment(a), _moment(b)
        if moment_a and moment_b and (moment_a.tzinfo is None) == (moment_b.tzinfo is None):
            return (moment_a > moment_b) - (moment_a < moment_b)
    return (a > b) - (a < b)


_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", re.ASCII)
_CANONICAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z", re.ASCII)


@lru_cache(maxsize=4096)
def _moment(version: str) -> dt.datetime | None:
    """"…:52Z" and "…:52.5Z" do not sort as text."""
    try:
        return dt.datetime.fromisoformat(version)
    except ValueError:
        return None


def newest(orders: Iterable[str]) -> str:
    """The newest of some orders, '' of none. '' stands for a field nobody has spoken of, such as one that only we wrote.

    >>> newest(["|2026-05-17T08:00:00Z|1|0", "", "|2026-05-18T08:00:00Z|2|0"])
    '|2026-05-18T08:00:00Z|2|0'
    """
    best = ""
    for order in orders:
        if order and (not best or is_newer(order, best)):
            best = order
    return best


# --------------------------------------------------------------------------------------------------------------- fold


def fold(previous: Contribution | None, reading: Reading, kind: SystemKind, scope_rank: int = 0) -> Folded:
    """Fold one reading into what its source said before.

    Values kept out by a lock (``held``) count as said, so :func:`hub.core.locks.hold` judges them afresh each time.
    """
    if previous is None or (previous.state == "awaited" and not previous.stated):
        return _first(previous, reading, kind, scope_rank)
    if reading.is_delete:
        return _delete(previous, reading, kind, scope_rank)
    return _update(previous, reading, kind, scope_rank)


def _first(previous: Contribution | None, reading: Reading, kind: SystemKind, scope_rank: int) -> Folded:
    stated = {ENDED: reading.order} if reading.is_delete else {}
    if reading.values or reading.raw or not reading.is_delete:
        stated[ALL] = reading.order
    written = previous.written if previous else {}
    contribution = Contribution(
        reading.key,
        kind,
        previous.id if previous else 0,
        "deleted" if reading.is_delete else "present",
        previous.golden_id if previous else None,
        previous.role if previous else "primary",
        dict(reading.values),
        {},
        dict(reading.raw),
        stated,
        {ALL: _said_at(reading)},
        _still_written(written, {}, reading.values),
        reading.links,
        _version(reading.order),
        reading.message_id,
        reading.mapping_version,
        scope_rank,
    )
    outcome = "deleted" if reading.is_delete else "applied"
    return Folded(contribution, outcome, frozenset(reading.values).union(reading.raw))


def _update(previous: Contribution, reading: Reading, kind: SystemKind, scope_rank: int) -> Folded:
    order, stated = reading.order, previous.stated
    said: Values = {**previous.values, **previous.held} if previous.held else previous.values
    told: Mapping[str, Any] = reading.values
    raw: Mapping[str, str] = reading.raw
    top = stated[ALL] if len(stated) == 1 and ALL in stated else newest(stated.values())
    is_newest = not top or is_newer(order, top)
    if not is_newest and order != top:
        told, raw = _newer_fields(previous, reading, said)
        if not told and not raw and (previous.links or not reading.links):
            return Folded(rescoped(previous, kind, scope_rank), "stale")

    values = {**said, **told}
    changed = {name for name, value in told.items() if said.get(name, _MISSING) != value}
    unmapped, recoded = previous.raw, changed
    if raw or unmapped:
        unmapped = {name: text for name, text in unmapped.items() if name not in told or is_newer(_raw_at(previous, name), order)} | dict(raw)
        recoded = changed.union(name for name in raw if previous.raw.get(name) != raw[name])
    state = previous.state
    if is_newest and state != "present":
        state = "present"

    contribution = Contribution(
        previous.key,
        kind,
        previous.id,
        state,
        previous.golden_id,
        previous.role,
        values,
        {},
        unmapped,
        _restated(previous, told, raw, unmapped, values, order, is_newest),
        _since(previous, changed, values, reading) if changed else previous.since,
        _still_written(previous.written, said, told) if previous.written else previous.written,
        reading.links if reading.links and (is_newest or not previous.links) else previous.links,
        _version(order) or previous.version if is_newest else previous.version,
        reading.message_id if is_newest or changed else previous.message_id,
        reading.mapping_version if is_newest else previous.mapping_version,
        scope_rank,
    )
    if previous.held:
        contribution.held = {name: value for name, value in previous.held.items() if name in values and values[name] == value}
    is_applied = recoded or state != previous.state or contribution.links != previous.links
    return Folded(contribution, "applied" if is_applied else "unchanged", frozenset(recoded))


def _newer_fields(previous: Contribution, reading: Reading, said: Values) -> tuple[Values, dict[str, str]]:
    """Of an older message, the fields nobody spoke of since."""
    stated, order = previous.stated, reading.order
    default = stated.get(ALL, "")

    def stands(name: str) -> bool:
        last = stated.get(name, default) if name in said else ""
        return not last or is_newer(order, last)

    def stands_raw(name: str) -> bool:
        last = _raw_at(previous, name)
        return stands(name) and (not last or is_newer(order, last))

    return (
        {name: value for name, value in reading.values.items() if stands(name)},
        {name: value for name, value in reading.raw.items() if stands_raw(name)},
    )


def _raw_at(previous: Contribution, name: str) -> str:
    """The order of a field's unmapped code; empty when it has none."""
    return previous.stated.get(RAW + name, previous.stated.get(ALL, "")) if name in previous.raw else ""


def _delete(previous: Contribution, reading: Reading, kind: SystemKind, scope_rank: int) -> Folded:
    top = newest(previous.stated.values())
    if top and not is_newer(reading.order, top):
        return Folded(rescoped(previous, kind, scope_rank), "stale")
    contribution = rescoped(previous, kind, scope_rank)
    contribution.state = "deleted"
    contribution.stated = {**previous.stated, ENDED: reading.order}
    contribution.version = _version(reading.order) or previous.version
    contribution.message_id = reading.message_id
    return Folded(contribution, "unchanged" if previous.state == "deleted" else "deleted")


def rescoped(previous: Contribution, kind: SystemKind, scope_rank: int) -> Contribution:
    return Contribution(
        previous.key, kind, previous.id, previous.state, previous.golden_id, previous.role, previous.values,
        previous.held, previous.raw, previous.stated, previous.since, previous.written, previous.links,
        previous.version, previous.message_id, previous.mapping_version, scope_rank,
    )  # fmt: skip


def _version(order: str) -> str:
    return order.rsplit("|", 3)[0]


def _said_at(reading: Reading) -> str:
    return reading.occurred_at or instant_text(reading.received_at)


def _restated(
    previous: Contribution, told: Mapping[str, Any], raw: Mapping[str, str], unmapped: Mapping[str, str], values: Values, order: str, is_newest: bool
) -> dict[str, str]:
    """``stated`` after ``order`` spoke of ``told`` and ``raw``; a full message leaves a single entry."""
    if is_newest and not raw and not previous.raw and len(told) >= len(values):
        return {ALL: order}
    default = previous.stated.get(ALL, "")
    spoken = {name: previous.stated.get(name, default) for name in (*previous.values, *previous.held)}
    spoken.update((RAW + name, _raw_at(previous, name)) for name in previous.raw if name in unmapped)
    spoken.update(dict.fromkeys(told, order))
    spoken.update((RAW + name, order) for name in raw)
    compacted = _compact(spoken)
    if not spoken:
        compacted[ALL] = order
    if not is_newest and ENDED in previous.stated:
        compacted[ENDED] = previous.stated[ENDED]
    return compacted


def _since(previous: Contribution, changed: set[str], values: Values, reading: Reading) -> dict[str, str]:
    since = previous.since
    if len(since) == 1 and ALL in since and 2 * len(changed) < len(values) and changed <= values.keys():
        at, default = _said_at(reading), since[ALL]
        return since if at == default else {ALL: default, **dict.fromkeys(sorted(changed), at)}
    spoken = dict.fromkeys(values, since.get(ALL, ""))
    spoken.update((name, at) for name, at in since.items() if name in spoken)
    at = _said_at(reading)
    spoken.update((name, at) for name in changed if name in spoken)
    return _compact(spoken)


def _compact(per_field: Mapping[str, str]) -> dict[str, str]:
    """The commonest entry becomes ``*`` (of equally common ones the larger, so that the form is unique).

    >>> _compact({"a": "7", "b": "7", "c": "9"})
    {'*': '7', 'c': '9'}
    """
    if not per_field:
        return {}
    counts: dict[str, int] = {}
    for entry in per_field.values():
        counts[entry] = counts.get(entry, 0) + 1
    common = max(counts, key=lambda entry: (counts[entry], entry))
    if len(counts) == 1:
        return {ALL: common}
    return {ALL: common, **dict(sorted(one for one in per_field.items() if one[1] != common))}


# --------------------------------------------------------------------------------------------------------------- echo


def _still_written(written: Values, said: Values, told: Mapping[str, Any]) -> Values:
    """What remains of our own writes: a field is theirs again once they state something *new* that is not ours.

    A message that still shows what they said before our write (it was under way) proves nothing.
    """
    kept: Values = {}
    for name, value in written.items():
        now = told.get(name, _MISSING)
        if now is _MISSING or now == value or (name in said and now == said[name]):
            kept[name] = value
    return kept


def wrote(contribution: Contribution, values: Values) -> Contribution:
    """The contribution after the hub wrote ``values`` there and the system took them.

    Its own values stay until it shows ours; then they are an echo and make no offer. Where it showed an earlier value of
    ours, or nothing, it shows this one now: the old one would else pass for its own word.
    """
    after = rescoped(contribution, contribution.kind, contribution.scope_rank)
    told, ours = contribution.values, contribution.written
    shown = {name: value for name, value in values.items() if told.get(name, _MISSING) == ours.get(name, _MISSING)}
    after.values = {**told, **shown}
    after.written = {**contribution.written, **values}
    return after


def is_reflected(contribution: Contribution, field: str) -> bool:
    """Whether the source's present value of ``field`` is only our own value come back."""
    return field in contribution.written and contribution.written[field] == contribution.values.get(field, _MISSING)


def value_since(contribution: Contribution, field: str) -> str:
    """Since when the source says its present value of ``field``; '' when unknown."""
    return contribution.since.get(field) or contribution.since.get(ALL, "")


def value_order(contribution: Contribution, field: str) -> str:
    """Order of the message that last spoke of ``field``."""
    return contribution.stated.get(field) or contribution.stated.get(ALL, "")
