"""The data dictionary: one page an entity, with who owns each field and what becomes of other systems' values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from schema import CODE_SETS, MODEL
from schema.checks import Check, fields_of, rules_of
from schema.event_types import EVENTS, EventType
from schema.kinds import FieldKind
from schema.language import OPEN, EntityMeta, Family, Field, Group, Lock, MatchRule, MatchRuleKind, States
from schema.rules import Strategy

AnyField = Field[object]


def _list(field: AnyField) -> str:
    if field.items:
        return "list of (" + ", ".join(_item(field, name, kind) for name, kind in field.items.items()) + ")"
    return f"list of {field.target or field.codes or 'text'}"


def _item(field: AnyField, name: str, kind: FieldKind) -> str:
    said = field.item_targets.get(name) or field.item_codes.get(name)
    return f"{name}: {said or kind.value}"


def _number(field: AnyField) -> str:
    return "decimal" if field.scheme == "decimal" else "percent"


KIND_WORDS: Mapping[FieldKind, Callable[[AnyField], str]] = {
    FieldKind.TEXT: lambda field: "text",
    FieldKind.IDENTIFIER: lambda field: f"identifier ({field.scheme})" if field.scheme else "identifier",
    FieldKind.EMAIL: lambda field: "e-mail",
    FieldKind.PHONE: lambda field: "phone (E.164)",
    FieldKind.DOMAIN: lambda field: "domain",
    FieldKind.COUNTRY: lambda field: "country (ISO 3166)",
    FieldKind.LANGUAGE: lambda field: "language",
    FieldKind.TIMEZONE: lambda field: "time zone",
    FieldKind.CODE: lambda field: f"code {field.codes}",
    FieldKind.BOOLEAN: lambda field: "yes/no",
    FieldKind.INTEGER: lambda field: "integer",
    FieldKind.DATE: lambda field: "date",
    FieldKind.INSTANT: lambda field: "instant (UTC)",
    FieldKind.PERCENT: _number,
    FieldKind.QUANTITY: lambda field: "quantity",
    FieldKind.MONEY: lambda field: "money",
    FieldKind.PRICE: lambda field: "price per unit",
    FieldKind.REFERENCE: lambda field: f"→ {field.target}",
    FieldKind.LISTING: _list,
}
"""What a field of each kind is called in the dictionary."""

FAMILY_WORDS: Mapping[Family, str] = {
    Family.MATCHED: "master, matched: a cluster of source records; values survive field by field; merges can be undone",
    Family.KEYED: "master, keyed: found by its business key or a declared link; only people merge it",
    Family.TRANSACTION: "transaction: facts come from its one origin, each facet from its own owner; never merged",
    Family.REFERENCE: "reference data: governed values that other systems' codes map to; retired, never removed",
    Family.DERIVED: "derived: computed or taken as a snapshot; no survivorship",
}

HEAD = """\
# The model

Printed from `schema/` by `hub publish`; change the declarations, not this page.

**Owner** `erp > crm`: ERP decides; while it holds no record of the thing, or does not carry the field, CRM speaks and the
value is provisional. **Others** says what becomes of a differing value of anybody else: ignored, proposed to a steward,
rejected as a task for the sender, or accepted while the field is empty. **Risk**: R1 one steward may change it, R2 two
people, R3 two people of different teams. **Notes**: † filled from the first day, *required* for the record to be born,
*personal* and *confidential* for who may read it, *dated* when it has a history of its own, *locked* when it closes in
some states. Fields of one group come from one and the same source; a facet has an owner of its own. **Rules** say what must hold of
the values: one of severity `block` refuses the message, `quarantine` holds back what is said anew of its fields, `warn` opens a task
until the rule holds again, `off` waits for a firm to want it.
"""


def dictionary() -> str:
    """The whole data dictionary as one Markdown page: contents, entities, code sets, business events."""
    metas = [cls.meta for cls in MODEL]
    parts = [HEAD, _contents(metas), *(dictionary_page(meta) for meta in metas), _code_sets(), _events()]
    return "\n".join(parts)


def dictionary_page(meta: EntityMeta) -> str:
    """One entity: what it is, its identity, its states, and the ownership table of its fields."""
    lines = [f"## {meta.name}", "", meta.doc, "", *_facts(meta), "", *_field_table(meta)]
    groups = [_group_line(group) for group in meta.groups.values()]
    checks = [_check_line(check) for check in rules_of(meta.cls)]
    return "\n".join([*lines, "", *groups, *([""] if groups else []), *(["Rules:", "", *checks, ""] if checks else [])])


def _contents(metas: list[EntityMeta]) -> str:
    lines = ["## Contents", ""]
    for family in Family:
        names = ", ".join(f"[{meta.name}](#{meta.name})" for meta in metas if meta.family is family)
        lines += [f"- {FAMILY_WORDS[family].partition(':')[0].capitalize()}: {names}"]
    return "\n".join([*lines, "- [Code sets](#code-sets), [Business events](#business-events)", ""])


def _facts(meta: EntityMeta) -> list[str]:
    facts = [
        f"Family: {FAMILY_WORDS[meta.family]}.",
        f"Origins: {_names(meta.origins)}. Items: {', '.join(f'ENT-{number}' for number in meta.ents)}. Plural: {meta.plural}.",
    ]
    if meta.interfaces:
        facts.append(f"Shapes: {', '.join(meta.interfaces)}.")
    if meta.key:
        facts.append(f"Business key: {_fields(meta.key)}.")
    if len(meta.match) > 1:
        facts.append(f"Linked by: {'; '.join(_match(rule) for rule in meta.match)}.")
    if meta.valid:
        facts.append(f"Effective-dated: `{meta.valid[0]}` to `{meta.valid[1]}`, no overlap per key.")
    facts += [f"At least one of: {_fields(fields)}." for fields in meta.one_of]
    if meta.states:
        facts.append(f"States: {_states(meta.states)}.")
    facts += [_lock(lock) for lock in meta.locks]
    return [f"- {fact}" for fact in facts]


_MATCH_WORDS: Mapping[MatchRuleKind, str] = {
    MatchRuleKind.DECLARED_LINK: "declared link",
    MatchRuleKind.EXACT: "equal and valid",
    MatchRuleKind.BUSINESS_KEY: "business key",
    MatchRuleKind.CANDIDATES: "candidates only",
}


def _match(rule: MatchRule) -> str:
    words = [_MATCH_WORDS[rule.kind]]
    words += [_fields(rule.fields)] if rule.fields else []
    words += [f"with {_fields(rule.agreeing)} agreeing"] if rule.agreeing else []
    words += [f"within {_fields(rule.within)}"] if rule.within else []
    return " ".join(words)


def _states(machine: States) -> str:
    course = " → ".join(machine.chain)
    branches = [
        f"{name} → {', '.join(extra)}"
        for name, following in machine.transitions.items()
        if (extra := [state for state in following if not _is_next(machine, name, state)])
    ]
    return course + (f"; also {'; '.join(branches)}" if branches else "")


def _is_next(machine: States, name: str, state: str) -> bool:
    course = machine.chain
    return name in course and state in course and course.index(state) == course.index(name) + 1


def _lock(lock: Lock) -> str:
    whose = f"its {lock.via.replace('_', ' ')} is" if lock.via else "it is"
    when = f"while {whose} {', '.join(lock.states)}" if lock.states else "always"
    return f"Locked {when}: {_fields(lock.fields)}. {lock.remedy}"


def _field_table(meta: EntityMeta) -> list[str]:
    locked = {field.name for lock in meta.locks for field in lock.fields}
    head = ["| Field | Kind | Owner | Others | Risk | Group | Notes |", "| --- | --- | --- | --- | --- | --- | --- |"]
    return head + [_field_row(field, field.name in locked) for field in meta.fields.values()]


def _field_row(field: AnyField, is_locked: bool) -> str:
    marks = [
        word
        for word, holds in (
            ("†", field.essential),
            ("*required*", field.required),
            (f"*{field.sensitivity.value}*", field.sensitivity is not OPEN),
            ("*dated*", field.dated),
            ("*locked*", is_locked),
            (f"rule {field.rule.strategy.value}", field.rule.strategy is not Strategy.OWNER),
        )
        if holds
    ]
    notes = " ".join([field.doc, *marks])
    group = (f"facet {field.group.name}" if field.group.is_facet else field.group.name) if field.group else ""
    cells = (f"`{field.name}`", KIND_WORDS[field.kind](field), _names(field.owner), field.policy.value.replace("_", " "),
             field.risk.value, group, notes)  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _group_line(group: Group) -> str:
    what = "Facet" if group.is_facet else "Group"
    owner = f", owned by {_names(group.owner)}" if group.owner else ""
    return f"- {what} `{group.name}`{owner}: {_fields(group.members)}. {group.doc}"


def _check_line(check: Check) -> str:
    """A rule of values: what is told of a record that breaks it, and what becomes of it unless the tenant says otherwise."""
    when = " and ".join(f"`{one.field.name}` is {' or '.join(str(value).lower() for value in one.values)}" for one in check.when)
    where = ", between records" if check.is_between else ""
    return f"- `{check.name}` ({check.severity.value}{where}): {check.says}{', while ' + when if when else ''}. Reads {_fields(fields_of(check))}."


def _code_sets() -> str:
    lines = ["## Code sets", "", "| Set | Values | Meaning |", "| --- | --- | --- |"]
    for one in sorted(CODE_SETS.values(), key=lambda one: one.name):
        values = [f"{value} ({label})" if label else value for value, label in one.values.items()]
        values += ["the firm's own"] if one.is_open and not one.pattern else []
        values += [f"`{one.pattern}`"] if one.pattern else []
        lines.append(f"| {one.name} | {', '.join(values)} | {one.doc} |")
    return "\n".join([*lines, ""])


def _events() -> str:
    head = ["## Business events", "", "| EVT | Type | Fires on | Means | Carries | Order per |", "| --- | --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *map(_event_row, EVENTS), ""])


def _event_row(event: EventType) -> str:
    entities = ", ".join(dict.fromkeys(trigger.entity.meta.name for trigger in event.triggers)) or "a steward's task"
    payload = ", ".join(datum.name for datum in event.payload)
    return f"| {event.number} | [{event.type}](events/{event.type}.json) | {entities} | {event.doc} | {payload} | {' or '.join(event.lane) or 'record'} |"


def _names(owners: Iterable[str]) -> str:
    return " > ".join(str(owner) for owner in owners)


def _fields(fields: Iterable[AnyField]) -> str:
    return ", ".join(f"`{field.name}`" for field in fields)
