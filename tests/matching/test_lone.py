"""Where only names are compared: which words say something, how likely a match is before any, and that nothing links by itself."""

from __future__ import annotations

import numpy as np

from hub.core.match import Form, Model, bits, default_model, levels, normal_form, spec_of_columns
from hub.core.match.model import NOBODY
from hub.core.match.zones import MATCH
from hub.match import measures
from hub.match.evaluate import against, evaluate
from hub.match.lone import OF_FEW, OF_MANY, as_declared, by_words, spellings, staying
from hub.match.mixture import Mixture
from hub.match.table import Table
from hub.match.train import trained, with_frequencies
from schema.comparing import MatchKind

SPEC = spec_of_columns({"name": "organisation"})
BRANDS = ("Zantrix", "Ombrelli", "Kvadrant", "Pelorian", "Wostoken", "Dunmarrow", "Fjellheim", "Quintara", "Yarrowby", "Brontide", "Lacustra", "Verdigon")
MAKES = ("Turbines", "Ceramics", "Optics", "Pumps")
TOWNS = ("Eindhoven", "Rotterdam", "Veldhoven", "Groningen", "Maastricht", "Nijmegen")


def spelled(many: bool) -> tuple[list[str], list[str]]:
    """Names and the firm each is of: as it is in two systems, or as hundreds typed it, some with the town."""
    names, truth = [], []
    for at, brand in enumerate(BRANDS):
        make = MAKES[at % len(MAKES)]
        told = [f"{brand} {make}", f"{brand} {make} Ltd"]
        if many:
            told += [f"{make} {brand}", *(f"{brand[:cut]}{brand[cut + 1:]} {make}" for cut in range(2, 6)), *(f"{brand} {make} {town}" for town in TOWNS)]
        names += told
        truth += [brand] * len(told)
    return names, truth


def forms_of(names: list[str]) -> list[Form]:
    return [normal_form(SPEC, {"name": name}) for name in names]


def learned(names: list[str]) -> Model:
    return trained(SPEC, forms_of(names)).model


def test_words_that_come_and_go_between_spellings_of_one_thing_come_to_say_little() -> None:
    names, _ = spelled(many=True)
    model, plain = learned(names), with_frequencies(default_model(SPEC), forms_of(names))
    now, before = (one.frequencies["name_tokens"] for one in (model, plain))
    assert model.priors == (OF_MANY, NOBODY, NOBODY)
    shrunk = {word: now.of(word) / before.of(word) for word in ("zantrix", "wostoken", "eindhoven", "nijmegen")}
    assert min(shrunk["zantrix"], shrunk["wostoken"]) > 2 * max(shrunk["eindhoven"], shrunk["nijmegen"]), shrunk


def test_where_things_have_one_or_two_spellings_words_stay_as_counted_and_a_match_is_less_likely() -> None:
    names, _ = spelled(many=False)
    model = learned(names)
    assert model.priors == (OF_FEW, NOBODY, NOBODY)
    assert model.frequencies == with_frequencies(default_model(SPEC), forms_of(names)).frequencies


def test_a_firm_under_many_names_is_one_cluster_and_no_pair_links_without_a_person() -> None:
    names, truth = spelled(many=True)
    table = Table([str(at) for at in range(len(names))], {"name": MatchKind.ORGANISATION}, [{"name": name} for name in names])
    done = evaluate(table, processes=0)
    assert measures.cluster_rates(done.matched.clusters.tolist(), truth).f1 > 0.95
    assert not (done.matched.zones == MATCH).any()
    assert against(done, truth)["automatic"]["recall"] == 0.0


def test_the_score_of_a_lone_name_is_its_declared_log_odds_and_the_prior() -> None:
    names, _ = spelled(many=True)
    forms = forms_of(names)
    a, b = np.array([0, 0]), np.array([1, 20])
    base = with_frequencies(default_model(SPEC), forms)
    reached = np.array([levels(base, forms[x], forms[y]) for x, y in zip(a, b, strict=True)], np.int8)
    found, now = by_words(base, forms, a, b, reached)
    shares = [[np.full(len(SPEC.comparisons[0].levels), 1 / len(SPEC.comparisons[0].levels))] for _ in range(4)]
    model, mixture = as_declared(found, Mixture(shares, np.ones(4), np.zeros((2, 4)), np.zeros(2)), now)
    assert mixture.bits.tolist() == [round(bits(model, forms[x], forms[y]), 9) for x, y in zip(a, b, strict=True)]
    assert mixture.bits[0] > 0 > mixture.bits[1]


def test_spellings_are_counted_over_records_and_a_word_that_stays_is_told_from_one_that_goes() -> None:
    names = [("shell", "canada"), ("shell", "oil"), ("shell", "oil"), ("akzo",), ()]
    assert spellings(names, [0, 0, 0, 3, 4]) == (2 * 3 + 1) / 4
    kept = staying(names, [0, 0, 0, 3, 4])
    assert kept["shell"] > 0.7 and kept["oil"] < 0.4 and "akzo" not in kept
