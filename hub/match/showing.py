"""A trained model for people: what agreement is worth, and what each threshold would bring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from hub.core.match import ALTERNATIVES, Model

LEAST_SHARE = 0.005
"""Levels that fewer pairs of one thing reach, and fewer of the others, are left out of the chart."""
LONGEST_BAR = 24
LITTLE = 0.5
"""Below this share of learning the declared weights say more than the records."""


def show(screen: Console, entity: str, version: int, model: Model, report: Mapping[str, Any]) -> None:
    """Print a version: what it saw, its weight chart, and the sweep of thresholds."""
    for line in summary(entity, version, model, report):
        screen.print(line, highlight=False)
    screen.print(weight_chart(model))
    if report.get("sweep"):
        screen.print(sweep_chart(report, model))
        screen.print(
            "Pairs are pairs of source records, linked ones among them. Precision and recall are estimated by the model's own probabilities, "
            "not measured; recall is of candidate pairs. What a guard holds back (sister companies, other numbers) is a question at any threshold.",
            highlight=False,
        )  # fmt: skip


def summary(entity: str, version: int, model: Model, report: Mapping[str, Any]) -> list[str]:
    """What a version was learned from, in sentences.

    >>> from hub.core.match import default_model, spec_of_columns
    >>> model = default_model(spec_of_columns({"name": "organisation"}))
    >>> summary("client", 1, model, {"records": 50, "population": 50, "candidates": 9, "expected_matches": 2, "learned": 0.02})
    ['client model 1: learned from 50 of 50 records; of 9 candidate pairs about 2 are of one thing.', 'It learned little (2 %): nearly all weights are the declared ones.']
    """
    if "records" not in report:
        return [f"{entity} model {version}: nothing is kept of what it was learned from."]
    seen = f"of {report['candidates']:,} candidate pairs about {report['expected_matches']:,} are of one thing"
    lines = [f"{entity} model {version}: learned from {report['records']:,} of {report['population']:,} records; {seen}."]
    if report.get("prior_moved"):
        lines.append(f"The records are a sample with all that lies near them: the prior was moved by {report['prior_moved']:.1f} bits to hold for all.")
    if report["learned"] < LITTLE:
        lines.append(f"It learned little ({report['learned']:.0%}): nearly all weights are the declared ones.".replace("%", " %"))
    if answers := report.get("answers"):
        lines += _of_answers(answers)
    return lines


def _of_answers(told: Mapping[str, Any]) -> list[str]:
    count = told["same"] + told["apart"]
    if not count:
        return []
    if not told["used"]:
        return [f"{count} answers of people are too few to learn from; from 20 on they are."]
    line = f"{count} answers of people ({told['same']} same, {told['apart']} not) adjusted the weights."
    if told["right"] is not None:
        line += f" Measured on answers it had not seen, it agrees with {told['right']:.0%}; without them with {told['right_before']:.0%}.".replace("%", " %")
    return [line]


def weight_chart(model: Model) -> Table:
    """Per level the share of pairs of one thing, the bits against each alternative, and a bar of the least of these."""
    chart = Table("comparison", "level", "of one thing", *ALTERNATIVES, "", title="What agreement is worth: bits against", title_justify="left")
    for comparison in model.spec.comparisons:
        name = comparison.name
        for level, one in zip(comparison.levels, model.weights[name], strict=True):
            if max(one.m, *one.others) >= LEAST_SHARE:
                least = min(one.bits)
                bar = f"[green]{'█' * _length(least)}[/]" if least >= 0 else f"[red]{'░' * _length(-least)}[/]"
                chart.add_row(name, level.name, f"{one.m:.1%}", *(f"{each:+.1f}" for each in one.bits), bar)
                name = ""
    return chart


def _length(bits: float) -> int:
    return min(LONGEST_BAR, round(bits))


def sweep_chart(report: Mapping[str, Any], model: Model) -> Table:
    """What each automatic threshold would bring."""
    chart = Table("bits", "pairs above", "precision", "recall", "questions", "", title="Were this the automatic threshold (estimated)", title_justify="left")
    marks = {"automatic": model.threshold_auto, "questions begin": model.threshold_review}
    thresholds = [float(one["threshold"]) for one in report["sweep"]]
    for one, before in zip(report["sweep"], [None, *report["sweep"]], strict=False):
        if before is not None and not before["pairs"]:
            break  # nothing is above this one, nor above any other
        here = [f"{name} at {bits:.1f}" for name, bits in marks.items() if one["threshold"] == _nearest(thresholds, bits)]
        chart.add_row(
            f"{one['threshold']:+}", f"{one['pairs']:,}", f"{one['precision']:.4f}", f"{one['recall']:.4f}", f"{one.get('questions', 0):,}", ", ".join(here)
        )
    return chart


def _nearest(thresholds: list[float], bits: float) -> float:
    return min(thresholds, key=lambda one: abs(one - bits))
