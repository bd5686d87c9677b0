"""``hub connect singer … -- tap-x --config c.json``: a document made from a tap's own command line, and connected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from connectors.errors import ConnectorError
from connectors.port import dump_json, parse_json
from connectors.singer import catalog as catalogs
from connectors.singer.connector import SingerConnector
from hub import connecting
from hub.connections import connect as connector_of
from hub.errors import SetupError
from hub.flows.tenants import need_tenant
from hub.settings import Settings
from hub.store.pool import open_worker_pool


@dataclass(frozen=True, slots=True)
class Wish:
    """What was said besides the tap's command: which streams (none: those the mapping reads, else all), mapping, and where to keep the document."""

    system: str
    kind: str
    only: tuple[str, ...] = ()
    mapping: Path | None = None
    save: Path | None = None


async def main(settings: Settings, tenant: str, wish: Wish, words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Ask the tap for its streams and connect them. Raises :class:`SetupError` and :class:`RequestError`."""
    document, variables = document_of(wish, words)
    document["resources"] = await _resources(wish, document, {**environment, **variables})
    if wish.save is not None:
        wish.save.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    pool = await open_worker_pool(settings.need("worker_url"), size=1, name="hub-connect")
    try:
        tenant_id = await need_tenant(pool, tenant)
        done, resources = await connecting.connect_document(pool, settings, tenant_id, document, {**environment, **variables}, wish.system)
    finally:
        await pool.close()
    print(f"{done.system} is connected to {tenant}. The tap is run for {', '.join(resources)}.")
    if wish.save is not None and variables:
        print(f"{wish.save.name} holds the document; its {', '.join(variables)} is the text of the tap's configuration file.")
    return 0


def document_of(wish: Wish, words: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The document without its resources, and the variables in it; the whole configuration of a tap counts as secret.

    >>> document_of(Wish("crm2", "crm"), ["tap-csv", "--discover"])[0]["command"]
    ['tap-csv']
    """
    command, given = _taken(words)
    if not command:
        raise SetupError("say which tap to run: hub connect singer --system NAME -- tap-… --config config.json")
    if "state" in given:
        raise SetupError("the hub keeps a tap's state itself: leave --state out")
    document: dict[str, Any] = {"system": wish.system, "kind": wish.kind, "connector": "singer", "command": command}
    variables: dict[str, str] = {}
    if "config" in given:
        name = f"{re.sub('[^A-Z0-9]', '_', wish.system.upper())}_CONFIG"
        variables[name] = dump_json(_json(given["config"])).decode()
        document["config"] = f"${{{name}}}"
    for option in ("catalog", "properties"):
        if option in given:
            document |= {"catalog": str(Path(given[option]).absolute()), "catalog_option": f"--{option}"}
    if wish.mapping is not None:
        told = connecting.read(wish.mapping)
        document |= {key: told[key] for key in ("mappings", "code_maps") if key in told}
    return document, variables


def _taken(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The tap's words without the options that the hub gives it itself, and those options."""
    command: list[str] = []
    given: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, has_value, value = word.partition("=")
        option = {"-c": "config", "-s": "state", "-p": "properties", "-d": "discover"}.get(name, name.removeprefix("--"))
        if name.startswith("-") and option == "discover":
            continue
        if name.startswith("-") and option in ("config", "catalog", "properties", "state"):
            given[option] = value if has_value else next(rest, "")
        else:
            command.append(word)
    return command, given


def _json(name: str) -> Any:
    try:
        return parse_json(Path(name).read_bytes())
    except (OSError, ValueError) as error:
        raise SetupError(f"{name or 'the file of --config'} cannot be read as JSON: {error}") from error


async def _resources(wish: Wish, document: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """A resource for each stream that is read, named like it."""
    mapped = [str(one.get("object")) for one in document.get("mappings", ())]
    wanted = wish.only or tuple(dict.fromkeys(mapped))
    connector: Any = None
    try:
        connector = connector_of("singer", {**document, "resources": {}}, dict(environment))
        assert isinstance(connector, SingerConnector)
        catalog = await connector.discovered()
    except ConnectorError as error:
        raise SetupError(str(error)) from error
    finally:
        if connector is not None:
            await connector.aclose()
    known = catalogs.names(catalog or {"streams": []})
    if unknown := [one for one in wanted if one not in known]:
        raise SetupError(f"the tap has no stream {unknown[0]}; it has {', '.join(known) or 'none'}")
    if not known:
        raise SetupError("the tap has no streams with this configuration")
    return {name: {"stream": name} for name in wanted or known}
