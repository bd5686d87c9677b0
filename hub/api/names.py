"""Names of the API, all derived from the model: fields in camel case, roots, and the way back along a reference.

A reference ``Contact.client`` is read from both ends: ``contact.client`` and ``client.contacts``. The way back is
called after the plural of the referring entity; ``By<Field>`` is added when that would not say which field is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from schema.language import EntityMeta, Field, entity_name


@lru_cache(maxsize=8192)
def camel(name: str) -> str:
    """GraphQL's spelling of a canonical name.

    >>> camel("valid_from"), camel("net")
    ('validFrom', 'net')
    """
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def pascal(name: str) -> str:
    """Type name of a canonical name.

    >>> pascal("time_entry")
    'TimeEntry'
    """
    spelled = camel(name)
    return spelled[:1].upper() + spelled[1:]


@dataclass(frozen=True, slots=True)
class Reverse:
    """The way back along one reference: ``name`` on the target leads to all records of ``meta`` whose ``field`` names it."""

    name: str
    meta: EntityMeta
    field: Field[Any]


def reverses(entities: Iterable[EntityMeta]) -> Mapping[str, Sequence[Reverse]]:
    """Per entity name, the ways back that end at it, in the order of the model.

    A reference called like its target (``client``), or the only one between two entities, gets the plain plural.
    """
    metas = tuple(entities)
    found: dict[str, list[Reverse]] = {meta.name: [] for meta in metas}
    for meta in metas:
        for field in meta.references:
            target = entity_name(field.target)
            rivals = [other for other in meta.references if other.target == field.target]
            taken = {camel(name) for name in _meta(metas, target).fields} | {one.name for one in found[target]}
            plain = camel(meta.plural)
            is_plain = (field.name == target or len(rivals) == 1) and plain not in taken
            found[target].append(Reverse(plain if is_plain else f"{plain}By{pascal(field.name)}", meta, field))
    return found


def _meta(metas: Sequence[EntityMeta], name: str) -> EntityMeta:
    return next(meta for meta in metas if meta.name == name)
