"""``hub match train``: learn a model from what a tenant holds and from what its stewards decided, and keep it as a version.

Invariant: training changes nothing but the list of versions; a version judges when somebody puts it in force. No transaction is
open while it learns.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from hub.core.configuration import Configuration
from hub.core.match import Form, Model, Spec, bits, default_model, spec_of
from hub.errors import RequestError
from hub.flows import forms_later, match_models
from hub.flows.canonical import known_entity
from hub.match import learn
from hub.match.learn import Answer
from hub.match.mixture import HELD
from hub.match.train import Tell, silent, trained
from hub.store import likeness, training
from hub.store.configuration import ConfigurationCache
from hub.store.pool import Pool
from hub.store.statements import Connection

SAMPLE = 60_000
NEAR = 8
"""Holders up to which a blocking key counts as a neighbourhood."""
STEPS = 20
FOLDS = 3
BELIEF = HELD[0]
"""Pairs of one thing that the declared weights count for."""


@dataclass(frozen=True)
class Lesson:
    """What a model is learned from."""

    forms: list[Form]
    population: int
    """Source records of which the forms are a sample, with whatever lies near each of them."""
    answers: list[Answer]
    """A pair for each decision of a person, the latest first."""


@dataclass(frozen=True)
class Learned:
    """A version that training made."""

    version: int
    model: Model
    report: dict[str, Any]


async def train(
    pool: Pool, tenant_id: int, entity: str, *, sample: int = SAMPLE, tell: Tell = silent, actor: str = "operator"
) -> Learned:  # fmt: skip
    """Learn from the forms there are (write missing ones first) and store the next version of the entity's model.

    Raises :class:`RequestError`: ``NOT_COMPARED``, ``NOTHING_TO_LEARN`` when fewer than two records are there.
    """
    spec = spec_of(known_entity(entity))
    if spec is None:
        raise RequestError("NOT_COMPARED", f"{entity} is never compared", field="entity", remedy="Choose an entity that declares what is compared.")
    await forms_later.write_all(pool, ConfigurationCache(), tenant_id)
    async with pool.acquire() as tx, tx.transaction():
        config = await ConfigurationCache().get(tx, tenant_id)
        run_id = await likeness.start_run(tx, tenant_id, entity, "training", config.model(entity).version, actor)
    try:
        async with pool.acquire() as tx, tx.transaction():
            lesson = await lesson_of(tx, config, entity, spec, sample)
        model, report = await asyncio.to_thread(learned, spec, lesson, tell)
    except Exception as error:
        await likeness.end_run(pool, tenant_id, run_id, 0, {"failed": str(error)})
        raise
    async with pool.acquire() as tx, tx.transaction():
        version = await match_models.store(tx, tenant_id, model, report, actor)
        outcome = {name: report[name] for name in ("candidates", "expected_matches", "answers")}
        await training.end_training(tx, tenant_id, run_id, version, len(lesson.forms), outcome)
    return Learned(version, model.numbered(version), report)


async def lesson_of(tx: Connection, config: Configuration, entity: str, spec: Spec, sample: int) -> Lesson:
    """Forms of up to about ``sample`` records, and what people decided, wherever those records are."""
    tenant = config.tenant_id
    population = await training.population(tx, tenant, entity)
    if population < 2:
        raise RequestError(
            "NOTHING_TO_LEARN", f"the tenant holds {population} {entity} records that are compared", field="entity", remedy="Load some first: hub load.",
        )  # fmt: skip
    ids = await training.some(tx, tenant, entity, sample) if population <= sample else await _neighbourhoods(tx, tenant, entity, sample)
    forms = await training.forms(tx, tenant, entity, sorted(ids))
    return Lesson([forms[one] for one in sorted(forms)], population, await _answers(tx, config, entity, spec))


async def _neighbourhoods(tx: Connection, tenant_id: int, entity: str, most: int) -> set[int]:
    """Records at random, each with all that shares a rare key with it.

    Of records taken one by one the other spellings stay behind, and relatives most of all: with 2,000 of 24,000 records the
    mixture lost the relatives, and a third of what it called one thing was not; with neighbourhoods it was 3 %, all 24,000: 1.5 %.
    """
    order = await training.some(tx, tenant_id, entity, most)
    step = max(1, most // STEPS)
    chosen: set[int] = set()
    for first in range(0, len(order), step):
        if len(chosen) >= most:
            break
        chosen |= await training.near(tx, tenant_id, [one for one in order[first : first + step] if one not in chosen], NEAR)
    return chosen


async def _answers(tx: Connection, config: Configuration, entity: str, spec: Spec) -> list[Answer]:
    """For each decision the likest of its pairs: the one that a person looked at."""
    rows = await training.answers(tx, config.tenant_id, entity)
    forms = await training.forms(tx, config.tenant_id, entity, sorted({one for row in rows for one in (row.a, row.b)}))
    judge = config.models.get(entity) or default_model(spec)
    found: dict[tuple[int, int], Answer] = {}
    for _, several in groupby(rows, key=lambda row: row.decision_id):
        known = [row for row in several if row.a in forms and row.b in forms]
        if known:
            row = max(known, key=lambda row: (bits(judge, forms[row.a], forms[row.b]), row.a, row.b))
            found.setdefault((min(row.a, row.b), max(row.a, row.b)), (forms[row.a], forms[row.b], row.is_same))
    return list(found.values())


def learned(spec: Spec, lesson: Lesson, tell: Tell = silent) -> tuple[Model, dict[str, Any]]:
    """The model of a lesson, and a report on it.

    Where the forms are a sample, records of one thing are all there with each other, strangers are not: of all pairs those of one
    thing are so many times rarer in the population. So the prior against strangers moves by log2(population / sample); those
    against relatives and namesakes, which come along with what they lie near to, stay.
    """
    found = trained(spec, lesson.forms, tell=tell)
    times = max(1.0, lesson.population / len(lesson.forms))
    strangers, relatives, namesakes = found.model.priors
    before = replace(found.model, priors=(strangers - math.log2(times), relatives, namesakes))
    model = learn.refit(before, lesson.answers)
    report = dict(found.report) | {
        "records": len(lesson.forms), "population": lesson.population, "prior_moved": -math.log2(times),
        "candidates": round(found.report["candidates"] * times), "expected_matches": round(found.report["expected_matches"] * times),
        "classes": {name: round(pairs * times) for name, pairs in found.report["classes"].items()},
        "learned": found.report["expected_matches"] / (found.report["expected_matches"] + BELIEF),
        "sweep": _sweep(found.report["sweep"], model.threshold_review, times),
        "answers": _measured(before, model, lesson.answers),
    }  # fmt: skip
    return model, report


def _sweep(steps: Sequence[dict[str, Any]], review: float, times: float) -> list[dict[str, Any]]:
    """The sweep for the whole population, each step with the pairs between it and the review zone: questions, were it the threshold."""
    scaled = [one | {"pairs": round(one["pairs"] * times)} for one in steps]
    above = next((one["pairs"] for one in reversed(scaled) if one["threshold"] <= review), scaled[0]["pairs"])
    return [one | {"questions": max(0, above - one["pairs"]) if one["threshold"] > review else 0} for one in scaled]


def _measured(before: Model, after: Model, answers: Sequence[Answer]) -> dict[str, Any]:
    """How the model does on what people answered: each third judged by a model that learned from the others.

    ``right`` says so, ``right_before`` what the model learned without answers would have said; None where there are too few.
    """
    told: dict[str, Any] = {"same": sum(is_same for *_, is_same in answers), "apart": sum(not is_same for *_, is_same in answers)}
    told |= {"used": after is not before, "right": None, "right_before": None}
    if len(answers) * (FOLDS - 1) // FOLDS < learn.FEWEST_ANSWERS:
        return told
    right = 0
    for fold in range(FOLDS):
        judge = learn.refit(before, [one for at, one in enumerate(answers) if at % FOLDS != fold])
        right += _right(judge, answers[fold::FOLDS])
    return told | {"right": right / len(answers), "right_before": _right(before, answers) / len(answers)}


def _right(model: Model, answers: Sequence[Answer]) -> int:
    """How many answers the better half of the odds agrees with."""
    return sum((bits(model, a, b) > 0) == is_same for a, b, is_same in answers)
