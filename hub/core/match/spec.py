"""What is compared, compiled: from an entity's ``compare`` or from a table of column → kind, one form of it for every path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from hub.core.match.levels import LEVELS, PARTS
from schema.comparing import PERSON_KINDS, PLACE_KINDS, Compared, Level, MatchKind, Test
from schema.kinds import FieldKind
from schema.language import EntityMeta, entity_name


@dataclass(frozen=True, slots=True)
class Input:
    """One field or column a feature is made from."""

    field: str
    kind: MatchKind
    target: str = ""
    """Entity a reference points to."""
    scheme: str = ""
    """Scheme of an identifier (``duns``, ``lei``, ``vat`` …)."""


@dataclass(frozen=True, slots=True)
class Feature:
    """What one or several inputs become in the normal form: columns ``<name>_<part>``."""

    name: str
    kind: MatchKind
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One piece of evidence: the first level that holds gives the weight; none when ``needs`` are missing on a side."""

    name: str
    feature: str
    kind: MatchKind
    needs: tuple[str, ...]
    """Columns of which each side must have at least one."""
    levels: tuple[Level, ...]
    """Their tests name columns of the form."""
    tells: bool = True
    """Whether it tells the thing itself apart from what is related to it (a name, a number), or is shared by relatives."""
    is_name: bool = False
    """Whether namesakes share it."""
    has_sisters: bool = False
    """Whether registered numbers tell its relatives apart, so that their declared shares count."""


@dataclass(frozen=True, slots=True)
class Spec:
    """All that is compared of one entity. ``columns`` are the normal form's: ``text``, ``texts`` (a list) or ``number``."""

    entity: str
    features: tuple[Feature, ...]
    comparisons: tuple[Comparison, ...]
    columns: Mapping[str, str]
    fields: frozenset[str]
    """Names of the fields or columns that are read."""

    __hash__ = object.__hash__

    def feature(self, name: str) -> Feature:
        return next(one for one in self.features if one.name == name)

    def of_kind(self, kind: MatchKind) -> tuple[Feature, ...]:
        return tuple(one for one in self.features if one.kind is kind)


NAMES = (MatchKind.PERSON, MatchKind.ORGANISATION, MatchKind.TEXT)
OWN = (MatchKind.TAX_ID, MatchKind.IDENTIFIER, MatchKind.EMAIL, MatchKind.DATE)
"""With its name (the first there is), what is a thing's own: its numbers, mailbox and dates."""


def spec_of(meta: EntityMeta) -> Spec | None:
    """What is compared of an entity, or None when similarity has no say."""
    return _spec_of(meta) if meta.compare else None


@lru_cache(maxsize=128)
def _spec_of(meta: EntityMeta) -> Spec:
    return _compiled(meta.name, [_feature(one) for one in meta.compare])


def _feature(one: Compared) -> Feature:
    inputs = []
    for field in one.fields:
        kind = one.kinds.get(field.name, one.kind)
        if field.kind is FieldKind.COUNTRY and one.kind is not MatchKind.COUNTRY:
            kind = MatchKind.COUNTRY
        inputs.append(Input(field.name, kind, entity_name(field.target) if field.target else "", field.scheme))
    return Feature(one.name, one.kind, tuple(inputs))


def spec_of_columns(columns: Mapping[str, str | MatchKind], entity: str = "record") -> Spec:
    """What is compared of a table whose columns are of these kinds. Places make one address, parts of a name one person.

    >>> [one.name for one in spec_of_columns({"name": "organisation", "zip": "postcode", "street": "street"}).comparisons]
    ['name', 'zip']
    """
    kinds = {column: MatchKind(kind) for column, kind in columns.items()}
    features: list[Feature] = []
    for together, kind in ((PERSON_KINDS, MatchKind.PERSON), (PLACE_KINDS, MatchKind.ADDRESS)):
        inputs = tuple(Input(column, one) for column, one in kinds.items() if one in together)
        if inputs:
            features.append(Feature(inputs[0].field, kind, inputs))
    for column, kind in kinds.items():
        if kind in PERSON_KINDS or kind in PLACE_KINDS or kind is MatchKind.IGNORE:
            continue
        features.append(Feature(column, kind, (Input(column, kind),)))
    order = list(kinds)
    features.sort(key=lambda one: order.index(one.name))
    return _compiled(entity, features)


def _compiled(entity: str, features: list[Feature]) -> Spec:
    comparisons: list[Comparison] = []
    first = next((one for one in features if one.kind in NAMES), None)
    numbered = any(one.kind is MatchKind.TAX_ID for one in features)
    telling = [one for one in features if one.kind in OWN or one is first]
    columns: dict[str, str] = {}
    for feature in features:
        columns |= {f"{feature.name}_{part}": form for part, form in PARTS[feature.kind].items()}
        for suffix, needs, levels in LEVELS[feature.kind]:
            name = f"{feature.name}_{suffix}" if suffix else feature.name
            told = tuple(_named(level, feature.name) for level in levels)
            comparisons.append(Comparison(name, feature.name, feature.kind, tuple(f"{feature.name}_{part}" for part in needs), told, feature in telling, feature is first, feature is first and numbered))
    fields = frozenset(one.field for feature in features for one in feature.inputs)
    return Spec(entity, tuple(features), tuple(comparisons), columns, fields)


def _named(level: Level, feature: str) -> Level:
    """The level with its parts as columns of the form."""
    tests = tuple(
        Test(test.op, f"{feature}_{test.part}", test.at, f"{feature}_{test.against}" if test.against else "") for test in level.tests
    )
    frequency = f"{feature}_{level.by_frequency}" if level.by_frequency else ""
    return Level(level.name, tests, level.m, level.u, frequency)
