"""Splits, placements and their undo; what a person said is kept by every rule and every later merge."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from connectors.port import Incoming
from hub.core.policy import FieldPolicy, Policy
from hub.core.records import SourceKey
from hub.errors import RequestError
from hub.flows import receive, steward
from hub.flows.again import repeated
from hub.flows.merge import merge
from hub.flows.poll import message_of
from hub.flows.receive import Origin
from hub.flows.split import keep_apart, split
from hub.store.ids import new_id
from schema.systems import ERP
from tests.flows.conftest import Hub
from tests.flows.test_merge import BO, holds, joined, of, redone, snapshot, two, undone

__all__ = ["two"]


async def source(hub: Hub, system: str, external_id: str) -> int:
    [row] = await hub.rows("SELECT id FROM hub.source_record WHERE system = $1 AND external_id = $2 AND entity = 'client'", system, external_id)
    return int(row["id"])


async def parted(hub: Hub, golden_id: UUID | None, *sources: int) -> tuple[UUID, int]:
    """(new golden id, action) of a split."""
    new = new_id()
    assert golden_id is not None
    async with hub.transaction() as (tx, config):
        done = await split(tx, config, "client", golden_id, {new: list(sources)}, BO, reason="two firms")
    return new, done.action_id


async def actions(hub: Hub) -> list[tuple[int, str]]:
    return [(row["id"], row["kind"]) for row in await hub.rows("SELECT id, kind FROM hub.action ORDER BY id")]


async def test_a_split_gives_a_source_record_a_record_of_its_own_with_its_children(hub: Hub, two: tuple[UUID, UUID]) -> None:
    before = await snapshot(hub)
    new, action = await parted(hub, two[0], await source(hub, "erp", "e1"))
    assert (await hub.values("client", new))["name"] == "ACME"
    contract, project = await hub.golden_id("crm", "contract", "k1"), await hub.golden_id("psa", "project", "p1")
    assert (await hub.values("contract", contract))["client"] == str(new), "it named erp's record"
    assert (await hub.values("project", project))["client"] == str(two[0]), "it named crm's"
    await holds(hub)
    await undone(hub, action)
    assert await snapshot(hub) == before
    assert await hub.rows("SELECT survivor_id FROM hub.forward WHERE loser_id = $1", new) == [{"survivor_id": two[0]}]
    await holds(hub)
    await redone(hub, action)
    assert await hub.golden_id("erp", "client", "e1") == new
    assert [row["op"] for row in await hub.rows("SELECT op FROM hub.change WHERE golden_id = $1 ORDER BY version", new)] == ["create", "merge", "split"]
    await holds(hub)


async def test_what_was_split_is_not_joined_again_by_a_rule_or_a_merge(hub: Hub, two: tuple[UUID, UUID]) -> None:
    new, _ = await parted(hub, two[0], await source(hub, "erp", "e1"))
    await hub.told("erp", "client", "e1", {"name": "ACME 2"}, crm="client:1")
    assert await hub.golden_id("erp", "client", "e1") == new
    assert [cause for cause, *_ in await hub.tasks()] == []
    with pytest.raises(RequestError, match="not the same: two firms"):
        await joined(hub, two[0], new)


async def test_a_person_who_keeps_two_apart_is_not_asked_again_by_a_link(hub: Hub, two: tuple[UUID, UUID]) -> None:
    async with hub.transaction() as (tx, config):
        await keep_apart(tx, config, "client", two, BO, reason="sisters")
    await hub.told("erp", "client", "e1", {"name": "ACME"}, crm="client:2")
    assert await hub.golden_id("erp", "client", "e1") == two[0]
    assert [cause for cause, *_ in await hub.tasks()] == []
    [(action, kind)] = await actions(hub)
    assert kind == "keep_apart"
    await undone(hub, action)
    await joined(hub, *two)


async def test_a_merge_is_not_undone_before_the_split_that_took_its_records(hub: Hub) -> None:
    a, b = [await hub.told("crm", "client", str(n), {"name": f"Firm {n}"}) for n in range(2)]
    done = await joined(hub, b, a)
    _, action = await parted(hub, b, await source(hub, "crm", "0"))
    with pytest.raises(RequestError, match=f"later: split {action} by bo") as refused:
        await undone(hub, done.action_id)
    assert (refused.value.code, refused.value.remedy) == ("MOVED_SINCE", f"Undo action {action} first.")
    await undone(hub, action)
    await undone(hub, done.action_id)
    assert await hub.golden_id("crm", "client", "0") == a


async def test_a_split_leaves_something_and_makes_what_can_stand(hub: Hub, two: tuple[UUID, UUID]) -> None:
    await hub.told("psa", "client", "x1", {"name": "Acme"}, crm="client:1")
    crm, erp, psa, other = [await source(hub, *one) for one in (("crm", "1"), ("erp", "e1"), ("psa", "x1"), ("crm", "2"))]
    for sources, code in (((crm, erp, psa), "BAD_INPUT"), ((), "BAD_INPUT"), ((other,), "BAD_INPUT"), ((psa,), "NO_ORIGIN")):
        with pytest.raises(RequestError) as refused:
            await parted(hub, two[0], *sources)
        assert refused.value.code == code
    assert await hub.rows("SELECT 1 FROM hub.decision WHERE kind = 'split'") == []


async def test_withdrawing_a_not_the_same_puts_the_record_back(hub: Hub, two: tuple[UUID, UUID]) -> None:
    before = await snapshot(hub)
    async with hub.transaction() as (tx, config):
        await steward.unlink(tx, config, SourceKey("erp", "client", "e1", "client"), new_id(), "another firm", BO)
    [decision] = await hub.rows("SELECT id FROM hub.decision WHERE kind = 'not_same'")
    async with hub.transaction() as (tx, config):
        await steward.withdraw(tx, config, decision["id"], BO)
    assert await snapshot(hub) == before
    assert await hub.rows("SELECT 1 FROM hub.decision WHERE withdrawn_at IS NULL AND kind IN ('not_same', 'split')") == []


async def test_withdrawing_a_link_of_a_rule_gives_the_record_one_of_its_own_for_good(hub: Hub, two: tuple[UUID, UUID]) -> None:
    [link] = await hub.rows("SELECT id, source_id FROM hub.decision WHERE kind = 'link' AND golden_id = $1", two[0])
    assert link["source_id"] == await source(hub, "erp", "e1")
    async with hub.transaction() as (tx, config):
        await steward.withdraw(tx, config, link["id"], BO)
    own = await hub.golden_id("erp", "client", "e1")
    assert own not in two
    await hub.told("erp", "client", "e1", {"name": "ACME"}, crm="client:1")
    assert await hub.golden_id("erp", "client", "e1") == own



@pytest.mark.parametrize("kind", ["override", "withdraw", "link", "unlink"])
async def test_every_decision_of_a_steward_is_undone_and_done_again(hub: Hub, two: tuple[UUID, UUID], kind: str) -> None:
    key = SourceKey("erp", "client", "e1", "client")
    async with hub.transaction() as (tx, config):
        fixed = await steward.override(tx, config, "client", two[1], "phone", "+4930777777", BO, reason="so")
    before = await snapshot(hub)
    async with hub.transaction() as (tx, config):
        if kind == "override":
            await steward.override(tx, config, "client", two[0], "phone", "+4930888888", BO, reason="so")
        elif kind == "withdraw":
            await steward.withdraw(tx, config, fixed, BO)
        elif kind == "link":
            await steward.link(tx, config, key, two[1], "it is", BO)
        else:
            await steward.unlink(tx, config, key, UUID(int=77), "it is not", BO)
    [*_, (action, made)] = await actions(hub)
    assert made == kind
    after = await snapshot(hub)
    assert without_numbers(after) != without_numbers(before)
    await undone(hub, action)
    assert without_numbers(await snapshot(hub)) == without_numbers(before)
    await redone(hub, action)
    assert without_numbers(await snapshot(hub)) == without_numbers(after)
    await undone(hub, action)
    assert without_numbers(await snapshot(hub)) == without_numbers(before)
    assert len(await actions(hub)) == 2, "doing it again is the same action"
    await holds(hub)


def without_numbers(found: list[Any]) -> list[Any]:
    """A snapshot without the numbers of decisions: doing a thing again makes another one."""
    return [
        (*one[:3], {name: line._replace(decision_id=bool(line.decision_id)) for name, line in one[3].items()}, one[4]) if isinstance(one, tuple) else one
        for one in found
    ]


async def test_a_code_a_task_and_a_policy_are_put_back(hub: Hub) -> None:
    await hub.tell("crm", "client", "1", {"name": "Acme", "state": "kaputt"})
    await hub.settle()
    [(cause, _, _)] = await hub.tasks()
    assert cause == "unknown_code"
    async with hub.transaction() as (tx, config):
        await steward.map_code(tx, config.tenant_id, "crm", "CLIENT_STATE", "kaputt", "closed", BO)
    await hub.settle()
    policy = Policy((FieldPolicy("client", "name", (ERP,)),))
    async with hub.transaction() as (tx, config):
        await steward.set_policy(tx, config.tenant_id, policy, "erp knows better", BO)
    for action, _ in reversed(await actions(hub)):
        await undone(hub, action)
    assert await hub.rows("SELECT 1 FROM hub.code_map") == []
    [stored] = await hub.rows("SELECT document FROM hub.policy ORDER BY id DESC LIMIT 1")
    assert stored["document"]["fields"] == []
    for action, _ in await actions(hub):
        await redone(hub, action)
    assert await hub.rows("SELECT ours FROM hub.code_map WHERE theirs = 'kaputt'") == [{"ours": "closed"}]


async def test_a_merge_meets_ingest_of_the_loser_and_of_its_children(hub: Hub, two: tuple[UUID, UUID]) -> None:
    """Each ends as it would have, had they come one after another; nothing is left under the id that went."""
    survivor, loser = two

    async def joining() -> None:
        async def once() -> None:
            async with hub.transaction() as (tx, config):
                await merge(tx, config, "client", survivor, [loser], BO, reason="same")

        await repeated(once)

    async def telling(at: int) -> None:
        await hub.tell("crm", "client", "2", {"name": f"Acme {at}"})
        await hub.tell("psa", "project", f"n{at}", {"code": f"N{at}", "name": "New", "client": of("crm", "client", "2")})
        await hub.tell(("bill", "psa")[at - 1], "client", f"b{at}", {"name": "Acme Holding"}, crm="client:2")
        await hub.settle()

    await asyncio.gather(telling(1), joining(), telling(2))
    await hub.settle()
    assert await hub.rows("SELECT 1 FROM hub.source_record WHERE golden_id = $1", loser) == []
    assert await hub.rows("SELECT 1 FROM golden.client WHERE id = $1", loser) == []
    assert await hub.rows("SELECT DISTINCT client_id FROM golden.project WHERE code LIKE 'N%'") == [{"client_id": survivor}]
    assert await hub.rows("SELECT count(*) AS n FROM golden.project") == [{"n": 4}]
    assert {await hub.golden_id(system, "client", f"b{at}") for at, system in enumerate(("bill", "psa"), 1)} == {survivor}
    assert [cause for cause, *_ in await hub.tasks() if cause == "internal"] == []
    await holds(hub)


async def test_two_merges_of_one_record_at_once_are_one_merge(hub: Hub, two: tuple[UUID, UUID]) -> None:
    third = await hub.told("crm", "client", "3", {"name": "Acme Three"})
    assert third is not None

    async def joining(survivor: UUID) -> str:
        async def once() -> str:
            async with hub.transaction() as (tx, config):
                return str((await merge(tx, config, "client", survivor, [two[1]], BO, reason="same")).survivor)

        try:
            return await repeated(once)
        except RequestError as error:
            return error.code

    await asyncio.gather(joining(two[0]), joining(third))
    assert len(await hub.rows("SELECT 1 FROM hub.forward WHERE loser_id = $1", two[1])) == 1
    assert await hub.rows("SELECT 1 FROM hub.source_record WHERE golden_id <> hub.survivor(tenant_id, coalesce(home_id, golden_id))") == []
    await holds(hub)


async def merged_there(hub: Hub, system: str, external_id: str, into: str) -> None:
    """A system says that it merged one of its clients into another."""
    message = message_of(system, Incoming("client", external_id, b"", is_delete=True, merged_into=into))
    async with hub.pool.acquire() as connection, connection.transaction():
        await receive.store(connection, Origin(hub.tenant, "poll", system), [message], datetime.now(UTC))
    await hub.settle()


async def test_a_merge_at_the_source_moves_the_link_and_an_empty_record_leads_on(hub: Hub) -> None:
    kept, gone = [await hub.told("erp", "client", n, {"name": f"Acme {n}"}) for n in ("1", "2")]
    await hub.told("psa", "project", "p", {"code": "P", "name": "Rollout", "client": of("erp", "client", "2")})
    await merged_there(hub, "erp", "2", "1")
    [row] = await hub.rows("SELECT golden_id, role, state FROM hub.source_record WHERE system = 'erp' AND external_id = '2' AND entity = 'client'")
    assert (row["golden_id"], row["role"], row["state"]) == (kept, "retired", "deleted")
    assert await hub.rows("SELECT survivor_id FROM hub.forward WHERE loser_id = $1", gone) == [{"survivor_id": kept}]
    assert (await hub.values("project", await hub.golden_id("psa", "project", "p")))["client"] == str(kept)
    assert (await hub.values("client", kept))["name"] == "Acme 1"
    [decision] = await hub.rows("SELECT id, actor, rule, source_id IS NOT NULL AS names_it FROM hub.decision WHERE kind = 'link'")
    assert (decision["actor"], decision["rule"], decision["names_it"]) == ("erp", "vendor_merge", True)
    await holds(hub)


async def test_a_merge_at_the_source_after_one_here_closes_its_task(hub: Hub, two: tuple[UUID, UUID]) -> None:
    await joined(hub, *two)
    assert [subject.split()[-2] for cause, subject, _ in await hub.tasks() if cause == "merge_at_source"] == ["crm", "erp"]
    await merged_there(hub, "erp", "e2", "e1")
    assert [subject.split()[-2] for cause, subject, _ in await hub.tasks() if cause == "merge_at_source"] == ["crm"]
    await hub.told("crm", "client", "1", None)
    assert [cause for cause, *_ in await hub.tasks() if cause == "merge_at_source"] == []
    roles = await hub.rows("SELECT external_id, role FROM hub.source_record WHERE entity = 'client' ORDER BY external_id")
    assert {row["external_id"]: row["role"] for row in roles} == {"1": "primary", "2": "primary", "e1": "primary", "e2": "retired"}
    await holds(hub)


async def test_a_merge_at_the_source_of_what_other_systems_keep_apart_is_asked_and_can_be_withdrawn(hub: Hub, two: tuple[UUID, UUID]) -> None:
    await merged_there(hub, "erp", "e2", "e1")
    assert await hub.golden_id("erp", "client", "e2") == two[0]
    assert [cause for cause, *_ in await hub.tasks()] == ["possible_duplicate"]
    assert (await hub.golden("client", two[1])).record_state == "active", "crm still holds it"
    contract = await hub.golden_id("crm", "contract", "k2")
    assert (await hub.values("contract", contract))["client"] == str(two[0]), "it named erp's record"
    [decision] = await hub.rows("SELECT id FROM hub.decision WHERE rule = 'vendor_merge'")
    async with hub.transaction() as (tx, config):
        await steward.withdraw(tx, config, decision["id"], BO)
    assert await hub.golden_id("erp", "client", "e2") == two[1]
    assert (await hub.values("contract", contract))["client"] == str(two[1])
    await holds(hub)
