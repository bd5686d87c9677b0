"""JSON on the wire, the registry, and the examples in the documentation."""

from __future__ import annotations

import doctest
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import connectors
from connectors.errors import ConfigurationError
from connectors.memory import MemoryConnector
from connectors.port import Connector
from connectors.registry import CONNECTORS, connect, factory
from connectors.rest.config import parse
from connectors.shipped import SHIPPED
from connectors.tables import fill_in
from connectors.wire import DuplicateKeyError, digest, dump_json, parse_json

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | st.text(st.characters(exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_characters="\0")), inner),
    max_leaves=20,
)


@given(values)
def test_json_comes_back_exactly(value: Any) -> None:
    again = parse_json(dump_json(value))
    assert again == value and digest(again) == digest(value)


@pytest.mark.parametrize("raw", [b"", b"{", b'{"a":NaN}', b'{"a":1e99999}', b"[" * 100_000, b'"\xff"', b"{}{}"])
def test_what_is_no_json_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError):
        parse_json(raw)


def test_a_key_that_occurs_twice_is_an_error_that_names_it() -> None:
    with pytest.raises(DuplicateKeyError) as caught:
        parse_json(b'{"a":{"b":1,"c":2,"b":3}}')
    assert caught.value.key == "b"


@pytest.mark.parametrize("value", [{1, 2}, Decimal("NaN"), b"x"])
def test_what_is_no_json_value_is_not_encoded(value: Any) -> None:
    with pytest.raises(TypeError):
        dump_json(value)


def test_the_registry_names_connectors_that_can_be_made() -> None:
    assert set(CONNECTORS) == {"rest", "files", "sftp", "singer", "airbyte", "sql", "memory", *SHIPPED}
    assert all(callable(factory(name)) for name in CONNECTORS)
    made = connect("memory", {"name": "test"})
    assert isinstance(made, MemoryConnector) and isinstance(made, Connector)
    with pytest.raises(ConfigurationError, match=f"no connector 'sap'; known are {', '.join(sorted(CONNECTORS))}$"):
        connect("sap", {})


MODULES = (
    "schema.codecs.amounts", "schema.codecs.numbers", "schema.codecs.quantities", "schema.codecs.structures", "schema.codecs.texts",
    "schema.codecs.times", "schema.code_maps", "schema.mapping_lines", "schema.paths",
    "connectors.http", "connectors.tables", "connectors.wire",
)  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_documentation_hold(name: str) -> None:
    result = doctest.testmod(import_module(name))
    assert result.attempted and not result.failed


def test_the_configuration_in_the_readme_is_read() -> None:
    text = (Path(connectors.__file__).parent / "rest" / "README.md").read_text(encoding="utf-8")
    block = text.split("```yaml\n")[1].split("```")[0]
    document = fill_in(yaml.safe_load(block), {"TIMESHEETS_TOKEN": "t", "TIMESHEETS_SECRET": "s"}, "README.md")
    assert list(parse(document, "README.md").resources) == ["entry"]
