"""What of an entity is compared to tell whether two records are one thing, declared once for batch and online alike.

An entity says ``compare = (compared(ORGANISATION, name, legal_name), …)``; how a kind is judged (normal form, levels, prior
weights) follows from the kind and lives in ``hub.core.match``. Everything here is data, so both dialects can be rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schema.fields import Field


class MatchKind(StrEnum):
    """What a field says about who or what a record is; decides its normal form and its levels."""

    ORGANISATION = "organisation"
    PERSON = "person"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    ADDRESS = "address"
    STREET = "street"
    CITY = "city"
    REGION = "region"
    POSTCODE = "postcode"
    COUNTRY = "country"
    PHONE = "phone"
    EMAIL = "email"
    WEBSITE = "website"
    TAX_ID = "tax_id"
    IDENTIFIER = "identifier"
    DATE = "date"
    NUMBER = "number"
    TEXT = "text"
    REFERENCE = "reference"
    IGNORE = "ignore"


PLACE_KINDS: frozenset[MatchKind] = frozenset(
    {MatchKind.ADDRESS, MatchKind.STREET, MatchKind.CITY, MatchKind.REGION, MatchKind.POSTCODE, MatchKind.COUNTRY}
)
"""Kinds that make one address together: three mismatches of an office that moved are one piece of evidence, not three."""

PERSON_KINDS: frozenset[MatchKind] = frozenset({MatchKind.PERSON, MatchKind.GIVEN_NAME, MatchKind.FAMILY_NAME})
"""Kinds that make one person's name together."""


class Op(StrEnum):
    """The closed vocabulary of tests. Each is implemented once in Python and once in SQL; all are symmetric in a and b."""

    SAME = "same"
    """Equal."""
    DIFFERS = "differs"
    """Both stated, not equal."""
    UNKNOWN = "unknown"
    """At least one does not state it."""
    JARO_WINKLER = "jaro_winkler"
    """Jaro-Winkler similarity at least ``at`` (0 to 1)."""
    LEVENSHTEIN = "levenshtein"
    """At most ``at`` single-letter edits apart."""
    SHARES = "shares"
    """Two lists with an element in common."""
    OVERLAP = "overlap"
    """Share of the words (weighted by their rarity) that have a like word on the other side, at least ``at`` (0 to 1)."""
    CONTAINED = "contained"
    """The same share for the side that is covered better."""
    CUT = "cut"
    """One text is the other's beginning, and at least ``at`` letters long."""
    NEAR = "near"
    """Numbers at most ``at`` apart."""
    RATIO = "ratio"
    """Numbers whose smaller is at least ``at`` times the larger."""


@dataclass(frozen=True, slots=True)
class Test:
    """``op`` on ``part`` of both normal forms; with ``against``, each record's ``part`` is tested on the other's ``against``."""

    op: Op
    part: str
    at: float = 0.0
    against: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A degree of agreement: the first level all of whose tests hold is the pair's. The last has no tests: everything else."""

    name: str
    tests: tuple[Test, ...]
    m: float
    """How often records of one thing agree to this degree: what we believe before any data."""
    u: float
    """How often records of two things do."""
    by_frequency: str = ""
    """The part whose value's frequency sharpens the weight: agreeing on a rare value says more."""
    s: float = 0.0
    """How often related things do, where registered numbers tell relatives apart; 0: it lies between m and u."""


@dataclass(frozen=True)
class Compared:
    """Fields of an entity that are compared together, as one piece of evidence of one kind."""

    kind: MatchKind
    fields: tuple[Field[Any], ...]
    kinds: Mapping[str, MatchKind]
    """Field name → what it is within the comparison (street, city …); one kind for all unless told."""

    @property
    def name(self) -> str:
        return self.fields[0].name


def compared(kind: MatchKind, *fields: Field[Any], **kinds: MatchKind) -> Compared:
    """Compare ``fields`` as one piece of evidence: ``compared(ADDRESS, street, city, street=STREET, city=CITY)``."""
    return Compared(kind, fields, kinds)


(
    ORGANISATION, PERSON, GIVEN_NAME, FAMILY_NAME, ADDRESS, STREET, CITY, REGION, POSTCODE, COUNTRY,
    PHONE, EMAIL, WEBSITE, TAX_ID, IDENTIFIER, DATE, NUMBER, TEXT, REFERENCE, IGNORE,
) = MatchKind  # fmt: skip
