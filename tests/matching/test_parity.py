"""One declaration, two dialects: what Python says of a pair online, SQL says in batch."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from hub.core.match.forms import Form, normal_form
from hub.core.match.model import Adjustment, Model, default_model
from hub.core.match.ops import Rarity
from hub.core.match.scoring import NULL, bits, levels
from hub.core.match.spec import Spec, spec_of_columns
from hub.match.engine import Engine
from hub.match.levelling import levels_of
from hub.match.sql import word_columns
from tests.matching.people import KINDS, a_record, damaged

PAIRS = 10_000


def a_trained_model(spec: Spec, forms: list[Form], random: Random) -> Model:
    """Weights as training would give: words by rarity, values by frequency, two systems against one."""
    rarity = {}
    for column in word_columns(spec):
        count = Counter(word for form in forms for word in form.get(column, ()))
        rarity[column] = Rarity({word: round(100 * math.log2(len(forms) / n)) for word, n in count.items() if n > 2}, 1100)
    by_frequency = {level.by_frequency for one in spec.comparisons for level in one.levels if level.by_frequency}
    adjustments = {
        column: Adjustment({str(form[column]): random.uniform(-3, 3) for form in forms if column in form and random.random() < 0.7}, 1.7)
        for column in sorted(by_frequency)
    }
    return replace(default_model(spec), priors=(-7.3, 0.5, 1.25), frequencies=rarity, adjustments=adjustments, source_bits=((-1.25, 0.375, 0.0), (0.5, -0.75, 2.0)))


@pytest.fixture(scope="module")
def records() -> list[dict[str, str]]:
    random = Random(4)
    found = [a_record(random) for _ in range(700)]
    return [{**record, "system": random.choice(("crm", "erp"))} for one in found for record in (one, damaged(one, random))]


def test_ten_thousand_pairs_reach_the_same_levels_and_weigh_the_same_in_python_and_in_sql(records: list[dict[str, str]]) -> None:
    random, spec = Random(5), spec_of_columns(KINDS)
    forms = [normal_form(spec, record, source=record["system"]) for record in records]
    model = a_trained_model(spec, forms, random)
    pairs = [(row, row + 1) for row in range(0, len(forms), 2)]
    while len(pairs) < PAIRS:
        pairs.append(tuple(sorted(random.sample(range(len(forms)), 2))))  # type: ignore[arg-type]
    with Engine(spec) as engine:
        engine.add(*engine.tables_of(0, forms, [() for _ in forms]))
        engine.db.execute("CREATE TABLE pairs AS SELECT unnest($1) AS a, unnest($2) AS b", [[a for a, _ in pairs], [b for _, b in pairs]])
        scored = engine.score(model)
        reached, in_sql = engine.levels(model)
    assert len(scored) == len(reached) == PAIRS
    in_python = np.array([levels(model, forms[a], forms[b]) for a, b in zip(reached.a, reached.b, strict=True)])
    assert (in_python == in_sql).all()
    apart = [abs(bits(model, forms[a], forms[b]) - weight) for a, b, weight in zip(scored.a, scored.b, scored.weight, strict=True)]
    assert max(apart) <= 1e-9
    never = {
        f"{one.name}: {level.name}"
        for at, one in enumerate(spec.comparisons) for number, level in enumerate(one.levels) if number not in in_sql[:, at]
    }  # fmt: skip
    assert len(never) <= 12 and NULL in in_sql, never  # the pairs are of every kind, or they would prove little


def test_training_sees_the_same_levels_whether_it_asks_python_or_sql(records: list[dict[str, str]]) -> None:
    random, spec = Random(6), spec_of_columns(KINDS)
    forms = [normal_form(spec, record, source=record["system"]) for record in records[:300]]
    model = a_trained_model(spec, forms, random)
    pairs = random.sample([(a, b) for a in range(300) for b in range(a + 1, 300)], 2_000)
    a, b = (np.array(side, np.int64) for side in zip(*pairs, strict=True))
    assert (levels_of(model, forms, a, b, few=0) == levels_of(model, forms, a, b, few=2_000)).all()


def test_candidates_share_a_key_and_the_commonest_keys_are_left_out_first() -> None:
    spec = spec_of_columns({"name": "organisation"})
    forms = [normal_form(spec, {"name": f"Firm {at}"}) for at in range(6)]
    keys = [(1, 9), (1, 9), (2, 9), (2, 9), (3, 9), (9,)]
    with Engine(spec) as engine:
        engine.add(*engine.tables_of(0, forms, keys))
        assert engine.block() == 15
        assert engine.block(most_pairs=16) == 2
        assert engine.db.execute("SELECT a, b FROM pairs ORDER BY a").fetchall() == [(0, 1), (2, 3)]


def test_forms_come_back_from_the_engine_as_they_went_in(records: list[dict[str, str]]) -> None:
    spec = spec_of_columns(KINDS)
    forms = [normal_form(spec, record, source=record["system"]) for record in records[:50]]
    with Engine(spec) as engine:
        engine.add(*engine.tables_of(100, forms, [() for _ in forms]))
        assert engine.forms([100, 149]) == {100: forms[0], 149: forms[49]}
