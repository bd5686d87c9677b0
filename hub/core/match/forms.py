"""One normaliser for every entity: canonical values, or the texts of a table's row, to the form that is compared.

A form is a flat JSON object: ``<feature>_<part>`` → text, list of texts or number; what is not stated is absent. A change of
any normal form raises :data:`NORMAL_VERSION`: stored forms and keys are then computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from hub.core.match import figures, naming, places
from hub.core.match.naming import Parts
from hub.core.match.spec import Feature, Input, Spec
from hub.core.resolution import Resolve
from hub.core.text_forms import TEXT_PLACEHOLDERS
from schema.comparing import MatchKind

NORMAL_VERSION = 1

Form = dict[str, Any]
"""Columns of :attr:`Spec.columns` that are stated, and ``source``, the system's name, where records say it."""

SOURCE = "source"


def normal_form(spec: Spec, values: Mapping[str, Any], resolve: Resolve | None = None, source: str = "") -> Form:
    """The form of one record; ``resolve`` turns references of a contribution into golden ids, ``source`` is its system.

    >>> from hub.core.match.spec import spec_of_columns
    >>> normal_form(spec_of_columns({"born": "date"}), {"born": "1980-02-01"})["born_day"]
    '19800201'
    """
    form: Form = {}
    country = _country(spec, values)
    for feature, make, prefix in _steps(spec):
        told = [
            (one, stated) for one in feature.inputs if (value := values.get(one.field)) is not None and (stated := _stated(value, one, resolve))
        ]  # fmt: skip
        if told:
            for part, value in make(feature, told, country).items():
                form[prefix + part] = value
    if source:
        form[SOURCE] = source
    return form


def _country(spec: Spec, values: Mapping[str, Any]) -> str:
    for field in _countries(spec):
        if values.get(field):
            return places.country_of(str(values[field]))
    return ""


@lru_cache(maxsize=256)
def _countries(spec: Spec) -> tuple[str, ...]:
    """Fields that say an address's country."""
    addresses = (one for feature in spec.features if feature.kind is MatchKind.ADDRESS for one in feature.inputs)
    return tuple(one.field for one in addresses if one.kind is MatchKind.COUNTRY)


def _stated(value: Any, one: Input, resolve: Resolve | None) -> list[Any]:
    """What a field states, as a list; placeholders are nothing."""
    if isinstance(value, str):
        said = value.strip()
        return [] if not said or said.lower() in TEXT_PLACEHOLDERS else [said]
    if one.kind is MatchKind.REFERENCE and isinstance(value, Mapping):
        found = resolve(value, one.target) if resolve else None
        return [found] if found else []
    if isinstance(value, list):
        return [item for each in value if each is not None for item in _stated(each, one, resolve)]
    return [value] if isinstance(value, Mapping) else [str(value)]


Told = Sequence[tuple[Input, list[Any]]]


def _texts(told: Told) -> list[str]:
    return [str(value) for _, values in told for value in values]


def _of(told: Told, *kinds: MatchKind) -> list[str]:
    return [str(value) for one, values in told if one.kind in kinds for value in values]


def _values(told: Told) -> list[Any]:
    return [value for _, values in told for value in values]


def _person(feature: Feature, told: Told, country: str) -> Parts:
    return naming.person(_of(told, MatchKind.PERSON), _of(told, MatchKind.GIVEN_NAME), _of(told, MatchKind.FAMILY_NAME))


def _address(feature: Feature, told: Told, country: str) -> Parts:
    return places.address(
        _of(told, MatchKind.STREET, MatchKind.ADDRESS), _of(told, MatchKind.CITY), _of(told, MatchKind.REGION), _of(told, MatchKind.POSTCODE), country
    )


def _reference(feature: Feature, told: Told, country: str) -> Parts:
    return {"id": _texts(told)[0]}


_FORMS: Mapping[MatchKind, Callable[[Feature, Told, str], Parts]] = {
    MatchKind.ORGANISATION: lambda feature, told, country: naming.organisation(_texts(told)),
    MatchKind.TEXT: lambda feature, told, country: naming.free_text(_texts(told)),
    MatchKind.PERSON: _person,
    MatchKind.ADDRESS: _address,
    MatchKind.PHONE: lambda feature, told, country: places.phone(_texts(told), country),
    MatchKind.EMAIL: lambda feature, told, country: places.email(_texts(told)),
    MatchKind.WEBSITE: lambda feature, told, country: places.website(_texts(told)),
    MatchKind.TAX_ID: lambda feature, told, country: figures.tax_ids(_values(told), country),
    MatchKind.IDENTIFIER: lambda feature, told, country: figures.identifier(_values(told), feature.inputs[0].scheme, country),
    MatchKind.DATE: lambda feature, told, country: figures.day(_values(told)),
    MatchKind.NUMBER: lambda feature, told, country: figures.number(_values(told)),
    MatchKind.REFERENCE: _reference,
}


@lru_cache(maxsize=256)
def _steps(spec: Spec) -> tuple[tuple[Feature, Callable[[Feature, Told, str], Parts], str], ...]:
    """Each feature with what makes its parts and how their names begin; looked up once, as members of an enum are slow keys."""
    return tuple((feature, _FORMS[feature.kind], f"{feature.name}_") for feature in spec.features)
