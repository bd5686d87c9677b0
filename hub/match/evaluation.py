"""``hub match evaluate``: from a file to files, with progress and a summary on standard error."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid

from hub.errors import RequestError
from hub.match.evaluate import Evaluated, evaluate, write_clusters, write_pairs
from hub.match.guess import guess_kinds
from hub.match.showing import weight_chart
from hub.match.table import RECORD_ID, read_header, read_kinds, read_table, read_truth
from schema.comparing import MatchKind


def main(
    records: Path, fields: str, source: str, truth: Path | None, pairs: Path | None, clusters: Path | None, labels: int,
    is_guess: bool, as_json: bool,
) -> None:  # fmt: skip
    """Match ``records`` and write what was asked for. Raises :class:`RequestError` before anything is written."""
    logging.disable(logging.WARNING)
    screen = Console(stderr=True)
    if is_guess or not fields:
        _propose(records)
        return
    if labels and truth is None:
        raise RequestError("BAD_FILE", "--labels takes its answers from the truth. Name the file: --truth TRUTH.csv.")
    table = read_table(records, read_kinds(fields), source)
    told = read_truth(truth, table.record_ids) if truth else None
    with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=screen, transient=True) as bar:
        task = bar.add_task("reading", total=1.0)
        done = evaluate(table, lambda what, share: bar.update(task, description=what, completed=share), labels=labels, truth=told)
    if pairs:
        write_pairs(done, pairs)
    if clusters:
        write_clusters(done, clusters)
    figures = done.figures(told)
    screen.print(*_summary(done, figures), sep="\n")
    if as_json:
        print(json.dumps(figures))


def _propose(records: Path) -> None:
    """What the columns may be, as --fields takes it."""
    header = [column for column in read_header(records) if column != RECORD_ID]
    table = read_table(records, dict.fromkeys(header, MatchKind.TEXT))
    guessed = guess_kinds(header, table.rows)
    print("--fields " + ",".join(f"{column}={kind}" for column, kind in guessed.items()))


def _summary(done: Evaluated, figures: Mapping[str, Any]) -> list[Any]:
    zones = f"{figures['match']:,} match by themselves, {figures['possible_match']:,} are for a person"
    lines: list[Any] = [f"{figures['records']:,} records: {figures['clusters']:,} things. Of {figures['pairs']:,} candidate pairs {zones}."]
    lines.append(weight_chart(done.model))
    if "truth" in figures:
        grid = Grid("against the truth", "precision", "recall", "F1")
        for name, told in (("pairs at our threshold", "pair"), ("pairs at the best threshold", "pair_best"), ("linked without a person", "automatic"),
                           ("clusters, by pairs", "cluster"), ("clusters, B-cubed", "b_cubed")):  # fmt: skip
            one = figures["truth"][told]
            grid.add_row(name, *(f"{one[figure]:.4f}" for figure in ("precision", "recall", "f1")))
        lines.append(grid)
        lines.append(
            f"Recall at precision 0.99: {figures['truth']['recall_at_p99']:.3f}. "
            f"To reach 99 % of what can be found a person must see {figures['truth']['steward_pairs']:,} pairs, or answer "
            f"{figures['truth']['steward_questions']:,} questions when nothing is asked that follows from earlier answers."
        )
    return lines
