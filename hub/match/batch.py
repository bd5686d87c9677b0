"""Match a whole table: candidate pairs, their scores and zones, and clusters that never follow from chains alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hub.core.match.clusters import Clusters, partition
from hub.core.match.guards import guards, strong
from hub.core.match.model import NOBODY, Model
from hub.core.match.zones import MATCH, NO_MATCH, POSSIBLE_MATCH
from hub.match.context import in_context, rivalled
from hub.match.engine import Engine, Pairs, forms_of
from hub.match.processes import as_many_as_pay, in_order

BITS_BELOW = 12.0
"""So far below the threshold a pair still holds two groups apart."""

AGAINST_ALONE = 2.0
"""What a pair counts at most against two groups where nothing but a name is compared: that spellings share few words says little."""

CERTAIN = 60.0
"""Bits of a pair that a person has judged."""

MOST_IMPLIED = 1_000_000
"""Pairs that follow from clusters and were no candidates are weighed too, up to so many."""

GUARDED_AT_ONCE = 40_000


@dataclass(frozen=True)
class Matched:
    """What a table came to."""

    pairs: Pairs
    """Best first."""
    zones: NDArray[np.object_]
    reasons: dict[int, str]
    """Pair → why it is no automatic match: a guard's reason, or why the union was refused."""
    clusters: NDArray[np.int32]
    """The best guess: each row's cluster, named by one of its rows."""

    @property
    def is_match(self) -> NDArray[np.bool_]:
        """Whether the best guess has both rows of a pair in one cluster."""
        found: NDArray[np.bool_] = self.clusters[self.pairs.a] == self.clusters[self.pairs.b]
        return found


def match(
    engine: Engine, model: Model, rows: int, *, free_of_duplicates: Sequence[str] | None = None, answers: Mapping[tuple[int, int], bool] | None = None
) -> Matched:
    """Match the ``rows`` records in ``engine``, whose candidate pairs were found (:meth:`Engine.block`).

    ``free_of_duplicates`` is each row's system where no system holds a thing twice. ``answers``: pairs that a person has judged, whose
    word outranks every score.
    """
    pairs = judged(engine.score(model), answers or {})
    reasons = guarded(engine, model, pairs)
    clusters, refused = best_guess(engine, model, pairs, rows, free_of_duplicates)
    implied = _implied(engine, model, pairs, clusters)
    if len(implied):
        more = guarded(engine, model, implied)
        at = len(pairs)
        both = Pairs(*(np.concatenate([getattr(pairs, name), getattr(implied, name)]) for name in ("a", "b", "weight")))
        pairs, reasons = _sorted(both, reasons | {at + one: why for one, why in more.items()})
    for one, why in _refused_pairs(pairs, refused).items():
        reasons.setdefault(one, why)
    pairs, reasons = _in_context(pairs, reasons, clusters)
    return Matched(pairs, zones_of(model, pairs, reasons, clusters), reasons, clusters)


def _in_context(pairs: Pairs, reasons: dict[int, str], clusters: NDArray[np.int32]) -> tuple[Pairs, dict[int, str]]:
    """The pairs as the rest of the table lets them appear, best first."""
    doubtful = np.zeros(len(pairs), bool)
    doubtful[list(reasons)] = True
    return _sorted(Pairs(pairs.a, pairs.b, in_context(pairs.a, pairs.b, pairs.weight, clusters, doubtful)), reasons)


def judged(pairs: Pairs, answers: Mapping[tuple[int, int], bool]) -> Pairs:
    """The pairs with a person's word for certainty."""
    if not answers:
        return pairs
    weight = pairs.weight.copy()
    for at, pair in enumerate(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True)):
        if (answer := answers.get(pair)) is not None:
            weight[at] = CERTAIN if answer else -CERTAIN
    return _sorted(Pairs(pairs.a, pairs.b, weight), {})[0]


def zones_of(model: Model, pairs: Pairs, reasons: Iterable[int], clusters: NDArray[np.int32]) -> NDArray[np.object_]:
    """The zone of each pair; one with a reason, or with a rival in another group, is at best a question."""
    found = np.full(len(pairs), NO_MATCH, object)
    found[pairs.weight >= model.threshold_review] = POSSIBLE_MATCH
    doubtful = rivalled(pairs.a, pairs.b, pairs.weight, clusters)
    doubtful[list(reasons)] = True
    found[(pairs.weight >= model.threshold_auto) & ~doubtful] = MATCH
    return found


def guarded(engine: Engine, model: Model, pairs: Pairs, *, processes: int | None = None) -> dict[int, str]:
    """Pair → what its guards say, for pairs that might else be matched."""
    looked_at = np.flatnonzero(pairs.weight >= min(model.threshold_review, model.threshold_best))
    looked_at = looked_at[np.lexsort((pairs.b[looked_at], pairs.a[looked_at]))]  # neighbours share rows
    many = (as_many_as_pay() if processes is None else processes) if len(looked_at) > GUARDED_AT_ONCE else 0
    chunks = [looked_at[first : first + GUARDED_AT_ONCE] for first in range(0, len(looked_at), GUARDED_AT_ONCE)]
    given = ((engine.table(np.concatenate([pairs.a[some], pairs.b[some]])), pairs.a[some], pairs.b[some]) for some in chunks)
    found: dict[int, str] = {}
    for some, told in zip(chunks, in_order(many, _guards_of, (model,), given), strict=True):
        found |= {int(some[at]): why for at, why in told}
    return found


def _guards_of(model: Model, given: tuple[pa.Table, NDArray[np.int32], NDArray[np.int32]]) -> list[tuple[int, str]]:
    """(place, reasons) of the pairs that some guard speaks against."""
    table, a, b = given
    forms = forms_of(table)
    found = ((at, guards(model, forms[x], forms[y])) for at, (x, y) in enumerate(zip(a.tolist(), b.tolist(), strict=True)))
    return [(at, "; ".join(one.reason for one in fired)) for at, fired in found if fired]


def best_guess(
    engine: Engine, model: Model, pairs: Pairs, rows: int, free_of_duplicates: Sequence[str] | None = None
) -> tuple[NDArray[np.int32], list[tuple[int, int, str]]]:
    """Each row's cluster, and unions that were refused: (row, row, why)."""
    kept = np.flatnonzero(pairs.weight >= model.threshold_best - BITS_BELOW)
    touched = np.unique(np.concatenate([pairs.a[kept], pairs.b[kept]])) if len(kept) else np.empty(0, np.int32)
    numbers = dict(_strong(engine, model, touched.tolist()))
    sources = {row: free_of_duplicates[row] for row in touched.tolist()} if free_of_duplicates else {}
    clusters = Clusters[int](strong=numbers, sources=sources)
    is_alone = model.priors[1] >= NOBODY
    above = np.maximum(pairs.weight[kept] - model.threshold_best, -AGAINST_ALONE if is_alone else -np.inf).tolist()
    refused = partition(zip(pairs.a[kept].tolist(), pairs.b[kept].tolist(), above, strict=True), clusters)
    found = np.arange(rows, dtype=np.int32)
    for row in touched.tolist():
        found[row] = clusters.root(row)
    return found, refused


def _strong(engine: Engine, model: Model, rows: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    """Registered numbers of the rows that have some."""
    columns = [name for feature in engine.spec.features if (name := f"{feature.name}_strong") in engine.spec.columns]
    if not columns:
        return
    for first in range(0, len(rows), GUARDED_AT_ONCE):
        for row, form in engine.forms(rows[first : first + GUARDED_AT_ONCE], columns).items():
            if numbers := strong(model, form):
                yield row, numbers


def _implied(engine: Engine, model: Model, pairs: Pairs, clusters: NDArray[np.int32]) -> Pairs:
    """Pairs within clusters that no key brought together, weighed."""
    _, sizes = np.unique(clusters, return_counts=True)
    together = int((sizes.astype(np.int64) * (sizes - 1) // 2).sum())
    if not together or together > MOST_IMPLIED + len(pairs):
        return Pairs(pairs.a[:0], pairs.b[:0], pairs.weight[:0])
    engine.db.register("clustered", pa.table({"id": np.arange(len(clusters), dtype=np.int32), "cluster": clusters}))
    engine.db.execute(
        "CREATE OR REPLACE TABLE implied AS SELECT x.id AS a, y.id AS b FROM clustered x JOIN clustered y ON x.cluster = y.cluster AND x.id < y.id "
        "EXCEPT SELECT a, b FROM pairs"
    )
    engine.db.unregister("clustered")
    return engine.score(model, pairs="implied", is_weighed=True)


def _refused_pairs(pairs: Pairs, refused: Sequence[tuple[int, int, str]]) -> dict[int, str]:
    """The scored pairs among the unions that were refused."""
    if not refused:
        return {}
    why = {(min(a, b), max(a, b)): told for a, b, told in refused}
    return {at: why[pair] for at, pair in enumerate(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True)) if pair in why}


def _sorted(pairs: Pairs, reasons: dict[int, str]) -> tuple[Pairs, dict[int, str]]:
    order = np.lexsort((pairs.b, pairs.a, -pairs.weight))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return Pairs(pairs.a[order], pairs.b[order], pairs.weight[order]), {int(place[at]): why for at, why in reasons.items()}
