"""What the columns of an unknown table most likely are: by their names first, by what stands in them next."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from hub.core.countries import country_code
from schema.comparing import MatchKind

NAMED: tuple[tuple[str, MatchKind], ...] = (
    (r"e.?mail", MatchKind.EMAIL),
    (r"phone|mobile|\btel|fax", MatchKind.PHONE),
    (r"web|url|domain|homepage", MatchKind.WEBSITE),
    (r"tax|vat|\bein\b|gstin|\babn\b|steuer|nif\b", MatchKind.TAX_ID),
    (r"zip|post.?code|postal|plz", MatchKind.POSTCODE),
    (r"duns|(^|_)lei(_|$)|ssn|soc_sec|social|passport|licen[cs]e|registration|code$|_no$|national_id", MatchKind.IDENTIFIER),
    (r"^(id|.*_id|row|index|source|system|data_source|type|.*_type)$", MatchKind.IGNORE),
    (r"first.?name|given|forename|vorname|prenom", MatchKind.GIVEN_NAME),
    (r"last.?name|surname|family|nachname", MatchKind.FAMILY_NAME),
    (r"full.?name|person|contact|manager|employee", MatchKind.PERSON),
    (r"city|town|suburb|locality|\bort\b", MatchKind.CITY),
    (r"state|region|province|county", MatchKind.REGION),
    (r"country|land$", MatchKind.COUNTRY),
    (r"full.?addr|addr.*full|^address$", MatchKind.ADDRESS),
    (r"street|addr|strasse", MatchKind.STREET),
    (r"date|dob|birth|_on$|_at$", MatchKind.DATE),
    (r"amount|fee|price|value|total|budget", MatchKind.NUMBER),
    (r"company|client|customer|organi[sz]ation|owner|account.?name|affiliation|agency|employer|supplier|vendor", MatchKind.ORGANISATION),
    (r"name$", MatchKind.ORGANISATION),
    (r"title|description|project|text|subject", MatchKind.TEXT),
)

LOOKS: tuple[tuple[MatchKind, Callable[[str], bool]], ...] = (
    (MatchKind.EMAIL, lambda text: bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", text))),
    (MatchKind.WEBSITE, lambda text: bool(re.fullmatch(r"(https?://|www\.)\S+", text))),
    (MatchKind.DATE, lambda text: bool(re.fullmatch(r"\d{4}-\d\d?-\d\d?(T.*)?|\d\d?[/.]\d\d?[/.]\d{2,4}", text))),
    (MatchKind.PHONE, lambda text: bool(re.fullmatch(r"\+?[\d ()./-]{7,20}", text)) and sum(map(str.isdigit, text)) >= 7),
    (MatchKind.COUNTRY, lambda text: len(text) < 40 and country_code(text) is not None),
)

MOST_OF_THEM = 0.9
SAMPLE = 500


def guess_kinds(header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> dict[str, MatchKind]:
    """A kind for every column, to be looked at by a person before it is used.

    >>> guess_kinds(["client_name", "x"], [{"x": "a@b.example"}, {"x": "c@d.example"}])
    {'client_name': <MatchKind.ORGANISATION: 'organisation'>, 'x': <MatchKind.EMAIL: 'email'>}
    """
    return {column: _by_name(column) or _by_looks([row[column] for row in rows[:SAMPLE] if row.get(column)]) for column in header}


def _by_name(column: str) -> MatchKind | None:
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).casefold()
    return next((kind for pattern, kind in NAMED if re.search(pattern, plain)), None)


def _by_looks(values: Sequence[str]) -> MatchKind:
    for kind, looks in LOOKS:
        if values and sum(map(looks, values)) >= MOST_OF_THEM * len(values):
            return kind
    return MatchKind.TEXT if values and sum(" " in value for value in values) * 2 > len(values) else MatchKind.IGNORE
