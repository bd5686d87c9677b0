"""Any sequence of merges, splits, edits and their undos ends equal to the history without what was undone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from hub.core.change import Cause
from hub.core.configuration import Configuration
from hub.errors import RequestError
from hub.flows import contribute, replay, steward, undo

from hub.flows.merge import merge
from hub.flows.receive import Origin
from hub.flows.recompute import recompute
from hub.flows.split import split
from hub.store import forwards, golden
from hub.store.inbox import NewMessage
from hub.store.statements import Connection
from schema import ENTITIES
from tests.flows.conftest import Hub
from tests.flows.test_merge import BO, of

FIRMS = 4
NAMES = ("Acme", "Bolt", "Cargo", "Delta")

STEPS = st.one_of(
    st.tuples(st.just("merge"), st.integers(0, FIRMS - 1), st.integers(0, FIRMS - 1), st.booleans()),
    st.tuples(st.just("merge"), st.integers(0, FIRMS - 1), st.integers(0, FIRMS - 1), st.booleans()),
    st.tuples(st.just("split"), st.integers(0, FIRMS - 1)),
    st.tuples(st.just("tell"), st.integers(0, FIRMS - 1), st.sampled_from(("name", "phone")), st.integers(0, 3)),
    st.tuples(st.just("override"), st.integers(0, FIRMS - 1), st.integers(0, 3)),
    st.tuples(st.just("undo"), st.integers(0, 9)),
    st.tuples(st.just("undo"), st.integers(0, 9)),
    st.tuples(st.just("redo"), st.integers(0, 9)),
)


@dataclass
class Done:
    """One step as it was taken, with the ids it named, and whether it stands."""

    name: str
    given: tuple[Any, ...]
    action_id: int = 0
    stands: bool = True


@dataclass
class World:
    """A tenant in a transaction that is undone at its end."""

    hub: Hub
    tx: Connection
    config: Configuration
    done: list[Done] = field(default_factory=list)
    numbers: count[int] = field(default_factory=lambda: count(1))

    async def golden_of(self, system: str, external_id: str) -> UUID:
        found: UUID = await self.tx.fetchval(
            "SELECT golden_id FROM hub.source_record WHERE tenant_id = $1 AND system = $2 AND object = 'client' AND external_id = $3",
            self.hub.tenant, system, external_id,
        )  # fmt: skip
        return found

    async def take(self, name: str, *arguments: Any) -> None:
        """One step of a random history; what makes no sense at this point is left out."""
        if name == "merge":
            survivor, loser = [await self.golden_of("crm", str(at)) for at in arguments[:2]]
            if survivor != loser:
                seen = await self.tx.fetchval("SELECT name FROM golden.client WHERE tenant_id = $1 AND id = $2", self.hub.tenant, loser)
                await self.act("merge", survivor, loser, seen if arguments[2] else "")
        elif name == "split":
            await self.act("split", await self.golden_of("erp", f"e{arguments[0]}"), f"e{arguments[0]}", UUID(int=next(self.numbers) + 10_000))
        elif name == "override":
            await self.act("override", await self.golden_of("crm", str(arguments[0])), f"+493012345{arguments[1]}0")
        elif name == "tell":
            await self.act("tell", *arguments)
        elif self.done:
            await self.again(name, self.done[arguments[0] % len(self.done)])

    async def again(self, name: str, one: Done) -> None:
        if not one.action_id or one.stands is (name == "redo"):
            return
        step = undo.redo if name == "redo" else undo.undo
        if await self._tried(lambda: step(self.tx, self.config, one.action_id, BO)):
            one.stands = name == "redo"
            event(name)
            if name == "redo":  # it stands from now on, after what was done meanwhile
                self.done.remove(one)
                self.done.append(one)

    async def act(self, name: str, *given: Any) -> bool:
        """Take a step with the ids it names; False when it is refused."""
        made: list[int] = []

        async def run() -> None:
            made.append(await getattr(self, f"_{name}")(*given))

        if not await self._tried(run):
            return False
        event(name)
        self.done.append(Done(name, given, made[0]))
        return True

    async def _tried(self, work: Any) -> bool:
        step = self.tx.transaction()
        await step.start()
        try:
            await work()
            await self.settle()
        except RequestError:
            await step.rollback()
            return False
        await step.commit()
        return True

    async def _merge(self, survivor: UUID, loser: UUID, picked: str) -> int:
        if {survivor, loser} & (await forwards.ends(self.tx, self.hub.tenant, [survivor, loser])).keys():
            raise RequestError("NOT_FOUND", "merged away")
        wanted = {"name": {"value": picked}} if picked else {}
        return (await merge(self.tx, self.config, "client", survivor, [loser], BO, reason="same", picks=wanted)).action_id

    async def _split(self, golden_id: UUID, external_id: str, new_id: UUID) -> int:
        if await self.golden_of("erp", external_id) != golden_id:
            raise RequestError("NOT_FOUND", "not there")
        source = await self.tx.fetchval("SELECT id FROM hub.source_record WHERE tenant_id = $1 AND system = 'erp' AND external_id = $2", self.hub.tenant, external_id)
        return (await split(self.tx, self.config, "client", golden_id, {new_id: [source]}, BO, reason="two")).action_id

    async def _override(self, golden_id: UUID, phone: str) -> int:
        if golden_id in await forwards.ends(self.tx, self.hub.tenant, [golden_id]):
            raise RequestError("NOT_FOUND", "merged away")
        await steward.override(self.tx, self.config, "client", golden_id, "phone", phone, BO, reason="so")
        found: int = await self.tx.fetchval("SELECT max(id) FROM hub.action WHERE tenant_id = $1", self.hub.tenant)
        return found

    async def _tell(self, at: int, name: str, value: int) -> int:
        said = f"{NAMES[at]} {value}" if name == "name" else f"+49301234{value}{at}0"
        body = json.dumps({name: said}).encode()
        message = NewMessage("crm", "client", str(at), body, f"tell{next(self.numbers)}-{len(self.done)}", "t")
        await contribute._contribute(
            self.tx, Origin(self.hub.tenant, "api", "test"), [message], self.hub.ingester.configurations, (), lambda: UUID(int=0), datetime.now(UTC)
        )
        return 0

    async def settle(self) -> None:
        """Compute what is due, as the worker would."""
        while rows := await self.tx.fetch("DELETE FROM hub.reconsider WHERE tenant_id = $1 AND due_at <= clock_timestamp() RETURNING entity, golden_id, cause", self.hub.tenant):
            causes: dict[str, dict[UUID, Cause]] = {}
            for row in rows:
                causes.setdefault(row["entity"], {})[row["golden_id"]] = Cause(row["cause"], "hub", "")
            await recompute(self.tx, self.config, causes)

    async def standing(self) -> dict[str, Any]:
        """Values, winners, links, roles and keys of everything; decisions by what they say, not by their number."""
        names = {row["id"]: f"{row['system']} {row['external_id']}" for row in await self.tx.fetch("SELECT id, system, external_id FROM hub.source_record WHERE tenant_id = $1", self.hub.tenant)}
        found: dict[str, Any] = {}
        for entity in ("client", "project", "resource"):
            ids = [row["id"] for row in await self.tx.fetch(f"SELECT id FROM golden.{entity} WHERE tenant_id = $1", self.hub.tenant)]
            for id_, one in (await golden.lock(self.tx, self.hub.tenant, ENTITIES[entity], ids)).items():
                winners = {name: (names.get(line.source_id), line.rule, line.provisional) for name, line in one.golden.lineage.items()}
                found[f"{entity} {id_}"] = (one.golden.values, winners, one.golden.record_state)
        for row in await self.tx.fetch("SELECT id, golden_id, coalesce(home_id, golden_id) AS home, role, state FROM hub.source_record WHERE tenant_id = $1", self.hub.tenant):
            found[names[row["id"]]] = (row["golden_id"], row["home"], row["role"], row["state"])
        found["keys"] = {tuple(row) for row in await self.tx.fetch("SELECT entity, key, golden_id FROM hub.match_key WHERE tenant_id = $1", self.hub.tenant)}
        return found

    async def check(self) -> None:
        """What must hold whatever happened."""
        assert [str(one) for one in (await replay.verify(self.tx, self.config)).differences] == []
        lost = "SELECT id FROM hub.source_record s WHERE tenant_id = $1 AND golden_id <> hub.survivor(tenant_id, coalesce(home_id, golden_id))"
        assert await self.tx.fetch(lost, self.hub.tenant) == []
        gaps = "SELECT golden_id FROM hub.change WHERE tenant_id = $1 GROUP BY golden_id HAVING count(*) <> max(version)"
        assert await self.tx.fetch(gaps, self.hub.tenant) == []
        await self.tx.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.fixture
async def firms(hub: Hub) -> Hub:
    """Clients in crm and erp, each with a project; two of them share a manager."""
    await hub.tell("psa", "resource", "r", {"given_name": "Ida", "family_name": "Ek"})
    for at, name in enumerate(NAMES):
        await hub.tell("crm", "client", str(at), {"name": name, "phone": f"+4930123456{at}", "account_manager": of("psa", "resource", "r")})
        await hub.tell("erp", "client", f"e{at}", {"name": name.upper(), "legal_name": f"{name} GmbH", "city": "Ulm"}, crm=f"client:{at}")
        await hub.tell("psa", "project", f"p{at}", {"code": f"P{at}", "name": f"Project {at}", "client": of("crm" if at % 2 else "erp", "client", str(at) if at % 2 else f"e{at}")})
    await hub.settle()
    return hub


async def told(hub: Hub, steps: Sequence[tuple[Any, ...]]) -> tuple[list[Done], dict[str, Any]]:
    """What a random history came to, and what stands in its end."""
    async with hub.pool.acquire() as tx:
        outer = tx.transaction()
        await outer.start()
        try:
            world = World(hub, tx, await hub.ingester.configurations.get(tx, hub.tenant))
            for step in steps:
                await world.take(*step)
            await world.check()
            return world.done, await world.standing()
        finally:
            await outer.rollback()


async def without(hub: Hub, done: Sequence[Done]) -> dict[str, Any] | None:
    """What stands when only the steps that stand are taken; None when one of them makes no sense without the others."""
    async with hub.pool.acquire() as tx:
        outer = tx.transaction()
        await outer.start()
        try:
            world = World(hub, tx, await hub.ingester.configurations.get(tx, hub.tenant))
            for one in done:
                if one.stands and not await world.act(one.name, *one.given):
                    return None
            return await world.standing()
        finally:
            await outer.rollback()


async def _holds(hub: Hub, steps: Sequence[tuple[Any, ...]]) -> None:
    done, stands = await told(hub, steps)
    plain = await without(hub, done)
    assume(plain is not None)
    event(f"undone {sum(not one.stands for one in done)}")
    assert stands == plain


LIMITS = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow], "derandomize": True}


@settings(max_examples=40, **LIMITS)  # type: ignore[arg-type]
@given(st.lists(STEPS, min_size=2, max_size=8))
async def test_a_history_ends_as_if_what_was_undone_had_never_been(firms: Hub, steps: list[tuple[Any, ...]]) -> None:
    await _holds(firms, steps)


@pytest.mark.slow
@settings(max_examples=300, **{**LIMITS, "derandomize": False})  # type: ignore[arg-type]
@given(st.lists(STEPS, min_size=2, max_size=14))
async def test_a_long_history_ends_as_if_what_was_undone_had_never_been(firms: Hub, steps: list[tuple[Any, ...]]) -> None:
    await _holds(firms, steps)


