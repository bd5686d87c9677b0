"""Documents that come with a connector: ``extends: salesforce`` lays a firm's own document over them.

A firm then writes where its system is, how it signs in, and what is different there; objects, mappings and codes are shipped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from connectors.errors import ConfigurationError

FILE = "system.yaml"
SHIPPED = {one.name: one / FILE for one in sorted(files("connectors").iterdir(), key=lambda one: one.name) if one.is_dir() and (one / FILE).is_file()}
"""Name → the document that comes with it."""


def extended(document: Mapping[str, Any], file: str = "the document") -> dict[str, Any]:
    """The document with what it extends below it: tables are joined key by key, anything else replaces.

    A key that is stated empty (``contact:``) is left out, so that a firm can drop what it does not use. Mappings are one per
    object and entity: a firm's own replaces the shipped one.
    """
    name = document.get("extends")
    if name is None:
        return dict(document)
    own = {key: value for key, value in document.items() if key != "extends"}
    found: dict[str, Any] = _joined(shipped(str(name), file), own)
    found["mappings"] = _mappings(shipped(str(name), file).get("mappings", []), own.get("mappings", []), found.get("resources", {}))
    return found


def shipped(name: str, file: str = "the document") -> dict[str, Any]:
    """The document that comes with a connector. Raises ConfigurationError with the names there are."""
    if name not in SHIPPED:
        raise ConfigurationError(f"{file}: extends: expected one of {', '.join(sorted(SHIPPED))}, got {name!r}")
    return deepcopy(_parsed(name))


@cache
def _parsed(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(SHIPPED[name].read_text(encoding="utf-8"))
    return found


class Vendor(NamedTuple):
    """A connector that comes with a document: what it is called, and what a firm writes."""

    title: str
    example: str


def vendors() -> dict[str, Vendor]:
    """Name → vendor, as the page of each begins: a sentence with its name, and the document of a firm."""
    found: dict[str, Vendor] = {}
    for name in SHIPPED:
        page = files("connectors") / name / "README.md"
        text = page.read_text(encoding="utf-8") if page.is_file() else ""
        title = re.search(r"^# .*\n+([^\n(.,:]+)", text)
        example = re.search(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        found[name] = Vendor(title[1].strip() if title else name, example[1] if example else f"extends: {name}\n")
    return found


def _joined(below: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """
    >>> _joined({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 3, "c": None}, "d": [2]})
    {'a': {'b': 3}, 'd': [2]}
    """
    found = dict(below)
    for key, value in over.items():
        before = found.get(key)
        if value is None:
            found.pop(key, None)
        else:
            found[key] = _joined(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return found


def _mappings(below: list[Any], over: list[Any], resources: Mapping[str, Any]) -> list[Any]:
    own = {(one.get("object"), one.get("entity"), one.get("name")) for one in over}
    kept = [one for one in below if (one.get("object"), one.get("entity"), one.get("name")) not in own and (one.get("object") in resources or not resources)]
    return [*kept, *over]
