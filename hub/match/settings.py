"""Splink settings from the same declaration: our columns, levels and weights, on DuckDB or, beyond one machine, on Spark.

The score is the log-odds against several alternatives at once, which is one product for each: so one linker an alternative
(:data:`hub.core.match.model.ALTERNATIVES`), and :func:`hub.core.match.model.against_all` of their match weights is the score. What a
value's frequency adds comes in as Splink's own term frequencies, in tables that :func:`linker_of` registers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from splink import SettingsCreator

from hub.core.match.forms import SOURCE
from hub.core.match.model import Model, default_model, probability
from hub.core.match.spec import Comparison, spec_of
from hub.errors import RequestError, SettingError, SetupError
from hub.match.dialects import DIALECTS, SOFT, TOTAL, WEIGHTS, Dialect, Rendering, quoted
from hub.match.sql import word_columns
from schema import ENTITIES

BACKENDS = tuple(DIALECTS)


def settings_of(model: Model, backend: str = "duckdb", against: int = 0, *, link_type: str = "dedupe_only") -> SettingsCreator:
    """Splink's settings for the table that :func:`hub.match.sql.weigh` makes, keys beside it as ``keys``.

    ``against`` is the alternative: 0 strangers, 1 relatives, 2 namesakes.
    """
    render = Rendering(DIALECTS[backend], lambda column: f"{quoted(column)[:-1]}_l\"", lambda column: f"{quoted(column)[:-1]}_r\"")
    comparisons: list[dict[str, Any]] = [_comparison(model, one, render, against) for one in model.spec.comparisons]
    comparisons.append(_sources(model, against))
    creator: Any = SettingsCreator
    made: SettingsCreator = creator(
        link_type=link_type,
        unique_id_column_name="id",
        probability_two_random_records_match=probability(model.priors[against]),
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[_by_keys(DIALECTS[backend])],
        additional_columns_to_retain=[quoted(column + more) for column in word_columns(model.spec) for more in (WEIGHTS, SOFT, TOTAL)],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
    return made


def linker_of(model: Model, table: Any, backend: str = "duckdb", against: int = 0) -> Any:
    """A Splink linker over ``table``, a frame of pandas or of Spark. Raises :class:`SetupError` without Spark."""
    from splink import Linker

    linker: Any = Linker(table, settings_of(model, backend, against), _api(backend), set_up_basic_logging=False)
    if against == 0:
        for column, least_u in _adjusted(model).items():
            told = model.adjustments[column]
            values = table[column].dropna().unique() if backend == "duckdb" else [row[0] for row in table.select(column).distinct().collect()]
            frequencies = {column: list(values), f"tf_{column}": [least_u / 2.0 ** told.of(value) for value in values]}
            linker.table_management.register_term_frequency_lookup(pd.DataFrame(frequencies), column)
    return linker


def _adjusted(model: Model) -> dict[str, float]:
    """Columns whose values adjust a level → u of that level, from which Splink reckons."""
    return {
        level.by_frequency: float(_odds(told.bits[0])["u_probability"])
        for one in model.spec.comparisons
        for level, told in zip(one.levels, model.weights[one.name], strict=True)
        if level.by_frequency in model.adjustments
    }


def as_json(entity: str, file: Path | None, backend: str, against: int) -> str:
    """The settings of an entity's declared model, or of a model's document. Raises :class:`SettingError`, :class:`RequestError`."""
    if backend not in BACKENDS:
        raise SettingError("HUB_MATCH_BACKEND", f"is none of {', '.join(BACKENDS)}")
    meta = ENTITIES.get(entity)
    spec = spec_of(meta) if meta else None
    if spec is None:
        known = ", ".join(name for name, one in ENTITIES.items() if one.compare)
        raise RequestError("NOT_COMPARED", f"{entity!r} is never compared; choose one of: {known}", field="entity")
    model = Model.from_json(spec, json.loads(file.read_text())) if file else default_model(spec)
    return json.dumps(settings_of(model, backend, against).create_settings_dict(sql_dialect_str=backend), indent=1)


def _api(backend: str) -> Any:
    if backend == "duckdb":
        from splink import DuckDBAPI

        return DuckDBAPI()
    try:
        from pyspark.sql import SparkSession  # type: ignore[import-not-found, unused-ignore]
    except ModuleNotFoundError as error:
        raise SetupError("HUB_MATCH_BACKEND=spark needs pyspark: pip install pyspark") from error
    import splink

    spark: Any = splink.SparkAPI
    return spark(spark_session=SparkSession.builder.getOrCreate())


def _by_keys(dialect: Dialect) -> dict[str, Any]:
    """Pairs that share a blocking key."""
    return {"blocking_rule": "l.keys = r.keys", "arrays_to_explode": ["keys"], "sql_dialect": dialect.name}


def _comparison(model: Model, one: Comparison, render: Rendering, against: int) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [_level(render.unstated(one), "not stated", is_null_level=True)]
    for level, told in zip(one.levels, model.weights[one.name], strict=True):
        condition = render.tests(level.tests) if level.tests else "ELSE"
        by_value = {}
        if against == 0 and level.by_frequency in model.adjustments:
            by_value = {"tf_adjustment_column": level.by_frequency, "tf_adjustment_weight": 1.0, "disable_tf_exact_match_detection": True}
        levels.append(_level(condition, level.name, **_odds(told.bits[against]), **by_value))
    return {"output_column_name": one.name, "comparison_levels": levels, "comparison_description": f"{one.kind} by {one.feature}"}


def _sources(model: Model, against: int) -> dict[str, Any]:
    same, other = (one[against] for one in model.source_bits)
    return {
        "output_column_name": SOURCE,
        "comparison_levels": [
            _level(f"{SOURCE}_l IS NULL OR {SOURCE}_r IS NULL", "not stated", is_null_level=True),
            _level(f"{SOURCE}_l = {SOURCE}_r", "same system", **_odds(same)),
            _level("ELSE", "two systems", **_odds(other)),
        ],
    }


def _level(condition: str, name: str, **more: Any) -> dict[str, Any]:
    return {"sql_condition": condition, "label_for_charts": name, **more}


def _odds(bits: float) -> Mapping[str, Any]:
    """m and u whose ratio is the weight; Splink takes both from 0 to 1."""
    fixed = {"fix_m_probability": True, "fix_u_probability": True}
    return {"m_probability": 1.0, "u_probability": 2.0**-bits, **fixed} if bits >= 0 else {"m_probability": 2.0**bits, "u_probability": 1.0, **fixed}

