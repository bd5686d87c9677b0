"""Gauges that are read from the tables when somebody asks: name, sentence and labels come from the statement itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hub.store.statements import SQL as FOLDER
from hub.store.statements import Connection, statements

SQL = statements("gauges")


@dataclass(frozen=True, slots=True)
class Gauge:
    """One gauge with its samples: label values in the order of ``labels``, and the value."""

    name: str
    doc: str
    labels: tuple[str, ...]
    samples: Sequence[tuple[tuple[str, ...], float]]


def docs() -> dict[str, str]:
    """Name of every gauge and its sentence, as the file of statements has them.

    >>> docs()["hub_inbox_open"]
    'Messages nobody has settled yet.'
    """
    text = (FOLDER / "gauges.sql").read_text(encoding="utf-8")
    return dict(re.findall(r"^-- (\w+) --\n-- (.*)$", text, re.MULTILINE))


_DOCS = docs()


async def read(connection: Connection) -> list[Gauge]:
    """Every gauge, one statement each."""
    found = []
    for name, statement in SQL.items():
        rows = await statement.fetch(connection)
        labels = tuple(key for key in rows[0].keys() if key != "value") if rows else ()  # noqa: SIM118 - a Record is iterated by its values
        found.append(Gauge(name, _DOCS[name], labels, [(tuple(str(row[label]) for label in labels), row["value"]) for row in rows]))
    return found
