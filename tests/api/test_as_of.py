"""Reading as of an instant answers what was answered then: lists, filters, order, counts, lineage, merges, both ways."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hub.api import statement
from hub.api.access import Principal, Role
from hub.api.past import AsOf
from hub.api.plan import Compare, Op, Page, Plan, golden_shape
from hub.api.run import Asked, Runner
from hub.api.schema import build
from hub.core.change import Cause, diff
from hub.core.records import Golden, Lineage
from hub.flows.fill import fill
from hub.store import former, golden
from hub.store.ids import new_id
from schema import ENTITIES
from tests.api.conftest import Api, Tenant

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("Acme", "ACME North", "Northbeam", 'Hotel "Post"', "Ünïcode", "acme", "Zulu")
FIELDS: dict[str, dict[str, tuple[Any, ...]]] = {
    "client": {"name": NAMES, "country": ("DE", "AT", None), "state": ("active", "closed")},
    "project": {
        "name": NAMES, "code": ("P-1", "P-2", "p-1"), "start_date": ("2026-01-01", "2026-03-01", None),
    },
}


@dataclass
class History:
    """A tenant whose records change step by step, a minute apart."""

    api: Api
    tenant: Tenant
    dice: random.Random
    at: datetime = BEGIN
    records: dict[str, dict[UUID, Golden]] = field(default_factory=lambda: {"client": {}, "project": {}})
    losers: list[UUID] = field(default_factory=list)

    async def step(self) -> None:
        """Something happens."""
        self.at += timedelta(minutes=1)
        entity = self.dice.choice(("client", "project"))
        there = self.records[entity]
        if len(there) < 3 or self.dice.random() < 0.15:
            await self.put(entity, new_id())
        elif entity == "client" and self.dice.random() < 0.3:
            await self.merge(*self.dice.sample(sorted(there), 2))
        else:
            for golden_id in self.dice.sample(sorted(there), self.dice.randint(1, 2)):
                await self.put(entity, golden_id)

    async def put(self, entity: str, golden_id: UUID, **fixed: Any) -> None:
        """The next version of a record: some fields change."""
        before = self.records[entity].get(golden_id)
        values = dict(before.values) if before else {}
        for name, choices in FIELDS[entity].items():
            if before is None or (not fixed and self.dice.random() < 0.4):
                values[name] = self.dice.choice(choices)
        if entity == "project" and not fixed and (before is None or self.dice.random() < 0.4):
            values["client"] = str(self.dice.choice([*sorted(self.records["client"]), None]) or "") or None
        values = {name: value for name, value in (values | fixed).items() if value is not None}
        lineage = {name: Lineage(0, 0, self.dice.choice(("owner", "newest")), False) for name in values}
        after = Golden(golden_id, entity, values, lineage, version=before.version + 1 if before else 1)
        if (change := diff(before, after, Cause("source", "crm", "c"), self.at)) is None:
            return
        self.records[entity][golden_id] = after
        tenant, meta = self.tenant.id, ENTITIES[entity]
        row = golden.version_row(tenant, meta, after, self.at, self.at)
        row["created_at"] = BEGIN
        async with self.api.pool.acquire() as tx, tx.transaction():
            await golden.save(tx, tenant, meta, [row])
            await former.keep(tx, tenant, former.left([change]))
            await tx.execute(
                """INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, 'source', 'crm', 'c', $8)""",
                tenant, entity, golden_id, change.version, change.op, change.before, change.after, self.at,
            )  # fmt: skip

    async def merge(self, loser: UUID, survivor: UUID) -> None:
        """One client turns out to be another: its row goes, what refers to it is re-pointed."""
        gone = self.records["client"].pop(loser)
        self.losers.append(loser)
        for golden_id, one in list(self.records["project"].items()):
            if one.values.get("client") == str(loser):
                await self.put("project", golden_id, client=str(survivor))
        lost = diff(gone, Golden(loser, "client", {}, {}), Cause("merge", "bo", "c"), self.at)
        assert lost is not None
        tenant = self.tenant.id
        async with self.api.pool.acquire() as tx, tx.transaction():
            await tx.execute("DELETE FROM golden.client WHERE tenant_id = $1 AND id = $2", tenant, loser)
            await former.keep(tx, tenant, former.left([lost]))
            decision = await tx.fetchval(
                "INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, other_id, actor, made_at) "
                "VALUES ($1, 'merge', 'client', $2, $3, 'bo', $4) RETURNING id", tenant, survivor, loser, self.at,
            )  # fmt: skip
            await tx.execute(
                "INSERT INTO hub.forward (tenant_id, loser_id, survivor_id, entity, decision_id) VALUES ($1, $2, $3, 'client', $4)",
                tenant, loser, survivor, decision,
            )  # fmt: skip


QUESTIONS = {
    "first page": "clients(first: 2 {t}) {{ totalCount nodes {{ id version name country recordState createdAt updatedAt }} pageInfo {{ hasNextPage }} }}",
    "last page": "projects(last: 3 {t}) {{ nodes {{ id version code }} pageInfo {{ hasPreviousPage }} }}",
    "by name": "clients(orderBy: [{{field: NAME, direction: DESC}}] {t}) {{ nodes {{ id name }} }}",
    "by client": "projects(orderBy: [{{client: {{field: NAME}}}}, {{field: CODE}}] {t}) {{ nodes {{ id }} }}",
    "nested": "clients {tt} {{ nodes {{ id projects(first: 2, orderBy: [{{field: NAME}}]) {{ totalCount nodes {{ name client {{ name version }} }} }} }} }}",
    "equal": 'clients(filter: {{name: {{eq: "Acme"}}}} {t}) {{ totalCount nodes {{ id name }} }}',
    "folded": 'clients(filter: {{name: {{ieq: "ACME"}}}} {t}) {{ nodes {{ id name }} }}',
    "begins": 'projects(filter: {{name: {{startsWith: "ac"}}, recordState: {{eq: "active"}}}} {t}) {{ nodes {{ id name }} }}',
    "one of": 'projects(filter: {{code: {{in: ["P-1", "p-1"]}}}} {t}) {{ totalCount nodes {{ id code }} }}',
    "either": 'clients(filter: {{or: [{{name: {{eq: "Zulu"}}}}, {{country: {{eq: "AT"}}}}]}} {t}) {{ nodes {{ id }} }}',
    "range": 'projects(filter: {{startDate: {{gte: "2026-02-01"}}}} {t}) {{ nodes {{ id startDate }} }}',
    "of a client": "projects(filter: {{clientId: {{in: $clients}}}} {t}) {{ totalCount nodes {{ id clientId }} }}",
    "of clients like": 'projects(filter: {{client: {{name: {{startsWith: "ac"}}}}}} {t}) {{ nodes {{ id client {{ name }} }} }}',
    "with some": 'clients(filter: {{projects: {{some: {{code: {{eq: "P-1"}}}}}}}} {t}) {{ totalCount nodes {{ id }} }}',
    "with none": "clients(filter: {{projects: {{none: {{}}}}}} {t}) {{ nodes {{ id }} }}",
    "with every": 'clients(filter: {{projects: {{every: {{name: {{ieq: "acme"}}}}}}}} {t}) {{ nodes {{ id }} }}',
    "why": "clients {tt} {{ nodes {{ id provenance {{ name {{ value rule }} }} history(newestFirst: false) {{ totalCount nodes {{ version op at }} }} }} }}",
    "grouped": "projectsAggregate(groupBy: [{{client: {{field: NAME}}}}] {t}) {{ key {{ clientKey {{ name }} }} count max {{ startDate }} }}",
    "grouped below": "clients {tt} {{ nodes {{ id projectsAggregate {{ count }} }} }}",
    "one": "client(id: $one {t}) {{ id name projects {{ nodes {{ id }} }} }}",
    "grouped by record": "projectsAggregate(groupBy: [{{field: CLIENT}}] {t}) {{ count key {{ clientId client {{ name }} }} min {{ startDate }} }}",
    "one of each": "client(id: $one {t}) {{ id name }} project(id: $one {t}) {{ code client {{ id }} }}",
}


TYPES = {"clients": "[ID!]", "one": "ID!", "t": "DateTime!"}


class Asker:
    """Asks one tenant both ways, or one of them."""

    def __init__(self, history: History) -> None:
        services = history.api.app.state.services
        self.api, self.tenant = history.api, history.tenant
        self.compiled, self.plain = Runner(build(), services), Runner(build(), services, compiles=False)
        self.principal = Principal(self.tenant.id, self.tenant.slug, UUID(int=7), Role.STEWARD, "test")

    async def ask(self, runner: Runner, question: str, given: dict[str, Any], at: datetime | None = None) -> Any:
        """The data of the answer, as of an instant or as it is now."""
        stated = "asOf: $t" if at else ""
        body = QUESTIONS[question].format(t=stated, tt=f"({stated})" if stated else "")
        variables = {name: value for name, value in given.items() if f"${name}" in body} | ({"t": at.isoformat()} if at else {})
        declared = ", ".join(f"${name}: {TYPES[name]}" for name in variables)
        self.api.statements = 0
        text = f"query{f' ({declared})' if declared else ''} {{ {body} }}"
        answer = json.loads((await runner.run(self.principal, Asked(text, variables, None), "c")).body)
        assert "errors" not in answer, answer
        return answer["data"]


Told = dict[datetime, dict[str, Any]]
"""What each question was answered at each instant, and under "" what was given with it."""


async def lived(api: Api, seed: int, steps: int) -> tuple[History, Told]:
    """A history, and what was answered after each of its steps."""
    history, told = History(api, await api.tenant("past"), random.Random(seed)), Told()
    asker = Asker(history)
    for _ in range(steps):
        await history.step()
        known = [*history.records["client"], *history.losers]
        given = {"clients": [str(one) for one in known[:3]], "one": str(history.dice.choice([*known, *history.records["project"]]))}
        told[history.at] = {name: await asker.ask(asker.compiled, name, given) for name in QUESTIONS} | {"": given}
    return history, told


async def agree(history: History, told: Told, *, statements: int | None = 1) -> None:
    """Each instant is read as it was answered then, both ways; compiled, in one statement."""
    asker = Asker(history)
    for at, answers in told.items():
        for name in QUESTIONS:
            for runner in (asker.compiled, asker.plain):
                moment = at + timedelta(seconds=history.dice.choice((0, 59)))
                assert await asker.ask(runner, name, answers[""], moment) == answers[name], (name, at, runner is asker.compiled)
                if runner is asker.compiled and statements is not None:
                    assert history.api.statements == statements, name


@pytest.mark.parametrize("seed", range(2))
async def test_every_instant_is_read_as_it_was_answered_then(api: Api, seed: int) -> None:
    history, told = await lived(api, seed, steps=15)
    assert history.losers, "a history without a merge shows less"
    await agree(history, told)


async def test_a_value_that_goes_and_comes_back_is_found_whenever_it_was_said_and_at_no_other_time(api: Api) -> None:
    history = History(api, await api.tenant("back"), random.Random(0))
    asker, client, said = Asker(history), new_id(), dict[datetime, str | None]()
    for name in ("Acme", "ACME", "Zulu", None, "Acme", None, "Zulu", "acme", "Acme North"):
        history.at += timedelta(minutes=1)
        await history.put("client", client, name="Same", legal_name=name)
        said[history.at] = name
    filters: dict[str, Callable[[str], bool]] = {
        '{eq: "Acme"}': lambda name: name == "Acme",
        '{ieq: "ACME"}': lambda name: name.lower() == "acme",
        '{in: ["acme", "Zulu"]}': lambda name: name in ("acme", "Zulu"),
        '{startsWith: "ac"}': lambda name: name.lower().startswith("ac"),
    }
    for at, name in said.items():
        for told, holds in filters.items():
            text = f'{{ clients(filter: {{legalName: {told}}}, asOf: "{at.isoformat()}") {{ totalCount nodes {{ legalName }} }} }}'
            found = [{"legalName": name}] if name is not None and holds(name) else []
            for runner in (asker.compiled, asker.plain):
                answer = json.loads((await runner.run(asker.principal, Asked(text, {}, None), "c")).body)
                assert answer["data"] == {"clients": {"totalCount": len(found), "nodes": found}}, (told, name)


def test_a_statement_lists_no_columns_of_then_that_it_does_not_name() -> None:
    client = golden_shape(ENTITIES["client"])
    bound = statement.rows(Plan(client, ("id", "name"), Compare("name", Op.EQ, "North"), page=Page(5)), AsOf(BEGIN))
    assert {name for name in client.columns if f'"{name}"' in bound.sql} == {"id", "name", "updated_at", "record_state"}


async def test_a_tenant_whose_former_values_are_not_filled_yet_is_read_the_slow_way_until_they_are(api: Api) -> None:
    history, told = await lived(api, 7, steps=6)
    tenant = history.tenant.id
    await api.pool.execute("UPDATE hub.feed_head SET former_filled_at = NULL WHERE tenant_id = $1", tenant)
    kept = await api.pool.fetch("DELETE FROM hub.former_value WHERE tenant_id = $1 RETURNING entity, field, value, golden_id", tenant)
    api.app.state.services.instants.forget()
    await agree(history, told, statements=None)
    await fill(api.pool, batch=2)
    filled = await api.pool.fetch("SELECT entity, field, value, golden_id FROM hub.former_value WHERE tenant_id = $1", tenant)
    assert set(filled) >= set(kept) > set()
    api.app.state.services.instants.forget()
    await agree(history, told)


async def refused(api: Api, tenant: Tenant, text: str) -> list[tuple[str, str]]:
    answer = await api.ask(tenant.keys["admin"], text)
    return sorted({(each["extensions"]["code"], each["message"]) for each in answer.json["errors"]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{ a: clients(asOf: "2026-01-01T00:00:00Z") { totalCount } b: clients(asOf: "2026-01-02T00:00:00Z") { totalCount } }',
         "a request reads as of one instant"),
        ('{ clients(asOf: "2026-01-01T00:00:00Z") { totalCount } projects { totalCount } }', "a request reads as of one instant"),
        ('{ clients(asOf: "2026-01-01T00:00:00Z") { totalCount } systems { name } }', "systems cannot be read as of an instant"),
        ('{ clients(asOf: "2026-05-18T00:00:00Z") { nodes { sources { system } } } }',
         "sources are kept as they are now and cannot be read as of an instant"),
    ],
)  # fmt: skip
async def test_a_request_reads_as_of_one_instant_or_none_and_what_is_not_kept_is_refused(
    api: Api, acme: Tenant, text: str, message: str
) -> None:
    await api.golden(acme, "client", name="North")
    assert await refused(api, acme, text) == [("BAD_INPUT", message)]


async def test_the_same_instant_may_be_stated_in_any_spelling_and_by_variables(api: Api, acme: Tenant) -> None:
    await api.golden(acme, "client", name="North")
    text = """query ($t: DateTime) {
        a: clients(asOf: $t) { totalCount } b: clients(asOf: "2026-05-18T00:00:00Z") { totalCount } ...More __typename }
        fragment More on Query { c: clients(asOf: "2026-05-18T02:00:00+02:00") { totalCount } }"""
    answer = await api.ask(acme.keys["reader"], text, t="2026-05-18T00:00:00.000Z")
    counted = {"totalCount": 1}
    assert answer.data == {"a": counted, "b": counted, "c": counted, "__typename": "Query"}
    nothing = await api.ask(acme.keys["reader"], "query ($t: DateTime) { clients(asOf: $t) { totalCount } systems { name } }", t=None)
    assert nothing.data["clients"] == counted


async def test_an_instant_that_has_not_come_is_refused_and_the_last_one_told(api: Api, acme: Tenant) -> None:
    before = datetime.now(UTC)
    [(code, message)] = await refused(api, acme, '{ clients(asOf: "2999-01-01T00:00:00Z") { totalCount } }')
    told = message.removeprefix("asOf is later than ").removesuffix(", up to which all changes are known")
    assert code == "BAD_INPUT" and before - timedelta(seconds=5) < datetime.fromisoformat(told) <= datetime.now(UTC)
    answer = await api.ask(acme.keys["reader"], f'{{ clients(asOf: "{told}") {{ totalCount }} }}')
    assert answer.data == {"clients": {"totalCount": 0}}


async def test_now_is_an_instant_that_can_be_read_although_nothing_happens(api: Api, acme: Tenant) -> None:
    answer = await api.ask(acme.keys["reader"], f'{{ clients(asOf: "{datetime.now(UTC).isoformat()}") {{ totalCount }} }}')
    assert answer.data == {"clients": {"totalCount": 0}}


async def test_an_instant_is_not_read_while_somebody_writes_who_may_still_say_that_it_happened_before(api: Api, acme: Tenant) -> None:
    async with api.pool.acquire() as connection:
        writing = connection.transaction()
        await writing.start()
        _, at = await connection.fetchrow("SELECT pg_current_xact_id(), clock_timestamp()")
        [(code, message)] = await refused(api, acme, f'{{ clients(asOf: "{datetime.now(UTC).isoformat()}") {{ totalCount }} }}')
        assert code == "BAD_INPUT" and datetime.fromisoformat(message.split()[4].rstrip(",")) < at
        await writing.rollback()
    answer = await api.ask(acme.keys["reader"], f'{{ clients(asOf: "{datetime.now(UTC).isoformat()}") {{ totalCount }} }}')
    assert answer.data == {"clients": {"totalCount": 0}}


async def test_another_source_is_told_of_only_where_it_has_said_the_same_since_before(api: Api, acme: Tenant) -> None:
    client = new_id()
    crm = await api.source(acme, "crm", "1", "client", client, name="North")  # since 3 May
    await api.source(acme, "erp", "2", "client", client, name="NORTH")
    await api.pool.execute("UPDATE hub.source_record SET since = '{\"*\": \"2026-06-01T00:00:00.000000Z\"}' WHERE system = 'erp'")
    await api.golden(acme, "client", id=client, name="North", lineage={"name": Lineage(crm, 0, "owner", False)})
    asked = "{ nodes { provenance { name { system observedAt alternates { system } } } } }"
    told = {}
    for at in ("2026-05-18T00:00:00Z", "2026-06-01T00:00:00Z"):
        [node] = (await api.ask(acme.keys["reader"], f'{{ clients(asOf: "{at}") {asked} }}')).data["clients"]["nodes"]
        told[at[:10]] = node["provenance"]["name"]
    won = {"system": "crm", "observedAt": "2026-05-03T00:00:00.000000Z"}
    assert told == {"2026-05-18": {**won, "alternates": []}, "2026-06-01": {**won, "alternates": [{"system": "erp"}]}}
