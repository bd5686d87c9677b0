"""Trying a system that is not connected yet: a composition root behind ``hub connector check``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from connectors.checking import Finding, findings
from connectors.errors import ConfigurationError
from connectors.shipped import SHIPPED, extended
from hub import connecting
from hub.connections import connect
from hub.errors import SetupError
from hub.store.configuration import is_canonical
from schema.code_maps import CodeMaps
from schema.mapping_file import load_code_maps, load_mappings
from schema.mapping_lines import MappingError

MARKS = {"good": "ok  ", "look": "look", "bad": "BAD "}


async def main(name: str, file: Path, environment: Mapping[str, str], *, as_json: bool = False) -> int:
    """Print each finding as it is known; answers how many are bad. Raises :class:`SetupError` for a document that cannot be used."""
    document = connecting.read(file)
    if "extends" not in document and "connector" not in document:
        document["extends" if name in SHIPPED else "connector"] = name
    try:
        whole = extended(document, file.name)
        system = str(whole.get("system") or whole.get("connector"))
        mappings = load_mappings({"mappings": whole.get("mappings", [])}, file=file.name, system=system)
        codes = CodeMaps(load_code_maps(whole, file=file.name, system=system), is_canonical)
        live = connect(str(whole.get("connector", "")), whole, dict(environment))
    except (ConfigurationError, MappingError) as error:
        raise SetupError(f"{file.name}: {error}") from error
    bad = 0
    try:
        async for one in findings(live, mappings, codes):
            bad += one.state == "bad"
            print(_said(one, as_json), flush=True)
    finally:
        await live.aclose()
    return bad


def _said(one: Finding, as_json: bool) -> str:
    if as_json:
        return json.dumps({"about": one.about, "state": one.state, "says": one.says, "remedy": one.remedy}, ensure_ascii=False)
    return f"{MARKS[one.state]}  {one.about}: {one.says}" + (f"\n      {one.remedy}" if one.remedy else "")
