"""Whether a record holds what is declared of it in :mod:`schema.checks`, and what becomes of one that does not. Pure.

A rule is compiled once to a function of what it reads. ``None`` means that it holds, does not apply, or lacks something it reads;
else the sentence that a person is told. A tenant switches severities in part ``checks`` of its settings::

    {"severity": {"invoice.gross": "quarantine", "time_entry.quantity": "block", "project.client": "off"}, "assignmentRequired": true}

A rule between records warns or is off: what a record refers to may come after it, so nothing is kept out for its sake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from hub.core.fold import rescoped
from hub.core.records import Conflict, Contribution, Decision, Values
from schema import ENTITIES, MODEL
from schema.checks import (
    Agree, Check, Differs, Filled, InCurrency, ItemsSum, Matches, NotBoth, Ordered, RefersTo, SameAs, Severity, Sum, SumOf, Together, Within,
    fields_of, rules_of,
)  # fmt: skip
from schema.fields import Field
from schema.language import entity_name

BLOCK, QUARANTINE, WARN, OFF = Severity
CAUSE, HELD, WARNING = "rule", "rule_held", "rule_warning"
"""Causes of tasks: a message refused, a value held back, a record that stands and breaks a rule."""
HELD_REMEDY = "Accept the value with a reason, or correct it at its source."

Records = Mapping[str, Sequence[Values]]
"""What a rule between records reads beside its own: the path that leads there → the records there."""

Judge = Callable[[Values, Records], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """Where a rule between records looks: along ``via`` to the record it names, or (``is_back``) to those that name this one.

    ``after`` is the path of the record one starts from; '' for the judged one.
    """

    path: str
    entity: str
    via: str
    is_back: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule. ``reads`` are names of the record's own fields, ``beside`` (entity, field) of others'."""

    check: Check
    entity: str
    severity: Severity
    reads: frozenset[str]
    judge: Judge
    steps: tuple[Step, ...] = ()
    beside: frozenset[tuple[str, str]] = frozenset()

    @property
    def name(self) -> str:
        return self.check.name


@dataclass(frozen=True, slots=True)
class Rules:
    """An entity's rules in force, by where they act."""

    block: tuple[Rule, ...] = ()
    hold: tuple[Rule, ...] = ()
    """``block`` and ``quarantine``: what only breaks the rule together with earlier messages is held in both."""
    warn: tuple[Rule, ...] = ()
    between: tuple[Rule, ...] = ()

    @property
    def every(self) -> tuple[Rule, ...]:
        return (*self.hold, *self.warn, *self.between)


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule a record does not hold."""

    rule: Rule
    fields: tuple[str, ...] = field(default=())

    @property
    def reason(self) -> str:
        return self.rule.check.says


# ---------------------------------------------------------------------------------------------------------- severities


Told = tuple[tuple[str, str], ...]


@cache
def declared() -> Mapping[str, Check]:
    """Every rule by its name."""
    return {check.name: check for cls in MODEL for check in rules_of(cls)}


def told_of(settings: Mapping[str, Any]) -> Told:
    """A tenant's own severities; raises ValueError for what is no rule, no severity, or not for that rule.

    >>> told_of({"checks": {"severity": {"invoice.gross": "block"}}})
    (('invoice.gross', 'block'),)
    """
    document = settings.get("checks")
    if not document:
        return ()
    if not isinstance(document, Mapping) or set(document) - {"severity", "assignmentRequired"} or not isinstance(document.get("severity", {}), Mapping):
        raise ValueError('checks are {"severity": {rule: severity}, "assignmentRequired": true or false}')
    if not isinstance(document.get("assignmentRequired", False), bool):
        raise ValueError("assignmentRequired is true or false")  # noqa: TRY004 - said of a document, like its other faults
    told = tuple(sorted((str(name), str(severity)) for name, severity in document.get("severity", {}).items()))
    for name, severity in told:
        check = declared().get(name)
        if check is None:
            raise ValueError(f"there is no rule {name[:80]!r}")
        if severity not in frozenset(Severity):
            raise ValueError(f"{name}: a severity is one of {', '.join(Severity)}")
        if check.is_between and severity in (BLOCK, QUARANTINE):
            raise ValueError(f"{name}: a rule between records warns or is off, since what a record refers to may come after it")
    return told


def needs_assignment(settings: Mapping[str, Any]) -> bool:
    """Whether the tenant wants an assignment behind every hour; the gate of the resource asks."""
    document = settings.get("checks")
    return isinstance(document, Mapping) and document.get("assignmentRequired") is True


def in_force(entity: str, settings: Mapping[str, Any]) -> Rules:
    """An entity's rules under a tenant's settings. What a tenant's settings should not say is as if it were not said."""
    document = settings.get("checks")
    return _DECLARED[entity] if not document else _compiled(entity, _usable(document))


def severities(entity: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """Rule → its severity in force, for every rule of an entity."""
    own = dict(_usable(settings["checks"])) if settings.get("checks") else {}
    return {check.name: own.get(check.name, check.severity.value) for check in rules_of(ENTITIES[entity].cls)}


def _usable(document: Any) -> Told:
    try:
        return told_of({"checks": document})
    except ValueError:
        return ()


@cache
def _compiled(entity: str, told: Told) -> Rules:
    own = dict(told)
    found = [_rule(entity, check, Severity(own.get(check.name, check.severity))) for check in rules_of(ENTITIES[entity].cls)]
    alone = [one for one in found if not one.steps]
    return Rules(
        tuple(one for one in alone if one.severity is BLOCK),
        tuple(one for one in alone if one.severity in (BLOCK, QUARANTINE)),
        tuple(one for one in alone if one.severity is WARN),
        tuple(one for one in found if one.steps and one.severity is not OFF),
    )


# ------------------------------------------------------------------------------------------------------------- judging

NOTHING: Records = {}


def broken(rules: Iterable[Rule], values: Values, records: Records = NOTHING, changed: Collection[str] | None = None) -> list[Broken]:
    """The rules these values break; with ``changed`` only those that read one of these fields are looked at."""
    return [
        Broken(rule) for rule in rules
        if (changed is None or not rule.reads.isdisjoint(changed)) and not rule.judge(values, records)
    ]  # fmt: skip


def refused(rules: Rules, values: Values) -> list[Broken]:
    """The rules that keep a message out: of those that block, the ones everything of which it states itself."""
    return [Broken(rule) for rule in rules.block if rule.reads <= values.keys() and not rule.judge(values, NOTHING)]


def hold(
    rules: Rules, previous: Contribution | None, told: Contribution, decisions: Sequence[Decision] = ()
) -> tuple[Contribution, tuple[Conflict, ...]]:
    """Hold back what a source says anew of the fields of a rule it breaks; what a lock holds is held already.

    ``accept`` decisions let a value pass. A conflict is given when a value is held for the first time.
    """
    before = previous.values if previous else {}
    news = {name for name, value in told.values.items() if name not in before or before[name] != value}
    if not news:
        return told, ()
    news -= {
        one.field for one in decisions
        if one.kind == "accept" and one.source_id == told.id and (one.value is None or one.value == told.values.get(one.field))
    }  # fmt: skip
    barred: dict[str, Rule] = {}
    for one in broken(rules.hold, told.values, changed=news):
        for name in one.rule.reads & news:
            barred.setdefault(name, one.rule)
    if not barred:
        return told, ()
    after = rescoped(told, told.kind, told.scope_rank)
    after.values = {name: before.get(name) if name in barred else value for name, value in told.values.items() if name not in barred or name in before}
    after.held = {**told.held, **{name: told.values[name] for name in barred}}
    had = previous.held if previous else {}
    conflicts = [
        Conflict(HELD, name, told.id, told.values[name], before.get(name), f"{rule.check.says}. {HELD_REMEDY}")
        for name, rule in sorted(barred.items())
        if name not in had or had[name] != told.values[name]
    ]
    return after, tuple(conflicts)


# ----------------------------------------------------------------------------------------------------------- compiling


def _rule(entity: str, check: Check, severity: Severity) -> Rule:
    steps, beside = _steps(entity, check)
    reads = frozenset(one.name for one in fields_of(check))
    return Rule(check, entity, severity, reads, _conditional(check, _judge(check.form)), steps, frozenset(beside))


def _conditional(check: Check, judge: Judge) -> Judge:
    if not check.when:
        return judge
    when = tuple((one.field.name, frozenset(one.values)) for one in check.when)

    def only_when(values: Values, records: Records) -> bool:
        return any(values.get(name) not in wanted for name, wanted in when) or judge(values, records)

    return only_when


def _steps(entity: str, check: Check) -> tuple[tuple[Step, ...], list[tuple[str, str]]]:
    """Where a rule between records looks, and the fields it reads there."""
    match check.form:
        case RefersTo(via=via, state=state):
            return (_along(via),), [(_target(via), state)]
        case SameAs(via=via, other=other):
            return (_along(via),), [(_target(via), other.name)]
        case SumOf(via=via, amount=amount):
            child = _owner(amount)
            return (Step("", child, via.name, is_back=True),), [(child, amount.name), (child, via.name)]
        case Agree(one=one, other=other, unless=unless):
            steps = [_along(one[0]), _along(other[0])]
            beside = [(_target(one[0]), one[1].name), (_target(other[0]), other[1].name)]
            if unless is not None:
                child = _owner(unless[1])
                steps.append(Step("unless", child, unless[0].name, is_back=True, after=other[0].name))
                beside += [(child, unless[1].name), (child, unless[0].name)]
            return tuple(steps), beside
        case _:
            return (), []


def _along(via: Field[Any]) -> Step:
    return Step(via.name, _target(via), via.name)


def _target(via: Field[Any]) -> str:
    return entity_name(via.target)


@cache
def _owners() -> Mapping[int, str]:
    return {id(one): meta.name for meta in ENTITIES.values() for one in meta.fields.values()}


def _owner(one: Field[Any]) -> str:
    return _owners()[id(one)]


def _judge(form: Any) -> Judge:
    """The function of a form; it answers whether the record holds it."""
    return _JUDGES[type(form)](form)


def _matches(form: Matches) -> Judge:
    name, fits = form.field.name, re.compile(form.pattern).fullmatch
    return lambda values, _: not isinstance(values.get(name), str) or fits(values[name]) is not None


def _within(form: Within) -> Judge:
    name, unit = form.field.name, form.unit
    least, most = (Decimal(one) if one else None for one in (form.least, form.most))

    def within(values: Values, _: Records) -> bool:
        told = values.get(name)
        if told is None or (unit and told["unit"] != unit):
            return True
        number = _number(told)
        if least is not None and (number < least or (form.is_strict and number == least)):
            return False
        return most is None or number <= most

    return within


def _number(told: Any) -> Decimal:
    """The figure of a number, quantity, price or amount."""
    return Decimal(str(told.get("amount", told.get("value"))) if isinstance(told, dict) else str(told))


def _filled(form: Filled) -> Judge:
    names = tuple(one.name for one in form.fields)
    return lambda values, _: all(values.get(name) not in (None, "", []) for name in names)


def _together(form: Together) -> Judge:
    names = tuple(one.name for one in form.fields)
    return lambda values, _: len({values.get(name) is None for name in names}) < 2


def _not_both(form: NotBoth) -> Judge:
    one, other = form.one.name, form.other.name
    return lambda values, _: any(values.get(name) is None or not _number(values[name]) for name in (one, other))


def _ordered(form: Ordered) -> Judge:
    earlier, later = form.earlier.name, form.later.name

    def ordered(values: Values, _: Records) -> bool:
        first, last = values.get(earlier), values.get(later)
        return first is None or last is None or bool(first <= last)

    return ordered


def _differs(form: Differs) -> Judge:
    one, other = form.one.name, form.other.name
    return lambda values, _: values.get(one) is None or values.get(one) != values.get(other)


def _sum(form: Sum) -> Judge:
    total, parts, optional = form.total.name, [one.name for one in form.parts], [one.name for one in form.optional]

    def adds_up(values: Values, _: Records) -> bool:
        stated = values.get(total)
        if stated is None or any(values.get(name) is None for name in parts):
            return True
        told = [values[name] for name in (*parts, *optional) if values.get(name) is not None]
        if any(one["currency"] != stated["currency"] for one in told):
            return True  # another rule's business
        return sum((Decimal(one["amount"]) for one in told), Decimal(0)) == Decimal(stated["amount"])

    return adds_up


def _items_sum(form: ItemsSum) -> Judge:
    listing, part, to = form.listing.name, form.part, form.to

    def adds_up(values: Values, _: Records) -> bool:
        items = values.get(listing)
        wanted = to if isinstance(to, str) else values.get(to.name)
        if not items or wanted is None or any(one.get(part) is None for one in items):
            return True
        return sum((_number(one[part]) for one in items), Decimal(0)) == _number(wanted)

    return adds_up


def _in_currency(form: InCurrency) -> Judge:
    currency, names = form.currency.name, tuple(one.name for one in form.amounts)

    def agrees(values: Values, _: Records) -> bool:
        wanted = values.get(currency)
        return wanted is None or all(values[name]["currency"] == wanted for name in names if values.get(name) is not None)

    return agrees


def _refers_to(form: RefersTo) -> Judge:
    path, state, no_longer = form.via.name, form.state, frozenset(form.no_longer)
    return lambda _, records: all(one.get(state) not in no_longer for one in records.get(path, ()))


def _said(told: Any, other: Any) -> Any:
    """What is compared of a value: of an amount beside a code its currency."""
    return told.get("currency") if isinstance(told, dict) and "currency" in told and not isinstance(other, dict) else told


def _same_as(form: SameAs) -> Judge:
    name, path, other = form.field.name, form.via.name, form.other.name

    def same(values: Values, records: Records) -> bool:
        mine = values.get(name)
        theirs = [one[other] for one in records.get(path, ()) if one.get(other) is not None]
        return mine is None or all(_said(mine, one) == _said(one, mine) for one in theirs)

    return same


def _agree(form: Agree) -> Judge:
    sides = ((form.one[0].name, form.one[1].name), (form.other[0].name, form.other[1].name))
    unless = form.unless[1].name if form.unless else ""

    def agree(_: Values, records: Records) -> bool:
        told = [next((one.get(name) for one in records.get(path, ())), None) for path, name in sides]
        if None in told or told[0] == told[1]:
            return True
        return bool(unless) and any(one.get(unless) is not None for one in records.get("unless", ()))

    return agree


def _sum_of(form: SumOf) -> Judge:
    total, name = form.total.name, form.amount.name

    def adds_up(values: Values, records: Records) -> bool:
        stated, told = values.get(total), [one[name] for one in records.get("", ()) if one.get(name) is not None]
        if stated is None or not told or any(one["currency"] != stated["currency"] for one in told):
            return True
        return sum((Decimal(one["amount"]) for one in told), Decimal(0)) == Decimal(stated["amount"])

    return adds_up


_JUDGES: Mapping[type, Callable[[Any], Judge]] = {
    Matches: _matches, Within: _within, Filled: _filled, Together: _together, NotBoth: _not_both, Ordered: _ordered, Differs: _differs,
    Sum: _sum, ItemsSum: _items_sum, InCurrency: _in_currency, RefersTo: _refers_to, SameAs: _same_as, Agree: _agree, SumOf: _sum_of,
}  # fmt: skip



@cache
def all_between() -> tuple[Rule, ...]:
    """Every rule between records, whatever its severity."""
    return tuple(
        _rule(name, check, check.severity) for name, meta in ENTITIES.items() for check in rules_of(meta.cls) if check.is_between
    )


_DECLARED: Mapping[str, Rules] = {name: _compiled(name, ()) for name in ENTITIES}
