"""Four eyes: who may be the second person, and that what is approved is what is done."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from hub.core.people import Member
from hub.errors import RequestError
from hub.flows import approvals, steward, work
from hub.flows.actions import By
from hub.flows.approvals import Verdict
from hub.flows.people import switch_four_eyes
from hub.store import members
from schema.fields import Risk
from tests.flows.conftest import Hub

ANN, BOB, CAT, DAN, EVE = (By(f"steward:{name}", "c-9") for name in ("ann", "bob", "cat", "dan", "eve"))
IDS = {name: UUID(int=number) for number, name in enumerate(("ann", "bob", "cat", "dan", "eve"), 1)}


async def people(hub: Hub, **more: dict[str, Any]) -> None:
    """Ann and Bob are stewards, Cat is of finance, Dan is away and stands for nobody; ``more`` changes them."""
    told: dict[str, dict[str, Any]] = {
        "ann": {"teams": {"data_stewards"}}, "bob": {"teams": {"data_stewards"}}, "cat": {"teams": {"finance_operations"}},
        "dan": {"teams": {"finance_operations"}},
    }  # fmt: skip
    async with hub.transaction() as (tx, _):
        for name in (*told, *(more.keys() - told.keys())):
            given = {"actors": {f"steward:{name}"}, **told.get(name, {}), **more.get(name, {})}
            await members.put(tx, hub.tenant, Member(IDS[name], name, **{k: frozenset(v) if isinstance(v, set) else v for k, v in given.items()}))


async def a_client(hub: Hub) -> UUID:
    found = await hub.told("crm", "client", "C1", {"name": "ACME", "legal_name": "ACME Ltd", "country": "DE"})
    assert found is not None
    return found


async def asked(hub: Hub, client: UUID, field: str, value: Any, by: By = ANN) -> int:
    """The proposal a risky override becomes."""
    given = {"entity": "client", "id": str(client), "field": field, "value": value, "reason": "as registered"}
    async with hub.transaction() as (tx, config):
        submitted = await approvals.submit(tx, config, "override", given, by)
    assert submitted.outcome is None and submitted.proposal_id is not None
    return submitted.proposal_id


async def approved(hub: Hub, proposal: int, by: By, for_id: UUID | None = None) -> Verdict:
    async with hub.transaction() as (tx, config):
        return await approvals.approve(tx, config, proposal, by, for_id=for_id)


async def refusal(hub: Hub, proposal: int, by: By, for_id: UUID | None = None) -> str:
    with pytest.raises(RequestError) as refused:
        await approved(hub, proposal, by, for_id)
    return refused.value.code


async def test_a_field_of_class_r1_is_changed_by_one_person_and_one_of_r2_waits(hub: Hub) -> None:
    await people(hub)
    client = await a_client(hub)
    given = {"entity": "client", "id": str(client), "field": "name", "value": "ACME!", "reason": "as they say"}
    async with hub.transaction() as (tx, config):
        submitted = await approvals.submit(tx, config, "override", given, ANN)
    assert submitted.outcome is not None and submitted.proposal_id is None
    proposal = await asked(hub, client, "legal_name", "ACME Limited")
    assert {k: (await hub.values("client", client))[k] for k in ("name", "legal_name")} == {"name": "ACME!", "legal_name": "ACME Ltd"}
    [row] = await hub.rows("SELECT diff, risk, author, author_id, subject, reason, entity, golden_ids FROM hub.proposal WHERE id = $1", proposal)
    change = {"field": "legal_name", "before": "ACME Ltd", "after": "ACME Limited"}
    assert row == {
        "diff": {"records": [{"entity": "client", "id": str(client), "op": "update", "fields": [change]}]}, "risk": "R2",
        "author": "steward:ann", "author_id": IDS["ann"], "subject": "client.legal_name by hand", "reason": "as registered",
        "entity": "client", "golden_ids": [client],
    }  # fmt: skip


async def test_an_approved_change_is_made_in_its_authors_name(hub: Hub) -> None:
    await people(hub)
    client = await a_client(hub)
    proposal = await asked(hub, client, "legal_name", "ACME Limited")
    verdict = await approved(hub, proposal, BOB)
    assert verdict.state == "approved"
    assert (await hub.values("client", client))["legal_name"] == "ACME Limited"
    [decision] = await hub.rows("SELECT id, actor, reason FROM hub.decision WHERE kind = 'override'")
    [row] = await hub.rows("SELECT state, decision_ids, settled_by FROM hub.proposal WHERE id = $1", proposal)
    assert (decision["actor"], row) == ("steward:ann", {"state": "approved", "decision_ids": [decision["id"]], "settled_by": "steward:bob"})


async def test_nobody_approves_what_they_proposed_under_whatever_key_nor_does_who_stands_in_for_them(hub: Hub) -> None:
    await people(hub, ann={"teams": {"data_stewards"}, "actors": {"steward:ann", "admin:ann"}, "delegate_id": IDS["bob"]})
    client = await a_client(hub)
    proposal = await asked(hub, client, "legal_name", "ACME Limited")
    codes = [await refusal(hub, proposal, by) for by in (ANN, By("admin:ann"), BOB, EVE)]
    assert codes == ["AUTHOR", "AUTHOR", "AUTHORS_DELEGATE", "NOT_A_MEMBER"]
    assert (await hub.values("client", client))["legal_name"] == "ACME Ltd"


async def test_what_a_key_nobody_knows_proposed_waits_until_it_is_said_whose_it_is(hub: Hub) -> None:
    await people(hub)
    client = await a_client(hub)
    proposal = await asked(hub, client, "legal_name", "ACME Limited", EVE)
    assert await refusal(hub, proposal, BOB) == "NOT_A_MEMBER"
    await people(hub, bob={"actors": {"steward:bob", "steward:eve"}})
    assert await refusal(hub, proposal, BOB) == "AUTHOR"
    assert (await approved(hub, proposal, CAT)).state == "approved"


async def test_class_r3_needs_another_team_and_moving_house_meanwhile_opens_nothing(hub: Hub) -> None:
    await people(hub)
    client = await a_client(hub)
    proposal = await asked(hub, client, "tax_registrations", [{"country": "DE", "scheme": "vat", "number": "DE811569869"}])
    assert await refusal(hub, proposal, BOB) == "SAME_TEAM"
    await people(hub, ann={"teams": {"pmo"}})
    assert await refusal(hub, proposal, BOB) == "SAME_TEAM"
    assert (await approved(hub, proposal, CAT)).state == "approved"


async def test_a_delegate_votes_for_somebody_away_and_the_two_are_one_approver(hub: Hub) -> None:
    await people(hub, dan={"teams": {"finance_operations"}, "is_away": True, "delegate_id": IDS["cat"]})
    await hub.pool.execute("UPDATE hub.tenant SET settings = $2, config_version = config_version + 1 WHERE id = $1", hub.tenant, {"approvals": {"approvers": {"R2": 2}}})
    client = await a_client(hub)
    proposal = await asked(hub, client, "legal_name", "ACME Limited")
    assert await refusal(hub, proposal, BOB, IDS["dan"]) == "NOT_A_DELEGATE"
    verdicts = [await approved(hub, proposal, CAT, IDS["dan"]), await approved(hub, proposal, CAT), await approved(hub, proposal, BOB)]
    assert [(one.state, one.missing) for one in verdicts] == [("open", 1), ("open", 1), ("approved", 0)]


async def test_a_proposal_whose_record_moved_is_stale_says_what_moved_and_can_be_asked_anew(hub: Hub) -> None:
    await people(hub)
    client = await a_client(hub)
    proposal = await asked(hub, client, "legal_name", "ACME Limited")
    await hub.told("crm", "client", "C1", {"name": "ACME", "legal_name": "ACME plc", "country": "FR"})
    verdict = await approved(hub, proposal, BOB)
    was, now = ({"before": before, "after": "ACME Limited"} for before in ("ACME Ltd", "ACME plc"))
    assert (verdict.state, verdict.moved) == ("stale", [{"entity": "client", "id": str(client), "field": "legal_name", "approved": was, "now": now}])
    assert (await hub.values("client", client))["legal_name"] == "ACME plc"
    async with hub.transaction() as (tx, config):
        again = await approvals.renew(tx, config, proposal, BOB)
    assert await refusal(hub, again, BOB) == "AUTHOR"
    assert (await approved(hub, again, ANN)).state == "approved"
    assert (await hub.values("client", client))["legal_name"] == "ACME Limited"


async def test_a_change_of_something_else_leaves_a_proposal_good(hub: Hub) -> None:
    await people(hub)
    client = await a_client(hub)
    proposal = await asked(hub, client, "legal_name", "ACME Limited")
    await hub.told("crm", "client", "C1", {"name": "ACME plc", "legal_name": "ACME Ltd", "country": "FR"})
    assert (await approved(hub, proposal, BOB)).state == "approved"


async def test_two_who_approve_at_once_make_it_once(hub: Hub) -> None:
    await people(hub)
    client = await a_client(hub)
    proposal = await asked(hub, client, "legal_name", "ACME Limited")
    found = await asyncio.gather(*(approved(hub, proposal, by) for by in (BOB, CAT, DAN)), return_exceptions=True)
    states = sorted(one.state if isinstance(one, Verdict) else one.code for one in found)  # type: ignore[union-attr]
    assert states == ["NOT_OPEN", "NOT_OPEN", "approved"]
    assert len(await hub.rows("SELECT id FROM hub.decision WHERE kind = 'override'")) == 1


async def test_under_concurrent_changes_exactly_the_approved_diff_is_made_or_none(hub: Hub) -> None:
    """Whoever comes first, an approved proposal took the record from what was approved to what was approved."""
    await people(hub)
    client = await a_client(hub)
    for turn in range(6):
        before = (await hub.values("client", client))["legal_name"]
        wanted = f"ACME {turn} Limited"
        proposal = await asked(hub, client, "legal_name", wanted)
        other = {"entity": "client", "id": str(client), "field": "legal_name", "value": f"ACME {turn} other", "reason": "r"}

        async def meddle(given: dict[str, Any] = other) -> None:
            async with hub.transaction() as (tx, config):
                await steward.override(tx, config, "client", client, "legal_name", given["value"], CAT, reason="meanwhile")

        verdict, _ = await asyncio.gather(approved(hub, proposal, BOB), meddle())
        [row] = await hub.rows("SELECT state, moved FROM hub.proposal WHERE id = $1", proposal)
        steps = await hub.rows("SELECT before->>'legal_name' AS b, after->>'legal_name' AS a FROM hub.change WHERE golden_id = $1 AND actor = 'steward:ann' AND after->>'legal_name' = $2", client, wanted)
        assert row["state"] == verdict.state
        assert steps == ([{"b": before, "a": wanted}] if verdict.state == "approved" else [])


async def test_a_refusal_needs_a_reason_and_ends_it_and_only_its_author_takes_it_back(hub: Hub) -> None:
    await people(hub)
    client = await a_client(hub)
    first, second = [await asked(hub, client, "legal_name", name) for name in ("A", "B")]
    async with hub.transaction() as (tx, config):
        with pytest.raises(RequestError, match="a refusal needs a reason"):
            await approvals.refuse(tx, config, first, BOB, " ")
        assert (await approvals.refuse(tx, config, first, BOB, "it is not")).state == "refused"
        with pytest.raises(RequestError, match="only its author"):
            await approvals.withdraw(tx, config, second, BOB)
        assert (await approvals.withdraw(tx, config, second, ANN)).state == "withdrawn"
    assert [await refusal(hub, one, CAT) for one in (first, second)] == ["NOT_OPEN", "NOT_OPEN"]


async def test_a_proposal_nobody_decides_in_time_expires(hub: Hub) -> None:
    await people(hub)
    client = await a_client(hub)
    proposal = await asked(hub, client, "legal_name", "A")
    await hub.pool.execute("UPDATE hub.proposal SET expires_at = now() - interval '1 s'")
    assert (await approved(hub, proposal, BOB)).state == "expired"
    assert (await hub.values("client", client))["legal_name"] == "ACME Ltd"


async def test_bank_data_is_approved_a_day_after_the_contact_on_record_was_told(hub: Hub) -> None:
    await people(hub)
    entity = await hub.told("erp", "legal_entity", "DE01", {"code": "DE01", "name": "House", "functional_currency": "EUR", "tz": "Europe/Berlin"})
    client = await a_client(hub)
    account = await hub.told(
        "erp", "billing_account", "4711",
        {"client": {"id": str(client)}, "legal_entity": {"id": str(entity)}, "account_no": "4711", "currency": "EUR", "bank_holder": "ACME", "bank_number_masked": "…17", "bank_digest": "aa"},
    )
    assert account is not None
    bank = {"bank_holder": "ACME", "bank_number_masked": "…99", "bank_digest": "bb"}
    given = {"entity": "billing_account", "id": str(account), "field": "bank", "value": bank, "reason": "a letter says so"}
    async with hub.transaction() as (tx, config):
        proposal = (await approvals.submit(tx, config, "override", given, ANN)).proposal_id
    assert proposal is not None and await refusal(hub, proposal, CAT) == "NOTICE_PERIOD"
    [task] = await hub.rows("SELECT id FROM hub.task WHERE cause = 'bank_notice' AND state = 'open'")
    async with hub.transaction() as (tx, config):
        await work.resolve(tx, config, [task["id"]], "told Ms Weber by the number on file", CAT)
    with pytest.raises(RequestError, match="may object until"):
        await approved(hub, proposal, CAT)
    await hub.pool.execute("UPDATE hub.task SET resolved_at = resolved_at - interval '24 h'")
    assert (await approved(hub, proposal, CAT)).state == "approved"
    assert (await hub.values("billing_account", account))["bank_digest"] == "bb"


async def test_a_notice_ends_with_its_proposal(hub: Hub) -> None:
    await people(hub)
    person = await hub.told("erp", "vendor", "V1", {"name": "Ann", "kind": "subcontractor", "bank_holder": "Ann", "bank_number_masked": "…1", "bank_digest": "aa"})
    assert person is not None
    bank = {"bank_holder": "Ann", "bank_number_masked": "…2", "bank_digest": "bb"}
    async with hub.transaction() as (tx, config):
        given = {"entity": "vendor", "id": str(person), "field": "bank", "value": bank, "reason": "r"}
        proposal = (await approvals.submit(tx, config, "override", given, ANN)).proposal_id
        assert proposal is not None
        await approvals.refuse(tx, config, proposal, CAT, "they never wrote that")
    assert [row["state"] for row in await hub.rows("SELECT state FROM hub.task WHERE cause = 'bank_notice'")] == ["resolved"]


async def test_a_change_set_is_made_as_a_whole_or_not_at_all_and_is_as_risky_as_its_riskiest(hub: Hub) -> None:
    await people(hub)
    client = await a_client(hub)
    changes = [{"entity": "client", "id": str(client), "field": name, "value": value} for name, value in (("name", "ACME!"), ("legal_name", "ACME Limited"))]
    bad = [*changes, {"entity": "client", "id": str(client), "field": "shoe", "value": 1}, {"entity": "client", "id": str(IDS["eve"]), "field": "name", "value": "x"}]
    async with hub.transaction() as (tx, config):
        with pytest.raises(RequestError, match=r"2 of 4 changes cannot be made: changes\[2\]: client has no field 'shoe'; changes\[3\]: there is no client"):
            await approvals.submit(tx, config, "change_set", {"changes": bad, "reason": "r"}, ANN)
        submitted = await approvals.submit(tx, config, "change_set", {"changes": changes, "reason": "one letter, both names"}, ANN)
    assert submitted.proposal_id is not None
    assert (await approved(hub, submitted.proposal_id, BOB)).state == "approved"
    golden = await hub.golden("client", client)
    assert (golden.version, golden.values["name"], golden.values["legal_name"]) == (2, "ACME!", "ACME Limited")


async def test_who_may_propose_only_has_even_small_changes_approved(hub: Hub) -> None:
    await people(hub)
    client = await a_client(hub)
    given = {"entity": "client", "id": str(client), "field": "name", "value": "ACME!", "reason": "r"}
    async with hub.transaction() as (tx, config):
        submitted = await approvals.submit(tx, config, "override", given, CAT, may_decide=False)
    assert submitted.proposal_id is not None
    [row] = await hub.rows("SELECT risk FROM hub.proposal")
    assert Risk(row["risk"]) is Risk.R1
    assert (await approved(hub, submitted.proposal_id, ANN)).state == "approved"


async def test_where_four_eyes_are_switched_off_one_person_decides_and_switching_is_itself_decided_by_two(hub: Hub) -> None:
    await people(hub)
    client = await a_client(hub)
    async with hub.transaction() as (tx, config):
        off = await approvals.submit(tx, config, "set_approvals", {"document": {"fourEyes": False}, "reason": "one of us"}, ANN)
    assert off.proposal_id is not None
    assert await refusal(hub, off.proposal_id, BOB) == "SAME_TEAM"
    assert (await approved(hub, off.proposal_id, CAT)).state == "approved"
    given = {"entity": "client", "id": str(client), "field": "legal_name", "value": "B", "reason": "r"}
    async with hub.transaction() as (tx, config):
        assert (await approvals.submit(tx, config, "override", given, ANN)).outcome is not None


async def test_a_key_changes_hands_by_two_people_only(hub: Hub) -> None:
    await people(hub)
    new = {"id": str(IDS["eve"]), "name": "eve", "teams": ["finance_operations"], "actors": ["steward:eve"]}
    async with hub.transaction() as (tx, config):
        assert (await approvals.submit(tx, config, "put_member", new, ANN)).outcome is not None
        taken = await approvals.submit(tx, config, "put_member", {**new, "actors": ["steward:eve", "steward:ann"]}, ANN)
        away = await approvals.submit(tx, config, "put_member", {**new, "is_away": True}, ANN)
    assert taken.proposal_id is not None and away.outcome is not None


async def test_whoever_runs_the_hub_may_switch_four_eyes_for_a_firm_of_one(hub: Hub) -> None:
    client = await a_client(hub)
    given = {"entity": "client", "id": str(client), "field": "legal_name", "value": "B", "reason": "r"}
    waits = []
    for state in ("off", "on"):
        async with hub.transaction() as (tx, _):
            await switch_four_eyes(tx, "north", state)
        async with hub.transaction() as (tx, config):
            waits.append((await approvals.submit(tx, config, "override", given, ANN)).proposal_id is not None)
    assert waits == [False, True]
