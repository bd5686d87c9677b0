"""Splink, given the settings made from our declaration, weighs pairs as we do."""

from __future__ import annotations

import json
from random import Random

import pytest
import sqlglot
from typer.testing import CliRunner

from hub.__main__ import cli
from hub.core.match.forms import normal_form
from hub.core.match.keys import blocking_keys
from hub.core.match.model import ALTERNATIVES, against_all, default_model
from hub.core.match.spec import spec_of, spec_of_columns
from hub.match.engine import Engine
from hub.match.settings import linker_of, settings_of
from schema import ENTITIES
from tests.matching.people import KINDS, a_record, damaged
from tests.matching.test_parity import a_trained_model


def test_splink_predicts_the_same_match_weights_from_our_settings() -> None:
    random, spec = Random(4), spec_of_columns(KINDS)
    records = [record for _ in range(60) for one in [a_record(random)] for record in (one, damaged(one, random))]
    forms = [normal_form(spec, record, source=random.choice(("crm", "erp"))) for record in records]
    model = a_trained_model(spec, forms, random)
    with Engine(spec) as engine:
        engine.add(*engine.tables_of(0, forms, [blocking_keys(spec, form, model.frequencies) for form in forms]))
        engine.block()
        ours = engine.score(model)
        keys = "SELECT id, list(key) AS keys FROM keys GROUP BY id"
        table = engine.db.sql(f"SELECT w.*, k.keys FROM weighed w JOIN ({keys}) k USING (id)").to_arrow_table().to_pandas()
    predicted: list[dict[tuple[int, int], float]] = []
    for against in range(len(ALTERNATIVES)):
        found = linker_of(model, table, against=against).inference.predict().as_pandas_dataframe()
        pairs = zip(found.id_l, found.id_r, found.match_weight, strict=True)
        predicted.append({(min(a, b), max(a, b)): weight for a, b, weight in pairs})
    pairs = list(zip(ours.a.tolist(), ours.b.tolist(), strict=True))
    assert set(predicted[0]) == set(pairs) and len(pairs) > 1000
    apart = [abs(against_all(*(one[pair] for one in predicted)) - weight) for pair, weight in zip(pairs, ours.weight, strict=True)]
    assert max(apart) <= 1e-9


@pytest.mark.parametrize("entity", [name for name, meta in ENTITIES.items() if meta.compare])
def test_every_compared_entity_has_settings_that_spark_can_parse(entity: str) -> None:
    spec = spec_of(ENTITIES[entity])
    assert spec is not None
    told = settings_of(default_model(spec), "spark").create_settings_dict(sql_dialect_str="spark")
    conditions = [level["sql_condition"] for one in told["comparisons"] for level in one["comparison_levels"] if level["sql_condition"] != "ELSE"]
    assert len(conditions) > 2 and all(sqlglot.parse_one(one.replace('"', "`"), read="spark") for one in conditions)


def test_the_command_prints_settings_and_names_what_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_MATCH_BACKEND", "spark")
    printed = CliRunner().invoke(cli, ["match", "settings", "--entity", "client"])
    told = json.loads(printed.stdout)
    assert (printed.exit_code, told["unique_id_column_name"]) == (0, "id") and "array_contains" in printed.stdout
    refused = CliRunner().invoke(cli, ["match", "settings", "--entity", "invoice"])
    assert "'invoice' is never compared; choose one of:" in str(refused.exception)
