"""How each kind is judged: the parts of its normal form, and its levels from the strongest agreement to none.

``m`` and ``u`` are what we believe before any data (orders of magnitude); training replaces them as far as the data speaks.
A level holds when all its tests hold; the first that holds counts. The last has no tests.
"""

from __future__ import annotations

from collections.abc import Mapping

from schema.comparing import Level, MatchKind, Op, Test

TEXT, TEXTS, NUMBER = "text", "texts", "number"

PARTS: Mapping[MatchKind, Mapping[str, str]] = {
    MatchKind.ORGANISATION: {
        "core": TEXT, "tight": TEXT, "bag": TEXT, "flat": TEXT, "cut": TEXT, "tokens": TEXTS, "marks": TEXT, "legal": TEXT, "initials": TEXT,
        "known": TEXTS,
    },
    MatchKind.TEXT: {"core": TEXT, "tight": TEXT, "bag": TEXT, "tokens": TEXTS, "marks": TEXT},
    MatchKind.PERSON: {"given": TEXT, "family": TEXT, "nick": TEXT, "bag": TEXT, "suffix": TEXT},
    MatchKind.ADDRESS: {
        "street": TEXT, "house": TEXT, "line": TEXT, "words": TEXTS, "city": TEXT, "postcode": TEXT, "region": TEXT, "country": TEXT,
    },
    MatchKind.PHONE: {"number": TEXT, "tail": TEXT, "numbers": TEXTS},
    MatchKind.EMAIL: {"address": TEXT, "local": TEXT, "host": TEXT},
    MatchKind.WEBSITE: {"host": TEXT, "stem": TEXT},
    MatchKind.TAX_ID: {"number": TEXT, "numbers": TEXTS, "strong": TEXTS},
    MatchKind.IDENTIFIER: {"number": TEXT, "strong": TEXTS},
    MatchKind.DATE: {"day": TEXT, "swapped": TEXT, "month_day": TEXT, "year_month": TEXT, "year": TEXT, "ordinal": NUMBER},
    MatchKind.NUMBER: {"value": NUMBER},
    MatchKind.REFERENCE: {"id": TEXT},
}  # fmt: skip

SAME, DIFFERS, UNKNOWN, JW, LEV, SHARES, OVERLAP, CONTAINED, CUT, NEAR, RATIO = (
    Op.SAME, Op.DIFFERS, Op.UNKNOWN, Op.JARO_WINKLER, Op.LEVENSHTEIN, Op.SHARES, Op.OVERLAP, Op.CONTAINED, Op.CUT, Op.NEAR, Op.RATIO,
)  # fmt: skip

ELSE = "else"


def _level(name: str, m: float, u: float, *tests: Test, by: str = "", s: float = 0.0) -> Level:
    return Level(name, tests, m, u, by, s)


ORGANISATION = (
    _level("same name, other legal form", 0.02, 2e-4, Test(SAME, "tight"), Test(DIFFERS, "legal"), s=0.03),
    _level("same name", 0.40, 2e-4, Test(SAME, "tight"), by="core", s=0.05),
    _level("same words", 0.03, 1e-4, Test(SAME, "bag"), s=0.02),
    _level("known under the same name", 0.03, 2e-4, Test(SHARES, "known"), s=0.01),
    _level("one is cut short", 0.06, 2e-4, Test(CUT, "cut", 18, "flat"), Test(SAME, "marks"), s=0.02),
    _level("one is cut short before a distinguishing word", 0.02, 2e-4, Test(CUT, "cut", 18, "flat"), s=0.1),
    _level("spelled alike", 0.15, 2e-4, Test(OVERLAP, "tokens", 0.999), Test(SAME, "marks"), s=0.03),
    _level("nearly the same letters", 0.06, 3e-4, Test(JW, "tight", 0.94), Test(LEV, "tight", 3), Test(SAME, "marks"), s=0.05),
    _level("one has more words", 0.06, 1e-3, Test(CONTAINED, "tokens", 0.999), Test(SAME, "marks"), s=0.15),
    _level("one has a distinguishing word more", 0.03, 2e-3, Test(CONTAINED, "tokens", 0.999), s=0.35),
    _level("most words alike", 0.04, 2e-3, Test(OVERLAP, "tokens", 0.75), Test(SAME, "marks"), s=0.04),
    _level("most words alike, other distinguishing words", 0.01, 2e-3, Test(OVERLAP, "tokens", 0.75), s=0.12),
    _level("initials", 0.003, 1e-4, Test(SAME, "initials", against="tight"), s=0.005),
    _level("many words alike", 0.03, 4e-3, Test(OVERLAP, "tokens", 0.55), s=0.08),
    _level("some words alike", 0.03, 0.02, Test(OVERLAP, "tokens", 0.35), s=0.05),
    _level("a few words alike", 0.02, 0.05, Test(OVERLAP, "tokens", 0.15), s=0.02),
    _level(ELSE, 0.03, 0.90, s=0.05),
)

FREE_TEXT = (
    _level("same text", 0.30, 5e-4, Test(SAME, "tight"), by="core"),
    _level("same words", 0.06, 3e-4, Test(SAME, "bag")),
    _level("spelled alike", 0.15, 5e-4, Test(OVERLAP, "tokens", 0.999), Test(SAME, "marks")),
    _level("spelled alike, other numbers", 0.01, 5e-4, Test(OVERLAP, "tokens", 0.999)),
    _level("one has more words", 0.15, 2e-3, Test(CONTAINED, "tokens", 0.999), Test(SAME, "marks")),
    _level("one has a number more", 0.03, 2e-3, Test(CONTAINED, "tokens", 0.999)),
    _level("nearly all words alike", 0.06, 1e-3, Test(OVERLAP, "tokens", 0.85)),
    _level("most words alike", 0.08, 2e-3, Test(OVERLAP, "tokens", 0.70)),
    _level("many words alike", 0.08, 5e-3, Test(OVERLAP, "tokens", 0.55)),
    _level("some words alike", 0.06, 0.02, Test(OVERLAP, "tokens", 0.40)),
    _level("a few words alike", 0.04, 0.06, Test(OVERLAP, "tokens", 0.20)),
    _level(ELSE, 0.04, 0.90),
)

FAMILY = (
    _level("same", 0.75, 2e-3, Test(SAME, "family"), by="family"),
    _level("names exchanged", 0.03, 2e-4, Test(SAME, "family", against="given")),
    _level("spelled alike", 0.12, 3e-3, Test(JW, "family", 0.90)),
    _level("one edit apart", 0.02, 3e-3, Test(LEV, "family", 1)),
    _level("one begins the other", 0.02, 2e-3, Test(CUT, "family", 1)),
    _level("somewhat alike", 0.02, 0.02, Test(JW, "family", 0.80)),
    _level(ELSE, 0.05, 0.97),
)

GIVEN = (
    _level("same", 0.70, 0.01, Test(SAME, "given"), by="given"),
    _level("names exchanged", 0.03, 3e-4, Test(SAME, "given", against="family")),
    _level("short for it", 0.03, 2e-3, Test(SAME, "nick")),
    _level("spelled alike", 0.10, 5e-3, Test(JW, "given", 0.90)),
    _level("one begins the other", 0.06, 0.02, Test(CUT, "given", 1)),
    _level("one edit apart", 0.01, 5e-3, Test(LEV, "given", 1)),
    _level("somewhat alike", 0.02, 0.04, Test(JW, "given", 0.78)),
    _level(ELSE, 0.05, 0.90),
)

ADDRESS = (
    _level("same street, house and place", 0.40, 1e-4, Test(SAME, "line"), Test(SAME, "house"), Test(SAME, "postcode")),
    _level("same street, house and town", 0.10, 1e-4, Test(SAME, "line"), Test(SAME, "house"), Test(SAME, "city")),
    _level("same street and house", 0.08, 2e-4, Test(SAME, "line"), Test(SAME, "house")),
    _level("street spelled alike, same house", 0.15, 2e-4, Test(OVERLAP, "words", 0.5), Test(SAME, "house")),
    _level("same street, place agrees", 0.04, 2e-4, Test(OVERLAP, "words", 0.999), Test(SAME, "city")),
    _level("same street", 0.02, 1e-3, Test(OVERLAP, "words", 0.999)),
    _level("same postcode and town, street not told", 0.10, 2e-3, Test(SAME, "postcode"), Test(SAME, "city"), Test(UNKNOWN, "line")),
    _level("same postcode, street not told", 0.05, 2e-3, Test(SAME, "postcode"), Test(UNKNOWN, "line")),
    _level("same town, street not told", 0.10, 0.02, Test(SAME, "city"), Test(UNKNOWN, "line")),
    _level("same postcode and town", 0.05, 2e-3, Test(SAME, "postcode"), Test(SAME, "city")),
    _level("same postcode", 0.03, 2e-3, Test(SAME, "postcode")),
    _level("town spelled alike, street not told", 0.02, 0.01, Test(JW, "city", 0.90), Test(UNKNOWN, "line")),
    _level("same town", 0.05, 0.02, Test(SAME, "city")),
    _level("town or postcode spelled alike", 0.02, 0.02, Test(LEV, "postcode", 1), Test(JW, "city", 0.85)),
    _level("another country", 0.01, 0.5, Test(DIFFERS, "country")),
    _level("same region", 0.03, 0.05, Test(SAME, "region")),
    _level("nothing but the country to compare", 0.05, 0.05, Test(UNKNOWN, "line"), Test(UNKNOWN, "city"), Test(UNKNOWN, "postcode")),
    _level(ELSE, 0.08, 0.40),
)

PHONE = (
    _level("same", 0.70, 1e-4, Test(SAME, "tail"), by="tail"),
    _level("one in common", 0.05, 1e-4, Test(SHARES, "numbers")),
    _level("one digit apart", 0.08, 2e-4, Test(LEV, "tail", 1)),
    _level("two digits apart", 0.02, 5e-4, Test(LEV, "tail", 2)),
    _level(ELSE, 0.20, 0.999),
)

EMAIL = (
    _level("same", 0.60, 1e-4, Test(SAME, "address"), by="address"),
    _level("same name, other provider", 0.06, 3e-4, Test(SAME, "local"), by="local"),
    _level("one edit apart", 0.06, 1e-4, Test(LEV, "address", 2)),
    _level("same employer, names alike", 0.06, 3e-4, Test(SAME, "host"), Test(JW, "local", 0.85)),
    _level("spelled alike", 0.05, 1e-3, Test(JW, "address", 0.92)),
    _level("same employer", 0.06, 3e-3, Test(SAME, "host"), by="host"),
    _level(ELSE, 0.15, 0.995),
)

WEBSITE = (
    _level("same", 0.75, 2e-4, Test(SAME, "host"), by="host"),
    _level("same but for the ending", 0.06, 3e-4, Test(SAME, "stem")),
    _level("spelled alike", 0.08, 1e-3, Test(JW, "stem", 0.92)),
    _level("one begins the other", 0.03, 1e-3, Test(CUT, "stem", 5)),
    _level(ELSE, 0.10, 0.998),
)

TAX_ID = (
    _level("same", 0.90, 1e-5, Test(SHARES, "numbers"), by="number"),
    _level("one digit apart", 0.07, 1e-5, Test(LEV, "number", 1)),
    _level("two digits apart", 0.02, 3e-5, Test(LEV, "number", 2)),
    _level(ELSE, 0.01, 0.9999),
)

IDENTIFIER = (
    _level("same", 0.85, 1e-4, Test(SAME, "number"), by="number"),
    _level("one character apart", 0.06, 3e-4, Test(LEV, "number", 1)),
    _level("two characters apart", 0.03, 1e-3, Test(LEV, "number", 2)),
    _level("one begins the other", 0.02, 1e-3, Test(CUT, "number", 4)),
    _level(ELSE, 0.05, 0.997),
)

DATE = (
    _level("same", 0.75, 1e-3, Test(SAME, "day"), by="day"),
    _level("day and month exchanged", 0.02, 5e-4, Test(SAME, "swapped", against="day")),
    _level("one digit apart", 0.06, 2e-3, Test(LEV, "day", 1)),
    _level("within two weeks", 0.03, 5e-3, Test(NEAR, "ordinal", 15)),
    _level("same month", 0.02, 3e-3, Test(SAME, "year_month")),
    _level("same day of another year", 0.02, 3e-3, Test(SAME, "month_day")),
    _level("two digits apart", 0.02, 0.01, Test(LEV, "day", 2)),
    _level("same year", 0.03, 0.08, Test(SAME, "year")),
    _level(ELSE, 0.05, 0.89),
)

FIGURE = (
    _level("same", 0.60, 5e-3, Test(SAME, "value"), by="value"),
    _level("nearly the same", 0.15, 5e-3, Test(RATIO, "value", 0.99)),
    _level("alike", 0.10, 0.05, Test(RATIO, "value", 0.90)),
    _level("comparable", 0.05, 0.15, Test(RATIO, "value", 0.67)),
    _level(ELSE, 0.10, 0.80),
)

REFERENCE = (
    _level("same", 0.90, 5e-3, Test(SAME, "id"), by="id"),
    _level(ELSE, 0.10, 0.995),
)

ALONE: Mapping[MatchKind, tuple[float, ...]] = {
    MatchKind.ORGANISATION: (3, 6, 5, 5, 3, 2.5, 5, 2, 1.5, 1, 2, 1.5, 4, -0.5, -2.5, -5, -9),
    MatchKind.TEXT: (6, 5, 5, 1, 1.5, 0.5, 4, 2, 0, -2, -4.5, -9),
}
"""Log-odds of each level where nothing but a name is compared: with one piece of evidence a mixture cannot be told apart, so
these stand as declared. Measured on four sets of real names: right to within two bits where things have many spellings; where they have
one or two, names with a word more are sisters', which :mod:`hub.match.lone` takes into the prior."""

Judged = tuple[str, tuple[str, ...], tuple[Level, ...]]
"""Suffix of the comparison's name, the parts of which each side must have one, and the levels."""

LEVELS: Mapping[MatchKind, tuple[Judged, ...]] = {
    MatchKind.ORGANISATION: (("", ("core",), ORGANISATION),),
    MatchKind.TEXT: (("", ("core",), FREE_TEXT),),
    MatchKind.PERSON: (("family", ("family",), FAMILY), ("given", ("given",), GIVEN)),
    MatchKind.ADDRESS: (("", ("line", "city", "postcode", "region", "country"), ADDRESS),),
    MatchKind.PHONE: (("", ("tail",), PHONE),),
    MatchKind.EMAIL: (("", ("address", "local"), EMAIL),),
    MatchKind.WEBSITE: (("", ("host",), WEBSITE),),
    MatchKind.TAX_ID: (("", ("number",), TAX_ID),),
    MatchKind.IDENTIFIER: (("", ("number",), IDENTIFIER),),
    MatchKind.DATE: (("", ("day",), DATE),),
    MatchKind.NUMBER: (("", ("value",), FIGURE),),
    MatchKind.REFERENCE: (("", ("id",), REFERENCE),),
}
