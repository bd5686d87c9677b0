"""Merges a system tells of: its record went into another one of its own. The link follows, as a decision that can be withdrawn.

In ERP, 4712 was merged into 4711: the contribution 4712 ends, its role is *retired*, and it belongs to 4711's golden record.
What is left of its former golden record leads there when nothing else was in it; else a person is asked whether the two are one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from connectors.port import Incoming
from hub.core.configuration import Configuration
from hub.core.merging import is_mergeable
from hub.core.records import Contribution, Message, SourceKey
from hub.flows.actions import By
from hub.flows.batch import Fresh
from hub.flows.linked import Linked, name_of
from hub.flows.reshape import settle_crosswalk
from hub.flows.split import retire_empty
from hub.store import source_records
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from schema import ENTITIES

MARK = "$merged_into"
RULE = "vendor_merge"


def body_of(told: Incoming) -> bytes:
    """The body an incoming record is kept with: that of a delete says what it was merged into, if into anything."""
    return json.dumps({MARK: told.merged_into}).encode() if told.is_delete and told.merged_into else told.body


def merged_into(message: Message) -> str:
    """What a deleted record was merged into by its system; '' when it was deleted."""
    if MARK.encode() not in message.body:
        return ""
    try:
        told = json.loads(message.body)
    except ValueError:
        return ""
    return str(told.get(MARK) or "") if isinstance(told, dict) else ""


async def follow(tx: Connection, config: Configuration, deletes: Sequence[Message], fresh: Iterable[Fresh], linked: Linked) -> dict[str, dict[UUID, UUID]]:
    """Put ended contributions where their system merged them; answers entity → (former golden id → that of the other record)."""
    told = {(m.system, m.object, m.external_id): into for m in deletes if (into := merged_into(m))}
    if not told:
        return {}
    ended = [one for one in fresh if one.previous is not None and one.contribution.state == "deleted" and one.contribution.key[:3] in told]
    keys = {one.contribution.key: one.contribution.key._replace(external_id=told[one.contribution.key[:3]]) for one in ended}
    rows = await source_records.resolve(tx, config.tenant_id, keys.values())
    homes = await _homes(tx, config.tenant_id, [one.contribution.id for one in ended])
    moved: dict[str, dict[UUID, UUID]] = {}
    for one in ended:
        mine, row = one.contribution, rows.get(keys[one.contribution.key])
        former = mine.golden_id
        if row is None or row["golden_id"] is None or former is None:
            continue
        mine.role = "retired"
        if row["golden_id"] != former:
            moved.setdefault(mine.key.entity, {})[former] = row["golden_id"]
            _move(mine, keys[mine.key], row["golden_id"], homes[mine.id], linked)
    return moved


async def _homes(tx: Connection, tenant_id: int, ids: Sequence[int]) -> Mapping[int, UUID]:
    rows = await tx.fetch(
        "SELECT id, coalesce(home_id, golden_id) AS home FROM hub.source_record WHERE tenant_id = $1 AND id = ANY ($2::bigint[])", tenant_id, ids
    )
    return {row["id"]: row["home"] for row in rows}


def _move(one: Contribution, other: SourceKey, target: UUID, home: UUID, linked: Linked) -> None:
    assert one.golden_id is not None
    linked.left.setdefault(one.key.entity, set()).add(one.golden_id)
    one.golden_id = target
    decision: dict[str, Any] = {
        "kind": "link", "entity": one.key.entity, "golden_id": target, "other_id": home, "actor": one.key.system, "rule": RULE,
        "reason": f"{one.key.system} merged {one.key.object} {one.key.external_id} into {other.external_id}", "of": one,
    }  # fmt: skip
    linked.links.append(decision)


async def settle(
    tx: Connection, config: Configuration, moved: Mapping[str, Mapping[UUID, UUID]], fresh: Iterable[Fresh], linked: Linked
) -> None:
    """What was left behind: lead an empty record on, and ask whether the others of a standing one are the same too."""
    for entity, ids in _lost_one(fresh).items():
        await settle_crosswalk(tx, config, ENTITIES[entity], ids, "the system holds one of them", By("hub", ""))
    for entity, several in moved.items():
        left = await retire_empty(tx, config, entity, several, By("rule", ""))
        asked = {former: target for former, target in several.items() if former not in left}
        for one in fresh:
            before = one.previous.golden_id if one.previous else None
            if before in asked:
                linked.doubts.append(_doubt(one.contribution, before, asked[before]))


def _lost_one(fresh: Iterable[Fresh]) -> dict[str, set[UUID]]:
    """Golden records of which a system gave up a record, where it may have had another: which one is written to is said anew."""
    found: dict[str, set[UUID]] = {}
    for before, now in fresh:
        if before is not None and before.state == "present" and now.state == "deleted" and now.golden_id and is_mergeable(ENTITIES[now.key.entity]):
            found.setdefault(now.key.entity, set()).add(now.golden_id)
    return found


def _doubt(one: Contribution, former: UUID, target: UUID) -> NewTask:
    return NewTask(
        cause="possible_duplicate",
        subject=f"{one.key.entity} {name_of(one)}",
        reason=f"{one.key.system} merged {name_of(one)} into a record of another {one.key.entity}",
        remedy="Decide whether the two are the same.",
        entity=one.key.entity,
        golden_id=former,
        system=one.key.system,
        detail={"other": str(target), "evidence": [[RULE, "agrees"]]},
    )
