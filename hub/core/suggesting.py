"""What a person would probably map: their columns to our fields, their codes to ours. Suggests and explains, never decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as having
from typing import Any

from rapidfuzz import fuzz

from hub.core.normalize import NORMALISERS
from hub.core.text_forms import TEXT_PLACEHOLDERS, Ground, InvalidValueError
from schema.codes import CodeSet
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field

ENOUGH = 0.55
"""From this likeness on a field is suggested; below it the column is left for a person to place."""

LOOKED_AT = 200
"""Values of a column that are looked at."""

SAME_WORDS: tuple[frozenset[str], ...] = tuple(
    frozenset(words.split())
    for words in (
        "name title label bezeichnung nom", "legal official registered statutory", "street address line1 road strasse rue",
        "city town ort ville", "postcode zip postal plz", "region state province county land", "country nation",
        "phone tel telephone telefon", "mobile cell handy", "email mail mailbox", "domain host", "website url web homepage",
        "industry branch sector", "segment market", "tier class rating", "language lang locale", "manager owner responsible",
        "number no nr num code", "registration register", "tax vat ust", "given first", "family last surname", "start from begin",
        "end to until finish", "date day on datum", "amount value sum total betrag", "quantity qty hours units", "currency curr",
        "project job engagement", "client customer account company organisation organization", "resource employee person consultant user",
        "parent above", "status state stage", "department dept", "rate price",
    )
)  # fmt: skip
"""Words people use for one thing in the systems of any firm; both sides of a comparison are brought to the first of their row."""

_FIRST = {word: min(row) for row in SAME_WORDS for word in row}
_NEEDS_VALUES = frozenset({
    FieldKind.EMAIL, FieldKind.PHONE, FieldKind.DATE, FieldKind.INSTANT, FieldKind.COUNTRY, FieldKind.DOMAIN, FieldKind.INTEGER,
    FieldKind.PERCENT, FieldKind.MONEY, FieldKind.PRICE, FieldKind.QUANTITY, FieldKind.BOOLEAN,
})  # fmt: skip
_NUMBERS = frozenset({FieldKind.MONEY, FieldKind.PRICE, FieldKind.QUANTITY, FieldKind.PERCENT})
_DATES = (
    ("YYYY-MM-DD", re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")), ("DD.MM.YYYY", re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")),
    ("YYYYMMDD", re.compile(r"(19|20)\d{6}")), ("MM/DD/YYYY", re.compile(r"(0?\d|1[012])/\d{1,2}/\d{4}")),
    ("DD/MM/YYYY", re.compile(r"\d{1,2}/\d{1,2}/\d{4}")), ("DD-MM-YYYY", re.compile(r"\d{1,2}-\d{1,2}-\d{4}")),
)  # fmt: skip
_COMMA = re.compile(r"-?\d{1,3}(\.\d{3})*,\d+|-?\d+,\d+")
_PLAIN = re.compile(r"-?\d{1,3}(,\d{3})*(\.\d+)?|-?\d+(\.\d+)?")
_TRUTH = (("true", "false"), ("yes", "no"), ("Y", "N"), ("1", "0"), ("x", ""), ("T", "F"), ("ja", "nein"))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A column, the field it probably is, how its values are spelt (options of a mapping line), and why."""

    column: str
    field: str
    likeness: float
    options: Mapping[str, Any] = having(default_factory=dict)
    reason: str = ""


def suggest_fields(meta: EntityMeta, columns: Mapping[str, Sequence[Any]], objects: Mapping[str, str] | None = None) -> list[Suggestion]:
    """At most one field for each column and one column for each field, the likeliest first; ``columns`` holds some values of each.

    ``objects`` says which of the system's objects holds records of an entity, so that a reference can name it.
    """
    found = [
        one for column, values in columns.items() for target in meta.fields.values()
        if (one := _compare(meta, column, _told(values), target, columns, objects or {})) is not None and one.likeness >= ENOUGH
    ]  # fmt: skip
    taken_columns, taken_fields, chosen = set[str](), set[str](), list[Suggestion]()
    for one in sorted(found, key=lambda each: (-each.likeness, each.column, each.field)):
        if one.column not in taken_columns and one.field not in taken_fields:
            taken_columns.add(one.column)
            taken_fields.add(one.field)
            chosen.append(one)
    return chosen


def words_of(name: str) -> list[str]:
    """The words of a column or field, each as the first of its likes.

    >>> words_of("BillingPostalCode"), words_of("legal_name")
    (['billing', 'plz', 'code'], ['legal', 'bezeichnung'])
    """
    parts = re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.removesuffix("__c")).lower())
    return [_FIRST.get(part, part) for part in parts if part]


def _told(values: Sequence[Any]) -> list[str]:
    texts = (str(value).strip() for value in values[:LOOKED_AT] if value is not None and not isinstance(value, dict | list))
    return [text for text in texts if text and text.lower() not in TEXT_PLACEHOLDERS]


def _compare(
    meta: EntityMeta, column: str, values: list[str], target: Field[Any], columns: Iterable[str], objects: Mapping[str, str]
) -> Suggestion | None:  # fmt: skip
    if target.kind is FieldKind.LISTING:
        return None  # a list is mapped by hand: what its parts are is nobody's guess
    named = _name_likeness(column, target.name, meta.name)
    fits = _fits(target, values)
    if named < 0.4 or fits == 0.0:
        return None
    likeness = named if fits is None else 0.7 * named + 0.3 * fits
    options = _options(target, column, values, columns, objects)
    if options is None:
        return None
    reason = "the same words" if named > 0.95 else "alike words"
    if fits is not None and target.kind in _NEEDS_VALUES:
        reason += f", {round(100 * fits)} % of the values are a {target.kind.value}"
    return Suggestion(column, target.name, round(likeness, 3), options, reason)


def _name_likeness(column: str, name: str, entity: str) -> float:
    """How alike two names are, the entity's own word aside: ``AccountName`` of a client is its name."""
    own = set(words_of(entity))
    theirs, ours = words_of(column.rsplit(".", 1)[-1]), words_of(name)
    bare = [word for word in theirs if word not in own and word not in ("billing", "c", "id", "mailing")] or theirs
    if sorted(bare) == sorted(ours) or sorted(theirs) == sorted(ours):
        return 1.0
    whole = fuzz.token_set_ratio(" ".join(bare), " ".join(ours)) / 100
    spelled = fuzz.ratio("".join(bare), "".join(ours)) / 100
    shared = len(set(bare) & set(ours)) / len(set(bare) | set(ours))
    return max(0.5 * whole * shared + 0.5 * shared + 0.2 * spelled, spelled if spelled > 0.85 else 0.0)


def _fits(target: Field[Any], values: list[str]) -> float | None:
    """The share of values that are of the field's kind; None where values tell nothing."""
    if not values or target.kind not in _NEEDS_VALUES:
        return None
    if target.kind in (FieldKind.DATE, FieldKind.INSTANT):
        return max(sum(bool(shape.fullmatch(value)) for value in values) / len(values) for _, shape in _DATES)
    if target.kind in _NUMBERS:
        return sum(bool(_PLAIN.fullmatch(value) or _COMMA.fullmatch(value)) for value in values) / len(values)
    if target.kind is FieldKind.BOOLEAN:
        return 1.0 if _truth_of(values) is not None else 0.0
    if target.kind is FieldKind.COUNTRY:
        return sum(len(value) > 1 and not any(char.isdigit() for char in value) for value in values) / len(values)
    return sum(_has_normal_form(target.kind, value) for value in values) / len(values)


def _has_normal_form(kind: FieldKind, value: str) -> bool:
    try:
        return NORMALISERS[kind](int(value) if kind is FieldKind.INTEGER and value.isdigit() else value, Ground("")) is not None
    except (InvalidValueError, ValueError, TypeError):
        return False


def _truth_of(values: Iterable[str]) -> tuple[str, str] | None:
    told = {value.lower() for value in values}
    return next((pair for pair in _TRUTH if told <= {word.lower() for word in pair}), None)


def _options(
    target: Field[Any], column: str, values: list[str], columns: Iterable[str], objects: Mapping[str, str]
) -> dict[str, Any] | None:  # fmt: skip
    """How the values are spelt, as a mapping line says it; None where a line would need what nobody has said yet."""
    comma = {"comma": True} if sum(bool(_COMMA.fullmatch(value)) for value in values) > len(values) / 2 else {}
    match target.kind:
        case FieldKind.MONEY | FieldKind.PRICE:
            beside = next((one for one in columns if one != column and "curr" in "".join(words_of(one))), "")
            paid = {"currency_path": beside} if beside else {"currency": "EUR"}
            per = {"per": "hour"} if target.kind is FieldKind.PRICE else {}
            return {"as": target.kind.value, **per, **paid, **comma}
        case FieldKind.QUANTITY:
            return {"as": "quantity", "unit": "hour", **comma}
        case FieldKind.PERCENT:
            return {"as": "percent", **comma} if comma else {}
        case FieldKind.DATE:
            pattern = max(_DATES, key=lambda one: sum(bool(one[1].fullmatch(value)) for value in values))[0] if values else "YYYY-MM-DD"
            return {} if pattern == "YYYY-MM-DD" else {"as": "date", "pattern": pattern}
        case FieldKind.BOOLEAN:
            pair = _truth_of(values)
            return {} if pair in (None, ("true", "false")) else {"as": "boolean", "true": _as_told(pair[0], values), "false": _as_told(pair[1], values)}
        case FieldKind.REFERENCE:
            held = objects.get(target.target, "")
            by_name = sum(" " in value for value in values) > len(values) / 2
            return ({"reference": {"object": held, "by": "name"}} if by_name else {"reference": held}) if held else None
    return {}


def _as_told(word: str, values: Iterable[str]) -> str:
    """The word in the case the system writes it."""
    return next((value for value in values if value.lower() == word.lower()), word)


def suggest_code(theirs: str, codes: CodeSet, used: Mapping[str, str] | None = None) -> tuple[str, float]:
    """Our code that their text most likely means, with its likeness from 0 to 1; ("", 0.0) when nothing is alike.

    ``used`` is what other systems of the firm call ours: their word → ours.

    >>> from schema.codes import SETS
    >>> suggest_code("Time & Materials", SETS["BILLING_METHOD"]), suggest_code("zzz", SETS["UNIT"])
    (('time_and_materials', 1.0), ('', 0.0))
    """
    wanted = _folded(theirs)
    spoken = [(value, value) for value in codes.values] + [(label, value) for value, label in codes.values.items() if label]
    best, likeness = "", 0.0
    for text, ours in [*spoken, *(used or {}).items()]:
        known = _folded(text)
        score = 1.0 if known == wanted else max(fuzz.ratio(known, wanted), 0.9 * fuzz.token_set_ratio(known, wanted)) / 100
        if score > likeness:
            best, likeness = ours, score
    return (best, round(likeness, 3)) if likeness >= 0.6 else ("", 0.0)


def _folded(text: str) -> str:
    return " ".join(re.split(r"[^a-z0-9]+", text.lower().replace("&", " and "))).strip()
