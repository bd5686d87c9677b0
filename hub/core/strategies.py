"""The strategies of survivorship as pure functions: of several offers of one field, the one that survives.

Offers come in the owners' order (first owner first, within a kind by scope), so "the first" is always the fallback. A
strategy returns one of the offers, an offer it made of them (keep_all, unanimous), or None for "nobody".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from hub.core.records import Contribution
from schema.kinds import FieldKind
from schema.rules import Strategy


class Offer(NamedTuple):
    """One source's value for a field, or for a group as a dict of its members."""

    value: Any
    since: str = ""
    """Since when the source says so: the instant recency is about."""
    rank: int = 0
    """Place of the source's kind among the field's owners."""
    source: Contribution | None = None


Chooser = Callable[[Sequence[Offer], FieldKind], Offer | None]


def is_empty(value: Any) -> bool:
    """Whether a value, or every member of a group, is empty.

    >>> is_empty(None), is_empty({"city": None, "street": None}), is_empty("x")
    (True, True, False)
    """
    return value is None or (isinstance(value, dict) and not any(part is not None for part in value.values()))


def sameness(value: Any) -> Any:
    """What decides whether two values are the same thing: a quantity's own figure does not.

    >>> sameness({"value": "7.5", "unit": "hour", "stated": "450 min"}) == sameness({"value": "7.5", "unit": "hour"})
    True
    """
    if isinstance(value, dict) and "stated" in value and "unit" in value:
        return {name: part for name, part in value.items() if name != "stated"}
    return value


def canonical_json(value: Any) -> str:
    """One text per value, for comparing and storing.

    >>> canonical_json({"b": 1, "a": "ü"})
    '{"a":"ü","b":1}'
    """
    return json.dumps(sameness(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _filled(offers: Sequence[Offer]) -> list[Offer]:
    return [offer for offer in offers if not is_empty(offer.value)]


def by_owner(offers: Sequence[Offer], kind: FieldKind = FieldKind.TEXT) -> Offer | None:
    """The first owner that speaks, also with "empty".

    >>> by_owner([Offer(None, rank=0), Offer("ACME", rank=1)]).value is None
    True
    """
    return offers[0] if offers else None


def recency(offers: Sequence[Offer], kind: FieldKind = FieldKind.TEXT) -> Offer | None:
    """The value stated most recently, "empty" included; a tie falls to the owners' order.

    >>> recency([Offer("old", "2026-01-01"), Offer("new", "2026-05-01"), Offer("also", "2026-05-01")]).value
    'new'
    """
    return max(offers, key=lambda offer: offer.since, default=None)


def oldest(offers: Sequence[Offer], kind: FieldKind = FieldKind.TEXT) -> Offer | None:
    """The value that has stood longest; empty does not count.

    >>> oldest([Offer("new", "2026-05-01"), Offer("old", "2026-01-01"), Offer(None, "2025-01-01")]).value
    'old'
    """
    return min(_filled(offers), key=lambda offer: offer.since, default=None)


def longest(offers: Sequence[Offer], kind: FieldKind = FieldKind.TEXT) -> Offer | None:
    """The longest text (of lists: the most items).

    >>> longest([Offer("ACME"), Offer("ACME Ltd"), Offer("Acme ltd")]).value
    'ACME Ltd'
    """
    return max(_filled(offers), key=lambda offer: _length(offer.value), default=None)


def shortest(offers: Sequence[Offer], kind: FieldKind = FieldKind.TEXT) -> Offer | None:
    """
    >>> shortest([Offer("ACME Ltd"), Offer("ACME"), Offer(None)]).value
    'ACME'
    """
    return min(_filled(offers), key=lambda offer: _length(offer.value), default=None)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str | list) else len(canonical_json(value))


_NUMBERS = frozenset({FieldKind.INTEGER, FieldKind.PERCENT, FieldKind.MONEY, FieldKind.PRICE, FieldKind.QUANTITY})


def measure(value: Any, kind: FieldKind) -> Decimal | str:
    """What "larger" compares: the number of numeric kinds, the text of others (dates and instants sort as text).

    >>> measure({"amount": "9.50", "currency": "EUR"}, FieldKind.MONEY), measure("2026-05-17", FieldKind.DATE)
    (Decimal('9.50'), '2026-05-17')
    """
    if kind in _NUMBERS:
        figure = value.get("amount", value.get("value")) if isinstance(value, Mapping) else value
        return Decimal(figure)
    return value if isinstance(value, str) else canonical_json(value)


def _comparable(offers: Sequence[Offer]) -> list[Offer]:
    """Filled offers in the first one's currency and unit: two currencies have no order."""
    filled = _filled(offers)

    def scale(value: Any) -> tuple[Any, ...]:
        return tuple(value.get(part) for part in ("currency", "unit", "per")) if isinstance(value, dict) else ()

    return [offer for offer in filled if scale(offer.value) == scale(filled[0].value)]


def largest(offers: Sequence[Offer], kind: FieldKind = FieldKind.TEXT) -> Offer | None:
    """The largest number, the latest date; amounts in another currency than the first owner's do not take part.

    >>> largest([Offer("9"), Offer("10.5"), Offer(None)], FieldKind.PERCENT).value
    '10.5'
    """
    return max(_comparable(offers), key=lambda offer: measure(offer.value, kind), default=None)


def smallest(offers: Sequence[Offer], kind: FieldKind = FieldKind.TEXT) -> Offer | None:
    """
    >>> smallest([Offer("2026-05-17"), Offer("2026-01-31")], FieldKind.DATE).value
    '2026-01-31'
    """
    return min(_comparable(offers), key=lambda offer: measure(offer.value, kind), default=None)


def frequency(offers: Sequence[Offer], kind: FieldKind = FieldKind.TEXT) -> Offer | None:
    """The value most sources agree on; a tie falls to the owners' order.

    >>> frequency([Offer("A"), Offer("B"), Offer("B"), Offer("A")]).value, frequency([Offer("A"), Offer("B"), Offer("B")]).value
    ('A', 'B')
    """
    filled = _filled(offers)
    counts = Counter(canonical_json(offer.value) for offer in filled)
    return max(filled, key=lambda offer: counts[canonical_json(offer.value)], default=None)


def most_complete(offers: Sequence[Offer], kind: FieldKind = FieldKind.TEXT) -> Offer | None:
    """The group or structure with the most filled parts.

    >>> most_complete([Offer({"city": "Ulm", "street": None}), Offer({"city": "Ulm", "street": "Ring 1"})]).value["street"]
    'Ring 1'
    """
    return max(_filled(offers), key=lambda offer: _parts(offer.value), default=None)


def _parts(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_parts(part) for part in value.values())
    if isinstance(value, list):
        return sum(_parts(part) for part in value)
    return 0 if value is None else 1


def unanimous(offers: Sequence[Offer], kind: FieldKind = FieldKind.TEXT) -> Offer | None:
    """The value all sources agree on, else empty; a source that says "empty" does not disagree.

    >>> unanimous([Offer("A"), Offer("A"), Offer(None)]).value, unanimous([Offer("A"), Offer("B")]).value
    ('A', None)
    """
    filled = _filled(offers)
    if not filled:
        return offers[0] if offers else None
    if len({canonical_json(offer.value) for offer in filled}) == 1:
        return filled[0]
    return filled[0]._replace(value=None)


def keep_all(offers: Sequence[Offer], kind: FieldKind = FieldKind.LISTING) -> Offer | None:
    """A list of every distinct value, in the owners' order; lists are joined.

    >>> keep_all([Offer(["ACME"]), Offer(["Acme Inc", "ACME"]), Offer("A.C.M.E.")]).value
    ['ACME', 'Acme Inc', 'A.C.M.E.']
    """
    filled = _filled(offers)
    if not filled:
        return offers[0] if offers else None
    distinct: dict[str, Any] = {}
    for offer in filled:
        for item in offer.value if isinstance(offer.value, list) else (offer.value,):
            distinct.setdefault(canonical_json(item), item)
    return filled[0]._replace(value=list(distinct.values()))


STRATEGIES: dict[Strategy, Chooser] = {
    Strategy.OWNER: by_owner,
    Strategy.RECENCY: recency,
    Strategy.OLDEST: oldest,
    Strategy.MOST_COMPLETE: most_complete,
    Strategy.LONGEST: longest,
    Strategy.SHORTEST: shortest,
    Strategy.LARGEST: largest,
    Strategy.SMALLEST: smallest,
    Strategy.FREQUENCY: frequency,
    Strategy.UNANIMOUS: unanimous,
    Strategy.KEEP_ALL: keep_all,
    Strategy.FOLLOW: by_owner,
    Strategy.TRUST: by_owner,
}
"""FOLLOW looks at another field's winner first (in survivorship), TRUST at the tenant's points (:mod:`hub.core.trust`); both fall back
to the owners' order."""


def first_filled(offers: Sequence[Offer], kind: FieldKind = FieldKind.TEXT) -> Offer | None:
    """The first owner that says something.

    >>> first_filled([Offer(None), Offer("ACME")]).value
    'ACME'
    """
    return next(iter(_filled(offers)), None)


CUSTOM: dict[str, Chooser] = {"first_filled": first_filled}
"""Named functions for ``schema.rules.custom``; a firm's own are added to this dictionary at start."""
