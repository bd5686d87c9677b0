"""A profile as tables on a terminal, or as one JSON document."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.flows.profile_figures import Column, Figures

WIDTH = 160


@dataclass
class Profile:
    """What a source holds. ``bad`` are the first lines that are no records, with their reasons."""

    source: str
    figures: Sequence[Figures]
    bad_lines: int = 0
    bad: list[str] = field(default_factory=list)
    unbound: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source, "records": sum(one.records for one in self.figures), "bad_lines": self.bad_lines,
            "bad": self.bad, "not_read": list(self.unbound), "parts": [one.as_json() for one in self.figures],
        }  # fmt: skip


def show(profile: Profile, as_json: bool) -> None:
    """Print a profile on standard output."""
    if as_json:
        print(json.dumps(profile.as_json(), ensure_ascii=False))
        return
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    for one in profile.figures:
        console.print(_table(one))
        for line in _remarks(one):
            console.print(escape(line))
        console.print()
    if profile.bad_lines:
        console.print(f"{profile.bad_lines:,} lines are no records:")
        for line in profile.bad:
            console.print(f"  {escape(line)}")
    if profile.unbound:
        console.print(escape(f"The mapping does not read: {', '.join(profile.unbound)}"))


def _table(one: Figures) -> Table:
    table = Table(title=f"{escape(one.title)}: {one.records:,} records", title_justify="left")
    table.add_column("column", overflow="ellipsis", no_wrap=True, min_width=12, max_width=32)
    for name in ("filled", "distinct", "longest", "invalid"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("most frequent", overflow="ellipsis", no_wrap=True, max_width=56)
    table.add_column("for instance invalid", overflow="ellipsis", no_wrap=True, max_width=36)
    for column in one.columns.values():
        table.add_row(*(escape(cell) for cell in _cells(column, one.records)))
    return table


def _cells(column: Column, records: int) -> tuple[str, ...]:
    shown = column.as_json(records)
    return (
        column.name + (f" [{column.check.name}]" if column.check else ""),
        f"{100 * shown['fill_rate']:.1f} %",
        f"{shown['distinct']:,}" if shown["is_distinct_exact"] else f"≥ {shown['distinct']:,}",
        f"{column.longest:,}",
        f"{column.invalid:,}" if column.check else "",
        ", ".join(f"{value[:24]} ×{count:,}" for value, count in shown["top"]),
        ", ".join(column.examples[:1]),
    )


def _remarks(one: Figures) -> list[str]:
    told = []
    if one.without_id:
        told.append(f"  {one.without_id:,} records have no id")
    placeholders = [f"{column.name} {column.placeholders:,}" for column in one.columns.values() if column.placeholders]
    if placeholders:
        told.append(f"  placeholders (n/a, unknown, -): {', '.join(placeholders)}")
    for double in one.doubles.values():
        if double.groups:
            shown = double.as_json()
            told.append(f"  {shown['records']:,} records in {shown['groups']:,} groups with the {double.what}: {'; '.join(double.examples)}")
    for orphan in one.orphans:
        if orphan.records:
            whether = "that nothing answers" if orphan.is_checked else "to records that are not in this file"
            told.append(
                f"  {orphan.records:,} references {orphan.column} → {orphan.to} {whether} ({orphan.distinct:,} different): {'; '.join(orphan.examples)}"
            )
    return told
