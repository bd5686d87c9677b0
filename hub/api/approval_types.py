"""The types of what waits for a second person: proposals, votes, members. Their objects are rows as the views give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry

from hub.api.access import SEES_CONFIDENTIAL, masked_fields
from hub.api.common import GoldenRecord
from hub.api.context import Context
from hub.api.mutation import ProblemOut
from hub.api.plan import Shape
from hub.api.row_reads import long_of, record_of
from hub.api.scalars import DateTime, Json, Long
from hub.core.people import Member as Person
from hub.core.risk import bar
from schema import ENTITIES
from schema.fields import Risk

PROPOSALS = Shape(
    "proposal",
    {
        "id": "bigint", "operation": "text", "given": "jsonb", "diff": "jsonb", "estimate": "jsonb", "risk": "text", "needed": "smallint",
        "subject": "text", "reason": "text", "entity": "text", "golden_ids": "uuid[]", "author": "text", "author_id": "uuid",
        "author_teams": "text[]", "state": "text", "fresh": "jsonb", "moved": "jsonb", "replaces_id": "bigint",
        "decision_ids": "bigint[]", "action_id": "bigint", "asked_at": "timestamptz", "expires_at": "timestamptz",
        "settled_at": "timestamptz", "settled_by": "text", "resolution": "text",
    },
)  # fmt: skip


async def members_of(context: Context) -> Mapping[Any, Any]:
    """All members by id, read once a request."""

    async def load(_: Any) -> dict[str, Any]:
        rows = await context.reader.query(_MEMBERS)
        return {"all": {row["id"]: row for row in rows}}

    found: Mapping[Any, Any] = await context.load("members", load, "all")
    return found


_MEMBERS = """
    SELECT m.*, coalesce((SELECT array_agg(a.actor ORDER BY a.actor) FROM api.member_actor a WHERE a.member_id = m.id), '{}') AS actors
      FROM api.member m ORDER BY m.name
"""


async def me_of(context: Context) -> Any:
    """The member behind the key that asks; None when nobody has said whose it is."""
    known = await members_of(context)
    return next((one for one in known.values() if context.principal.actor in one["actors"]), None)


async def _delegate(root: Any, info: strawberry.Info) -> Any:
    return (await members_of(info.context)).get(root["delegate_id"]) if root["delegate_id"] else None


@strawberry.type(description="A person who works here, whatever number of keys they use.")
class Member:
    id: strawberry.ID
    name: str
    email: str
    teams: list[str]
    actors: list[str] = strawberry.field(description="Their keys, as changes name them: role and name.")
    regions: list[str] = strawberry.field(description="Regions whose tasks are theirs; empty: all.")
    legal_entities: list[strawberry.ID] = strawberry.field(description="Likewise, by golden id.")
    is_away: bool
    delegate: Member | None = strawberry.field(resolver=_delegate, description="Who gets their tasks and may vote for them while they are away.")
    is_active: bool


def _masked(root: Any, info: strawberry.Info, column: str) -> Json | None:
    """A diff without the values of confidential fields, for those who may not see them."""
    context: Context = info.context
    value = root[column]
    role = context.principal.role
    if value is None or role in SEES_CONFIDENTIAL:
        return None if value is None else Json(value)
    if column != "diff":
        return None
    records = []
    for record in value.get("records", ()):
        hidden = masked_fields(ENTITIES[record["entity"]], role)
        fields = [one if one["field"] not in hidden else {"field": one["field"], "masked": True} for one in record["fields"]]
        records.append({**record, "fields": fields})
    return Json({"records": records})


def _diff(root: Any, info: strawberry.Info) -> Json | None:
    return _masked(root, info, "diff")


def _estimate(root: Any, info: strawberry.Info) -> Json | None:
    return _masked(root, info, "estimate")


def _fresh(root: Any, info: strawberry.Info) -> Json | None:
    return _masked(root, info, "fresh")


def _moved(root: Any, info: strawberry.Info) -> Json | None:
    return _masked(root, info, "moved")


def _given(root: Any, info: strawberry.Info) -> Json | None:
    return _masked(root, info, "given")


async def _votes(root: Any, info: strawberry.Info) -> list[Any]:
    context: Context = info.context

    async def load(ids: list[int]) -> dict[int, list[Any]]:
        rows = await context.reader.query("SELECT * FROM api.proposal_vote WHERE proposal_id = ANY ($1::bigint[]) ORDER BY at", ids)
        found: dict[int, list[Any]] = {each: [] for each in ids}
        for row in rows:
            found[row["proposal_id"]].append(row)
        return found

    return await context.load("votes", load, root["id"]) or []


async def _author(root: Any, info: strawberry.Info) -> Any:
    return (await members_of(info.context)).get(root["author_id"]) if root["author_id"] else None


async def _voter(root: Any, info: strawberry.Info) -> Any:
    return (await members_of(info.context)).get(root["member_id"])


async def _stood_for(root: Any, info: strawberry.Info) -> Any:
    return (await members_of(info.context)).get(root["for_id"]) if root["for_id"] else None


async def _records(root: Any, info: strawberry.Info) -> list[Any]:
    """The golden records it would change, as they are now; those it would make are not there yet."""
    context: Context = info.context
    told = [(ENTITIES.get(one["entity"]), one["id"]) for one in root["diff"].get("records", ())][:50]
    found = [await record_of(context, meta.name if meta else None, golden_id) for meta, golden_id in told]
    return [one for one in found if one is not None]


async def _may_vote(root: Any, info: strawberry.Info) -> bool:
    """Whether the key that asks may vote; for showing a button, the vote itself is checked again."""
    context: Context = info.context
    known, me = await members_of(context), await me_of(context)
    author = known.get(root["author_id"]) or next((one for one in known.values() if root["author"] in one["actors"]), None)
    if root["state"] != "open" or me is None or author is None or context.principal.role not in SEES_CONFIDENTIAL:
        return False
    return bar(person(author), frozenset(root["author_teams"]), person(me), None, Risk(root["risk"])) is None


def person(row: Any) -> Person:
    """A member's row as the rules know members."""
    return Person(
        row["id"], row["name"], frozenset(row["teams"]), frozenset(row["actors"]), frozenset(row["regions"]), frozenset(row["legal_entities"]),
        row["is_away"], row["delegate_id"], row["is_active"], row["email"],
    )  # fmt: skip


@strawberry.type(description="What somebody said of a proposal.")
class Vote:
    vote: str = strawberry.field(description="approve or refuse")
    member: Member | None = strawberry.field(resolver=_voter)
    on_behalf_of: Member | None = strawberry.field(resolver=_stood_for, description="Who is away and whose delegate voted.")
    actor: str
    teams: list[str] = strawberry.field(description="As they were then.")
    comment: str
    at: DateTime


@strawberry.type(description="A change that waits for a second person. What is approved is the diff, and nothing else is made.")
class Proposal:
    id: Long | None = strawberry.field(resolver=long_of("id"))
    operation: str = strawberry.field(description="override, accept, change_set, merge, set_policy, …")
    subject: str
    reason: str
    risk: str = strawberry.field(description="R1, R2 (another person) or R3 (another person of another team)")
    state: str = strawberry.field(description="open, approved, refused, stale, expired or withdrawn")
    entity: str | None
    given: Json | None = strawberry.field(resolver=_given, description="The arguments it would run with.")
    diff: Json | None = strawberry.field(resolver=_diff, description="records: [{entity, id, op, fields: [{field, before, after}]}], and what the operation adds.")
    estimate: Json | None = strawberry.field(resolver=_estimate, description="What follows: deliveries per system, money per currency, counts.")
    fresh: Json | None = strawberry.field(resolver=_fresh, description="Of a stale one: what it would change by now.")
    moved: Json | None = strawberry.field(resolver=_moved, description="Of a stale one: where the two differ.")
    records: list[GoldenRecord] = strawberry.field(resolver=_records)
    author: str
    author_member: Member | None = strawberry.field(resolver=_author)
    needed: int = strawberry.field(description="How many people must approve.")
    votes: list[Vote] = strawberry.field(resolver=_votes)
    may_vote: bool = strawberry.field(resolver=_may_vote, description="Whether this key may approve or refuse it.")
    replaces_id: Long | None = strawberry.field(resolver=long_of("replaces_id"))
    decision_ids: list[Long]
    action_id: Long | None = strawberry.field(resolver=long_of("action_id"))
    asked_at: DateTime
    expires_at: DateTime
    settled_at: DateTime | None
    settled_by: str | None
    resolution: str | None


@strawberry.type(description="A proposal as it stands now. One that is stale was not made: `moved` says why.")
class ProposalPayload:
    proposal: Proposal | None
    errors: list[ProblemOut]


@strawberry.type
class MemberPayload:
    member: Member | None
    proposal: Proposal | None = strawberry.field(description="Set when a second person must agree first.")
    errors: list[ProblemOut]


async def proposal(context: Context, proposal_id: int) -> Any:
    """One proposal as the api sees it."""
    rows = await context.reader.query("SELECT * FROM api.proposal WHERE id = $1", proposal_id)
    return rows[0] if rows else None
