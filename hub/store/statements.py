"""Named SQL: every fixed statement lives in ``hub/store/sql/*.sql`` under a name, with parameters by name.

A file is a series of ``-- name --`` headings, each followed by comment lines and one statement whose parameters are
written ``:name``; here they become asyncpg's ``$n``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg

Connection: TypeAlias = asyncpg.Connection

SQL = Path(__file__).parent / "sql"
_HEADING = re.compile(r"^-- (\w+) --$", re.MULTILINE)
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One named statement; call :meth:`fetch`, :meth:`value`, :meth:`row` or :meth:`run` with its parameters by name."""

    name: str
    text: str
    parameters: tuple[str, ...]

    async def fetch(self, tx: Connection, **given: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await tx.fetch(self.text, *self._ordered(given))
        return rows

    async def row(self, tx: Connection, **given: Any) -> asyncpg.Record | None:
        return await tx.fetchrow(self.text, *self._ordered(given))

    async def value(self, tx: Connection, **given: Any) -> Any:
        return await tx.fetchval(self.text, *self._ordered(given))

    async def run(self, tx: Connection, **given: Any) -> str:
        """Run it and answer the command tag ("UPDATE 3")."""
        return str(await tx.execute(self.text, *self._ordered(given)))

    def _ordered(self, given: dict[str, Any]) -> list[Any]:
        if len(given) != len(self.parameters):
            raise TypeError(f"{self.name} takes {self.parameters}, not {tuple(given)}")
        return [given[name] for name in self.parameters]


def statements(file: str) -> Mapping[str, Statement]:
    """All statements of ``sql/<file>.sql`` by name."""
    text = (SQL / f"{file}.sql").read_text(encoding="utf-8")
    parts = _HEADING.split(text)
    return {name: parse(name, body) for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def parse(name: str, body: str) -> Statement:
    """Read one statement.

    >>> parse("one", "SELECT x::int FROM t WHERE a = :a AND b = :b AND c = :a;")
    Statement(name='one', text='SELECT x::int FROM t WHERE a = $1 AND b = $2 AND c = $1', parameters=('a', 'b'))
    """
    sql = "\n".join(line for line in body.splitlines() if not line.lstrip().startswith("--")).strip().rstrip(";")
    order: dict[str, int] = {}
    numbered = _PARAMETER.sub(lambda m: f"${order.setdefault(m[1], len(order) + 1)}", sql)
    return Statement(name, numbered, tuple(order))
