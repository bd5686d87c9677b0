"""Tasks of a first load as lines for COPY: what differs within a golden record, and which golden records may be one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import pyarrow as pa

from hub.core.match.scoring import score
from hub.flows.likeness import evidence
from hub.match.copying import TASK_COLUMNS, line
from hub.match.engine import forms_of
from hub.match.load_read import Ground
from hub.store.tasks import NewTask, row_of

Question = tuple[UUID, UUID, int, int]
"""Two golden records, the lesser first, and the rows of their likest pair."""


class Questions(NamedTuple):
    """Some questions, and the normal forms of the rows they are about, packed."""

    asked: Sequence[Question]
    forms: bytes


def task_lines(ground: Ground, tenant_id: int, tasks: Iterable[NewTask]) -> str:
    """A line per task, as :func:`hub.store.tasks.open_tasks` would open it; their golden records are new, so none of them is open."""
    told: dict[tuple[str, str], str] = {}
    opened_at = ground.at.isoformat()
    for task in tasks:
        row = row_of(task)
        row |= {"tenant_id": tenant_id, "due_at": (ground.at + timedelta(hours=row["due_h"])).isoformat(), "opened_at": opened_at, "updated_at": opened_at}
        told.setdefault((task.cause, task.subject), line(row, TASK_COLUMNS))
    return "".join(told.values())


def question_lines(ground: Ground, tenant_id: int, some: Questions) -> bytes:
    """In a process beside: one question for each two golden records that may be one, about their likest pair."""
    forms = forms_of(unpacked(some.forms))
    return task_lines(ground, tenant_id, (_question(ground, one, other, forms[a], forms[b]) for one, other, a, b in some.asked)).encode()


def _question(ground: Ground, one: UUID, other: UUID, a: dict[str, object], b: dict[str, object]) -> NewTask:
    found = score(ground.model, a, b)
    why = "; ".join(guard.reason for guard in found.guards)
    return NewTask(
        cause="possible_duplicate",
        subject=f"{ground.entity} {one} {other}",
        reason=f"two {ground.entity} records may be one" + (f", but {why}" if why else ""),
        remedy="Decide whether they are the same.",
        entity=ground.entity,
        golden_id=one,
        detail={"other": str(other), "evidence": evidence(ground.model, found)},
        is_restated=True,
    )


def packed(table: pa.Table) -> bytes:
    """A table for another process: of a slice only its own rows, which pickling would send with all that surrounds them."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    told: bytes = sink.getvalue().to_pybytes()
    return told


def unpacked(told: bytes) -> pa.Table:
    return pa.ipc.open_stream(told).read_all()
