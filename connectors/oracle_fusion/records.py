"""Records between Fusion's form and the plain one that mappings read.

Coming in, child collections become lists (whichever version of the framework made them), links go, attributes get the names the mappings
use, and keys are joined and sums added that Fusion leaves to the reader. Going out, the same is undone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.oracle_fusion.config import FusionObject, Spelling
from schema.kinds import minor_units
from schema.paths import ABSENT, at_path, put_path

HYPERMEDIA = frozenset({"links", "@context"})
WHO = frozenset({"CreatedBy", "CreationDate", "LastUpdatedBy", "LastUpdateDate"})
"""Who touched a child row and when: part of its history, not of the record."""
HUB_KEY = "HubKey"
_CANONICAL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")


def link(record: Any, rel: str = "self") -> str:
    """The address of a record, or of one of its children by name; "" when it does not say."""
    for one in _links(record):
        if one.get("rel") == rel or (rel != "self" and one.get("rel") == "child" and one.get("name") == rel):
            return str(one.get("href") or "")
    return ""


def etag(record: Any) -> str:
    """What ``If-Match`` of the record has to say; "" when it does not tell."""
    context = record.get("@context") if isinstance(record, dict) else None
    if isinstance(context, dict):
        found = at_path(context, "headers.ETag")
        if isinstance(found, str):
            return found.strip('"')
    own = next((one for one in _links(record) if one.get("rel") == "self"), {})
    return str((own.get("properties") or {}).get("changeIndicator") or "")


def _links(record: Any) -> list[dict[str, Any]]:
    found = record.get("links") if isinstance(record, dict) else None
    if found is None and isinstance(record, dict) and isinstance(record.get("@context"), dict):
        found = record["@context"].get("links")
    return [one for one in found or [] if isinstance(one, dict)]


def plain(one: FusionObject, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The record as mappings read it."""
    found: dict[str, Any] = {key: _flat(value) for key, value in raw.items() if key not in HYPERMEDIA}
    for path, others in one.names.items():
        _renamed(found, path.split("."), others)
    for child, flag in one.first.items():
        rows = found.get(child)
        if isinstance(rows, list):
            rows.sort(key=lambda row: row.get(flag) not in (True, "Y", "true") if isinstance(row, dict) else True)
    for key, attributes in one.joined.items():
        parts = [_text(found.get(attribute)) for attribute in attributes]
        if all(parts):
            found[key] = "|".join(parts)
    for name, value in one.fills.items():
        if found.get(name) is None:
            found[name] = value
    _with_key(one, found)
    digits = minor_units(str(found.get(one.currency) or ""))
    for path, factors in one.products.items():
        _multiplied(found, path.split("."), factors, digits)
    for path, segments in one.segments.items():
        _segmented(found, path.split("."), segments, one.delimiter)
    for key, path in one.sums.items():
        amounts = list(_amounts(found, path.split(".")))
        if amounts:
            found[key] = sum(amounts, Decimal())
    return found


def _with_key(one: FusionObject, record: dict[str, Any]) -> None:
    """State our key by itself: other systems' references lie in the same place, and only a canonical id is ours."""
    head, _, rest = one.key.partition(".")
    inner = record.get(head) if head else None
    attribute = rest.partition(".")[2]
    values = [row.get(attribute) for row in inner if isinstance(row, dict)] if isinstance(inner, list) else [inner]
    found = next((value for value in values if isinstance(value, str) and _CANONICAL.fullmatch(value)), None)
    if found is not None:
        record[HUB_KEY] = found


def _flat(value: Any) -> Any:
    if isinstance(value, Mapping):
        if "items" in value and isinstance(value["items"], list) and ("hasMore" in value or "count" in value):
            return [_flat(one) for one in value["items"]]
        return {key: _flat(one) for key, one in value.items() if key not in HYPERMEDIA and key not in WHO}
    return [_flat(one) for one in value] if isinstance(value, list) else value


def _renamed(record: Any, keys: list[str], others: tuple[str, ...]) -> None:
    """Give what the record calls by one of ``others`` the name that ``keys`` end with, in every row on the way."""
    if isinstance(record, list):
        for row in record:
            _renamed(row, keys, others)
    elif isinstance(record, dict) and len(keys) > 1:
        _renamed(record.get(keys[0]), keys[1:], others)
    elif isinstance(record, dict):
        for other in others:
            if other in record:
                value = record.pop(other)
                record.setdefault(keys[0], value)


def _segmented(record: Any, keys: list[str], segments: tuple[str, ...], delimiter: str) -> None:
    """State the segments of a combination by their names; one with more or fewer of them is of another chart, and stays as it is."""
    if isinstance(record, list):
        for row in record:
            _segmented(row, keys, segments, delimiter)
    elif isinstance(record, dict) and len(keys) > 1:
        _segmented(record.get(keys[0]), keys[1:], segments, delimiter)
    elif isinstance(record, dict):
        values = _text(record.get(keys[0])).split(delimiter)
        if len(values) == len(segments):
            record.update({name: value for name, value in zip(segments, values, strict=True) if name})


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, bool | dict | list) else str(value)


def _amounts(value: Any, keys: list[str]) -> Any:
    if isinstance(value, list):
        for row in value:
            yield from _amounts(row, keys)
    elif not keys:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            yield Decimal(value)
    elif isinstance(value, dict) and keys[0] in value:
        yield from _amounts(value[keys[0]], keys[1:])


def _multiplied(record: Any, keys: list[str], factors: tuple[str, ...], digits: int) -> None:
    """State the product of two attributes where a row does not state the amount itself."""
    if isinstance(record, list):
        for row in record:
            _multiplied(row, keys, factors, digits)
    elif isinstance(record, dict) and len(keys) > 1:
        _multiplied(record.get(keys[0]), keys[1:], factors, digits)
    elif isinstance(record, dict) and record.get(keys[0]) is None:
        found = [record.get(factor) for factor in factors]
        if all(isinstance(one, int | Decimal) and not isinstance(one, bool) for one in found):
            product = Decimal(1)
            for one in found:
                product *= Decimal(str(one))
            record[keys[0]] = product.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


# --- going out -----------------------------------------------------------------------------------------------------------


def parted(one: FusionObject, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body without what Fusion computes, and with joined keys in their parts again, unless they are spelled in another way."""
    found = {key: value for key, value in body.items() if key not in one.reads_back}
    for key, attributes in one.joined.items():
        if key in found and key not in one.spell:
            whole = found.pop(key)
            parts: list[str | None] = [None] * len(attributes) if whole is None else [*str(whole).split("|")]
            found |= {name: part for name, part in zip(attributes, parts, strict=False) if name not in found}
    return found


def told(body: dict[str, Any], path: str, spelling: Spelling, value: Any) -> None:
    """Put a spelled value in place of the one at ``path``."""
    _drop(body, path.split("."))
    put_path(body, spelling.to, value)


def _drop(body: Any, keys: list[str]) -> None:
    inner = body
    for key in keys[:-1]:
        inner = inner.get(key) if isinstance(inner, dict) else None
    if isinstance(inner, dict):
        inner.pop(keys[-1], None)


def filled(stated: Mapping[str, Any], body: Mapping[str, Any], own: Mapping[str, str]) -> dict[str, Any]:
    """What a new record says besides, its ``{path}`` filled in from the body or from what is ``own``.

    >>> filled({"ExpenditureBatch": "HUB-{Day}", "Quantity": 1}, {"Day": "2026-02-02"}, {})
    {'ExpenditureBatch': 'HUB-2026-02-02', 'Quantity': 1}
    """

    def value(match: re.Match[str]) -> str:
        found = own.get(match[1]) or at_path(body, match[1])
        return "" if found is ABSENT or found is None else str(found)

    return {path: _PLACE.sub(value, one) if isinstance(one, str) else one for path, one in stated.items()}


def listed(value: Any) -> Any:
    """Tables whose keys are places ("0", "1") as the lists they stand for.

    >>> listed({"Address": {"0": {"City": "Bern"}}})
    {'Address': [{'City': 'Bern'}]}
    """
    if isinstance(value, Mapping):
        if value and all(str(key).isdecimal() for key in value):
            return [listed(value[key]) for key in sorted(value, key=int)]
        return {key: listed(one) for key, one in value.items()}
    return [listed(one) for one in value] if isinstance(value, list) else value


def rows(body: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """The child rows in a body, by their collection."""
    return {key: value for key, value in body.items() if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value)}
