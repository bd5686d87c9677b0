"""What is found by typing: which fields name a record, and the words and numbers it is found by.

A record has *words*, found by how they begin, and *exact* terms (numbers, codes, a whole name), found first. Both are
lexemes of one tsvector, each with its tenant before it, so that one index serves any number of tenants and reads of one
only what is its own. Confidential fields are never among them; a test says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from anyascii import anyascii

MOST_WORDS = 60
"""Of one record; the longest legal names have twenty."""
LONGEST_WORD = 40
LONGEST_LABEL = 300
PREFIX_FROM = 3
"""A shorter word is found only whole: two letters begin half of all names."""
MOST_TYPED = 8


@dataclass(frozen=True, slots=True)
class Searched:
    """How records of one entity are found and shown: ``label`` names them, ``detail`` tells them apart."""

    label: tuple[str, ...]
    exact: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that is read, once."""
        return tuple(dict.fromkeys((*self.label, *self.exact, *self.words, *self.detail)))


# fmt: off
SEARCHED: Mapping[str, Searched] = {
    "client":                Searched(("name",), ("registration_no", "lei", "duns", "tax_registrations"), ("legal_name", "former_names", "domain", "email"), ("legal_name", "city", "country")),
    "project":               Searched(("name",), ("code",), (), ("code", "kind")),
    "contract":              Searched(("name",), ("contract_no",), (), ("contract_no", "kind")),
    "engagement":            Searched(("name",), ("code",), (), ("code",)),
    "opportunity":           Searched(("name",), ("opportunity_no",), (), ("opportunity_no", "stage")),
    "invoice":               Searched(("number",), ("number", "document_no", "client_po_number"), ("bill_to_name",), ("bill_to_name", "issue_date", "gross")),
    "credit_memo":           Searched(("number",), ("number", "document_no", "client_po_number"), ("bill_to_name",), ("bill_to_name", "issue_date", "gross")),
    "payment":               Searched(("payment_no",), ("payment_no", "bank_ref", "reference"), (), ("reference", "amount")),
    "client_purchase_order": Searched(("po_number",), ("po_number",), (), ("amount",)),
    "purchase_order":        Searched(("number",), ("number",), (), ("currency",)),
    "contact":               Searched(("given_name", "family_name"), ("email",), (), ("title", "email")),
    "resource":              Searched(("given_name", "family_name"), ("employee_no", "work_email"), (), ("employee_no", "role", "department")),
    "vendor":                Searched(("name",), ("vendor_no", "registration_no", "lei", "duns"), ("legal_name",), ("vendor_no", "city")),
    "billing_account":       Searched(("name",), ("account_no",), (), ("account_no", "currency")),
    "client_site":           Searched(("name",), ("site_no",), ("street",), ("street", "city")),
    "task":                  Searched(("name",), ("wbs_code",), (), ("wbs_code",)),
    "milestone":             Searched(("name",), ("code",), (), ("code",)),
    "change_order":          Searched(("number",), ("number", "client_reference"), (), ("kind",)),
    "expense_report":        Searched(("number",), ("number",), ("purpose",), ("purpose",)),
    "billing_batch":         Searched(("number",), ("number",)),
    "collection_case":       Searched(("case_no",), ("case_no",), (), ("reason",)),
    "rate_card":             Searched(("name",), ("code",), (), ("code", "currency")),
    "project_template":      Searched(("name",), ("code",), (), ("code",)),
    "legal_entity":          Searched(("name",), ("code", "registration_no", "tax_number"), ("legal_name",), ("code",)),
    "cost_centre":           Searched(("name",), ("code",), (), ("code",)),
    "ledger_account":        Searched(("name",), ("code",), (), ("code",)),
    "service_line":          Searched(("name",), ("code",), (), ("code",)),
    "service_item":          Searched(("name",), ("code",), (), ("code",)),
    "tax_code":              Searched(("name",), ("code",), (), ("code",)),
    "region":                Searched(("name",), ("code",), (), ("code",)),
}
# fmt: on
"""Entities that are searched, in the order in which equally good finds are shown."""

RANK: Mapping[str, int] = {name: place for place, name in enumerate(SEARCHED)}


@dataclass(frozen=True, slots=True)
class Entry:
    """What search keeps of one record."""

    label: str
    detail: str
    vector: str
    """Its lexemes as a tsvector is written; those of its names weigh A."""


def entry(searched: Searched, tenant_id: int, values: Mapping[str, Any], spellings: Iterable[Mapping[str, Any]] = ()) -> Entry:
    """A record's entry; ``spellings`` are what connected systems call it.

    >>> made = entry(SEARCHED["project"], 7, {"name": "Café Ünal", "code": "PRJ-42", "kind": None})
    >>> made.label, made.detail
    ('Café Ünal', 'PRJ-42')
    >>> made.vector
    "'7:42':1 '7:cafe':1A '7:prj':1 '7:prj42':1 '7:unal':1A '7=cafeunal':1 '7=prj42':1"
    """
    label = " ".join(_texts(values, searched.label))
    names = [label, *(" ".join(_texts(one, searched.label)) for one in spellings)]
    numbers = list(_texts(values, searched.exact))
    named = {word for text in names for word in words_of(text)}
    words = {word for text in (*numbers, *_texts(values, searched.words)) for word in words_of(text)} | {compact(text) for text in numbers}
    weighed = {word: "1A" if word in named else "1" for word in sorted(named)[:MOST_WORDS] + sorted(words - named - {""})[:MOST_WORDS]}
    exact = sorted({compact(text) for text in (*names, *numbers)} - {""})
    detail = " · ".join(text for text in dict.fromkeys(_texts(values, searched.detail)) if text != label)
    lexemes = [f"'{tenant_id}:{word}':{weighed[word]}" for word in sorted(weighed)] + [f"'{tenant_id}={term}':1" for term in exact]
    return Entry(label[:LONGEST_LABEL], detail[:LONGEST_LABEL], " ".join(lexemes))


def _texts(values: Mapping[str, Any], names: Iterable[str]) -> Iterable[str]:
    """The texts of these fields: money as it is read, the numbers of lists."""
    for name in names:
        value = values.get(name)
        for one in value if isinstance(value, list) else (value,):
            match one:
                case {"amount": amount, "currency": currency}:
                    yield f"{amount} {currency}"
                case {"number": str() as number}:
                    yield number
                case dict() | None | "":
                    pass
                case _:
                    yield str(one)


def words_of(text: str) -> list[str]:
    """Words as they are compared: without accents, case or signs.

    >>> words_of("Müller & Söhne GmbH, INV-2024/001")
    ['muller', 'sohne', 'gmbh', 'inv', '2024', '001']
    """
    plain = "".join(c if c.isalnum() else " " for c in folded(text))
    return [word[:LONGEST_WORD] for word in plain.split()]


def compact(text: str) -> str:
    """A whole text without what people leave out when they type a number.

    >>> compact("INV-2024/001") == compact("inv 2024 001")
    True
    """
    return "".join(c for c in folded(text) if c.isalnum())[: 2 * LONGEST_WORD]


def folded(text: str) -> str:
    """Letters that can be typed anywhere; what has none in Latin keeps its own sound."""
    return anyascii(text.casefold()).casefold() if not text.isascii() else text.lower()


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed, as two queries of the index; ``begins`` is empty when it is too short to look for."""

    exact: str
    begins: str
    names: str = ""
    """``begins``, of words that name the record."""


def typed(text: str, tenant_id: int) -> Typed:
    """The queries of a text: the whole of it as one term, and every word of it as the beginning of some word.

    >>> typed("Müll gm", 3)
    Typed(exact="'3=mullgm'", begins="'3:mull':* & '3:gm'", names="'3:mull':*A & '3:gm':A")
    >>> typed("'); DROP", 3).begins
    "'3:drop':*"
    >>> typed("–", 3)
    Typed(exact='', begins='', names='')
    """
    words = words_of(text)[:MOST_TYPED]
    whole = compact(text)
    terms = [(f"'{tenant_id}:{word}'", "*" if len(word) >= PREFIX_FROM else "") for word in dict.fromkeys(words)]
    begins = " & ".join(f"{word}:{star}" if star else word for word, star in terms)
    return Typed(f"'{tenant_id}={whole}'" if whole else "", begins, " & ".join(f"{word}:{star}A" for word, star in terms))
