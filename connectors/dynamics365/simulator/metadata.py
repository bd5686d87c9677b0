"""What the simulated organisation says of its tables: definitions, attributes, choices, references."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.dynamics365.simulator.tables import CHOICES, KINDS, references
from connectors.odata.simulator_filter import parse
from connectors.odata.simulator_kinds import Kind, Prop
from connectors.odata.values import BOOLEAN, DATE, DECIMAL, GUID, INSTANT, INT32, INT64, STRING

_NAMED = re.compile(r"EntityDefinitions\(LogicalName='(\w+)'\)")
_TYPES = {STRING: "String", GUID: "Uniqueidentifier", BOOLEAN: "Boolean", DECIMAL: "Money", INT32: "Integer", INT64: "BigInt", DATE: "DateTime", INSTANT: "DateTime"}
TABLES: Mapping[str, Kind] = {one.type: one for one in KINDS.values()}


def answered(segments: tuple[str, ...], params: Mapping[str, str]) -> dict[str, Any] | None:
    """The answer to a question about metadata; None when there is no such thing."""
    if segments == ("EntityDefinitions",):
        return {"value": _chosen([_definition(one) for one in TABLES.values()], params)}
    named = _NAMED.fullmatch(segments[0])
    kind = TABLES.get(named[1]) if named else None
    if kind is None:
        return None
    match segments[1:]:
        case ():
            return _picked(_definition(kind), params)
        case ("Attributes",):
            return {"value": _chosen(_attributes(kind), params)}
        case ("Attributes", "Microsoft.Dynamics.CRM.PicklistAttributeMetadata"):
            return {"value": [_choice(kind, name) for name in kind.props if (kind.type, name) in CHOICES and name != "statecode"]}
        case ("ManyToOneRelationships",):
            told = [{"ReferencingAttribute": one.attribute, "ReferencedEntity": one.target, "ReferencingEntityNavigationPropertyName": one.navigation,
                     "ReferencingEntity": kind.type} for one in references(kind.type)]  # fmt: skip
            return {"value": _chosen(told, params)}
        case ("Keys",):
            return {"value": [{"LogicalName": "_".join(one), "KeyAttributes": list(one), "EntityKeyIndexStatus": "Active"} for one in kind.unique]}
    return None


def _definition(kind: Kind) -> dict[str, Any]:
    primary = next((one.name for one in kind.listed if one.type == STRING), "")
    return {
        "LogicalName": kind.type, "SchemaName": kind.type, "EntitySetName": kind.set, "PrimaryIdAttribute": kind.key[0], "PrimaryNameAttribute": primary,
        "LogicalCollectionName": kind.set, "ChangeTrackingEnabled": True, "MetadataId": "00000000-0000-0000-0000-000000000000", "ObjectTypeCode": 1,
    }  # fmt: skip


def _attributes(kind: Kind) -> list[dict[str, Any]]:
    """Attributes by their logical names: a reference has no ``_value``."""
    found = [{"LogicalName": one.attribute, "SchemaName": one.attribute, "AttributeType": "Lookup"} for one in references(kind.type)]
    return found + [_attribute(kind, one) for one in kind.listed if not one.name.startswith("_")]


def _attribute(kind: Kind, one: Prop) -> dict[str, Any]:
    type = "Picklist" if (kind.type, one.name) in CHOICES else _TYPES[one.type]
    return {"LogicalName": one.name, "SchemaName": one.name, "AttributeType": type, "MaxLength": one.length or None}


def _choice(kind: Kind, name: str) -> dict[str, Any]:
    options = [{"Value": value, "Label": {"LocalizedLabels": [{"Label": label, "LanguageCode": 1033}], "UserLocalizedLabel": {"Label": label, "LanguageCode": 1033}}}
               for value, label in CHOICES[kind.type, name].items()]  # fmt: skip
    about = {"MetadataId": "00000000-0000-0000-0000-000000000000", "LogicalName": name, "SchemaName": name}
    return {**about, "OptionSet": {"Name": f"{kind.type}_{name}", "Options": options}}


def _chosen(rows: list[dict[str, Any]], params: Mapping[str, str]) -> list[dict[str, Any]]:
    if text := params.get("$filter", ""):
        types = {name: STRING for row in rows for name in row}
        condition = parse(re.sub(r"Microsoft\.Dynamics\.CRM\.\w+'", "'", text), types)
        rows = [row for row in rows if condition(row.get)]
    return [_picked(row, params) for row in rows]


def _picked(row: dict[str, Any], params: Mapping[str, str]) -> dict[str, Any]:
    wanted = [one.strip() for one in params.get("$select", "").split(",") if one.strip()]
    return {name: value for name, value in row.items() if not wanted or name in wanted}
