"""Among few clients there are sister companies too, though nobody has shown them: they do not pass for one thing."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hub.core import match
from hub.core.normalize import normal_values
from hub.match.mixture import ROUNDS
from hub.match.train import rounds_believed, trained
from schema import ENTITIES
from tests.matching.firms import records


@pytest.mark.parametrize(("firms", "sisters"), [(120, 20), (300, 60)])
def test_sisters_of_a_small_firm_stay_below_the_automatic_zone_without_any_guard(firms: int, sisters: int) -> None:
    spec = match.spec_of(ENTITIES["client"])
    assert spec is not None
    told = records(firms, sisters)
    forms = [match.normal_form(spec, normal_values(ENTITIES["client"], one.values)[0], None, one.system) for one in told]
    model = trained(spec, forms).model
    of: dict[int, list[match.Form]] = {}
    for one, form in zip(told, forms, strict=True):
        of.setdefault(one.firm, []).append(form)
    apart = [match.bits(model, a, b) for at in range(sisters) for a in of[at] for b in of[firms + at]]
    same = [match.bits(model, a, b) for several in of.values() for a, b in pairwise(several)]
    assert max(apart) < model.threshold_auto
    assert sum(bits > model.threshold_best for bits in same) > 0.95 * len(same)


def test_relatives_are_believed_in_only_where_firms_have_numbers_and_are_few() -> None:
    client, contact = (match.spec_of(ENTITIES[name]) for name in ("client", "contact"))
    assert client is not None and contact is not None
    assert [rounds_believed(client, count) for count in (60, 1_500, 2_000)] == [ROUNDS, ROUNDS // 2, 0]
    assert rounds_believed(contact, 60) == 0
