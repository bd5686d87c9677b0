"""Run the hub's own matcher on any table of records: learned on the table itself, nothing of the hub's data is touched."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from hub.core.match.forms import normal_form
from hub.core.match.model import Model, default_model, probability
from hub.core.match.spec import spec_of_columns
from hub.core.match.zones import MATCH, POSSIBLE_MATCH
from hub.match import batch, forming, learn, measures
from hub.match.batch import Matched
from hub.match.engine import Engine
from hub.match.forming import Row
from hub.match.table import Table
from hub.match.train import train, with_frequencies

SAMPLE = 60_000
"""Records that training looks at; where there are more, it takes them at random."""

ASKED_AT_ONCE = 10
"""Answers between one look at all pairs and the next."""

FEWEST = 30
"""From fewer records nothing can be learned: the declared weights judge."""

Progress = Callable[[str, float], None]
"""(what is done now, how far it is, 0 to 1)."""


@dataclass(frozen=True)
class Evaluated:
    """What the matcher made of a table."""

    table: Table
    model: Model
    matched: Matched
    seconds: dict[str, float] = field(default_factory=dict)
    labels: int = 0

    def figures(self, truth: Sequence[str] | None = None) -> dict[str, Any]:
        """Counts, thresholds and seconds; with the truth, how good it was."""
        sizes = pd.Series(self.matched.clusters).value_counts()
        zones = pd.Series(self.matched.zones).value_counts()
        told: dict[str, Any] = {
            "records": len(self.table.record_ids), "pairs": len(self.matched.pairs), "clusters": len(sizes),
            "largest_cluster": int(sizes.max()) if len(sizes) else 0, "match": int(zones.get(MATCH, 0)),
            "possible_match": int(zones.get(POSSIBLE_MATCH, 0)), "labels": self.labels,
            "thresholds": {"auto": self.model.threshold_auto, "review": self.model.threshold_review, "best": self.model.threshold_best},
            "seconds": {name: round(seconds, 2) for name, seconds in self.seconds.items()},
        }  # fmt: skip
        return told | ({"truth": against(self, truth)} if truth else {})


def evaluate(
    table: Table, tell: Progress = lambda what, share: None, *, labels: int = 0, truth: Sequence[str] | None = None, seed: int = 1,
    processes: int | None = None,
) -> Evaluated:  # fmt: skip
    """Train on the table without labels, match it, and make the best guess of its clusters.

    ``labels`` answers of a steward are simulated from the truth, about the pairs from which most is to be learned.
    """
    spec = spec_of_columns(table.kinds)
    rows = _rows(table)
    seconds: dict[str, float] = {}

    def timed(name: str, since: float) -> float:
        seconds[name] = time.monotonic() - since
        return time.monotonic()

    at = time.monotonic()
    tell("learning from the table itself", 0.0)
    sample = rows if len(rows) <= SAMPLE else Random(seed).sample(rows, SAMPLE)
    forms = [normal_form(spec, values, source=source) for values, source in sample]
    if len(forms) < FEWEST:
        model = with_frequencies(default_model(spec), forms)
    else:
        model = train(spec, forms, tell=lambda step, share: tell(f"learning: {step}", share))
    at = timed("learning", at)
    with Engine(spec) as engine:
        few = 0 if len(rows) <= forming.FEW else processes
        forming.form_all(
            engine, forming.chunks_of(rows), model.frequencies, lambda done: tell("normal forms and keys", done / len(rows)), processes=few
        )
        at = timed("forms and keys", at)
        tell("candidate pairs", 0.0)
        engine.block()
        at = timed("candidates", at)
        answers: dict[tuple[int, int], bool] = {}
        if labels and truth:
            model, answers = taught(engine, model, truth, labels, tell)
            at = timed("answers", at)
        tell("scores, guards and clusters", 0.0)
        matched = batch.match(engine, model, len(rows), answers=answers)
        timed("scores and clusters", at)
    return Evaluated(table, model, matched, seconds, len(answers))


def taught(engine: Engine, model: Model, truth: Sequence[str], labels: int, tell: Progress) -> tuple[Model, dict[tuple[int, int], bool]]:
    """The model after a steward's answers, simulated from the truth, about the pairs that teach most at the time."""
    answers: dict[tuple[int, int], bool] = {}
    lesson: list[learn.Answer] = []
    now = model
    while len(answers) < labels:
        tell("asking", len(answers) / labels)
        pairs, reached = engine.levels(now)
        names = list(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True))
        asked = np.array([one in answers for one in names], bool)
        chosen = [names[at] for at in learn.most_useful(pairs.weight, reached, asked, min(ASKED_AT_ONCE, labels - len(answers)))]
        if not chosen:
            break
        forms = engine.forms(row for pair in chosen for row in pair)
        answers |= {(a, b): truth[a] == truth[b] for a, b in chosen}
        lesson += [(forms[a], forms[b], truth[a] == truth[b]) for a, b in chosen]
        now = learn.refit(model, lesson)
    return now, answers


def _rows(table: Table) -> list[Row]:
    return list(zip(table.rows, table.sources or [""] * len(table.rows), strict=True))


def against(done: Evaluated, truth: Sequence[str]) -> dict[str, Any]:
    """How good it was: pairs at our threshold and at every other one, clusters, and the work that is left to people."""
    pairs, labels = done.matched.pairs, pd.factorize(np.asarray(truth))[0]
    is_true = labels[pairs.a] == labels[pairs.b]
    sweep = measures.Sweep.of(pairs.weight, is_true, measures.pair_count(labels.tolist()))
    threshold, best = sweep.best()
    found = done.matched.clusters.tolist()
    ours, clusters, cubed = sweep.at(done.model.threshold_best), measures.cluster_rates(found, labels.tolist()), measures.b_cubed(found, labels.tolist())
    linked = done.matched.zones == MATCH
    auto = measures.rates(int((is_true & linked).sum()), int(linked.sum()), sweep.true_pairs)
    return {
        "pair": _told(ours), "pair_best": _told(best) | {"threshold": threshold}, "recall_at_p99": sweep.recall_at_precision(0.99),
        "completeness": sweep.completeness, "cluster": _told(clusters), "b_cubed": _told(cubed), "automatic": _told(auto),
        "steward_pairs": measures.pairs_to_see(pairs.weight, is_true, linked),
        "steward_pairs_from_p99": measures.pairs_to_see(pairs.weight, is_true, pairs.weight >= _precise(sweep)),
        "steward_questions": measures.questions_to_ask(pairs.a, pairs.b, is_true, linked),
    }  # fmt: skip


def _precise(sweep: measures.Sweep) -> float:
    found = sweep.threshold_of_precision(0.99)
    return np.inf if found is None else found


def _told(rates: measures.Rates) -> dict[str, float]:
    return {"precision": rates.precision, "recall": rates.recall, "f1": rates.f1}


def write_pairs(done: Evaluated, file: Path) -> None:
    """record_a, record_b, score (bits), probability, zone, is_match (best guess), reason (why it is no automatic match)."""
    ids, matched = done.table.record_ids, done.matched
    with file.open("w", newline="", encoding="utf-8") as opened:
        lines = csv.writer(opened)
        lines.writerow(("record_a", "record_b", "score", "probability", "zone", "is_match", "reason"))
        columns = (matched.pairs.a.tolist(), matched.pairs.b.tolist(), matched.pairs.weight.tolist(), matched.zones, matched.is_match.tolist())
        for at, (a, b, bits, zone, is_match) in enumerate(zip(*columns, strict=True)):
            told = f"{probability(bits):.6f}"
            lines.writerow((ids[a], ids[b], f"{bits:.4f}", told, zone, "true" if is_match else "false", matched.reasons.get(at, "")))


def write_clusters(done: Evaluated, file: Path) -> None:
    """record_id and cluster_id, every record once."""
    ids = done.table.record_ids
    with file.open("w", newline="", encoding="utf-8") as opened:
        lines = csv.writer(opened)
        lines.writerow(("record_id", "cluster_id"))
        lines.writerows((record_id, ids[cluster]) for record_id, cluster in zip(ids, done.matched.clusters.tolist(), strict=True))
