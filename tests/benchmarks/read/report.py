"""What is printed: a table a question, and the ratios of the hub to each peer."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from typing import TypeAlias

from tests.benchmarks.read.measure import Measured
from tests.benchmarks.read.questions import Question
from tests.benchmarks.read.servers import NAMES, SLOW

Moments: TypeAlias = dict[tuple[str, int, str], list[Measured]]
"""By question, concurrency and server."""

RATIOS: tuple[tuple[str, str, Callable[[Measured], float]], ...] = (
    ("cpu_vs_sql", "sql", lambda one: one.cpu_us),
    ("cpu_vs_postgraphile", "postgraphile", lambda one: one.cpu_us),
    ("cpu_vs_mercurius", "mercurius", lambda one: one.cpu_us),
    ("cpu_vs_orm", "orm", lambda one: one.cpu_us),
    ("rps_vs_sql", "sql", lambda one: one.rps),
)


def ratios(found: Moments, levels: Sequence[int]) -> dict[str, object]:
    """Per figure and question, the median over rounds of hub / peer; a round's two moments lie close together."""
    told: dict[str, object] = {}
    for figure, peer, of in RATIOS:
        level = levels[0 if peer in SLOW else -1]
        told[figure] = {
            question: round(statistics.median(of(mine) / of(theirs) for mine, theirs in zip(hub, found[question, at, peer], strict=True)), 3)
            for (question, at, name), hub in found.items()
            if name == "hub" and at == level and (question, at, peer) in found
        }
    return told


def show(found: Moments, questions: Sequence[Question], levels: Sequence[int]) -> None:
    """Medians over rounds; ± is half the spread of CPU between rounds; the last two columns are hub / peer."""
    for question in questions:
        for level in levels:
            rows = {name: moments for (asked, at, name), moments in found.items() if (asked, at) == (question.name, level)}
            if rows:
                print(f"\n{question.name}  {question.about}, {level} at once")
                print(f"  {'':<22}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'server µs':>11}{'postgres µs':>13}{'CPU µs':>9}{'±':>6}{'hub CPU':>9}{'hub req/s':>10}")
                for name, moments in rows.items():
                    print(_row(NAMES[name], moments, rows["hub"]))


def _row(title: str, moments: Sequence[Measured], hub: Sequence[Measured]) -> str:
    def median(of: Callable[[Measured], float]) -> float:
        return statistics.median(map(of, moments))

    cpu = [one.cpu_us for one in moments]
    spread = (max(cpu) - min(cpu)) / 2 / statistics.median(cpu)
    against = statistics.median(a.cpu_us / b.cpu_us for a, b in zip(hub, moments, strict=True))
    pace = statistics.median(a.rps / b.rps for a, b in zip(hub, moments, strict=True))
    return (
        f"  {title:<22}{median(lambda m: m.rps):>9,.0f}{median(lambda m: m.p50_ms):>9.2f}{median(lambda m: m.p99_ms):>9.2f}"
        f"{median(lambda m: m.server_us):>11,.0f}{median(lambda m: m.postgres_us):>13,.0f}{statistics.median(cpu):>9,.0f}{spread:>6.0%}"
        f"{against:>9.2f}{pace:>10.2f}"
    )


def why_not(answer: dict[str, object]) -> str | None:
    """Why an answer is a refusal; None when it is not."""
    return json.dumps(answer["errors"])[:300] if answer.get("errors") else None
