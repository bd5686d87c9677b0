"""What a service says of itself ($metadata): entity sets with their keys, properties and types, in either version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connectors.errors import SchemaDriftError
from connectors.xml import Bounds, Element, XmlError, parse_xml

LARGE = Bounds(size=60_000_000, elements=2_000_000, attributes=8_000_000)
"""A whole ERP describes itself in some 40 MB."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property. ``has_etag``: it decides the tag (version 2's ConcurrencyMode)."""

    name: str
    type: str
    is_nullable: bool = True
    length: int = 0
    precision: int = 0
    scale: int = 0
    has_etag: bool = False


@dataclass(frozen=True, slots=True)
class EntityType:
    """A kind of record. ``navigations`` are references: name → target type."""

    name: str
    key: tuple[str, ...]
    properties: Mapping[str, Property] = field(default_factory=dict)
    navigations: Mapping[str, str] = field(default_factory=dict)

    @property
    def types(self) -> dict[str, str]:
        """Property → EDM type."""
        return {one.name: one.type for one in self.properties.values()}


@dataclass(frozen=True, slots=True)
class Service:
    """All of a service: entity sets by their names, and enumerations with their members."""

    sets: Mapping[str, EntityType]
    enums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def parse(raw: bytes) -> Service:
    """Read a document. Raises SchemaDriftError when it is no EDMX."""
    try:
        root = parse_xml(raw, LARGE)
    except XmlError as error:
        raise SchemaDriftError(f"the metadata of the service cannot be read: {error}", path="$metadata") from error
    schemas = list(_all(root, "Schema"))
    if root.name != "Edmx" or not schemas:
        raise SchemaDriftError("the metadata of the service is no EDMX", path="$metadata")
    declared: dict[str, tuple[Element, str]] = {}
    for schema in schemas:
        namespace, alias = schema.attributes.get("Namespace", ""), schema.attributes.get("Alias", "")
        for one in schema.all("EntityType"):
            for space in filter(None, (namespace, alias)):
                declared[f"{space}.{one.attributes['Name']}"] = (one, namespace)
    sets = {
        one.attributes["Name"]: _entity(one.attributes["EntityType"], declared)
        for schema in schemas for container in schema.all("EntityContainer") for one in container.all("EntitySet")
    }  # fmt: skip
    enums = {
        f"{schema.attributes.get('Namespace', '')}.{one.attributes['Name']}": tuple(member.attributes["Name"] for member in one.all("Member"))
        for schema in schemas for one in schema.all("EnumType")
    }  # fmt: skip
    return Service(sets, enums)


def _entity(name: str, declared: Mapping[str, tuple[Element, str]]) -> EntityType:
    """A type with what it inherits."""
    key: tuple[str, ...] = ()
    properties: dict[str, Property] = {}
    navigations: dict[str, str] = {}
    for one in reversed(list(_lineage(name, declared))):
        key = tuple(ref.attributes["Name"] for keys in one.all("Key") for ref in keys.all("PropertyRef")) or key
        properties |= {each.attributes["Name"]: _property(each) for each in one.all("Property")}
        navigations |= {each.attributes["Name"]: each.attributes.get("Type", "") for each in one.all("NavigationProperty")}
    return EntityType(name, key, properties, navigations)


def _lineage(name: str, declared: Mapping[str, tuple[Element, str]]) -> Iterator[Element]:
    seen: set[str] = set()
    while name in declared and name not in seen:
        seen.add(name)
        yield declared[name][0]
        name = declared[name][0].attributes.get("BaseType", "")


def _property(one: Element) -> Property:
    said = one.attributes
    return Property(
        said["Name"], said.get("Type", "Edm.String"), said.get("Nullable", "true") != "false", _number(said.get("MaxLength")),
        _number(said.get("Precision")), _number(said.get("Scale")), said.get("ConcurrencyMode") == "Fixed",
    )  # fmt: skip


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0


def _all(element: Element, name: str) -> Iterator[Element]:
    """Elements of this name at any depth; EDMX wraps schemas in two layers."""
    for one in element.children:
        if one.name == name:
            yield one
        else:
            yield from _all(one, name)
