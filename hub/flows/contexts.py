"""Consumer contexts at work: what a system or subscription with a context is sent, and when it must be told though the golden
record stays.

A system says its context where it is connected (``context: billing``), a subscription in its filter; the subscription's word
comes first. Contexts are computed from the contributions as they are, nothing of them is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from hub.core import policy as policies
from hub.core.configuration import Configuration
from hub.core.contexts import contexts_of, policy_of, seen_in
from hub.core.policy import Policy
from hub.core.records import Contribution, Decision, Golden
from hub.errors import RequestError
from hub.flows import references
from hub.flows.batch import Batch, Fresh, id_of
from hub.store import configuration, decisions, lanes, source_records
from hub.store.statements import Connection
from hub.store.subscriptions import Subscription
from schema import ENTITIES

Key = TypeVar("Key")


def context_of(config: Configuration, subscription: Subscription) -> str:
    """Whose view a subscription is sent, '' for the golden record itself."""
    system = config.systems.get(subscription.system or "")
    name = str(subscription.filter.get("context") or (system.context if system is not None else ""))
    return name if config.policy.context(name) is not None else ""


def under(config: Configuration, name: str) -> Configuration:
    """The configuration with the policy of a context."""
    return replace(config, policy=policy_of(config.policy, name)) if name else config


async def seen(
    tx: Connection, config: Configuration, name: str, goldens: Mapping[Key, Golden], contributions: Mapping[UUID, Sequence[Contribution]],
    judged: Mapping[UUID, Sequence[Decision]],
) -> dict[Key, Golden]:  # fmt: skip
    """These golden records as a context sees them now."""
    if not goldens:
        return {}
    told: dict[str, list[dict[str, Any]]] = {}
    for one in goldens.values():
        held = told.setdefault(one.entity, [])
        held += [each.values for each in contributions.get(one.id, ())]
        held += [{each.field: each.value} for each in judged.get(one.id, ()) if each.kind == "override" and isinstance(each.value, dict)]
    refs = await references.load(tx, config.tenant_id, told)
    at = await tx.fetchval("SELECT clock_timestamp()")
    return {
        key: seen_in(ENTITIES[one.entity], one, contributions.get(one.id, ()), judged.get(one.id, ()), config.policy, name, at, refs.resolve)
        for key, one in goldens.items()
    }


async def read(tx: Connection, config: Configuration, name: str, goldens: Mapping[Key, Golden]) -> dict[Key, Golden]:
    """:func:`seen` of records whose contributions are not at hand yet."""
    ids = sorted({one.id for one in goldens.values()})
    contributions: dict[UUID, list[Contribution]] = {}
    for one in await source_records.siblings(tx, config.tenant_id, ids, (), config.ranks):
        contributions.setdefault(id_of(one), []).append(one)
    return await seen(tx, config, name, goldens, contributions, await decisions.in_force(tx, config.tenant_id, ids))


# ------------------------------------------------------------------------------------------------- when the golden record stays


async def tell(tx: Connection, batch: Batch, fresh: Iterable[Fresh]) -> list[dict[str, Any]]:
    """Tell whoever has a context of the records of this batch; answers when contexts alone ask for computing them again.

    Connected systems compare again. A webhook is told only when its context changed and the golden record did not: of a change of
    that it hears anyway.
    """
    config, rows, due = batch.config, [], []
    changed = {one.golden_id for one in batch.done.changes if one.op != "lineage"}
    before = _before(batch, fresh)
    for entity, causes in batch.causes.items():
        for name in contexts_of(ENTITIES[entity], config.policy):
            for golden_id, cause in causes.items():
                golden = batch.done.goldens[golden_id]
                if not golden.is_born:
                    continue
                now = _seen(batch, golden, batch.contributions.get(golden_id, ()), name)
                if now.reconsider_at is not None:
                    due.append({"entity": entity, "golden_id": golden_id, "due_at": now.reconsider_at, "cause": "time"})
                is_news = golden_id not in changed
                if is_news and cause.cause == "source":
                    is_news = golden_id in before and _seen(batch, golden, before[golden_id], name).values != now.values
                rows.append({"context": name, "golden_id": golden_id, "is_news": is_news})
    await lanes.tell_contexts(tx, config.tenant_id, rows)
    return due


def _seen(batch: Batch, golden: Golden, contributions: Sequence[Contribution], name: str) -> Golden:
    meta = ENTITIES[golden.entity]
    return seen_in(meta, golden, contributions, batch.decisions.get(golden.id, ()), batch.config.policy, name, batch.at, batch.refs.resolve)


def _before(batch: Batch, fresh: Iterable[Fresh]) -> dict[UUID, list[Contribution]]:
    """The contributions as they were before this batch, of records it heard something new of."""
    former = {one.contribution.id: one.previous for one in fresh}
    touched = {id_of(one.contribution) for one in fresh}
    return {
        golden_id: [was for one in batch.contributions[golden_id] if (was := former.get(one.id, one)) is not None]
        for golden_id in touched & batch.contributions.keys()
    }


# ----------------------------------------------------------------------------------------------------------------- configuring


async def need_used(tx: Connection, tenant_id: int, after: Policy) -> None:
    """Raise when a system or subscription has a context that the policy would no longer have."""
    rows = await tx.fetch(
        "SELECT 'subscription ' || name AS who, filter ->> 'context' AS context FROM hub.subscription "
        "WHERE tenant_id = $1 AND state <> 'disabled' AND filter ? 'context' "
        "UNION ALL SELECT 'system ' || name, config ->> 'context' FROM hub.system WHERE tenant_id = $1 AND config ? 'context' ORDER BY 1",
        tenant_id,
    )  # fmt: skip
    for row in rows:
        if after.context(row["context"]) is None:
            raise RequestError(
                "CONTEXT_IN_USE", f"{row['who']} is sent the context {row['context']!r}", field="contexts",
                remedy="Connect it with another context first, or keep this one.",
            )  # fmt: skip


async def need_known(tx: Connection, tenant_id: int, name: Any, field: str) -> None:
    """Raise when the policy in force has no such context."""
    stored = await configuration.SQL["policy"].row(tx, tenant=tenant_id)
    need_context(policies.from_json(stored["document"]) if stored else policies.default_policy(), name, field)


def need_context(policy: Policy, name: Any, field: str) -> None:
    """Raise when the policy has no such context."""
    if policy.context(str(name)) is None:
        known = ", ".join(one.name for one in policy.contexts) or "none yet"
        raise RequestError("UNKNOWN_CONTEXT", f"there is no context {str(name)[:60]!r}", field=field, remedy=f"Known are: {known}. planPolicy declares them.")
