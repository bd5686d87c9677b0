"""Which golden record an unknown source record belongs to, by what identifies it: registered numbers and business keys.

Two ways link by themselves: a valid registered identifier with an agreeing name, and a business key between *different*
systems, one to one. Domain, phone, e-mail or a name alone never link. Declared links come before all this, in the flow;
a learned matcher comes after it, on the records left ``no_match``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from hub.core.identifiers import COUNTRY_CHECKED, REGISTERED, compact, is_valid_identifier
from hub.core.names import names_agree
from hub.core.records import Contribution, SourceKey, Values
from hub.core.resolution import Resolve
from schema.kinds import FieldKind
from schema.language import EntityMeta, Family, Field, MatchRuleKind, entity_name

MATCH, POSSIBLE_MATCH, NO_MATCH = "match", "possible_match", "no_match"

NAME_FIELDS = ("name", "legal_name", "former_names", "aliases")
"""A firm is known by any of these; agreement with one is agreement."""

EMPTY_IN_KEY: Mapping[str, frozenset[str]] = {
    "invoice": frozenset({"series", "fiscal_year"}),
    "credit_memo": frozenset({"series", "fiscal_year"}),
    "rate_line": frozenset({"unit"}),
}
"""Parts of a business key that may be empty, beside codes and second references (a time entry without a task)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A golden record an unknown may belong to: what ``match_key`` found under one of its keys."""

    golden_id: UUID
    values: Values
    systems: frozenset[str]
    """Systems that already contribute to it."""
    keys: tuple[str, ...] = ()
    """Its match keys; empty means they follow from its values."""


class Evidence(NamedTuple):
    """One thing two records have in common, and what it was worth."""

    key: str
    golden_id: UUID | None
    finding: str
    """``agrees``, ``name differs``, ``identifiers differ``, ``same system`` or ``barred``."""


@dataclass(frozen=True, slots=True)
class MatchDecision:
    """What came out for one unknown record."""

    kind: str
    golden_id: UUID | None = None
    """The record it belongs to; None when it is new, or belongs to a new one (``same_as``)."""
    rule: str = ""
    evidence: tuple[Evidence, ...] = ()
    same_as: int = -1
    """Index of the unknown of this batch whose new golden record it shares; -1 otherwise."""
    opens: bool = False
    """Whether it makes a golden record of its own: no match, and its kind of system is an origin."""
    likeness: Mapping[str, Any] | None = None
    """Where the learned model decided: its version, the weight in bits and what each field said."""


# --------------------------------------------------------------------------------------------------------------- keys


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    """Prefix of its keys."""
    kind: MatchRuleKind
    fields: tuple[Field[Any], ...]
    agreeing: tuple[str, ...]
    optional: frozenset[str] = frozenset()


_TAX = "tax"
_RULES: dict[int, tuple[EntityMeta, tuple[_Rule, ...], bool]] = {}


def match_keys(meta: EntityMeta, values: Values, resolve: Resolve | None = None) -> tuple[str, ...]:
    """The keys under which a record can be found, sorted: ``lei:5299…``, ``registration_no+country:…``, ``key:…``.

    ``values`` are a golden record's, or a contribution's with ``resolve`` for its references. An identifier whose check
    fails, and a pseudo client ("various", one-time customer), has none.
    """
    return tuple(sorted({key for key, _ in _keys(meta, values, resolve)}))


Keyed = tuple[tuple[str, _Rule], ...]
"""A record's match keys, each with the rule it belongs to."""


def keyed(meta: EntityMeta, values: Values, resolve: Resolve | None = None) -> Keyed:
    """The same keys as :func:`match_all` takes them, so that they are worked out once."""
    return tuple(_keys(meta, values, resolve))


def key_fields(meta: EntityMeta) -> frozenset[str]:
    """Fields that match keys are made of, or that say whether they hold; while these stand, the keys do."""
    known = _KEY_FIELDS.get(id(meta))
    if known is None:
        names = {one.name for rule in _rules_of(meta)[0] for one in rule.fields}
        known = _KEY_FIELDS[id(meta)] = (meta, frozenset(names) | {"kind", "country"})
    return known[1]


_KEY_FIELDS: dict[int, tuple[EntityMeta, frozenset[str]]] = {}


def _keys(meta: EntityMeta, values: Values, resolve: Resolve | None) -> Iterator[tuple[str, _Rule]]:
    rules, has_tax = _rules_of(meta)
    if values.get("kind") in ("pseudo", "placeholder"):
        return
    for rule in rules:
        if rule.kind is MatchRuleKind.EXACT and rule.name == _TAX:
            continue
        parts = _parts(rule, values, resolve)
        if parts is not None:
            yield f"{rule.name}:{'|'.join(parts)}", rule
    if has_tax:
        rule = next(one for one in rules if one.name == _TAX)
        for number in tax_numbers(values):
            yield f"{_TAX}:{number}", rule


def _parts(rule: _Rule, values: Values, resolve: Resolve | None) -> list[str] | None:
    parts: list[str] = []
    has_reference = False
    for one in rule.fields:
        part = _part(one, values.get(one.name), values, resolve)
        if part is None:
            if one.name not in rule.optional:
                return None
            part = ""
        elif one.kind is FieldKind.REFERENCE:
            has_reference = True
        parts.append(part)
    if not has_reference and not all(parts):
        return None
    return parts


def _part(one: Field[Any], value: Any, values: Values, resolve: Resolve | None) -> str | None:
    """One field's share of a key; None when it is empty, unknown or invalid."""
    if value is None:
        return None
    if one.kind is FieldKind.REFERENCE:
        if isinstance(value, dict):
            return resolve(value, entity_name(one.target)) if resolve else None
        return str(value)
    if isinstance(value, dict):
        return " ".join(str(value[name]) for name in ("amount", "value", "currency", "unit", "per") if name in value)
    if one.kind is FieldKind.IDENTIFIER and one.scheme in REGISTERED:
        country = values.get("country") if one.scheme in COUNTRY_CHECKED else None
        return compact(str(value)) if is_valid_identifier(one.scheme, str(value), country or "") is not False else None
    told = str(value).casefold()
    return re.sub(r"[\s|./_\-]+", "-", told) if one.kind in (FieldKind.TEXT, FieldKind.IDENTIFIER) else told


def tax_numbers(values: Values) -> list[str]:
    """Country and number of a client's own tax registrations; a group's number is shared by sisters and left out.

    >>> tax_numbers({"tax_registrations": [{"country": "DE", "scheme": "vat", "number": "DE136695976"}]})
    ['DE136695976']
    """
    found: list[str] = []
    for item in values.get("tax_registrations") or ():
        number, country = item.get("number"), item.get("country") or ""
        if not number or item.get("group_registration"):
            continue
        if is_valid_identifier(item.get("scheme") or "vat", number, country) is False:
            continue
        tight = compact(number)
        found.append(tight if tight.startswith(country) else country + tight)
    return found


def _rules_of(meta: EntityMeta) -> tuple[tuple[_Rule, ...], bool]:
    known = _RULES.get(id(meta))
    if known is None:
        rules, has_tax = _compile(meta)
        known = _RULES[id(meta)] = (meta, rules, has_tax)
    return known[1], known[2]


def _compile(meta: EntityMeta) -> tuple[tuple[_Rule, ...], bool]:
    rules: list[_Rule] = []
    names = tuple(name for name in NAME_FIELDS if name in meta.fields)
    for rule in meta.match:
        if rule.kind is MatchRuleKind.EXACT:
            agreeing = tuple(one.name for one in rule.agreeing) or (("name",) if "name" in meta.fields else ())
            known_by = tuple(dict.fromkeys((*agreeing, *names))) if set(agreeing) & set(names) else agreeing
            rules.append(_Rule("+".join(_label(one) for one in rule.fields), rule.kind, rule.fields, known_by))
        elif rule.kind is MatchRuleKind.BUSINESS_KEY:
            prefix = "key:" + "+".join(one.name for one in rule.fields)
            rules.append(_Rule(prefix, rule.kind, rule.fields, (), _optional(meta, rule.fields)))
    has_tax = "tax_registrations" in meta.fields and meta.family is Family.MATCHED
    if has_tax:
        rules.append(_Rule(_TAX, MatchRuleKind.EXACT, (meta.fields["tax_registrations"],), names))
    return tuple(rules), has_tax


def _label(one: Field[Any]) -> str:
    return one.scheme if one.kind is FieldKind.IDENTIFIER and one.scheme else one.name


def _optional(meta: EntityMeta, fields: tuple[Field[Any], ...]) -> frozenset[str]:
    has_references = sum(one.kind is FieldKind.REFERENCE for one in fields) > 1
    return EMPTY_IN_KEY.get(meta.name, frozenset()) | {
        one.name
        for one in fields
        if not one.required and one.name != "legal_entity"
        and (one.kind is FieldKind.CODE or (one.kind is FieldKind.REFERENCE and has_references))
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- match


@dataclass(slots=True, eq=False)
class _Entry:
    """A golden record as this batch sees it: existing (``golden_id``) or about to be opened (``index``)."""

    golden_id: UUID | None
    index: int
    values: Values
    systems: set[str]
    names: set[str] = field(default_factory=set)

    @property
    def order(self) -> tuple[bool, str, int]:
        return (self.golden_id is None, str(self.golden_id), self.index)


def match(
    meta: EntityMeta,
    contribution: Contribution,
    candidates: Sequence[Candidate],
    *,
    resolve: Resolve | None = None,
    barred: Collection[UUID] = (),
) -> MatchDecision:
    """What becomes of one unknown record; see :func:`match_all`."""
    by_key = {contribution.key: frozenset(barred)} if barred else {}
    return match_all(meta, [contribution], candidates, resolve=resolve, barred=by_key)[0]


def match_all(
    meta: EntityMeta,
    unknown: Sequence[Contribution],
    candidates: Sequence[Candidate],
    *,
    resolve: Resolve | None = None,
    barred: Mapping[SourceKey, Collection[UUID]] | None = None,
    may_open: Callable[[Contribution], bool] | None = None,
    keys: Sequence[Keyed] = (),
) -> list[MatchDecision]:
    """A decision per unknown record, in their order; unknowns of one batch are candidates for each other.

    Records of origin kinds are looked at first, so that another system's record of the batch finds what they open.
    ``barred`` are the golden records a person said it is not. ``may_open`` replaces the entity's origins. ``keys`` are the
    unknowns' (:func:`keyed`), if they are at hand.
    """
    index: dict[str, list[_Entry]] = {}
    for candidate in candidates:
        known = _Entry(candidate.golden_id, -1, candidate.values, set(candidate.systems), _names(candidate.values))
        for key in candidate.keys or match_keys(meta, candidate.values, resolve):
            index.setdefault(key, []).append(known)
    origins = frozenset(meta.origins)
    opens = may_open or (lambda one: not origins or one.kind in origins)
    decisions: list[MatchDecision] = [MatchDecision(NO_MATCH)] * len(unknown)
    for at in sorted(range(len(unknown)), key=lambda at: (not opens(unknown[at]), at)):
        one = unknown[at]
        mine = keys[at] if keys else keyed(meta, one.values, resolve)
        entry: _Entry | None
        decision, entry = _decide(meta, one, mine, index, (barred or {}).get(one.key, ()))
        if entry is None and opens(one):
            decision = MatchDecision(decision.kind, decision.golden_id, decision.rule, decision.evidence, opens=True)
            entry = _Entry(None, at, one.values, set())
        if entry is not None:
            entry.systems.add(one.key.system)
            entry.names |= _names(one.values)
            for key, _ in mine:
                if entry not in index.setdefault(key, []):
                    index[key].append(entry)
        decisions[at] = decision
    return decisions


def _decide(
    meta: EntityMeta,
    one: Contribution,
    keys: Sequence[tuple[str, _Rule]],
    index: Mapping[str, list[_Entry]],
    barred: Collection[UUID],
) -> tuple[MatchDecision, _Entry | None]:
    linking: list[tuple[_Entry, str]] = []
    doubtful: list[_Entry] = []
    evidence: list[Evidence] = []
    for key, rule in keys:
        hits = sorted(index.get(key, ()), key=lambda entry: entry.order)
        for entry in hits:
            finding = _finding(meta, rule, one, entry, barred)
            evidence.append(Evidence(key, entry.golden_id, finding))
            if finding == "agrees":
                linking.append((entry, rule.name))
                if rule.kind is MatchRuleKind.BUSINESS_KEY:
                    break  # equals are paired one to one; the first free one will do
            elif finding in ("name differs", "identifiers differ"):
                doubtful.append(entry)
    distinct = list(dict.fromkeys(id(entry) for entry, _ in linking))
    if len(distinct) == 1:
        entry, rule_name = linking[0]
        return MatchDecision(MATCH, entry.golden_id, rule_name, tuple(evidence), entry.index), entry
    suspects = [entry for entry, _ in linking] or doubtful
    if suspects:
        return MatchDecision(POSSIBLE_MATCH, suspects[0].golden_id, "", tuple(evidence), suspects[0].index), None
    return MatchDecision(NO_MATCH, evidence=tuple(evidence)), None


def _finding(meta: EntityMeta, rule: _Rule, one: Contribution, entry: _Entry, barred: Collection[UUID]) -> str:
    if entry.golden_id is not None and entry.golden_id in barred:
        return "barred"
    if rule.kind is MatchRuleKind.BUSINESS_KEY:
        return "same system" if one.key.system in entry.systems else "agrees"
    if rule.agreeing and not _agree(rule.agreeing, one.values, entry):
        return "name differs"
    return "identifiers differ" if _contradict(meta, one.values, entry.values) else "agrees"


def _agree(fields: tuple[str, ...], values: Values, entry: _Entry) -> bool:
    if "name" in fields:
        return any(names_agree(a, b) for a in _names(values) for b in entry.names)
    told = [(values.get(name), entry.values.get(name)) for name in fields]
    return all(isinstance(a, str) and isinstance(b, str) and names_agree(a, b) for a, b in told)


def _names(values: Values) -> set[str]:
    found: set[str] = set()
    for name in NAME_FIELDS:
        told = values.get(name)
        if isinstance(told, str):
            found.add(told)
        elif isinstance(told, list):
            found.update(item for item in told if isinstance(item, str))
    return found


def _contradict(meta: EntityMeta, a: Values, b: Values) -> bool:
    """Whether another registered identifier of both is valid and different: then it is a sister, or a wrong number."""
    for rule in _rules_of(meta)[0]:
        if rule.kind is MatchRuleKind.EXACT and len(rule.fields) == 1 and rule.fields[0].scheme:
            part_a, part_b = _parts(rule, a, None), _parts(rule, b, None)
            if part_a is not None and part_b is not None and part_a != part_b:
                return True
    countries_a, countries_b = {n[:2]: n for n in tax_numbers(a)}, {n[:2]: n for n in tax_numbers(b)}
    shared = countries_a.keys() & countries_b.keys()
    return bool(shared) and all(countries_a[country] != countries_b[country] for country in shared)
