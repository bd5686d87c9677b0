"""Who decides one unit: the first owner that speaks, what the unit's rule makes of several, or an offer of last resort."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from hub.core.fold import is_reflected, value_since
from hub.core.identifiers import COUNTRY_CHECKED, is_valid_identifier
from hub.core.plan import NOT_AN_OWNER, Unit
from hub.core.records import Contribution, Lineage
from hub.core.strategies import CUSTOM, STRATEGIES, Offer, by_owner, is_empty
from hub.core.trust import ranked
from schema.kinds import FieldKind
from schema.language import Policy as OthersPolicy
from schema.rules import Rule, Strategy


class Choice(NamedTuple):
    """The source that decides a unit, with what (a group's members by name), by which rule."""

    source: Contribution
    value: Any
    rule: str
    is_provisional: bool
    until: dt.datetime | None = None
    """When it has to be decided again though nobody says anything new."""


def first_owner(unit: Unit, pool: Sequence[Contribution]) -> tuple[Contribution, bool] | None:
    """The quick way for a unit its owner decides: who, and whether provisionally. None: the case needs :func:`choose`.

    ``pool`` is in speaking order, so of several systems of one kind the first speaks.
    """
    ranks, name = unit.ranks, unit.name
    best: Contribution | None = None
    best_rank = NOT_AN_OWNER
    for one in pool:
        if unit.names.isdisjoint(one.values) if unit.is_group else name not in one.values:
            continue
        rank = ranks.get(one.kind, NOT_AN_OWNER) if ranks else 0
        if rank < best_rank and not (one.written and all_reflected(unit, one)):
            best, best_rank = one, rank
    if best is None:
        return None
    if unit.policy is OthersPolicy.ACCEPT_IF_EMPTY and (unit.is_group or best.values[name] is None):
        return None
    if unit.schemes and not is_sound(unit, best):
        return None
    return best, best_rank > 0


def choose(
    unit: Unit,
    pool: Sequence[Contribution],
    ended: Sequence[Contribution],
    lineage: Mapping[str, Lineage],
    by_id: Mapping[int, Contribution],
    at: dt.datetime,
) -> Choice | None:
    """Who decides a unit, with what, by which rule and whether provisionally; None when nobody ever spoke of it."""
    offers, others, reflected = offers_of(unit, pool)
    until: dt.datetime | None = None
    if unit.trust and offers:
        among = offers if unit.rule.among_all else [one for one in offers if one.rank == offers[0].rank]
        offers, until = ranked(unit.trust, among, [has_failed(unit, one) for one in among], at)
    elif unit.schemes and len(offers) > 1:
        offers = _sound_first(unit, offers)
    winner: Offer | None = None
    rule = unit.rule.strategy.value
    if unit.rule.strategy is Strategy.FOLLOW:
        followed = lineage.get(unit.rule.argument)
        leader = by_id.get(followed.source_id) if followed else None
        winner = next((one for one in (*offers, *others) if one.source is leader), None) if leader else None
    if winner is None and offers:
        first_rank = offers[0].rank
        if unit.rule.among_all and unit.rule.strategy is not Strategy.FOLLOW:
            winner = _chooser(unit.rule)(offers, unit.kind)
        else:
            winner = _chooser(unit.rule)([one for one in offers if one.rank == first_rank], unit.kind)
            winner = winner or offers[0]
        winner = winner or offers[0]._replace(value=None)
    if unit.policy is OthersPolicy.ACCEPT_IF_EMPTY and (winner is None or is_empty(winner.value) or _is_broken(unit, winner)):
        filling = next((one for one in (*offers, *others) if not is_empty(one.value) and not _is_broken(unit, one)), None)
        if filling is not None:
            source = filling.source
            assert source is not None
            return Choice(source, filling.value, "accept_if_empty", filling.rank > 0, until)
    if winner is not None:
        source = winner.source
        assert source is not None
        is_provisional = winner.rank > 0 and not unit.rule.among_all
        return Choice(source, winner.value, rule, is_provisional, until)
    return _last_resort(unit, ended, reflected)


def _chooser(rule: Rule) -> Callable[[Sequence[Offer], FieldKind], Offer | None]:
    return CUSTOM[rule.argument] if rule.strategy is Strategy.CUSTOM else STRATEGIES.get(rule.strategy, by_owner)


def offers_of(unit: Unit, pool: Sequence[Contribution]) -> tuple[list[Offer], list[Offer], list[Offer]]:
    """Offers of the owners in their order, of everybody else, and echoes of our own values."""
    offers: list[Offer] = []
    others: list[Offer] = []
    reflected: list[Offer] = []
    ranks = unit.ranks
    for one in pool:
        if unit.names.isdisjoint(one.values):
            continue
        rank = ranks.get(one.kind, NOT_AN_OWNER) if ranks else 0
        offer = _offer(unit, one, rank)
        if one.written and all_reflected(unit, one):
            reflected.append(offer)
        elif rank == NOT_AN_OWNER:
            others.append(offer)
        else:
            offers.append(offer)
    if len(offers) > 1:
        offers.sort(key=lambda offer: offer.rank)
    return offers, others, reflected


def _offer(unit: Unit, one: Contribution, rank: int) -> Offer:
    if not unit.is_group:
        return Offer(one.values[unit.name], value_since(one, unit.name), rank, one)
    spoken = [name for name in unit.fields if name in one.values]
    since = max((value_since(one, name) for name in spoken), default="")
    return Offer({name: one.values.get(name) for name in unit.fields}, since, rank, one)


def all_reflected(unit: Unit, one: Contribution) -> bool:
    """A group is an echo when every member the source fills is; one changed member makes it the source's own again."""
    if not unit.is_group:
        return is_reflected(one, unit.name)
    filled = [name for name in unit.fields if one.values.get(name) is not None]
    return bool(filled) and all(is_reflected(one, name) for name in filled)


def is_sound(unit: Unit, one: Contribution) -> bool:
    """Whether none of the source's identifiers in this unit fails its check."""
    for name, scheme in unit.schemes.items():
        number = one.values.get(name)
        if isinstance(number, str) and scheme:
            country = one.values.get("country") if scheme in COUNTRY_CHECKED else None
            if is_valid_identifier(scheme, number, country or "") is False:
                return False
    return True


def has_failed(unit: Unit, offer: Offer) -> bool:
    """Whether what a source offers failed validation: an identifier's check, or a code that nobody has mapped."""
    source = offer.source
    return source is not None and (not unit.names.isdisjoint(source.raw) or not is_sound(unit, source))


def _is_broken(unit: Unit, offer: Offer) -> bool:
    return bool(unit.schemes) and offer.source is not None and not is_sound(unit, offer.source)


def _sound_first(unit: Unit, offers: list[Offer]) -> list[Offer]:
    """Without the invalid identifiers, if anybody offers a valid one."""
    sound = [one for one in offers if not _is_broken(unit, one)]
    return sound if any(not is_empty(one.value) for one in sound) else offers


def _last_resort(
    unit: Unit, ended: Sequence[Contribution], reflected: Sequence[Offer]
) -> Choice | None:
    """What nobody says any more but was said: deleted sources' values, then our own that only came back."""
    former, _, echoes = offers_of(unit, ended)
    for offers, rule in ((former, "last_resort"), ((*reflected, *echoes), "reflected")):
        said = next((one for one in offers if not is_empty(one.value)), None)
        if said is not None and said.source is not None:
            return Choice(said.source, said.value, rule, True)
    return None
