"""Measures of matching, by tables small enough to be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hub.match.measures import Rates, Sweep, b_cubed, cluster_rates, pairs_to_see, questions_to_ask

SCORES = np.array([9.0, 7.0, 7.0, 5.0, 3.0, -2.0])
IS_TRUE = np.array([True, True, False, True, False, True])


def a_sweep(true_pairs: int = 5) -> Sweep:
    return Sweep.of(SCORES, IS_TRUE, true_pairs)


@pytest.mark.parametrize(
    ("threshold", "precision", "recall"),
    [(10.0, 1.0, 0.0), (9.0, 1.0, 0.2), (7.0, 2 / 3, 0.4), (6.0, 2 / 3, 0.4), (5.0, 0.75, 0.6), (-99.0, 4 / 6, 0.8)],
)
def test_a_threshold_takes_every_pair_at_or_above_it(threshold: float, precision: float, recall: float) -> None:
    assert a_sweep().at(threshold) == Rates(precision, recall)


def test_equal_scores_are_never_cut_apart() -> None:
    assert a_sweep().thresholds.tolist() == [9.0, 7.0, 5.0, 3.0, -2.0]
    assert a_sweep().found.tolist() == [1, 3, 4, 5, 6]


def test_the_best_threshold_is_the_one_of_the_highest_f1() -> None:
    threshold, rates = a_sweep().best()
    assert (threshold, rates) == (-2.0, Rates(4 / 6, 0.8))


def test_recall_at_a_precision_is_that_of_the_lowest_threshold_that_keeps_it() -> None:
    assert a_sweep().recall_at_precision(0.99) == 0.2
    assert a_sweep().recall_at_precision(0.75) == 0.6
    assert Sweep.of(SCORES, ~IS_TRUE, 2).recall_at_precision(0.99) == 0.0


def test_completeness_is_the_share_of_true_pairs_that_were_scored() -> None:
    assert a_sweep().completeness == 0.8
    assert Sweep.of(np.empty(0), np.empty(0, bool), 3).completeness == 0.0


@pytest.mark.parametrize(
    ("settled", "share", "seen"),
    [([], 0.5, 2), ([], 1.0, 6), ([0], 0.5, 1), ([0, 1, 3], 0.75, 0), ([0, 1, 3], 1.0, 3)],
)
def test_a_person_sees_pairs_from_the_top_until_enough_true_ones_are_known(settled: list[int], share: float, seen: int) -> None:
    is_settled = np.isin(np.arange(len(SCORES)), settled)
    assert pairs_to_see(SCORES, IS_TRUE, is_settled, share) == seen


@pytest.mark.parametrize(
    ("found", "truth", "pairs", "cubed"),
    [
        ("aabb", "xxyy", Rates(1.0, 1.0), Rates(1.0, 1.0)),
        ("abcd", "xxyy", Rates(1.0, 0.0), Rates(1.0, 0.5)),
        ("aaaa", "xxyy", Rates(2 / 6, 1.0), Rates(0.5, 1.0)),
        ("aabb", "xxxy", Rates(0.5, 1 / 3), Rates(0.75, (2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)),
    ],
)
def test_clusters_are_judged_by_pairs_and_by_records(found: str, truth: str, pairs: Rates, cubed: Rates) -> None:
    assert cluster_rates(found, truth) == pairs
    mine = b_cubed(found, truth)
    assert (mine.precision, mine.recall) == pytest.approx((cubed.precision, cubed.recall))


def test_what_follows_from_earlier_answers_is_not_asked() -> None:
    # 0, 1, 2 are one thing and 3, 4 another; 0-1 links by itself, so 1-2 tells 0-2 too, and 2-3 that 1-4 is none once 3-4 is known.
    a, b = np.array([0, 1, 0, 2, 3, 1]), np.array([1, 2, 2, 3, 4, 4])
    is_true = np.array([True, True, True, False, True, False])
    is_settled = np.array([True, False, False, False, False, False])
    assert questions_to_ask(a, b, is_true, is_settled, 1.0) == 3
    assert pairs_to_see(-np.arange(6.0), is_true, is_settled, 1.0) == 4
    assert questions_to_ask(a, b, is_true, is_true, 1.0) == 0
