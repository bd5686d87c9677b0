"""Normal forms and blocking keys of many records, in as many processes as pay; the rows keep their order and number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from hub.core.match.forms import Form, normal_form
from hub.core.match.keys import blocking_keys
from hub.core.match.ops import Rarity
from hub.core.match.spec import Spec
from hub.match import sql
from hub.match.engine import Engine, tables_of
from hub.match.processes import as_many_as_pay, in_order

CHUNK = 5_000
FEW = 20_000
"""Up to so many records starting processes costs more than it saves."""

Row = tuple[Mapping[str, Any], str]
"""What a record says, and the system it comes from ('' if nobody tells)."""

Rows = Sequence[Row]
Told = Callable[[int], None]
"""Rows done so far."""


def form_all(
    engine: Engine, rows: Iterable[Rows], frequencies: Mapping[str, Rarity], told: Told = lambda done: None, *, processes: int | None = None
) -> int:
    """Fill the engine from chunks of records; answers how many there were. ``processes``: 0 works here."""
    done = 0
    many = as_many_as_pay() if processes is None else processes
    for forms, keys, count in in_order(many, _formed, (engine.spec, frequencies), _numbered(rows)):
        engine.add(forms, keys)
        done += count
        told(done)
    return done


def chunks_of(rows: Rows) -> Iterator[Rows]:
    for first in range(0, len(rows), CHUNK):
        yield rows[first : first + CHUNK]


Formed = tuple[pa.Table, pa.Table, int]
Numbered = tuple[int, Rows]


def _numbered(rows: Iterable[Rows]) -> Iterator[Numbered]:
    first = 0
    for chunk in rows:
        yield first, chunk
        first += len(chunk)


def _formed(spec: Spec, frequencies: Mapping[str, Rarity], numbered: Numbered) -> Formed:
    """Forms and keys of a chunk."""
    first, rows = numbered
    forms: list[Form] = [normal_form(spec, values, source=source) for values, source in rows]
    keys = [blocking_keys(spec, form, frequencies) for form in forms]
    return *tables_of(pa.schema(list(sql.columns_of(spec).items())), first, forms, keys), len(forms)
