"""``hub connector table``: which system gives and takes which entity, and how, read off connectors and their mappings."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.port import Capabilities
from connectors.shipped import SHIPPED, extended, vendors
from hub.connections import connect
from hub.demo.vendors import PRODUCTS, Part
from schema import ENTITIES
from schema.mapping import Mapping as SystemMapping
from schema.mapping_file import load_mappings

COLUMNS = ("system", "entity", "from", "write", "idempotent", "lock", "delete")
TESTS = {
    "from": "a_later_poll_tells_what_changed", "write": "a_created_record_is_there_once",
    "idempotent": "a_lost_answer_does_not_create_twice", "lock": "an_update_of_a_changed_record_is_refused", "delete": "a_deleted_record_is_told",
}  # fmt: skip
"""Column → the check of the conformance suite that stands behind it, for the object that stands for its system."""
NO_SIMULATOR: Mapping[str, Mapping[str, Any]] = {
    "tryton": {"database": "erp", "auth": {"user": "hub", "password": "-"}},
}
"""Systems that are run for real: what a firm would write, so that the connector can be made."""
INTRO = """# Systems and what they give and take

Made by `hub connector table > connectors/SYSTEMS.md` from the connectors and the mappings that come with them; a test compares it.

*from*: the objects an entity is read from; how (changes, listings, webhooks) is on the system's page. *write*: what can be made (c), changed (u) and ended (d). *idempotent*: how a write whose answer was
lost is made once: by a **unique** field with our key, a field with our **key**, or the **natural** key, looked up before it is sent again. *lock*: an update is
refused when the record changed meanwhile. *delete*: whether a delete is told by itself (else a full listing tells what is gone).

"""


def table() -> str:
    """The whole page, as Markdown."""
    rows = [row for name in SHIPPED for row in _rows(name)]
    tested = "\n".join(f"- {column}: `{check}`" for column, check in TESTS.items())
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{' --- |' * len(COLUMNS)}", *(f"| {' | '.join(row)} |" for row in rows)]
    return f"{INTRO}" + "\n".join(lines) + f"\n\nBehind the columns stand these checks of `make test-connectors`, for every system:\n\n{tested}\n"


def _rows(name: str) -> Iterator[tuple[str, ...]]:
    document = _document(name)
    mappings = load_mappings({"mappings": document["mappings"]}, file=name, system=name)
    able = _capabilities(document)
    for entity in ENTITIES:
        its = [one for one in mappings if one.entity == entity]
        if its:
            yield vendors()[name].title, entity, *_cells(its, able, document)


def _document(name: str) -> dict[str, Any]:
    if name in PRODUCTS:
        return extended(Part(PRODUCTS[name].roles[0], name, name).document("http://127.0.0.1:9"))
    return extended({"extends": name, "system": name, "base_url": "http://127.0.0.1:9", **NO_SIMULATOR[name]})


def _capabilities(document: Mapping[str, Any]) -> Capabilities:
    async def asked() -> Capabilities:
        connector = connect(str(document["connector"]), dict(document), {})
        try:
            return connector.capabilities
        finally:
            await connector.aclose()

    return asyncio.run(asked())


def _cells(its: list[SystemMapping], able: Capabilities, document: Mapping[str, Any]) -> tuple[str, ...]:
    objects = list(dict.fromkeys(one.object for one in its))
    writers = [one for one in its if one.fields_out]
    can = [able.of(one.object) for one in writers]
    does = "".join(letter for letter, yes in (
        ("c", any(one.can_create for one in can)), ("u", any(one.can_update for one in can)), ("d", any(one.can_deactivate for one in can)),
    ) if yes)  # fmt: skip
    once = ""
    if "c" in does:
        unique, kept = any(one.has_unique_external_id for one in can), any(one.keeps_our_key for one in can)
        once = "unique" if unique else "key" if kept else "natural" if any(one.natural_key for one in writers) else "–"
    tells = any(one.deleted is not None for one in its)
    return (
        ", ".join(objects), does, once, "yes" if does and any(one.has_expected_version for one in can) else "", "told" if tells else "listed",
    )  # fmt: skip
