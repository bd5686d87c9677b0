"""(b): Strawberry, SQLAlchemy's async ORM and DataLoaders, as many Python servers are built.

Entities are mapped whole, as an ORM does by default; children and parents are loaded per level, not per record.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry
import uvicorn
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, Table, Text, cast, func, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, aliased
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from hub.store.tables import golden_table, version_table
from schema import ENTITIES

TENANT = int(os.environ.get("BENCH_TENANT", "0"))


class Base(DeclarativeBase):
    """What is mapped here."""


class ClientRow(Base):
    __table__ = golden_table(ENTITIES["client"], Base.metadata)


class ProjectRow(Base):
    __table__ = golden_table(ENTITIES["project"], Base.metadata)


class ContractRow(Base):
    __table__ = golden_table(ENTITIES["contract"], Base.metadata)


class ClientVersionRow(Base):
    __table__ = version_table(ENTITIES["client"], Base.metadata)


class SourceRow(Base):
    __table__ = Table(
        "source_record", Base.metadata,
        Column("tenant_id", Integer), Column("id", BigInteger), Column("system", Text), Column("object", Text), Column("external_id", Text),
        Column("entity", Text), Column("values", JSONB), Column("since", JSONB), Column("version", Text),
        PrimaryKeyConstraint("tenant_id", "id"), schema="hub",
    )  # fmt: skip


class Loaders:
    """The session and the loaders of one request."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions
        self._projects: dict[int, DataLoader[UUID, list[ProjectRow]]] = {}
        self.contracts: DataLoader[UUID, ContractRow | None] = DataLoader(self._load_contracts)
        self.lineages: DataLoader[tuple[UUID, int], dict[str, Any]] = DataLoader(self._load_lineages)
        self.sources: DataLoader[int, SourceRow | None] = DataLoader(self._load_sources)

    async def all(self, statement: Any) -> Sequence[Any]:
        async with self._sessions() as session:
            return (await session.scalars(statement)).all()

    async def rows(self, statement: Any) -> Sequence[Any]:
        async with self._sessions() as session:
            return (await session.execute(statement)).all()

    def projects(self, first: int) -> DataLoader[UUID, list[ProjectRow]]:
        if first not in self._projects:

            async def load(clients: list[UUID]) -> list[list[ProjectRow]]:
                place = func.row_number().over(partition_by=ProjectRow.client_id, order_by=(ProjectRow.code, ProjectRow.id)).label("place")
                ranked = select(ProjectRow, place).where(ProjectRow.tenant_id == TENANT, ProjectRow.client_id.in_(clients)).subquery()
                project = aliased(ProjectRow, ranked)
                found: dict[UUID, list[ProjectRow]] = {one: [] for one in clients}
                for one in await self.all(select(project).where(ranked.c.place <= first).order_by(ranked.c.place)):
                    found[one.client_id].append(one)
                return [found[one] for one in clients]

            self._projects[first] = DataLoader(load)
        return self._projects[first]

    async def _load_contracts(self, ids: list[UUID]) -> list[ContractRow | None]:
        rows = await self.all(select(ContractRow).where(ContractRow.tenant_id == TENANT, ContractRow.id.in_(ids)))
        return _in_order({row.id: row for row in rows}, ids)

    async def _load_lineages(self, keys: list[tuple[UUID, int]]) -> list[dict[str, Any]]:
        wanted = tuple_(ClientVersionRow.id, ClientVersionRow.version).in_(keys)
        rows = await self.all(select(ClientVersionRow).where(ClientVersionRow.tenant_id == TENANT, wanted))
        found = {(row.id, row.version): row.lineage for row in rows}
        return [found[key] for key in keys]

    async def _load_sources(self, ids: list[int]) -> list[SourceRow | None]:
        rows = await self.all(select(SourceRow).where(SourceRow.tenant_id == TENANT, SourceRow.id.in_(ids)))
        return _in_order({row.id: row for row in rows}, ids)


def _in_order(found: dict[Any, Any], keys: Sequence[Any]) -> list[Any]:
    return [found.get(key) for key in keys]


Info = strawberry.Info[dict[str, Any], None]


def loaders(info: Info) -> Loaders:
    known: Loaders = info.context["loaders"]
    return known


@strawberry.type
class Contract:
    id: strawberry.ID
    contract_no: str | None
    name: str | None
    currency: str | None


@strawberry.type
class Project:
    row: strawberry.Private[ProjectRow]
    id: strawberry.ID
    code: str | None
    name: str | None
    kind: str | None
    billable: bool | None
    start_date: date | None
    end_date: date | None
    percent_complete: Decimal | None
    currency: str | None
    state: str | None

    @strawberry.field
    async def contract(self, info: Info) -> Contract | None:
        if self.row.contract_id is None:
            return None
        row = await loaders(info).contracts.load(self.row.contract_id)
        return None if row is None else contract_of(row)


@strawberry.type
class FieldProvenance:
    value: str | None
    system: str | None
    external_id: str | None
    observed_at: str | None
    rule: str | None


@strawberry.type
class ClientProvenance:
    row: strawberry.Private[ClientRow]

    @strawberry.field
    async def name(self, info: Info) -> FieldProvenance | None:
        return await explained(info, self.row, "name")

    @strawberry.field
    async def country(self, info: Info) -> FieldProvenance | None:
        return await explained(info, self.row, "country")


@strawberry.type
class Client:
    row: strawberry.Private[ClientRow]
    id: strawberry.ID
    name: str | None
    legal_name: str | None
    kind: str | None
    registration_no: str | None
    duns: str | None
    street: str | None
    city: str | None
    postcode: str | None
    country: str | None
    email: str | None
    segment: str | None
    tier: str | None
    state: str | None
    updated_at: datetime

    @strawberry.field
    async def projects(self, info: Info, first: int) -> list[Project]:
        return [project_of(row) for row in await loaders(info).projects(first).load(self.row.id)]

    @strawberry.field
    def provenance(self) -> ClientProvenance:
        return ClientProvenance(row=self.row)


@strawberry.type
class StateCount:
    state: str | None
    count: int


def client_of(row: ClientRow) -> Client:
    return Client(
        row=row, id=strawberry.ID(str(row.id)), name=row.name, legal_name=row.legal_name, kind=row.kind, registration_no=row.registration_no,
        duns=row.duns, street=row.street, city=row.city, postcode=row.postcode, country=row.country, email=row.email, segment=row.segment,
        tier=row.tier, state=row.state, updated_at=row.updated_at,
    )  # fmt: skip


def contract_of(row: ContractRow) -> Contract:
    return Contract(id=strawberry.ID(str(row.id)), contract_no=row.contract_no, name=row.name, currency=row.currency)


def project_of(row: ProjectRow) -> Project:
    return Project(
        row=row, id=strawberry.ID(str(row.id)), code=row.code, name=row.name, kind=row.kind, billable=row.billable, start_date=row.start_date,
        end_date=row.end_date, percent_complete=row.percent_complete, currency=row.currency, state=row.state,
    )  # fmt: skip


async def explained(info: Info, row: ClientRow, field: str) -> FieldProvenance | None:
    """Who won a field of the present version, and when that source last changed it."""
    lineage = await loaders(info).lineages.load((row.id, row.version))
    value = getattr(row, field)
    entry = lineage.get(field) or (lineage.get("*") if value is not None else None)
    if entry is None:
        return None
    source = await loaders(info).sources.load(entry[0])
    since = source.since if source else {}
    return FieldProvenance(
        value=value, system=source.system if source else None, external_id=source.external_id if source else None,
        observed_at=since.get(field) or since.get("*"), rule=entry[2],
    )  # fmt: skip


@strawberry.type
class Query:
    @strawberry.field
    async def client(self, info: Info, id: strawberry.ID) -> Client | None:
        rows = await loaders(info).all(select(ClientRow).where(ClientRow.tenant_id == TENANT, ClientRow.id == UUID(id)))
        return client_of(rows[0]) if rows else None

    @strawberry.field
    async def clients(self, info: Info, manager_ids: list[strawberry.ID], first: int, state: str | None = None) -> list[Client]:
        mine = [ClientRow.tenant_id == TENANT, ClientRow.account_manager_id.in_(map(UUID, manager_ids))]
        mine += [] if state is None else [ClientRow.state == state]
        rows = await loaders(info).all(select(ClientRow).where(*mine).order_by(ClientRow.name, ClientRow.id).limit(first))
        return [client_of(row) for row in rows]

    @strawberry.field
    async def clients_with_project(self, info: Info, tier: str, state: str, first: int) -> list[Client]:
        of_it = select(ProjectRow.id).where(ProjectRow.tenant_id == TENANT, ProjectRow.client_id == ClientRow.id, ProjectRow.state == state)
        found = select(ClientRow).where(ClientRow.tenant_id == TENANT, ClientRow.tier == tier, of_it.exists()).order_by(ClientRow.id).limit(first)
        return [client_of(row) for row in await loaders(info).all(found)]

    @strawberry.field
    async def projects(self, info: Info, currency_not: str, first: int) -> list[Project]:
        wanted = ProjectRow.tenant_id == TENANT, ProjectRow.currency.is_distinct_from(currency_not)
        return [project_of(row) for row in await loaders(info).all(select(ProjectRow).where(*wanted).order_by(ProjectRow.id).limit(first))]

    @strawberry.field
    async def projects_by_state(self, info: Info, manager_ids: list[strawberry.ID]) -> list[StateCount]:
        mine = ProjectRow.tenant_id == TENANT, ProjectRow.manager_id.in_(map(UUID, manager_ids))
        counted = select(ProjectRow.state, cast(func.count(), Integer)).where(*mine).group_by(ProjectRow.state).order_by(ProjectRow.state)
        return [StateCount(state=state, count=count) for state, count in await loaders(info).rows(counted)]


class Server(GraphQL[dict[str, Any], None]):
    """Strawberry's own ASGI application, with loaders per request."""

    sessions: async_sessionmaker[AsyncSession]

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        return {"request": request, "loaders": Loaders(self.sessions)}


def application(url: str) -> Starlette:
    known = ParserCache(maxsize=100), ValidationCache(maxsize=100)
    server = Server(strawberry.Schema(Query, extensions=list(known)), graphql_ide=None)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"), pool_size=10, max_overflow=0)
        server.sessions = async_sessionmaker(engine, expire_on_commit=False)
        yield
        await engine.dispose()

    return Starlette(routes=[Route("/graphql", server)], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(
        application(os.environ["BENCH_DATABASE_URL"]),
        port=int(os.environ["BENCH_PORT"]), loop="uvloop", http="httptools", access_log=False, log_level="warning", server_header=False,
    )  # fmt: skip
