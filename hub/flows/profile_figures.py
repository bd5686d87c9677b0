"""Figures about records, gathered one record at a time in bounded memory: what is filled, valid, doubled, left hanging.

Values are kept as 64-bit hashes (distinct values, duplicates), so a profile of a million records takes some 100 MB.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.core.identifiers import compact, is_valid_identifier
from hub.core.names import name_core
from hub.core.normalize import NORMALISERS
from hub.core.text_forms import TEXT_PLACEHOLDERS, Ground, InvalidValueError
from schema.kinds import FieldKind
from schema.language import Field

MAX_KNOWN = 1_000_000
"""Distinct values kept per column; beyond it the figure reads "at least"."""

MAX_COUNTED = 5_000
"""Values counted at once for the most frequent ones; the rarest half is forgotten when there are more."""

TOP, EXAMPLES = 3, 3
CHECKED = frozenset({
    FieldKind.EMAIL, FieldKind.PHONE, FieldKind.DATE, FieldKind.INSTANT, FieldKind.COUNTRY, FieldKind.DOMAIN, FieldKind.LANGUAGE,
    FieldKind.TIMEZONE, FieldKind.BOOLEAN, FieldKind.INTEGER, FieldKind.PERCENT,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """What a column should hold. ``is_valid`` takes a value and the record's country; None means it cannot be told."""

    name: str
    is_valid: Callable[[Any, str], bool | None]
    is_identifier: bool = False
    """Two records of one source with the same value are suspects."""


@dataclass(frozen=True, slots=True)
class Refers:
    """A column that names another record of the same system, by its id or its name."""

    column: str
    object: str
    by: str


def scheme(name: str) -> Check:
    """A registered identifier of a scheme (``lei``, ``duns``, ``vat`` …)."""
    return Check(name, lambda value, country: is_valid_identifier(name, str(value), country), True)


def kind(of: FieldKind) -> Check:
    """A value of a kind, judged by whether it has a normal form; a telephone number must reach E.164."""

    def is_valid(value: Any, country: str) -> bool:
        try:
            told = NORMALISERS[of](value, Ground(country))
        except InvalidValueError:
            return False
        return told is None or of is not FieldKind.PHONE or str(told).startswith("+")

    return Check(of.value, is_valid, of is FieldKind.EMAIL)


def check_of(declared: Field[Any] | None) -> Check | None:
    """How values of a declared field are checked."""
    if declared is None:
        return None
    if declared.kind is FieldKind.IDENTIFIER:
        return scheme(declared.scheme) if declared.scheme else None
    return kind(declared.kind) if declared.kind in CHECKED else None


_BY_WORD: tuple[tuple[frozenset[str], Check], ...] = (
    (frozenset({"email", "mail", "mailbox"}), kind(FieldKind.EMAIL)),
    (frozenset({"phone", "tel", "telephone", "mobile", "fax"}), kind(FieldKind.PHONE)),
    (frozenset({"lei"}), scheme("lei")),
    (frozenset({"duns"}), scheme("duns")),
    (frozenset({"vat", "tax", "ustid", "uid"}), scheme("vat")),
    (frozenset({"iban"}), scheme("iban")),
    (frozenset({"bic", "swift"}), scheme("bic")),
    (frozenset({"country"}), kind(FieldKind.COUNTRY)),
    (frozenset({"website", "url", "domain", "web", "homepage"}), kind(FieldKind.DOMAIN)),
    (frozenset({"date", "datum"}), kind(FieldKind.DATE)),
)


def guess(column: str) -> Check | None:
    """What a column holds, by the words of its name.

    >>> [check and check.name for check in map(guess, ("WorkEmail", "tax_id", "client_name"))]
    ['email', 'vat', None]
    """
    words = words_of(column)
    return next((check for names, check in _BY_WORD if words & names), None)


def words_of(column: str) -> frozenset[str]:
    """
    >>> sorted(words_of("Client.firstName"))
    ['client', 'first', 'name']
    """
    return frozenset(re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column).lower())) - {""}


def name_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that say what a record is called: first and last name, "name", or the first that ends in it."""
    given = [one for one in columns if words_of(one) & {"first", "given"} and "name" in words_of(one)]
    family = [one for one in columns if words_of(one) & {"last", "family", "surname"}]
    if given and family:
        return (given[0], family[0])
    named = [one for one in columns if one.lower() == "name"] or [one for one in columns if "name" in words_of(one)]
    return tuple(named[:1])


@dataclass
class Column:
    """One column: how often it is filled, with what, and what of it is not what it should be."""

    name: str
    check: Check | None = None
    filled: int = 0
    placeholders: int = 0
    invalid: int = 0
    longest: int = 0
    examples: list[str] = field(default_factory=list)
    """Invalid values, each with where it stands."""
    counts: Counter[str] = field(default_factory=Counter)
    known: set[int] = field(default_factory=set)

    def add(self, value: Any, where: str, country: str) -> None:
        text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
        if not text.strip():
            return
        self.filled += 1
        self.longest = max(self.longest, len(text))
        if len(self.known) < MAX_KNOWN:
            self.known.add(hash(text))
        self.counts[text[:60]] += 1
        if len(self.counts) > MAX_COUNTED:
            self.counts = Counter(dict(self.counts.most_common(MAX_COUNTED // 2)))
        if text.strip().lower() in TEXT_PLACEHOLDERS:
            self.placeholders += 1
        elif self.check is not None and self.check.is_valid(value, country) is False:
            self.invalid += 1
            if len(self.examples) < EXAMPLES:
                self.examples.append(f"{text[:40]} ({where})")

    def as_json(self, records: int) -> dict[str, Any]:
        return {
            "name": self.name, "filled": self.filled, "fill_rate": round(self.filled / records, 4) if records else 0,
            "distinct": len(self.known), "is_distinct_exact": len(self.known) < MAX_KNOWN, "longest": self.longest,
            "placeholders": self.placeholders, "top": [[value, count] for value, count in self.counts.most_common(TOP)],
            "check": self.check.name if self.check else None, "invalid": self.invalid if self.check else None,
            "invalid_examples": self.examples,
        }  # fmt: skip


@dataclass
class Doubles:
    """Records of one source that share something."""

    what: str
    first: dict[int, str] = field(default_factory=dict)
    """Hash → where it was seen first."""
    groups: set[int] = field(default_factory=set)
    extra: int = 0
    """Records beyond the first of their group."""
    examples: list[str] = field(default_factory=list)

    def add(self, key: str, shown: str, where: str) -> None:
        name = hash(key)
        seen = self.first.get(name)
        if seen is None:
            if len(self.first) < MAX_KNOWN:
                self.first[name] = where
            return
        self.extra += 1
        if name not in self.groups:
            self.groups.add(name)
            if len(self.examples) < EXAMPLES:
                self.examples.append(f"{shown[:40]} ({seen}, {where})")

    def as_json(self) -> dict[str, Any]:
        return {"what": self.what, "groups": len(self.groups), "records": self.extra + len(self.groups), "examples": self.examples}


@dataclass
class Orphans:
    """References of one column that nothing answers; not ``is_checked`` where their targets are not at hand to compare."""

    column: str
    to: str
    records: int = 0
    distinct: int = 0
    examples: list[str] = field(default_factory=list)
    is_checked: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "column": self.column, "to": self.to, "records": self.records, "distinct": self.distinct,
            "examples": self.examples, "is_checked": self.is_checked,
        }  # fmt: skip


@dataclass
class Figures:
    """The figures of one source's records of one kind."""

    title: str
    checks: Mapping[str, Check]
    named_by: tuple[str, ...] = ()
    country_by: str = ""
    refers: tuple[Refers, ...] = ()
    guesses: bool = False
    records: int = 0
    without_id: int = 0
    columns: dict[str, Column] = field(default_factory=dict)
    doubles: dict[str, Doubles] = field(default_factory=dict)
    orphans: list[Orphans] = field(default_factory=list)
    mentioned: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    """(column, object) → folded references with their counts."""

    def add(self, record: Mapping[str, Any], where: str) -> None:
        """One record: column → value (None and "" are empty)."""
        self.records += 1
        country = str(record.get(self.country_by) or "") if self.country_by else ""
        country = country.upper() if len(country) == 2 else ""
        for name, value in record.items():
            column = self.columns.get(name)
            if column is None:
                check = self.checks.get(name) or (guess(name) if self.guesses else None)
                column = self.columns[name] = Column(name, check)
            if value is None:
                continue
            column.add(value, where, country)
            if column.check is not None and column.check.is_identifier and _is_told(value):
                self._double(f"same {name}", compact(str(value)), str(value), where)
        called = " ".join(str(record[name]) for name in self.named_by if _is_told(record.get(name)))
        if called:
            self._double(f"same {' and '.join(self.named_by)}, spelling and legal form aside", name_core(called), called, where)
        for one in self.refers:
            if _is_told(value := record.get(one.column)):
                self.mentioned.setdefault((one.column, one.object), Counter())[folded(str(value))] += 1

    def has_id(self, id_: str | None, where: str) -> None:
        """The record's id, None when it has none."""
        if id_ is None:
            self.without_id += 1
        else:
            self._double("same id", id_, id_, where)

    def _double(self, what: str, key: str, shown: str, where: str) -> None:
        self.doubles.setdefault(what, Doubles(what)).add(key, shown, where)

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title, "records": self.records, "without_id": self.without_id,
            "columns": [one.as_json(self.records) for one in self.columns.values()],
            "duplicates": [one.as_json() for one in self.doubles.values() if one.groups],
            "orphans": [one.as_json() for one in self.orphans if one.records],
        }  # fmt: skip


def folded(text: str) -> str:
    """A reference as names are compared within a system: case and spaces aside."""
    return " ".join(text.casefold().split())


def _is_told(value: Any) -> bool:
    return value is not None and str(value).strip().lower() not in TEXT_PLACEHOLDERS
