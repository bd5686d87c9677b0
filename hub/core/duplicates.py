"""Transactions that look alike: scored by points, each with its reason. Alike ones are flagged, never folded.

Inside one system two ids are two records; what was paired across systems by business key is one record already. So what is
compared here are golden records. A pair is ``same`` (one business key, the same facts), a ``collision`` (one business key,
different facts) or ``near`` (no common key, but points enough). A rule is data: what pairs are worth a look (``blocks``), and
what speaks for and against one (``parts``). Words here are compared by letters, numbers of documents by their signs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from hub.core.records import Values
from hub.core.strategies import sameness

SAME, COLLISION, NEAR = "same", "collision", "near"


class Part(NamedTuple):
    """One thing that speaks for (points above 0) or against a pair, of at most ``most`` points."""

    name: str
    points: int
    most: int
    finding: str
    a: Any = None
    b: Any = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two transactions that may be one. ``score`` is the sum of the parts' points; ``rule`` names what brought them together."""

    kind: str
    rule: str
    score: int
    parts: tuple[Part, ...]

    def told(self) -> list[dict[str, Any]]:
        return [part._asdict() for part in self.parts]


class Block(NamedTuple):
    """Pairs worth a look: equal in these columns, and not more than ``days`` apart in a date column."""

    equal: tuple[str, ...]
    dated: str = ""
    days: int = 0
    empty: tuple[str, ...] = ()
    """Columns that are empty in both."""


Finding = Callable[[Values, Values], "Part | None"]


@dataclass(frozen=True, slots=True)
class Rule:
    """How likeness is judged for one entity. ``flags_from`` points make a pair ``near``.

    Pairs under one match key are looked at too, whatever the blocks say.
    """

    entity: str
    blocks: tuple[Block, ...]
    key: Callable[[Values], tuple[Any, ...] | None]
    """The business key by which two records are one; None without one."""
    facts: tuple[str, ...]
    """What records of one key must agree in, or they collide."""
    parts: tuple[Finding, ...]
    flags_from: int
    money: str
    out: frozenset[str] = frozenset()
    """States in which a record is of no more account."""


def compare(rule: Rule, a: Values, b: Values) -> Likeness | None:
    """What two records of one entity come to: None when they do not look alike, or one is said to correct the other."""
    if not _counts(rule, a) or not _counts(rule, b) or _is_correction(a, b):
        return None
    key_a, key_b = rule.key(a), rule.key(b)
    if key_a is not None and key_a == key_b:
        differing = [name for name in rule.facts if None not in (a.get(name), b.get(name)) and sameness(a[name]) != sameness(b[name])]
        told = [Part("key", 50, 50, "the same business key", " ".join(map(str, key_a)), " ".join(map(str, key_b)))]
        told += [Part(name, 0 if name in differing else 10, 10, "differs" if name in differing else "equal", a.get(name), b.get(name)) for name in rule.facts]
        kind = COLLISION if differing else SAME
        return Likeness(kind, f"{rule.entity} key", 100 if kind == SAME else 50, tuple(told))
    parts = tuple(part for find in rule.parts if (part := find(a, b)) is not None)
    score = sum(part.points for part in parts)
    return Likeness(NEAR, f"{rule.entity} alike", min(score, 100), parts) if score >= rule.flags_from else None


def _counts(rule: Rule, values: Values) -> bool:
    return values.get("state") not in rule.out


def _is_correction(a: Values, b: Values) -> bool:
    """Whether one says that it corrects something: a reversal and its new entry are alike by intention."""
    return any(one.get(name) is not None for one in (a, b) for name in ("correction_of", "corrects"))


# --------------------------------------------------------------------------------------------------------------------- findings


def _equal(name: str, points: int, against: int = 0, both_empty: int = 0) -> Finding:
    """Points when both say the same, or against it when they differ; one that says nothing counts neither way."""

    def find(a: Values, b: Values) -> Part | None:
        one, other = a.get(name), b.get(name)
        if one is None and other is None:
            return Part(name, both_empty, points, "neither says") if both_empty else None
        if one is None or other is None:
            return None
        if sameness(one) == sameness(other):
            return Part(name, points, points, "equal", one, other)
        return Part(name, -against, points, "differs", one, other) if against else None

    return find


def _dates(name: str, points: int, *steps: tuple[int, int]) -> Finding:
    """Points for the same day, fewer for days apart: steps of (days, points); beyond them it speaks against the pair."""

    def find(a: Values, b: Values) -> Part | None:
        if a.get(name) is None or b.get(name) is None:
            return None
        apart = abs((date.fromisoformat(a[name]) - date.fromisoformat(b[name])).days)
        worth = points if apart == 0 else next((worth for days, worth in steps if apart <= days), -10)
        finding = "the same day" if apart == 0 else f"{apart} days apart" if apart > 1 else "a day apart"
        return Part(name, worth, points, finding, a[name], b[name])

    return find


def _words(
    name: str, points: int, alike: int, likeness: float, against: int = 0, both_empty: int = 0, *, may_contain: bool = False
) -> Finding:
    """Points for the same words, fewer for nearly the same; with ``may_contain`` also where one holds all words of the other."""
    ratio = fuzz.token_set_ratio if may_contain else fuzz.token_sort_ratio

    def find(a: Values, b: Values) -> Part | None:
        one, other = words_of(a.get(name)), words_of(b.get(name))
        if not one and not other:
            return Part(name, both_empty, points, "neither says") if both_empty else None
        if not one or not other:
            return None
        if one == other:
            return Part(name, points, points, "the same words", a[name], b[name])
        if _numbers_in(one) == _numbers_in(other) and ratio(one, other) >= likeness:
            return Part(name, alike, points, "nearly the same words", a[name], b[name])
        return Part(name, -against, points, "other words", a[name], b[name]) if against else None

    return find


def _numbers(name: str, points: int, one_sign: int) -> Finding:
    """Points for the same number but for case and separators, fewer for one sign more, less, other or swapped."""

    def find(a: Values, b: Values) -> Part | None:
        one, other = signs_of(a.get(name)), signs_of(b.get(name))
        if not one or not other:
            return None
        if one == other:
            return Part(name, points, points, "the same but for spelling", a[name], b[name])
        if min(len(one), len(other)) >= 4 and OSA.distance(one, other, score_cutoff=1) == 1:
            return Part(name, one_sign, points, "one sign differs", a[name], b[name])
        return Part(name, 0, points, "another number", a[name], b[name])

    return find


def _apart(name: str, against: int, when: str) -> Finding:
    """Points against, when both say when it was and it was not the same time."""

    def find(a: Values, b: Values) -> Part | None:
        one, other = a.get(name), b.get(name)
        return Part(name, -against, 0, when, one, other) if one is not None and other is not None and one != other else None

    return find


def _daily(against: int) -> Finding:
    """What is paid by quantity (kilometres, days) comes every day anew."""

    def find(a: Values, b: Values) -> Part | None:
        if a.get("quantity") is None or b.get("quantity") is None or a.get("incurred_on") == b.get("incurred_on"):
            return None
        return Part("quantity", -against, 0, "paid by the day or the kilometre, on another day", a["quantity"], b["quantity"])

    return find


def words_of(text: str | None) -> str:
    """A text as its words, without case and signs.

    >>> words_of(" Taxi,  Hbf - Messe! ")
    'taxi hbf messe'
    """
    return " ".join(re.findall(r"\w+", (text or "").casefold()))


def signs_of(number: str | None) -> str:
    """A document number without case, spaces and separators; its zeros stay.

    >>> signs_of("re-2026/0042"), signs_of("RE 2026 0042")
    ('RE20260042', 'RE20260042')
    """
    return re.sub(r"[\W_]+", "", (number or "").upper())


def _numbers_in(words: str) -> list[str]:
    return re.findall(r"\d+", words)


# ------------------------------------------------------------------------------------------------------------------------- rules


def _key_of(*names: str, number: str = "", needs: tuple[str, ...] = ()) -> Callable[[Values], tuple[Any, ...] | None]:
    """A key of these fields; it holds when the number (or whatever is needed) is there."""

    def key(values: Values) -> tuple[Any, ...] | None:
        signs = signs_of(values.get(number)) if number else ""
        if (number and not signs) or any(values.get(name) is None for name in needs):
            return None
        return (*(values.get(name) for name in names), *([signs] if number else []))

    return key


def _document(entity: str) -> Rule:
    return Rule(
        entity,
        (
            Block(("billing_account_id", "gross", "gross_currency"), "issue_date", 7),
            Block(("client_id", "gross", "gross_currency"), "issue_date", 7, empty=("billing_account_id",)),
        ),
        _key_of("legal_entity", "kind", "series", "fiscal_year", number="number", needs=("legal_entity",)),
        ("gross", "currency", "billing_account"),
        (
            _equal("billing_account", 20), _equal("client", 10, 20), _equal("gross", 30), _dates("issue_date", 20, (3, 15), (7, 10)),
            _numbers("number", 30, 25), _apart("service_from", 30, "for another period"), _equal("client_po_number", 5, 15),
            _apart("contract", 15, "under another contract"), _apart("projects", 15, "for other projects"),
        ),
        85, "gross", frozenset({"void", "credited"}),
    )  # fmt: skip


_ORIGINS = ("time_entry", "expense", "milestone", "schedule_line", "adjusts")


def _origin_of(values: Values) -> tuple[Any, ...] | None:
    origin = next(((name, values[name]) for name in _ORIGINS if values.get(name) is not None), None)
    return (*origin, values.get("origin_version"), values.get("kind")) if origin else None


def _same_origin(a: Values, b: Values) -> Part | None:
    for name in _ORIGINS:
        if a.get(name) is not None and a.get(name) == b.get(name):
            return Part(name, 60, 60, "billed from the same record", a[name], b[name])
    return None


RULES: Mapping[str, Rule] = {
    rule.entity: rule
    for rule in (
        _document("invoice"),
        _document("credit_memo"),
        Rule(
            "payment",
            (
                Block(("billing_account_id", "amount", "amount_currency"), "received_on", 5),
                Block(("amount", "amount_currency"), "received_on", 5, empty=("billing_account_id",)),
            ),
            _key_of("legal_entity", number="bank_ref"),
            ("amount", "received_on", "billing_account"),
            (
                _equal("billing_account", 25, 0, 15), _equal("amount", 30), _dates("received_on", 20, (5, 10)),
                _words("reference", 25, 15, 85.0, 15, 5, may_contain=True), _apart("bank_ref", 25, "another line of the bank"),
                _apart("legal_entity", 20, "received by another company"),
            ),
            80, "amount", frozenset({"reversed"}),
        ),
        Rule(
            "expense",
            (Block(("resource_id", "incurred", "incurred_currency"), "incurred_on", 1),),
            _key_of("resource", "receipt_digest", needs=("receipt_digest",)),
            ("incurred",),
            (
                _equal("resource", 25), _equal("incurred", 30), _dates("incurred_on", 20, (1, 12)),
                _words("merchant", 25, 18, 80.0, 10, 10), _equal("category", 5, 10), _daily(30),
            ),
            85, "incurred", frozenset({"rejected", "recalled"}),
        ),
        Rule(
            "time_entry",
            (Block(("resource_id", "work_date", "project_id", "quantity", "quantity_unit")),),
            lambda _: None,
            (),
            (
                _equal("resource", 15), _equal("work_date", 20), _equal("project", 15), _equal("quantity", 20),
                _equal("task", 5, 20, 5), _words("note", 25, 18, 90.0, 25), _equal("work_class", 0, 25),
                _apart("started_at", 50, "at another time of the day"),
            ),
            90, "", frozenset({"rejected", "recalled"}),
        ),
        Rule(
            "billable_item",
            tuple(Block((f"{name}_id",)) for name in _ORIGINS[:4]),
            _origin_of,
            ("amount",),
            (_same_origin, _equal("kind", 20), _equal("amount", 10)),
            80, "amount", frozenset({"superseded", "written_off", "credited", "non_billable"}),
        ),
        Rule(
            "milestone",
            (Block(("project_id", "amount", "amount_currency"), "target_date", 31),),
            _key_of("project", number="code"),
            ("amount",),
            (
                _equal("project", 20), _equal("amount", 25), _words("name", 40, 28, 88.0, 30), _dates("target_date", 15, (7, 10), (31, 5)),
                _equal("contract_line", 5, 20),
            ),
            75, "amount", frozenset({"cancelled"}),
        ),
    )
}  # fmt: skip
"""How alike transactions are found, by entity. Blocks name columns of the golden tables."""
