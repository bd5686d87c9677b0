"""The hub's matcher on every labelled set, beside Splink in the same run; a million records in batch; online.

``python -m tests.benchmarks.match DATA [--only febrl1,…] [--without-million] [--without-online]``. Of each set only the columns'
kinds are told (``match_sets.py``); thresholds are the matcher's own. Each run is a process of its own. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.match_sets import SETS, LabelledSet

AIMS: dict[str, dict[str, float]] = {
    "f1": {
        "psf_dev_clients": 0.937, "psf_dev_contacts": 0.943, "psf_dev_projects": 0.884, "chicago_sites": 0.94, "febrl1": 0.998, "febrl2": 0.998,
        "febrl3": 0.998, "febrl4": 0.998, "patstat_applicants": 0.88, "leipzig_affiliations": 0.70, "fake_1000": 0.88,
    },
    "recall_at_p99": {"psf_dev_clients": 0.8},
    "cluster_f1": {"psf_dev_clients": 0.945},
    "f1_60_labels": {"chicago_sites": 0.93},
    "automatic_precision": {one.name: 0.995 for one in SETS},
}  # fmt: skip
"""What each figure should at least be; what is below is bold."""

LABELS = 60
LABELLED = ("chicago_sites",)
STEWARDED = "psf_dev_clients"


def ours(one: LabelledSet, data: Path, labels: int = 0) -> dict[str, Any]:
    """What ``hub match evaluate`` makes of a set."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-match-") as folder:
        command = [
            sys.executable, "-m", "hub", "match", "evaluate", str(one.records(data)), "--fields", one.fields, "--truth", str(one.truth(data)),
            "--pairs", f"{folder}/pairs.csv", "--clusters", f"{folder}/clusters.csv", "--labels", str(labels), "--json",
        ]  # fmt: skip
        return child([*command, *(["--source", one.source] if one.source else [])])


def splink(one: LabelledSet, data: Path) -> dict[str, Any]:
    return child([sys.executable, "-m", "tests.benchmarks.match_splink", str(data), one.name])


def child(command: list[str]) -> dict[str, Any]:
    """The JSON of a process's last line; what it said on the way is shown only when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def measure_sets(data: Path, sets: list[LabelledSet], screen: Console) -> dict[str, Any]:
    """Figures by name and set; a line of the table as each set is done."""
    figures: dict[str, dict[str, float]] = {
        name: {} for name in ("f1", "best_f1", "splink_best_f1", "splink_f1", "recall_at_p99", "splink_recall_at_p99", "cluster_f1", "b_cubed_f1",
                              "completeness", "automatic_precision", "automatic_recall", "f1_60_labels", "steward_pairs", "steward_pairs_one_by_one", "steward_pairs_from_p99")
    }  # fmt: skip
    grid = Table("set", *("F1", "F1 best", "Splink best", "Splink at 0", "R@P99", "Splink", "cluster F1", "B³", "complete", "auto P / R", "steward", "s", "Splink s"))
    for one in sets:
        mine, theirs = ours(one, data), splink(one, data)
        truth = mine["truth"]
        for name, value in (
            ("f1", truth["pair"]["f1"]), ("best_f1", truth["pair_best"]["f1"]), ("recall_at_p99", truth["recall_at_p99"]),
            ("cluster_f1", truth["cluster"]["f1"]), ("b_cubed_f1", truth["b_cubed"]["f1"]), ("completeness", truth["completeness"]),
            ("automatic_precision", truth["automatic"]["precision"]), ("automatic_recall", truth["automatic"]["recall"]),
            ("steward_pairs", truth["steward_questions"]), ("steward_pairs_one_by_one", truth["steward_pairs"]),
            ("steward_pairs_from_p99", truth["steward_pairs_from_p99"]), ("splink_best_f1", theirs["best_f1"]), ("splink_f1", theirs["f1_at_0"]),
            ("splink_recall_at_p99", theirs["recall_at_p99"]),
        ):  # fmt: skip
            figures[name][one.name] = round(value, 4)
        if one.name in LABELLED:
            figures["f1_60_labels"][one.name] = round(ours(one, data, LABELS)["truth"]["cluster"]["f1"], 4)
        told = [_shown(figures, name, one.name) for name in ("f1", "best_f1", "splink_best_f1", "splink_f1", "recall_at_p99",
                "splink_recall_at_p99", "cluster_f1", "b_cubed_f1", "completeness")]  # fmt: skip
        auto = f"{_shown(figures, 'automatic_precision', one.name)} / {truth['automatic']['recall']:.3f}"
        grid.add_row(one.name, *told, auto, f"{truth['steward_questions']:,} / {truth['steward_pairs']:,}", f"{sum(mine['seconds'].values()):.1f}", f"{theirs['wall_s']:.1f}")
        screen.print(f"{one.name}: F1 {figures['f1'][one.name]:.4f}, Splink's best {figures['splink_best_f1'][one.name]:.4f}", style="dim")
    screen.print(grid)
    for name, after in figures["f1_60_labels"].items():
        screen.print(f"{name} after {LABELS} answers of a steward: cluster F1 {_shown(figures, 'f1_60_labels', name)}, without {figures['cluster_f1'][name]:.4f}"
                     if after else "")  # fmt: skip
    return figures


def _shown(figures: dict[str, dict[str, float]], name: str, of: str) -> str:
    value = figures[name][of]
    is_miss = value < AIMS.get(name, {}).get(of, 0.0) or (name == "f1" and value < figures["splink_best_f1"][of])
    return f"[bold red]{value:.4f}[/]" if is_miss else f"{value:.4f}"


def online(data: Path) -> dict[str, Any]:
    """One record at a time against a million golden clients."""
    measured: dict[str, Any] = asyncio.run(import_module("tests.benchmarks.match_online").measure(data))
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", default="", help="names of sets, with commas between")
    parser.add_argument("--rows", type=int, default=1_000_000, help="records of the batch")
    parser.add_argument("--without-million", action="store_true", default=bool(os.environ.get("SKIP_1M")))
    parser.add_argument("--without-online", action="store_true")
    given = parser.parse_args()
    screen = Console(width=180)
    wanted = given.only.split(",") if given.only else [one.name for one in SETS]
    told = measure_sets(given.data, [one for one in SETS if one.name in wanted], screen)
    for name in ("steward_pairs", "steward_pairs_one_by_one", "steward_pairs_from_p99"):
        told[name] = told[name].get(STEWARDED)
    if not given.without_million:
        told |= import_module("tests.benchmarks.match_million").measure(given.data, given.rows, screen)
    if not given.without_online:
        told |= online(given.data)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
