"""Interfaces that several entities share by the model: what invoices and credit memos have in common.

Each field is the one its entities have; a fragment ``... on ReceivableDocument`` fits wherever a golden record is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.common import GoldenRecord
from hub.api.shells import Shells
from schema import ENTITIES
from schema.invoice import ReceivableDocument
from schema.language import EntityMeta

INTERFACES: Mapping[str, str] = {
    ReceivableDocument.__name__: "What an invoice and a credit memo have in common; negative amounts stay as the source signs them.",
}
"""Shapes of the model that are interfaces of the API, by name. The other shapes are groups of fields, not kinds of things."""


def bases(meta: EntityMeta) -> tuple[str, ...]:
    """The interfaces of an entity beside GoldenRecord."""
    return tuple(name for name in INTERFACES if name in meta.interfaces)


def mention(shells: Shells) -> None:
    """Name every entity's class with its interfaces, before any field names it without."""
    for meta in ENTITIES.values():
        shells.of(meta.type_name, *(shells.of(name, GoldenRecord) for name in bases(meta)), *(() if bases(meta) else (GoldenRecord,)))


def interface_types(shells: Shells, fields_of: Callable[[EntityMeta], Mapping[str, StrawberryField]]) -> None:
    """Fill the interfaces: the fields of the shape, as the first entity that has it has them."""
    for name, doc in INTERFACES.items():
        meta = next(each for each in ENTITIES.values() if name in each.interfaces)
        strawberry.interface(shells.fill(name, fields_of(meta)), name=name, description=doc)
