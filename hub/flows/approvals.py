"""Changes that need a second person: stored with their exact arguments and what they would change, and made when approved.

What is approved is a diff, taken from a trial of the operation that is rolled back. On approval the operation runs again in the
approver's transaction, under its locks; when it would change anything else by now, nothing is changed and the proposal is
``stale``, with what moved. Who proposed can never approve, under whatever key, nor who stands in for them. Locks: the
proposal first, then as the operation takes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.configuration import Configuration
from hub.core.people import Member
from hub.core.proposing import bank_changes, moved, money_of, records_of
from hub.core.risk import Rules, bar, rules_of
from hub.errors import RequestError
from hub.flows import notices
from hub.flows.actions import By
from hub.flows.operations import OPERATIONS, Given, Operation, Outcome
from hub.store import approvals, members
from hub.store.approvals import NewProposal
from hub.store.statements import Connection
from schema.fields import Risk

__all__ = ["OPERATIONS", "Operation", "Outcome", "Submitted", "Verdict", "approve", "ask", "refuse", "renew", "submit", "trial", "withdraw"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What an operation changed, and what it answered."""

    diff: dict[str, Any]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a request: it ran (``outcome``), or it waits as a proposal."""

    outcome: Outcome | None = None
    proposal_id: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a proposal stands after a vote. ``missing`` approvals are wanted still; ``moved`` says why it went stale."""

    state: str
    missing: int = 0
    outcome: Outcome | None = None
    moved: list[dict[str, Any]] = field(default_factory=list)


async def submit(
    tx: Connection, config: Configuration, name: str, given: Given, by: By, *, may_decide: bool = True, is_dry_run: bool = False
) -> Submitted:
    """Do what one person may do alone; ask for a second one otherwise.

    ``may_decide`` is false for who may propose but not write: then it always waits. A dry run runs, whatever the risk: its
    caller rolls back.
    """
    operation = _operation(name)
    risk = await operation.risk(tx, config, given)
    if is_dry_run or (may_decide and not _rules(config).needs_second(risk)):
        return Submitted(outcome=await operation.run(tx, config, given, by))
    return Submitted(proposal_id=await ask(tx, config, name, given, risk, by))


async def ask(
    tx: Connection, config: Configuration, name: str, given: Given, risk: Risk, by: By, *, replaces_id: int | None = None
) -> int:
    """Store what an operation would change, and wait; answers the proposal's id. Raises what the operation raises.

    ``given`` is JSON, exactly what the operation runs with later; ``reason`` in it is shown to the approvers.
    """
    operation, rules = _operation(name), _rules(config)
    tried = await trial(tx, config, operation, given, by)
    author = members.of_actor(await members.everybody(tx, config.tenant_id), by.actor)
    golden_ids = tuple(UUID(one["id"]) for one in tried.diff["records"])
    estimate = dict(tried.outcome.estimate)
    estimate.setdefault("deliveries", await approvals.deliveries(tx, config.tenant_id, golden_ids))
    estimate.setdefault("money", money_of(tried.diff["records"]))
    named = given.get("entity") or next((one["entity"] for one in tried.diff["records"]), None)
    new = NewProposal(
        name, dict(given), tried.diff, estimate, risk.value, rules.approvers[risk], rules.days, _sentence(operation, given),
        str(given.get("reason") or ""), named, golden_ids, by.actor, author.id if author else None,
        tuple(sorted(author.teams)) if author else (), by.correlation_id, replaces_id,
    )  # fmt: skip
    proposal_id = await approvals.ask(tx, config.tenant_id, new)
    await notices.need(tx, config, proposal_id, new, bank_changes(tried.diff["records"]))
    return proposal_id


async def approve(
    tx: Connection, config: Configuration, proposal_id: int, by: By, *, comment: str = "", for_id: UUID | None = None
) -> Verdict:
    """Vote for a proposal, and make its change when that was the last vote it needed.

    ``for_id`` is a member who is away and whose delegate votes. Raises :class:`RequestError` (``AUTHOR``, ``SAME_TEAM``, …) for
    who may not; a verdict of ``stale`` or ``expired`` changed nothing but the proposal, and is to be committed.
    """
    row, voter, standing_for = await _vote(tx, config, proposal_id, by, for_id)
    if row["is_over"]:
        await _settle(tx, config.tenant_id, proposal_id, "expired", "hub", "nobody decided in time")
        return Verdict("expired")
    await notices.check_given(tx, config, proposal_id, _rules(config).notice_h)
    given = await approvals.vote(tx, config.tenant_id, proposal_id, voter, by.actor, standing_for, "approve", comment)
    if given < row["needed"]:
        return Verdict("open", row["needed"] - given)
    return await _make(tx, config, row, by)


async def _make(tx: Connection, config: Configuration, row: asyncpg.Record, by: By) -> Verdict:
    """Run the operation for its author; keep it when it changes exactly what was approved."""
    author = By(row["author"], row["correlation_id"])
    step = tx.transaction()
    await step.start()
    try:
        tried = await _run(tx, config, _operation(row["operation"]), row["given"], author)
        now, differs = tried.diff, moved(row["diff"], tried.diff)
    except RequestError as error:
        now, differs = {"error": {"code": error.code, "message": str(error)}}, [{"error": error.code, "message": str(error)}]
    except BaseException:
        await step.rollback()
        raise
    if differs:
        await step.rollback()
        await _settle(
            tx, config.tenant_id, row["id"], "stale", by.actor, "it would change something else by now", fresh=now, moved=differs
        )
        return Verdict("stale", moved=differs)
    await step.commit()
    done = tried.outcome
    await _settle(
        tx, config.tenant_id, row["id"], "approved", by.actor, "", decision_ids=done.decision_ids, action_id=done.action_id
    )
    return Verdict("approved", outcome=done)


async def _settle(tx: Connection, tenant_id: int, proposal_id: int, state: str, actor: str, resolution: str, **more: Any) -> None:
    await approvals.settle(tx, tenant_id, proposal_id, state, actor, resolution, **more)
    await notices.end(tx, tenant_id, [proposal_id])


async def refuse(
    tx: Connection, config: Configuration, proposal_id: int, by: By, reason: str, *, for_id: UUID | None = None
) -> Verdict:
    """Say no to a proposal, saying why; one is enough."""
    if not reason.strip():
        raise RequestError("REASON_REQUIRED", "a refusal needs a reason", field="reason", remedy="Say why.")
    _, voter, standing_for = await _vote(tx, config, proposal_id, by, for_id)
    await approvals.vote(tx, config.tenant_id, proposal_id, voter, by.actor, standing_for, "refuse", reason)
    await _settle(tx, config.tenant_id, proposal_id, "refused", by.actor, reason)
    return Verdict("refused")


async def withdraw(tx: Connection, config: Configuration, proposal_id: int, by: By) -> Verdict:
    """Take one's own proposal back."""
    row = await _open(tx, config, proposal_id)
    known = await members.everybody(tx, config.tenant_id)
    author, who = _author(known, row), members.of_actor(known, by.actor)
    if by.actor != row["author"] and (author is None or who is None or author.id != who.id):
        raise RequestError("FORBIDDEN", "only its author withdraws a proposal", field="id", remedy="Refuse it instead.")
    await _settle(tx, config.tenant_id, proposal_id, "withdrawn", by.actor, "by its author")
    return Verdict("withdrawn")


async def renew(tx: Connection, config: Configuration, proposal_id: int, by: By) -> int:
    """Ask anew for what a stale or expired proposal asked for, as it would be now; whoever asks is its author."""
    row = await approvals.lock(tx, config.tenant_id, proposal_id)
    if row is None or row["state"] not in ("stale", "expired"):
        raise RequestError("NOT_FOUND", f"no stale or expired proposal {proposal_id}", field="id", remedy="List the proposals.")
    operation = _operation(row["operation"])
    risk = await operation.risk(tx, config, row["given"])
    return await ask(tx, config, row["operation"], row["given"], max(risk, Risk(row["risk"])), by, replaces_id=proposal_id)


async def trial(tx: Connection, config: Configuration, operation: Operation, given: Given, by: By) -> Trial:
    """Run an operation, see what it changes, and undo it."""
    step = tx.transaction()
    await step.start()
    try:
        return await _run(tx, config, operation, given, by)
    finally:
        await step.rollback()


async def _run(tx: Connection, config: Configuration, operation: Operation, given: Given, by: By) -> Trial:
    after = await approvals.last_change(tx, config.tenant_id)
    outcome = await operation.run(tx, config, given, by)
    records = records_of(await approvals.changes_since(tx, config.tenant_id, after))
    return Trial({"records": records, **outcome.diff}, outcome)


async def _vote(
    tx: Connection, config: Configuration, proposal_id: int, by: By, for_id: UUID | None
) -> tuple[asyncpg.Record, Member, Member | None]:
    """The open proposal, locked, and who votes on it; raises for who may not."""
    row = await _open(tx, config, proposal_id)
    known = await members.everybody(tx, config.tenant_id)
    author, voter = _author(known, row), members.of_actor(known, by.actor)
    for who, actor in ((author, row["author"]), (voter, by.actor)):
        if who is None:
            raise RequestError(
                "NOT_A_MEMBER", f"nobody has said who {actor} is", field="id", remedy="An admin says so with putMember: two keys may be one person's."
            )
    assert author is not None and voter is not None
    standing_for = known.get(for_id) if for_id is not None else None
    if for_id is not None and standing_for is None:
        raise RequestError("NOT_FOUND", f"there is no member {for_id}", field="forMember", remedy="List the members.")
    if found := bar(author, frozenset(row["author_teams"]), voter, standing_for, Risk(row["risk"])):
        raise RequestError(found.code, found.message, field="id", remedy=found.remedy)
    return row, voter, standing_for


def _author(known: Mapping[UUID, Member], row: asyncpg.Record) -> Member | None:
    """Who proposed: the member of then, else whose key it is by now."""
    return known.get(row["author_id"]) if row["author_id"] else members.of_actor(known, row["author"])


async def _open(tx: Connection, config: Configuration, proposal_id: int) -> asyncpg.Record:
    row = await approvals.lock(tx, config.tenant_id, proposal_id)
    if row is None:
        raise RequestError("NOT_FOUND", f"there is no proposal {proposal_id}", field="id", remedy="List the proposals.")
    if row["state"] != "open":
        raise RequestError("NOT_OPEN", f"proposal {proposal_id} is {row['state']}", field="id", remedy="Look at it again; a stale one can be renewed.")
    return row


def _operation(name: str) -> Operation:
    if name not in OPERATIONS:
        raise RequestError("NOT_FOUND", f"there is no operation {name[:60]!r}", field="operation", remedy="Choose one of: " + ", ".join(OPERATIONS))
    return OPERATIONS[name]


def _rules(config: Configuration) -> Rules:
    return rules_of(config.settings)


def _sentence(operation: Operation, given: Given) -> str:
    try:
        return operation.says.format(**given)
    except (KeyError, IndexError):
        return operation.says
