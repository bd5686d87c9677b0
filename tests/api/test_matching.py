"""Likeness over GraphQL: what a record may be, what each answer was, and how well the model does by what people decided."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.core import match
from hub.flows import match_models
from hub.store.configuration import ConfigurationCache
from schema import ENTITIES
from tests.api.conftest import Api, Tenant
from tests.api.test_mutations import ingest, record

SEAT = {"street": "12 Harbour Street", "city": "Leith", "postcode": "EH6 6QQ", "country": "GB", "phone": "+441315550123"}
QUALITY = """{ matchQuality(entity: "client") { mode modelVersion linked withdrawn precision asked answeredSame answeredApart bands { bits same apart } } }"""
CANDIDATES = """query($id: ID!) { matchCandidates(entity: "client", id: $id) {
  record { id } system zone score { weight probability parts { comparison level } guards { kind reason } } } }"""
MERGE = 'mutation($a: ID!, $b: [ID!]!) { merge(entity: "client", survivor: $a, losers: $b, reason: "one firm") { actionId proposal { id } errors { code } } }'
APART = 'mutation($ids: [ID!]!) { keepApart(entity: "client", ids: $ids, reason: "two firms") { actionId errors { code } } }'
UNDO = "mutation($id: Long!) { undo(actionId: $id) { errors { code } } }"


def client(number: int, name: str) -> dict[str, Any]:
    return {**SEAT, "name": name, "street": f"{number} Harbour Street", "postcode": f"EH{number} 6QQ", "phone": f"+44131555{number:04}"}


@pytest.fixture
async def firm(api: Api) -> Tenant:
    """A tenant whose model is trusted: the declared weights, as if they had been learned."""
    tenant = await api.tenant("match")
    spec = match.spec_of(ENTITIES["client"])
    assert spec is not None
    async with api.pool.acquire() as tx, tx.transaction():
        version = await match_models.store(tx, tenant.id, replace(match.default_model(spec), threshold_auto=2.0), {"records": 2}, "test")
        await match_models.use(tx, await ConfigurationCache().get(tx, tenant.id), "client", version, "test")
    return tenant


NAMES = ("Northbeam Analytics", "Quillfeather Studios", "Vandermeer Logistics", "Tarn Valley Water", "Osei Brothers")


async def pair(api: Api, firm: Tenant, number: int, ending: str = "Limited") -> tuple[str, str]:
    """One client in the CRM and as the ERP has it; answers their golden ids."""
    [one] = await ingest(api, firm, record(f"A{number}", **client(number, f"{NAMES[number]} Ltd")))
    [two] = await ingest(api, firm, record(f"E{number}", **client(number, f"{NAMES[number]} {ending}")), system="erp")
    return one["recordId"], two["recordId"]


async def sisters(api: Api, firm: Tenant, number: int) -> tuple[str, str]:
    return await pair(api, firm, number, "Holdings Ltd")


async def quality(api: Api, firm: Tenant) -> dict[str, Any]:
    return dict((await api.ask(firm.keys["steward"], QUALITY)).data["matchQuality"])


async def answer_of(api: Api, firm: Tenant, *ids: str) -> list[Any]:
    """What is kept as the answer to each question about one of these records, and whether it is closed."""
    rows = await api.pool.fetch(
        "SELECT state, detail ->> 'answer' AS answer FROM hub.task WHERE tenant_id = $1 AND cause = 'possible_duplicate' AND golden_id = ANY ($2::uuid[]) ORDER BY id",
        firm.id, list(ids),
    )  # fmt: skip
    return [(row["state"], row["answer"]) for row in rows]


async def test_a_link_that_is_withdrawn_lowers_the_precision_and_a_question_counts_by_its_answer(api: Api, firm: Tenant) -> None:
    for number in (1, 2, 3, 4):
        one, two = await pair(api, firm, number)
        assert one == two
    before = await quality(api, firm)
    assert (before["mode"], before["modelVersion"], before["linked"], before["withdrawn"], before["precision"]) == ("link", 1, 4, 0, 1.0)
    [made] = await api.pool.fetch("SELECT id FROM hub.decision WHERE tenant_id = $1 AND rule = 'model:1' ORDER BY id LIMIT 1", firm.id)
    withdraw = "mutation($id: Long!) { withdraw(decisionId: $id) { errors { code } } }"
    assert (await api.ask(firm.keys["steward"], withdraw, id=str(made["id"]))).data["withdraw"]["errors"] == []
    taken = 'mutation { notTheSame(entity: "client", source: {system: "erp", object: "client", externalId: "E2"}, reason: "another firm") { errors { code } } }'
    assert (await api.ask(firm.keys["steward"], taken)).data["notTheSame"]["errors"] == []
    after = await quality(api, firm)
    assert (after["linked"], after["withdrawn"], after["precision"]) == (2, 2, 0.5)


async def test_what_is_asked_says_why_and_each_answer_falls_into_its_band(api: Api, firm: Tenant) -> None:
    one, two = await sisters(api, firm, 1)
    three, four = await sisters(api, firm, 2)
    [found] = (await api.ask(firm.keys["steward"], CANDIDATES, id=two)).data["matchCandidates"][:1]
    assert (found["record"]["id"], found["zone"], [guard["kind"] for guard in found["score"]["guards"]]) == (one, "possible_match", ["distinguishing"])
    assert (await quality(api, firm))["asked"] == 2
    assert (await api.ask(firm.keys["steward"], APART, ids=[one, two])).data["keepApart"]["errors"] == []
    assert (await api.ask(firm.keys["steward"], MERGE, a=three, b=[four])).data["merge"]["errors"] == []
    told = await quality(api, firm)
    assert (told["asked"], told["answeredSame"], told["answeredApart"]) == (0, 1, 1)
    assert [(band["same"], band["apart"]) for band in told["bands"]] == [(1, 1)]


async def test_an_answer_is_kept_whichever_way_it_is_given_and_goes_with_its_undo(api: Api, firm: Tenant) -> None:
    one, two = await sisters(api, firm, 1)
    done = (await api.ask(firm.keys["steward"], APART, ids=[one, two])).data["keepApart"]
    assert await answer_of(api, firm, one, two) == [("resolved", "not_same")]
    assert (await api.ask(firm.keys["steward"], UNDO, id=done["actionId"])).data["undo"]["errors"] == []
    [(state, _)] = await answer_of(api, firm, one, two)
    assert state == "open" and (await quality(api, firm))["answeredApart"] == 0
    done = (await api.ask(firm.keys["steward"], MERGE, a=one, b=[two])).data["merge"]
    assert await answer_of(api, firm, one, two) == [("resolved", "same")]
    three, four = await sisters(api, firm, 2)
    link = 'mutation($id: ID!) { declareLink(entity: "client", id: $id, source: {system: "erp", object: "client", externalId: "E2"}, reason: "one firm") { errors { code } } }'
    assert (await api.ask(firm.keys["steward"], link, id=three)).data["declareLink"]["errors"] == []
    assert await answer_of(api, firm, three, four) == [("resolved", "same")]
    five, six = await sisters(api, firm, 3)
    close = 'mutation($ids: [Long!]!) { resolveTasks(ids: $ids, resolution: "cannot be told") { done errors { code } } }'
    [row] = await api.pool.fetch("SELECT id FROM hub.task WHERE tenant_id = $1 AND golden_id = ANY ($2::uuid[])", firm.id, [five, six])
    assert (await api.ask(firm.keys["steward"], close, ids=[str(row["id"])])).data["resolveTasks"] == {"done": 1, "errors": []}
    assert await answer_of(api, firm, five, six) == [("resolved", None)]


async def test_versions_runs_and_the_weight_chart_are_listed_newest_first(api: Api, firm: Tenant) -> None:
    ask = """{ matchModels(entity: "client") { version state madeBy auto levels { comparison level share weight against { alternative bits } } report } }"""
    models = (await api.ask(firm.keys["steward"], ask)).data["matchModels"]
    assert [(one["version"], one["state"], one["madeBy"], one["report"]) for one in models] == [
        (1, "in_force", "test", {"records": 2}), (0, "retired", "declared", {}),
    ]  # fmt: skip
    level = models[0]["levels"][0]
    assert (level["comparison"], [one["alternative"] for one in level["against"]]) == ("name", ["strangers", "relatives", "namesakes"])
    assert level["weight"] == min((one["bits"] for one in level["against"]), key=abs)


async def test_pairs_of_records_are_scored_and_a_stranger_is_told_nothing(api: Api, firm: Tenant) -> None:
    one, two = await sisters(api, firm, 1)
    ask = """query($ids: [ID!]!) { matchPairs(entity: "client", ids: $ids) { a { recordId system } b { recordId system } score { weight guards { kind } } } }"""
    [pair_] = (await api.ask(firm.keys["steward"], ask, ids=[one, two])).data["matchPairs"]
    assert ({pair_["a"]["recordId"], pair_["b"]["recordId"]}, pair_["score"]["guards"]) == ({one, two}, [{"kind": "distinguishing"}])
    assert (await api.ask(firm.keys["steward"], ask.replace("ids: $ids", "ids: $ids, strongest: true"), ids=[one, two])).data["matchPairs"] == [pair_]
    assert (await api.ask(firm.keys["reader"], QUALITY)).codes == ["FORBIDDEN"]
    for wrong in ('matchCandidates(entity: "client") { zone }', 'matchCandidates(entity: "invoice", id: "x") { zone }'):
        assert (await api.ask(firm.keys["steward"], f"{{ {wrong} }}")).codes == ["BAD_INPUT"]


async def test_a_threshold_is_a_matter_of_a_plan_or_of_two_people(api: Api, firm: Tenant) -> None:
    change = 'mutation { setMatching(entity: "client", mode: "ask", reason: "look first") { done planId proposal { id } errors { code } } }'
    told = (await api.ask(firm.keys["admin"], change)).data["setMatching"]
    assert (told["done"], bool(told["planId"] or told["proposal"]), (await quality(api, firm))["mode"]) in ((None, True, "link"), (False, True, "link"))
