"""The levels of many pairs of forms at once: by DuckDB, about a tenth of what Python takes, and the same to the last pair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hub.core.match.forms import Form
from hub.core.match.model import Model
from hub.core.match.scoring import levels
from hub.match import sql
from hub.match.engine import Engine
from hub.match.mixture import Levels

FEW = 20_000
"""Up to so many pairs starting DuckDB costs more than it saves."""
MEMORY_GB = 1.0


def levels_of(model: Model, forms: Sequence[Form], a: NDArray[np.int64], b: NDArray[np.int64], *, few: int = FEW) -> Levels:
    """Per pair ``forms[a]``, ``forms[b]`` the level of each comparison (columns, in the spec's order; -1 null). Pairs are distinct."""
    if len(a) <= few:
        reached = [levels(model, forms[x], forms[y]) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
        return np.array(reached, np.int8).reshape(len(reached), len(model.spec.comparisons))
    with Engine(model.spec, memory_gb=MEMORY_GB) as engine:
        table, keys = engine.tables_of(0, forms, [()] * len(forms))
        engine.add(table, keys)
        engine.db.register("given", pa.table({"a": a.astype(np.int32), "b": b.astype(np.int32)}))
        engine.db.execute("CREATE TABLE pairs AS SELECT * FROM given")
        engine.db.unregister("given")
        sql.weigh(engine.db, model)
        told = ", ".join(f"level_{at}" for at in range(len(model.spec.comparisons)))
        found = engine.db.execute(f"SELECT a, b, {told} FROM ({sql.levels(model)})").fetchnumpy()
    count = len(forms)
    place = np.empty(len(a), np.int64)
    place[np.argsort(a * count + b)] = np.argsort(found["a"].astype(np.int64) * count + found["b"])
    return np.column_stack([np.asarray(found[f"level_{at}"]).astype(np.int8) for at in range(len(model.spec.comparisons))])[place]
