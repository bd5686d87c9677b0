"""What a person types, in normal form: values of overrides, names of entities."""

from __future__ import annotations

from typing import Any

from hub.core.configuration import Configuration
from hub.core.normalize import InvalidValueError, normal
from hub.core.reading import own_field
from hub.errors import RequestError
from schema import CODE_SETS, ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta


def known_entity(name: str) -> EntityMeta:
    """An entity by its name; raises :class:`RequestError`."""
    if name not in ENTITIES:
        raise RequestError("UNKNOWN_ENTITY", f"there is no entity {name!r}", field="entity", remedy="Look at the data dictionary.")
    return ENTITIES[name]


def canonical_value(config: Configuration, meta: EntityMeta, field: str, value: Any) -> Any:
    """An override's value in normal form; of a group, all its members."""
    if field in meta.groups:
        members = {member.name for member in meta.groups[field].members}
        if not isinstance(value, dict) or not value.keys() <= members:
            raise RequestError("INVALID_VALUE", f"{field} takes {', '.join(sorted(members))}", field="value")
        return {name: canonical_value(config, meta, name, part) for name, part in value.items()}
    declared = own_field(config, meta, field) if field.startswith("extra.") else meta.fields.get(field)
    if declared is None:
        raise RequestError("UNKNOWN_FIELD", f"{meta.name} has no field {field!r}", field="field", remedy="Look at the data dictionary.")
    try:
        found = normal(declared, value)
    except InvalidValueError as error:
        raise RequestError("INVALID_VALUE", f"{field}: {error}", field="value", remedy="Send the value in its canonical form.") from error
    if found is None and declared.required:
        raise RequestError("INVALID_VALUE", f"{field} is required and cannot be empty", field="value", remedy="Send a value.")
    if declared.kind is FieldKind.CODE and declared.codes in CODE_SETS and isinstance(found, str) and not CODE_SETS[declared.codes].allows(found):
        raise RequestError("INVALID_VALUE", f"{found!r} is not a value of {declared.codes}", field="value", remedy="Choose one of the set's values.")
    return found
