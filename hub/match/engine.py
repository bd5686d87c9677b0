"""A DuckDB of normal forms and blocking keys, in which candidate pairs are found and weighed.

Rows are known by their number. Nothing here decides; what is kept in memory is bounded, and the rest goes to a temporary folder.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hub.core.match.forms import SOURCE, Form
from hub.core.match.model import Model
from hub.core.match.spec import Spec
from hub.match import sql
from hub.match.dialects import quoted

MEMORY_GB = 3.0
MOST_PAIRS = 2_000_000
"""Pairs that keys may give, one pair counted for every key it shares; the keys with the most holders are left out first."""

PAIRS_A_RECORD = 20
"""Where this many a record are more, they may be more."""

MOST_HOLDERS = 1000
"""A key that more records share is never one."""


@dataclass(frozen=True)
class Pairs:
    """Scored candidate pairs, best first: rows a < b and the score in bits."""

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.weight)


class Engine:
    """Forms, keys, candidate pairs and their weights of one table of records."""

    def __init__(self, spec: Spec, *, memory_gb: float = MEMORY_GB, threads: int | None = None) -> None:
        self.spec = spec
        self._folder = tempfile.TemporaryDirectory(prefix="hub-match-")
        self.db: Any = duckdb.connect(
            ":memory:",
            config={"memory_limit": f"{memory_gb}GB", "threads": str(threads or os.cpu_count() or 1), "temp_directory": f"{self._folder.name}/spill"},
        )
        self.db.execute("SET preserve_insertion_order = false")
        self._schema = pa.schema(list(sql.columns_of(spec).items()))
        columns = ", ".join(f"{quoted(name)} {_SQL_TYPES[kind]}" for name, kind in sql.columns_of(spec).items())
        self.db.execute(f"CREATE TABLE forms ({columns})")
        self.db.execute("CREATE TABLE keys (key BIGINT, id INTEGER)")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.db.close()
        self._folder.cleanup()

    def add(self, forms: pa.Table, keys: pa.Table, *, first: int = 0) -> None:
        """Take in rows as :func:`tables_of` makes them; ``first`` is added to their numbers."""
        for name, table in (("forms", forms), ("keys", keys)):
            self.db.register("given", table)
            self.db.execute(f"INSERT INTO {name} SELECT * REPLACE (id + {first} AS id) FROM given")
            self.db.unregister("given")

    def block(self, most_pairs: int = 0, *, across_sources: bool = False) -> int:
        """Find candidate pairs: two records that share a key which not too many have. Answers how many there are."""
        most = self.most_holders(most_pairs)
        self.db.execute(
            "CREATE OR REPLACE TEMP TABLE useful AS SELECT k.key, k.id FROM keys k "
            f"JOIN (SELECT key FROM keys GROUP BY key HAVING count(*) BETWEEN 2 AND {most}) USING (key)"
        )
        apart = f"JOIN forms l ON l.id = x.id JOIN forms r ON r.id = y.id WHERE l.{SOURCE} <> r.{SOURCE} AND" if across_sources else "WHERE"
        self.db.execute(
            f"CREATE OR REPLACE TABLE pairs AS SELECT DISTINCT x.id AS a, y.id AS b FROM useful x JOIN useful y USING (key) {apart} x.id < y.id"
        )
        self.db.execute("DROP TABLE useful")
        return int(self.db.execute("SELECT count(*) FROM pairs").fetchall()[0][0])

    def most_holders(self, most_pairs: int = 0) -> int:
        """How many holders a key may have so that all keys together give no more than ``most_pairs``."""
        records = int(self.db.execute("SELECT count(*) FROM forms").fetchall()[0][0])
        budget = most_pairs or max(MOST_PAIRS, PAIRS_A_RECORD * records)
        sizes = self.db.execute(
            "SELECT holders, count(*) FROM (SELECT count(*) AS holders FROM keys GROUP BY key) "
            f"WHERE holders BETWEEN 2 AND {MOST_HOLDERS} GROUP BY holders ORDER BY holders"
        ).fetchall()
        pairs = most = 0
        for holders, count in sizes:
            pairs += count * holders * (holders - 1) // 2
            if pairs > budget:
                break
            most = holders
        return max(most, 2)

    def score(self, model: Model, least_bits: float = -np.inf, *, pairs: str = "pairs", is_weighed: bool = False) -> Pairs:
        """Weigh candidate pairs; those below ``least_bits`` are left out. ``is_weighed``: this model's words stand there already."""
        if not is_weighed:
            sql.weigh(self.db, model)
        kept = f" WHERE weight >= {least_bits}" if np.isfinite(least_bits) else ""
        found = self.db.execute(f"SELECT a, b, weight FROM ({sql.weights(model, pairs)}){kept} ORDER BY weight DESC, a, b").fetchnumpy()
        return Pairs(_plain(found["a"]), _plain(found["b"]), _plain(found["weight"]))

    def levels(self, model: Model) -> tuple[Pairs, NDArray[np.int8]]:
        """Every candidate pair with its score, and the level of each comparison (columns, in the spec's order; -1 null)."""
        sql.weigh(self.db, model)
        found = self.db.execute(f"SELECT * FROM ({sql.weights(model, with_levels=True)}) ORDER BY weight DESC, a, b").fetchnumpy()
        levels = np.column_stack([_plain(found[f"level_{at}"]).astype(np.int8) for at in range(len(self.spec.comparisons))])
        return Pairs(_plain(found["a"]), _plain(found["b"]), _plain(found["weight"])), levels

    def forms(self, rows: Iterable[int], columns: Sequence[str] = ()) -> dict[int, Form]:
        """The normal forms of these rows, or only some columns of them."""
        return forms_of(self.table(np.fromiter(rows, np.int32), columns))

    def table(self, rows: NDArray[np.int32], columns: Sequence[str] = ()) -> pa.Table:
        """The same as a table, whose column ``id`` is the row."""
        told = ", ".join(f"f.{quoted(name)}" for name in ("id", *columns)) if columns else "f.*"
        self.db.register("wanted", pa.table({"id": np.unique(rows)}))
        found = self.db.sql(f"SELECT {told} FROM forms f JOIN wanted USING (id)").to_arrow_table()
        self.db.unregister("wanted")
        return found

    def tables_of(self, first: int, forms: Sequence[Form], keys: Sequence[Sequence[int]]) -> tuple[pa.Table, pa.Table]:
        """Forms and keys of rows ``first``, ``first + 1`` … as tables."""
        return tables_of(self._schema, first, forms, keys)


def forms_of(table: pa.Table) -> dict[int, Form]:
    """Row → normal form, of what :meth:`Engine.table` gives."""
    return {row.pop("id"): {name: value for name, value in row.items() if value is not None} for row in table.to_pylist()}


def tables_of(schema: pa.Schema, first: int, forms: Sequence[Form], keys: Sequence[Sequence[int]]) -> tuple[pa.Table, pa.Table]:
    """Forms and blocking keys of rows ``first``, ``first + 1`` … as tables that :meth:`Engine.add` takes."""
    ids = range(first, first + len(forms))
    told: dict[str, list[Any]] = {one.name: [None] * len(forms) for one in list(schema)[1:]}
    for at, form in enumerate(forms):  # a form states a quarter of the columns
        for name, value in form.items():
            if (column := told.get(name)) is not None:
                column[at] = value
    columns = [pa.array(ids, pa.int32()), *(pa.array(told[one.name], one.type) for one in list(schema)[1:])]
    flat = pa.table(
        {
            "key": pa.array([key for some in keys for key in some], pa.int64()),
            "id": pa.array([row for row, some in zip(ids, keys, strict=True) for _ in some], pa.int32()),
        }
    )
    return pa.Table.from_arrays(columns, schema=schema), flat


def _plain(found: Any) -> Any:
    return found.data if isinstance(found, np.ma.MaskedArray) else found


_SQL_TYPES = {pa.int32(): "INTEGER", pa.string(): "VARCHAR", pa.list_(pa.string()): "VARCHAR[]", pa.float64(): "DOUBLE"}
