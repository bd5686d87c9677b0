"""``hub match train``: what a tenant holds and what its stewards decide becomes a version, and nothing else changes."""

from __future__ import annotations

import io
import math
from typing import Any

import pytest
from rich.console import Console

from hub.core import match
from hub.core.match import Model
from hub.core.normalize import normal_values
from hub.errors import RequestError
from hub.flows import match_models, merge, split
from hub.flows.actions import By
from hub.match import training
from hub.match.showing import show
from hub.match.train import with_frequencies
from hub.store import likeness
from hub.store import training as store
from schema import ENTITIES
from tests.flows.conftest import Hub, hub
from tests.matching.firms import FIRST, ROADS, TOWNS, Record, records

__all__ = ["hub"]
ANN = By("steward:ann")
SPEC = match.spec_of(ENTITIES["client"])
assert SPEC is not None


async def told(hub: Hub, some: list[Record]) -> None:
    """Ingest records without judging likeness, as they came before anything was learned."""
    async with hub.transaction() as (tx, config):
        await match_models.set_matching(tx, config, "client", match_models.Matching("off"))
    for one in some:
        await hub.tell(one.system, "client", one.external_id, one.values)
    await hub.settle()
    async with hub.transaction() as (tx, config):
        await match_models.set_matching(tx, config, "client", match_models.Matching())


async def train(hub: Hub, **more: Any) -> training.Learned:
    return await training.train(hub.pool, hub.tenant, "client", **more)


def form(one: Record | dict[str, Any]) -> match.Form:
    assert SPEC is not None
    values, system = (one.values, one.system) if isinstance(one, Record) else (one, "")
    return match.normal_form(SPEC, normal_values(ENTITIES["client"], values)[0], None, system)


async def test_a_version_is_kept_with_its_report_and_judges_only_when_it_is_put_in_force(hub: Hub) -> None:
    await told(hub, records(70, 15))
    first, second = await train(hub), await train(hub)
    assert (first.version, second.version) == (1, 2)
    rows = await likeness.models(hub.pool, hub.tenant, "client")
    assert [(row["version"], row["state"], row["made_by"]) for row in rows] == [(2, "trained", "operator"), (1, "trained", "operator")]
    assert Model.from_json(first.model.spec, rows[1]["document"]).numbered(1) == first.model
    async with hub.transaction() as (tx, config):
        assert config.model("client").version == 0
        await match_models.use(tx, config, "client", 1, "test")
    async with hub.transaction() as (_, config):
        assert config.model("client").version == 1
    runs = await hub.rows("SELECT kind, model_version, looked_at, finished_at IS NOT NULL AS is_done, outcome FROM hub.match_run ORDER BY id")
    assert [(row["kind"], row["model_version"], row["looked_at"], row["is_done"]) for row in runs] == [
        ("training", 1, first.report["population"], True), ("training", 2, first.report["population"], True),
    ]  # fmt: skip
    assert runs[0]["outcome"]["expected_matches"] == first.report["expected_matches"] > 30


async def test_where_there_are_more_records_neighbourhoods_are_looked_at_and_the_prior_is_moved(hub: Hub) -> None:
    some = records(130, 25)
    await told(hub, some)
    learned = await train(hub, sample=90)
    report = learned.report
    assert report["population"] == len(some) and 90 <= report["records"] < len(some) / 1.5
    assert report["prior_moved"] == pytest.approx(-math.log2(len(some) / report["records"]))
    whole = await train(hub)
    assert whole.report["prior_moved"] == 0
    assert learned.model.priors[0] == pytest.approx(whole.model.priors[0], abs=1.0)
    truth = {one.external_id: one.firm for one in some}
    async with hub.transaction() as (tx, _):
        ids = await store.some(tx, hub.tenant, "client", 3)
        near = await store.near(tx, hub.tenant, ids, 8)
        named = {row["id"]: row["external_id"] for row in await hub.rows("SELECT id, external_id FROM hub.source_record")}
        rows = await hub.rows("SELECT id FROM hub.source_record WHERE external_id = ANY ($1)", [one for one in truth if truth[one] in {truth[named[id_]] for id_ in ids}])
    assert {*ids, *(row["id"] for row in rows)} <= near


async def test_few_records_leave_the_weights_as_declared_and_it_says_so(hub: Hub) -> None:
    await told(hub, records(20, 0, most=2))
    learned = await train(hub)
    assert learned.report["learned"] < 0.5
    declared = match.default_model(learned.model.spec)
    for name in ("tax_registrations", "email"):
        assert [one.m for one in learned.model.weights[name]] == pytest.approx([one.m for one in declared.weights[name]], abs=0.02)
    shown = printed(learned)
    assert "It learned little" in shown and "estimated by the model's own probabilities" in shown and "automatic at" in shown


def printed(learned: training.Learned) -> str:
    out = io.StringIO()
    show(Console(file=out, width=200), "client", learned.version, learned.model, learned.report)
    return out.getvalue()


async def test_what_cannot_be_learned_is_told_and_the_run_says_that_it_failed(hub: Hub) -> None:
    with pytest.raises(RequestError) as nothing:
        await train(hub)
    assert nothing.value.code == "NOTHING_TO_LEARN"
    [run] = await hub.rows("SELECT finished_at IS NOT NULL AS is_done, outcome FROM hub.match_run")
    assert run == {"is_done": True, "outcome": {"failed": str(nothing.value)}}
    for wrong, code in (("invoice", "NOT_COMPARED"), ("spaceship", "UNKNOWN_ENTITY")):
        with pytest.raises(RequestError) as refused:
            await training.train(hub.pool, hub.tenant, wrong)
        assert refused.value.code == code
    assert await likeness.models(hub.pool, hub.tenant, "client") == []


def franchise(number: int) -> tuple[Record, Record]:
    """Two firms under one name in two towns: nothing in the records says so, the stewards know."""
    return Record(number, "crm", f"crm-b{number}", _office(number, 0)), Record(number, "erp", f"erp-b{number}", _office(number, 1))


def _office(number: int, at: int) -> dict[str, Any]:
    town, area = TOWNS[(number + 3 * at) % len(TOWNS)]
    name = f"{FIRST[number % len(FIRST)]} {FIRST[(number * 7 + 3) % len(FIRST)]} Surveyors"
    return {
        "name": f"{name} {('Ltd', 'Limited')[at]}", "street": f"{number + 5 + 40 * at} {ROADS[(number + at) % len(ROADS)]}", "city": town,
        "postcode": f"{area} {at + 1}AB", "country": "GB", "phone": f"+4413{at}0{number:06}",
    }  # fmt: skip


async def test_answers_of_stewards_teach_the_next_version_what_this_firm_keeps_apart(hub: Hub) -> None:
    pairs = [franchise(number) for number in range(75)]
    await told(hub, [*records(40, 10), *(one for pair in pairs for one in pair)])
    before = await train(hub)
    answered, kept = pairs[:60], pairs[60:]
    for at, (one, other) in enumerate(answered):
        ids = [id_ for each in (one, other) if (id_ := await hub.golden_id(each.system, "client", each.external_id))]
        async with hub.transaction() as (tx, config):
            if at % 12 == 11:
                await merge.merge(tx, config, "client", ids[0], ids[1:], ANN, reason="two offices of one firm")
            else:
                await split.keep_apart(tx, config, "client", ids, ANN, reason="two firms")
    after = await train(hub)
    answers = after.report["answers"]
    assert (answers["same"], answers["apart"], answers["used"]) == (5, 55, True)
    assert answers["right"] > answers["right_before"] + 0.5, "measured on thirds that were held out"
    assert right(after.model, kept) > right(before.model, kept) + 0.5
    said = "60 answers of people (5 same, 55 not) adjusted the weights. Measured on answers it had not seen, it agrees with"
    assert f"{said} {answers['right']:.0%}".replace("%", " %") in printed(after)
    async with hub.transaction() as (tx, config):
        await match_models.use(tx, config, "client", after.version, "test")
    assert [(row["version"], row["state"]) for row in await likeness.models(hub.pool, hub.tenant, "client")] == [(2, "in_force"), (1, "trained")]
    third = {**records(40, 10)[0].values, "name": records(40, 10)[0].values["name"].upper()}
    await hub.told("psa", "client", "again", third)
    said_by = await hub.rows("SELECT DISTINCT coalesce(rule, '') AS rule FROM hub.decision WHERE rule LIKE 'model:%'")
    asked_by = await hub.rows("SELECT DISTINCT detail -> 'evidence' ->> 'model' AS model FROM hub.task WHERE cause = 'possible_duplicate' AND state = 'open'")
    assert [row["rule"] for row in said_by] + [f"model:{row['model']}" for row in asked_by] == ["model:2"]


def right(model: Model, pairs: list[tuple[Record, Record]]) -> float:
    """Of pairs that are two firms, the share of which the model says so."""
    return sum(match.bits(model, form(one), form(other)) < 0 for one, other in pairs) / len(pairs)


async def test_a_decision_taken_back_teaches_nothing(hub: Hub) -> None:
    pairs = [franchise(number) for number in range(2)]
    await told(hub, [one for pair in pairs for one in pair])
    ids = [await hub.golden_id(one.system, "client", one.external_id) for pair in pairs for one in pair]
    async with hub.transaction() as (tx, config):
        joined = await merge.merge(tx, config, "client", ids[0], [ids[1]], ANN, reason="one")  # type: ignore[arg-type, list-item]
        await split.keep_apart(tx, config, "client", [ids[2], ids[3]], ANN, reason="two")  # type: ignore[list-item]
        before = await store.answers(tx, hub.tenant, "client")
        await merge.unmerge(tx, config, list(joined.decision_ids), ANN)
        after = await store.answers(tx, hub.tenant, "client")
    assert sorted(one.is_same for one in before) == [False, True]
    assert [one.is_same for one in after] == [False]


def test_words_are_as_rare_as_the_sample_says() -> None:
    assert SPEC is not None
    found = with_frequencies(match.default_model(SPEC), [form(one) for one in records(60)])
    assert found.frequencies["name_tokens"].of("neverseen") >= max(found.frequencies["name_tokens"].idf.values())
