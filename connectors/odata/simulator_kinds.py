"""What a simulated OData service holds: entity sets with their properties, and what a property refuses. EDMX is made from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from xml.sax.saxutils import quoteattr

from connectors.odata.values import BOOLEAN, DATE, DATETIME, DECIMAL, DOUBLE, GUID, INSTANT, INT32, INT64, STRING, Version
from connectors.simulator.rules import Refusal

_WHOLE = frozenset({INT32, INT64, "Edm.Int16", "Edm.Byte"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Prop:
    """One property. ``refers_to`` is the set a reference leads to; ``binds`` the navigation by which it is written (version 4), several where it leads to one of several.
    ``picks`` are the values of a choice with their labels; ``is_computed`` ones are refused when written."""

    name: str
    type: str = STRING
    length: int = 0
    is_required: bool = False
    is_computed: bool = False
    default: Any = None
    refers_to: str = ""
    binds: str = ""
    picks: Mapping[int | str, str] = field(default_factory=dict)
    precision: int = 0
    scale: int = 0

    def complaint(self, value: Any) -> str:
        """Why a value cannot be stored, "" when it can."""
        if value is None:
            return "may not be empty" if self.is_required else ""
        if self.type == STRING:
            if not isinstance(value, str):
                return f"expects a text, got {type(value).__name__}"
            return "is too long" if self.length and len(value) > self.length else ""
        if self.type == BOOLEAN:
            return "" if isinstance(value, bool) else "expects true or false"
        if self.type in _WHOLE:
            if isinstance(value, bool) or not isinstance(value, int):
                return "expects a whole number"
            return "is none of the choices" if self.picks and value not in self.picks else ""
        if self.type in (DECIMAL, DOUBLE):
            if isinstance(value, bool) or not isinstance(value, int | Decimal):
                return "expects a number"
            return "has too many decimals" if self.scale and isinstance(value, Decimal) and -int(value.normalize().as_tuple().exponent) > self.scale else ""
        return self._malformed(str(value))

    def _malformed(self, text: str) -> str:
        try:
            if self.type == GUID:
                UUID(text)
            elif self.type == DATE and not _DAY.fullmatch(text):
                return "expects a day"
            elif self.type in (DATE, DATETIME, INSTANT):
                datetime.fromisoformat(text)
        except ValueError:
            return f"expects {self.type}"
        return "is none of the choices" if self.picks and text not in self.picks else ""


@dataclass(frozen=True, slots=True)
class Nav:
    """A reference to records of another set: those whose ``theirs`` property equals the ``own`` one; many of them, or one."""

    name: str
    set: str
    own: str
    theirs: str
    is_many: bool = False
    also: tuple[tuple[str, str], ...] = ()
    """Further pairs of properties that must be equal, where a key has several parts."""


@dataclass(frozen=True)
class Kind:
    """One entity set. ``unique`` are alternate keys, each a tuple of properties; ``type`` is the singular name."""

    set: str
    type: str
    key: tuple[str, ...]
    listed: tuple[Prop, ...]
    navs: tuple[Nav, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    object: str = ""
    """How the store calls it; like the type where nothing else is said."""
    props: Mapping[str, Prop] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "props", {one.name: one for one in self.listed})

    @property
    def name(self) -> str:
        return self.object or self.type

    @property
    def types(self) -> dict[str, str]:
        return {one.name: one.type for one in self.listed}

    def bound(self) -> Mapping[str, Prop]:
        """Navigation by which a reference is written → its property."""
        return {name: one for one in self.listed for name in one.binds.split()}

    def missing(self, fields: Mapping[str, Any]) -> list[str]:
        """What a new record lacks."""
        return [one.name for one in self.listed if one.is_required and fields.get(one.name) is None and one.default is None]


@dataclass(frozen=True)
class Service:
    """One service: where it is, its version, what it holds. ``keyset``: its next links go on behind the last record of a page; else
    they count records, as many servers do, and what moves meanwhile is skipped."""

    base: str
    kinds: Mapping[str, Kind]
    version: Version = 4
    namespace: str = "Simulated"
    page: int = 5000
    keyset: bool = True
    has_csrf: bool = False
    upserts: bool = False
    """A PATCH of what is not there creates it."""
    needs_if_match: bool = False
    ignores_case: bool = True
    complexes: Mapping[str, tuple[Prop, ...]] = field(default_factory=dict)
    """Types of properties that are structures, by their names without the namespace."""


def refused(kind: Kind, fields: Mapping[str, Any]) -> Refusal | None:
    """The first property a request may not set like this; ``field`` names it."""
    for name, value in fields.items():
        prop = kind.props.get(name)
        if prop is None:
            return Refusal("UnknownProperty", name, f"The property '{name}' does not exist on type '{kind.type}'.")
        if prop.is_computed:
            return Refusal("ReadOnlyProperty", name, f"The property '{name}' cannot be set.")
        if complaint := prop.complaint(value):
            return Refusal("InvalidProperty", name, f"The property '{name}' {complaint}.")
    return None


def edmx(service: Service) -> bytes:
    """The metadata of a service, in its version's form."""
    types = "".join(_type(one, service) for one in service.kinds.values())
    types += "".join(
        f"<ComplexType Name={quoteattr(name)}>{''.join(_prop(one, False, service.version) for one in listed)}</ComplexType>"
        for name, listed in service.complexes.items()
    )  # fmt: skip
    types += "".join(_enum(name, picks) for name, picks in _enums(service).items())
    sets = "".join(f"<EntitySet Name={quoteattr(one.set)} EntityType={quoteattr(f'{service.namespace}.{one.type}')}/>" for one in service.kinds.values())
    container = f'<EntityContainer Name="Container"{_default(service.version)}>{sets}{_association_sets(service)}</EntityContainer>'
    return _WRAPS[service.version].format(namespace=quoteattr(service.namespace), inner=f"{types}{container}{_associations(service)}").encode()


_WRAPS: Mapping[Version, str] = {
    2: '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" '
    'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" xmlns:sap="http://www.sap.com/Protocols/SAPData">'
    '<edmx:DataServices m:DataServiceVersion="2.0"><Schema Namespace={namespace} xmlns="http://schemas.microsoft.com/ado/2008/09/edm">'
    "{inner}</Schema></edmx:DataServices></edmx:Edmx>",
    4: '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    '<Schema Namespace={namespace} xmlns="http://docs.oasis-open.org/odata/ns/edm">{inner}</Schema></edmx:DataServices></edmx:Edmx>',
}


def _enums(service: Service) -> dict[str, Mapping[int | str, str]]:
    """Enumerations of the service's own, by their names, with their members; of version 4 only."""
    space = f"{service.namespace}."
    own = ((one.type.removeprefix(space), one.picks) for kind in service.kinds.values() for one in kind.listed if one.type.startswith(space))
    return {name: picks for name, picks in own if name not in service.complexes} if service.version == 4 else {}


def _enum(name: str, picks: Mapping[int | str, str]) -> str:
    members = "".join(f'<Member Name={quoteattr(str(one))} Value="{at}"/>' for at, one in enumerate(picks))
    return f"<EnumType Name={quoteattr(name)}>{members}</EnumType>"


def _default(version: Version) -> str:
    return ' m:IsDefaultEntityContainer="true"' if version == 2 else ""


def _type(kind: Kind, service: Service) -> str:
    keys = "".join(f"<PropertyRef Name={quoteattr(one)}/>" for one in kind.key)
    props = "".join(_prop(one, one.name in kind.key, service.version) for one in kind.listed)
    navs = "".join(_nav(kind, one, service) for one in kind.navs if one.set in service.kinds)
    return f"<EntityType Name={quoteattr(kind.type)}><Key>{keys}</Key>{props}{navs}</EntityType>"


def _prop(one: Prop, is_key: bool, version: Version) -> str:
    said = {"Name": one.name, "Type": one.type}
    if is_key or one.is_required:
        said["Nullable"] = "false"
    if one.length:
        said["MaxLength"] = str(one.length)
    if one.type == DECIMAL:
        said |= {"Precision": str(one.precision or 18), "Scale": str(one.scale or 4)}
    return "<Property " + " ".join(f"{name}={quoteattr(text)}" for name, text in said.items()) + "/>"


def _nav(kind: Kind, one: Nav, service: Service) -> str:
    target = f"{service.namespace}.{service.kinds[one.set].type}"
    if service.version == 4:
        type = f"Collection({target})" if one.is_many else target
        return f"<NavigationProperty Name={quoteattr(one.name)} Type={quoteattr(type)}/>"
    association = f"{service.namespace}.{kind.type}_{one.name}"
    return f'<NavigationProperty Name={quoteattr(one.name)} Relationship={quoteattr(association)} FromRole="From" ToRole="To"/>'


def _association_sets(service: Service) -> str:
    """Between which sets version 2 walks by a navigation."""
    if service.version == 4:
        return ""
    return "".join(
        f'<AssociationSet Name={quoteattr(f"{kind.type}_{one.name}_Set")} Association={quoteattr(f"{service.namespace}.{kind.type}_{one.name}")}>'
        f'<End EntitySet={quoteattr(kind.set)} Role="From"/><End EntitySet={quoteattr(one.set)} Role="To"/></AssociationSet>'
        for kind in service.kinds.values() for one in kind.navs if one.set in service.kinds
    )  # fmt: skip


def _associations(service: Service) -> str:
    """What version 2 says of navigations beside them."""
    if service.version == 4:
        return ""
    return "".join(
        f'<Association Name={quoteattr(f"{kind.type}_{one.name}")}>'
        f'<End Type={quoteattr(f"{service.namespace}.{kind.type}")} Multiplicity="1" Role="From"/>'
        f'<End Type={quoteattr(f"{service.namespace}.{service.kinds[one.set].type}")} Multiplicity={quoteattr("*" if one.is_many else "0..1")} Role="To"/>'
        "</Association>"
        for kind in service.kinds.values() for one in kind.navs if one.set in service.kinds
    )  # fmt: skip
