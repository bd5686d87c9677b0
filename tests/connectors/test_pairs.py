"""A vendor's records as its shipped mapping reads and writes them, as pairs that people can read: ``pairs/<vendor>/<object>*.json``.

```json
{"raw": {"id": "10", "title": "ERP rollout", "price": "€15,000"},
 "canonical": {"project": {"name": "ERP rollout"}},
 "back": {"project": {"title": "ERP rollout"}}}
```

``raw`` is the record as the connector tells it; the file is named after its object, ``<object>.<what>.json`` where an object has several.
``canonical`` holds what the record contributes: entity → values, ``entity:part`` → values where a mapping finds parts in it. ``back`` holds the
body written for these values, by the same names; what can only be read is left out. All three are compared whole. Optional are

- ``links``: by the same names, a list of [system, object, id]; none where it is left out;
- ``raw_codes``: by the same names, field → their code, of codes that the shipped code maps leave to the firm; none where it is left out;
- ``given``: by the same names, the values to write where they are others than those read;
- ``created``: by the same names, the body of a new record where it says more than ``back``;
- ``document``: what a firm says beside ``extends``, laid over the shipped document (code maps, custom fields); the system is named as the vendor.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.shipped import SHIPPED, extended
from connectors.wire import parse_json
from schema import CODE_SETS, ENTITIES
from schema.code_maps import CodeMaps
from schema.mapped import MappedPart
from schema.mapping import Mapping, unbound
from schema.mapping_file import load_code_maps, load_mappings

PAIRS = sorted((Path(__file__).parent / "pairs").glob("*/*.json"))
KEYS = {"raw", "canonical", "back", "links", "raw_codes", "given", "created", "document"}


def is_known(set: str, value: str) -> bool:
    """Whether a value is one of ours: a system without a map of a set speaks our codes."""
    return set in CODE_SETS and CODE_SETS[set].allows(value)


def opened(path: Path) -> tuple[dict[str, Any], list[Mapping], CodeMaps]:
    """A pair, the mappings of its object and the codes they are read with."""
    vendor, object_ = path.parent.name, path.name.split(".")[0]
    pair: dict[str, Any] = parse_json(path.read_bytes())
    assert set(pair) <= KEYS and {"raw", "canonical", "back"} <= set(pair), f"a pair has the keys {', '.join(sorted(KEYS))}"
    document = extended({**pair.get("document", {}), "extends": vendor, "system": vendor}, path.name)
    mappings = [one for one in load_mappings(document, file=path.name, system=vendor) if one.object == object_]
    assert mappings, f"the document of {vendor} has no mapping of {object_}"
    return pair, mappings, CodeMaps(load_code_maps(document, system=vendor), is_known)


def named(part: MappedPart) -> str:
    return f"{part.entity}:{part.part}" if part.part else part.entity


def plain(value: Any) -> Any:
    """A body for comparing: amounts by their value, as a vendor reads them."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value.normalize() if isinstance(value, Decimal) else value


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: f"{path.parent.name}-{path.name.removesuffix('.json')}")
def test_a_record_is_read_as_the_pair_says(path: Path) -> None:
    pair, mappings, codes = opened(path)
    parts = [part for one in mappings for part in one.read(pair["raw"], codes)]
    assert [(named(part), part.problems) for part in parts if part.problems] == []
    assert len({named(part) for part in parts}) == len(parts), "two mappings give the same part"
    assert {named(part): part.values for part in parts} == pair["canonical"]
    assert {named(part): [list(link) for link in part.links] for part in parts if part.links} == pair.get("links", {})
    assert {named(part): {field: raw.text for field, raw in part.raw.items()} for part in parts if part.raw} == pair.get("raw_codes", {})
    assert unbound(mappings, pair["raw"]) == set()
    for part in parts:
        assert set(part.values) <= {*ENTITIES[part.entity].fields, *(name for name in part.values if name.startswith("extra."))}


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: f"{path.parent.name}-{path.name.removesuffix('.json')}")
def test_what_was_read_is_written_as_the_pair_says(path: Path) -> None:
    pair, mappings, codes = opened(path)
    given: dict[str, Any] = {**pair["canonical"], **pair.get("given", {})}
    writers = {one.entity: one for one in mappings if one.fields_out}
    told = {name: writers[name].write(values, codes) for name, values in given.items() if name in writers}
    assert {name: plain(body) for name, body in told.items() if body} == plain(pair["back"])
    new = {name: writers[name].write(given[name], codes, is_new=True) for name in pair.get("created", {})}
    assert plain(new) == plain(pair.get("created", {}))


@pytest.mark.parametrize("vendor", sorted(SHIPPED))
def test_a_shipped_document_is_read_by_the_hub(vendor: str) -> None:
    document = extended({"extends": vendor, "system": vendor})
    mappings = load_mappings(document, file=f"{vendor}/system.yaml", system=vendor)
    load_code_maps(document, file=f"{vendor}/system.yaml", system=vendor)
    for name, table in document.get("code_maps", {}).items():
        assert name in CODE_SETS, f"the model has no code set {name}"
        assert [ours for ours in table.values() if not CODE_SETS[name].allows(str(ours))] == [], f"{vendor}: {name} has no such values"
    assert {one.object for one in mappings} and {one.entity for one in mappings} <= set(ENTITIES)
    assert json.dumps(document, default=str)
