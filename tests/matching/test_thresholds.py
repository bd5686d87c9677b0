"""Where the automatic zone begins: by the model's own probabilities, and by what else the records say."""

from __future__ import annotations

import numpy as np
import pytest

from hub.core.match import Model, spec_of_columns
from hub.match.mixture import Mixture
from hub.match.thresholds import NEVER, SURE, UNCHECKED, automatic, review, sure

SITES = spec_of_columns({"name": "organisation", "street": "street", "phone": "phone"})
CLIENTS = spec_of_columns({"name": "organisation", "street": "street", "number": "tax_id"})
NAMES = spec_of_columns({"name": "organisation", "plant": "text"})


def a_mixture(*bits: float) -> Mixture:
    told = np.array(bits)
    same = 1 / (1 + np.exp2(-told))
    return Mixture([], np.ones(4), np.column_stack([same, 1 - same, 0 * same, 0 * same]), told)


IN_DOUBT = a_mixture(*np.linspace(-6, 14, 401))
APART = a_mixture(*[-9.0] * 300, *[7.0] * 100)


def stated(columns: int, pairs: int, share: float = 1.0) -> np.ndarray:
    """Levels of pairs whose last comparison is stated by a share of them."""
    found = np.zeros((pairs, columns), np.int8)
    found[: round(pairs * (1 - share)), -1] = -1
    return found


@pytest.mark.parametrize(
    ("spec", "mixture", "share", "expected"),
    [
        (CLIENTS, IN_DOUBT, 0.5, SURE),
        (CLIENTS, IN_DOUBT, 0.0, UNCHECKED),
        (SITES, IN_DOUBT, 1.0, UNCHECKED),
        (SITES, APART, 1.0, SURE),
        (NAMES, APART, 1.0, NEVER),
        (NAMES, IN_DOUBT, 1.0, NEVER),
    ],
)
def test_more_is_asked_where_nothing_of_their_own_tells_records_apart(spec: object, mixture: Mixture, share: float, expected: float) -> None:
    columns = len(spec.comparisons)  # type: ignore[attr-defined]
    assert automatic(spec, mixture, stated(columns, len(mixture.bits), share)) == expected  # type: ignore[arg-type]


def test_as_many_bits_are_asked_as_make_nearly_all_pairs_above_right() -> None:
    doubtful = a_mixture(*[6.5] * 900, *[9.0] * 100)
    assert sure(doubtful, SURE) == 9.0
    assert sure(a_mixture(*[6.5] * 90, *[12.0] * 910), SURE) == 6.5
    assert sure(a_mixture(*[6.5] * 90, *[11.0] * 910), UNCHECKED) == UNCHECKED


def test_where_no_threshold_is_precise_enough_the_declared_one_stands() -> None:
    assert sure(a_mixture(*[3.0] * 50), SURE) == Model.threshold_auto
    assert sure(a_mixture(), SURE) == Model.threshold_auto


def test_nobody_need_look_where_a_hundredth_of_the_matches_is_left() -> None:
    assert review(a_mixture(*[-7.0] * 40, *[8.0] * 100)) == -2.0
    assert review(a_mixture(*[-4.0] * 400, *[8.0] * 100)) == -4.0
    assert review(a_mixture()) == 0.0
