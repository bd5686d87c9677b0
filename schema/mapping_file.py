"""Mappings written as configuration (YAML) instead of code; every error names file, key and what is expected there.

```yaml
system: crm                      # may be given by the caller instead
mappings:
  - object: account              # the system's name of the object
    entity: client               # ours
    id: Id                       # or a list of paths, joined with "|"
    version: {path: SystemModstamp, as: instant}
    modified: LastModifiedDate
    deleted: IsDeleted
    when: {path: Type, is: [Customer, Prospect]}
    natural_key: [name]
    fields:
      name:          Name
      country:       {path: BillingCountry, as: country, names: {Germany: DE}}
      extra.floor:   FloorArea__c
      kind:          {constant: organisation}
      account_manager: {path: OwnerId, reference: user}
    links:
      - {path: Hub_Id__c, to: hub}
      - {path: Erp_Number__c, to: {system: erp, object: customer}}
    ignored: [attributes, CreatedById]
```
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Lookup
from typing import Any

from schema import codecs
from schema.code_maps import CodeEntry
from schema.codecs import Codec
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field
from schema.mapping import Mapping, mapping
from schema.mapping_lines import Line, LinkLine, MappingError, When, default_codec, line, when
from schema.paths import ABSENT

_CODECS: Lookup[str, tuple[Callable[..., Codec], frozenset[str]]] = {
    "text": (codecs.text, frozenset()),
    "trimmed": (codecs.trimmed, frozenset()),
    "identifier": (codecs.identifier, frozenset({"width"})),
    "email": (codecs.email, frozenset()),
    "phone": (codecs.phone, frozenset()),
    "country": (codecs.country, frozenset({"names"})),
    "boolean": (codecs.boolean, frozenset({"true", "false"})),
    "integer": (codecs.integer, frozenset()),
    "decimal": (codecs.decimal, frozenset({"factor", "as_text", "comma"})),
    "percent": (codecs.percent, frozenset({"fraction", "comma"})),
    "money": (codecs.money, frozenset({"currency", "currency_path", "subunits", "as_text", "comma"})),
    "price": (codecs.price, frozenset({"per", "currency", "currency_path", "subunits", "as_text", "comma"})),
    "quantity": (codecs.quantity, frozenset({"unit", "as_text", "comma"})),
    "minutes": (codecs.minutes, frozenset()),
    "clock_hours": (codecs.clock_hours, frozenset()),
    "date": (codecs.date, frozenset({"pattern"})),
    "instant": (codecs.instant, frozenset()),
    "local_instant": (codecs.local_instant, frozenset({"zone"})),
    "epoch": (codecs.epoch, frozenset({"unit"})),
    "separated": (codecs.separated, frozenset({"mark"})),
}
_MAPPING_KEYS = frozenset({
    "system", "object", "entity", "name", "id", "version", "modified", "deleted", "when", "items", "part", "natural_key",
    "fields", "links", "ignored", "on_create", "tell_back",
})  # fmt: skip
_LINE_KEYS = frozenset({"path", "as", "code", "codes", "open", "reference", "items", "constant", "default", "mode", "required"})


def load_mappings(document: Any, *, file: str = "mapping", system: str = "") -> tuple[Mapping, ...]:
    """All mappings of one file: ``mappings`` is a list, or the document is a single mapping."""
    top = _table(document, file, "")
    if "mappings" not in top:
        return (load_mapping(top, file=file, system=system),)
    listed = top["mappings"]
    if not isinstance(listed, list):
        raise _wrong(file, "mappings", "a list of mappings", listed)
    common = system or str(top.get("system", ""))
    return tuple(_load(_table(one, file, f"mappings[{at}]"), file, f"mappings[{at}].", common) for at, one in enumerate(listed))


def load_code_maps(document: Any, *, file: str = "mapping", system: str = "") -> tuple[CodeEntry, ...]:
    """The rows of ``code_maps`` of a file: per set a table of their code → ours. The first that means one of ours is written,
    and says so as its default, since rows have no order.

    Instead of ours alone: ``{to: ours, direction: in | out | both, default: true}``.
    """
    top = _table(document, file, "")
    name = system or _required(top, "system", file, "")
    sets = _table(top.get("code_maps") or {}, file, "code_maps")
    return _with_defaults([
        _code_entry(name, one, str(theirs), ours, file)
        for one, table in sets.items()
        for theirs, ours in _table(table, file, f"code_maps.{one}").items()
    ])  # fmt: skip


def _with_defaults(entries: Sequence[CodeEntry]) -> tuple[CodeEntry, ...]:
    """With the first of several that are written for one of ours as its default, where none is stated.

    >>> [one.is_default for one in _with_defaults([CodeEntry("crm", "TIER", theirs, ours) for theirs, ours in ("1A", "2A", "3B")])]
    [True, False, False]
    """
    several: dict[tuple[str, str], list[CodeEntry]] = {}
    for entry in entries:
        if entry.direction != "in":
            several.setdefault((entry.set, entry.ours), []).append(entry)
    firsts = {id(some[0]) for some in several.values() if len(some) > 1 and not any(one.is_default for one in some)}
    return tuple(entry._replace(is_default=True) if id(entry) in firsts else entry for entry in entries)


def _code_entry(system: str, code_set: str, theirs: str, told: Any, file: str) -> CodeEntry:
    if not isinstance(told, dict):
        return CodeEntry(system, code_set, theirs, str(told))
    at = f"code_maps.{code_set}.{theirs}."
    _only(told, frozenset({"to", "direction", "default"}), file, at)
    direction = told.get("direction", "both")
    if direction not in ("in", "out", "both"):
        raise _wrong(file, f"{at}direction", "in, out or both", direction)
    return CodeEntry(system, code_set, theirs, _required(told, "to", file, at), direction, bool(told.get("default", False)))


def load_mapping(document: Any, *, file: str = "mapping", system: str = "", entity: str = "", object: str = "") -> Mapping:
    """One mapping; ``system``, ``entity`` and ``object`` stand in for what the document leaves out (``system`` also overrides)."""
    top = _table(document, file, "")
    return _load({"entity": entity, "object": object} | top, file, "", system)


def _load(body: dict[str, Any], file: str, at: str, system: str) -> Mapping:
    _only(body, _MAPPING_KEYS, file, at)
    name = _required(body, "entity", file, at)
    meta = entity_meta(name)
    if meta is None:
        raise MappingError(f"{file}: {at}entity: the model has no entity {name!r}")
    fields = _table(body.get("fields"), file, f"{at}fields")
    if body.get("items") and not body.get("part"):
        raise MappingError(f"{file}: {at}part: expected the path that names each of the items {body['items']!r}")
    version_path, version_codec = _version(body.get("version"), file, f"{at}version")
    return mapping(
        system or _required(body, "system", file, at),
        str(body.get("object") or name),
        name,
        *(_line(meta, key, value, file, f"{at}fields.{key}") for key, value in fields.items()),
        *(_link(one, file, f"{at}links[{place}]") for place, one in enumerate(_list(body.get("links"), file, f"{at}links"))),
        id=tuple(map(str, body["id"])) if isinstance(body.get("id"), list) else str(body.get("id") or "id"),
        version=version_path,
        version_codec=version_codec,
        modified=str(body.get("modified") or ""),
        deleted=_deleted(body.get("deleted"), file, f"{at}deleted"),
        only=_conditions(body.get("when"), file, f"{at}when"),
        items=str(body.get("items") or ""),
        part=str(body.get("part") or ""),
        ignored=[str(one) for one in _list(body.get("ignored"), file, f"{at}ignored")],
        on_create=_table(body.get("on_create") or {}, file, f"{at}on_create"),
        natural_key=[_field_name(meta, str(one), file, f"{at}natural_key") for one in _list(body.get("natural_key"), file, f"{at}natural_key")],
        tell_back={path: str(told) for path, told in _table(body.get("tell_back") or {}, file, f"{at}tell_back").items()},
    )  # fmt: skip


def entity_meta(name: str) -> EntityMeta | None:
    """The declared entity of this name."""
    from schema import ENTITIES

    return ENTITIES.get(name)


def _field_name(meta: EntityMeta, name: str, file: str, at: str) -> str:
    if not name.startswith("extra.") and name not in meta.fields:
        raise MappingError(f"{file}: {at}: {meta.name} has no field {name!r}; extension fields are written extra.{name}")
    return name


def _line(meta: EntityMeta, name: str, value: Any, file: str, at: str) -> Line:
    _field_name(meta, name, file, at)
    declared: Field[Any] | None = meta.fields.get(name)
    if isinstance(value, str):
        value = {"path": value}
    stated = _table(value, file, at)
    path = str(stated.get("path") or "")
    if not path and "constant" not in stated:
        raise MappingError(f"{file}: {at}.path: expected the path of the field in the record")
    mode = stated.get("mode", "read" if "constant" in stated else "both")
    if mode not in ("both", "read", "write"):
        raise _wrong(file, f"{at}.mode", "both, read or write", mode)
    try:
        codec = _codec(declared, stated, file, at)
    except (TypeError, ValueError) as error:
        raise error if str(error).startswith(f"{file}: ") else MappingError(f"{file}: {at}: {error}") from None
    if not isinstance(stated.get("required", False), bool):
        raise _wrong(file, f"{at}.required", "true or false", stated["required"])
    return line(name, path, codec, mode=mode, default=stated.get("default", ABSENT), required=stated.get("required", False))


def _codec(declared: Field[Any] | None, stated: dict[str, Any], file: str, at: str) -> Codec:
    """The codec a line asks for: a constant, a reference, a code, a list, a named codec, else its field's own."""
    named = stated.get("as")
    options = {key: value for key, value in stated.items() if key not in _LINE_KEYS}
    if options and named is None:
        raise MappingError(f"{file}: {at}: unknown key {min(options)!r}; known are {', '.join(sorted(_LINE_KEYS))}")
    if "constant" in stated:
        return codecs.constant(stated["constant"])
    if "items" in stated:
        return codecs.items(_item_codec(declared, stated["items"], file, f"{at}.items"))
    if "reference" in stated:
        return _reference(stated["reference"], file, f"{at}.reference")
    if "code" in stated or "codes" in stated or (declared is not None and declared.kind is FieldKind.CODE and named is None):
        return _code(declared, stated, file, at)
    if named is not None:
        if named not in _CODECS:
            raise MappingError(f"{file}: {at}.as: expected one of {', '.join(sorted(_CODECS))}, got {named!r}")
        make, known = _CODECS[named]
        _only(options, known, file, f"{at}.")
        return make(**options)
    return default_codec(declared) if declared is not None else codecs.trimmed()


def _code(declared: Field[Any] | None, stated: dict[str, Any], file: str, at: str) -> Codec:
    name, table = stated.get("code") or (declared.codes if declared is not None else ""), stated.get("codes")
    if table is not None:
        table = _table(table, file, f"{at}.codes")
    elif not name:
        raise MappingError(f"{file}: {at}.code: expected the name of a code set")
    return codecs.code(name, table, is_open=bool(stated.get("open")))


def _reference(stated: Any, file: str, at: str) -> Codec:
    """``reference: client``, or ``{object: client, by: name, system: crm}``."""
    options = {"object": stated} if isinstance(stated, str) else _table(stated, file, at)
    _only(options, frozenset({"object", "by", "system"}), file, f"{at}.")
    return codecs.reference(_required(options, "object", file, f"{at}."), **{k: v for k, v in options.items() if k != "object"})


def _item_codec(declared: Field[Any] | None, stated: Any, file: str, at: str) -> Codec:
    """``items: trimmed`` (a codec's name), ``{reference: …}``, or our key → path or line of each structure."""
    if isinstance(stated, str):
        return _codec(None, {"as": stated}, file, at)
    table = _table(stated, file, at)
    if "reference" in table or "as" in table or "code" in table:
        return _codec(None, table, file, at)
    inner: dict[str, tuple[str, Codec]] = {}
    for key, value in table.items():
        if declared is not None and declared.items and key not in declared.items:
            raise MappingError(f"{file}: {at}.{key}: an item of {declared!r} has {', '.join(declared.items)}")
        one = {"path": value} if isinstance(value, str) else _table(value, file, f"{at}.{key}")
        inner[key] = (_required(one, "path", file, f"{at}.{key}."), _codec(None, one, file, f"{at}.{key}"))
    return codecs.structure(inner)


def _version(stated: Any, file: str, at: str) -> tuple[str, Codec | None]:
    if stated is None or isinstance(stated, str):
        return stated or "", None
    table = _table(stated, file, at)
    return _required(table, "path", file, f"{at}."), _codec(None, table, file, at)


def _deleted(stated: Any, file: str, at: str) -> str | When:
    if stated is None or isinstance(stated, str):
        return stated or ""
    return _condition(stated, file, at)


def _conditions(stated: Any, file: str, at: str) -> tuple[When, ...]:
    if stated is None:
        return ()
    listed = stated if isinstance(stated, list) else [stated]
    return tuple(_condition(one, file, at) for one in listed)


def _condition(stated: Any, file: str, at: str) -> When:
    table = _table(stated, file, at)
    _only(table, frozenset({"path", "is", "is_not"}), file, f"{at}.")
    if ("is" in table) is ("is_not" in table):
        raise MappingError(f"{file}: {at}: expected either is or is_not beside the path")
    return when(_required(table, "path", file, f"{at}."), is_=table.get("is", ABSENT), is_not=table.get("is_not", ABSENT))


def _link(stated: Any, file: str, at: str) -> LinkLine:
    table = _table(stated, file, at)
    _only(table, frozenset({"path", "to"}), file, f"{at}.")
    path, to = _required(table, "path", file, f"{at}."), table.get("to")
    if isinstance(to, str) and to == "hub":
        return LinkLine(path, "hub", "")
    if isinstance(to, dict) and {"system", "object"} == set(to):
        return LinkLine(path, str(to["system"]), str(to["object"]))
    raise _wrong(file, f"{at}.to", "hub, or {system: …, object: …}", to)


def _table(value: Any, file: str, at: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(file, at or "the file", "a table of keys and values", value)
    return {str(key).lower() if isinstance(key, bool) else str(key): inner for key, inner in value.items()}


def _list(value: Any, file: str, at: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong(file, at, "a list", value)
    return value


def _required(table: Lookup[str, Any], key: str, file: str, at: str) -> str:
    if not isinstance(table.get(key), str) or not table[key]:
        raise _wrong(file, f"{at}{key}", "a text", table.get(key))
    return str(table[key])


def _only(table: Lookup[str, Any], known: frozenset[str], file: str, at: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise MappingError(f"{file}: {at}{unknown[0]}: unknown key; known are {', '.join(sorted(known)) or 'none'}")


def _wrong(file: str, at: str, expected: str, got: Any) -> MappingError:
    return MappingError(f"{file}: {at}: expected {expected}, got {type(got).__name__ if got is not None else 'nothing'}")
