"""Declared rules where records are computed: what is held back of a contribution, and warnings about records that stand.

Only rules that read a changed field are looked at; a task of cause ``rule_warning`` closes by itself when its rule holds again.
Rules between records are looked at a little later by :mod:`hub.flows.check_between`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub.core import checks
from hub.core.checks import Broken, Rule
from hub.core.configuration import Configuration
from hub.core.records import Conflict, Contribution, Decision, Golden
from hub.errors import RequestError
from hub.flows.batch import Batch
from hub.store import configuration, tasks
from hub.store.checks import SQL
from hub.store.statements import Connection
from hub.store.tasks import NewTask



@dataclass(slots=True)
class Warned:
    """What a look at rules found: ``looked_at`` are the subjects of all that were judged, broken or not."""

    broken: list[tuple[Golden, Broken]] = field(default_factory=list)
    looked_at: set[str] = field(default_factory=set)

    def look(self, record: Golden, rules: Iterable[Rule], found: Iterable[Broken]) -> None:
        """Take up what was found of one record."""
        self.broken += ((record, one) for one in found)
        self.looked_at.update(subject_of(record.entity, record.id, rule.name) for rule in rules)


def held(
    config: Configuration, previous: Contribution | None, told: Contribution, decisions: Iterable[Decision]
) -> tuple[Contribution, tuple[Conflict, ...]]:
    """Hold back what breaks a rule of severity quarantine or block; the contribution as it is for most entities."""
    rules = checks.in_force(told.key.entity, config.settings)
    if not rules.hold or told.state != "present":
        return told, ()
    return checks.hold(rules, previous, told, tuple(decisions))


def warned(batch: Batch) -> Warned:
    """The rules that the records changed in this batch break; a record that is not active any more breaks none."""
    found, settings = Warned(), batch.config.settings
    for change in batch.done.changes:
        rules = checks.in_force(change.entity, settings)
        if not rules.warn and not rules.between:
            continue
        after = batch.done.goldens[change.golden_id]
        if after.record_state != "active":
            found.look(after, rules.every, ())
            continue
        looked = [rule for rule in rules.warn if not rule.reads.isdisjoint(change.after)]
        if looked:
            found.look(after, looked, checks.broken(looked, after.values))
    return found


def subject_of(entity: str, golden_id: UUID, rule: str) -> str:
    """The subject of a warning's task: this rule of this record."""
    return f"{entity} {golden_id} {rule}"


def task_of(record: Golden, broken: Broken, money: list[dict[str, str]] | None) -> NewTask:
    check = broken.rule.check
    return NewTask(
        cause=checks.WARNING,
        subject=subject_of(record.entity, record.id, check.name),
        reason=f"{record.entity}: {check.says}",
        remedy=check.remedy,
        entity=record.entity,
        golden_id=record.id,
        money=money,
        detail={"rule": check.name, "exc": check.exc, "values": {name: record.values.get(name) for name in sorted(broken.rule.reads)}},
        is_restated=True,
    )


async def set_severities(tx: Connection, config: Configuration, document: Any) -> dict[str, Any]:
    """Store a tenant's own severities; answers before and after. Tasks of rules that warn no more close.

    Raises :class:`RequestError` ``INVALID_VALUE`` for what is no rule or no severity.
    """
    try:
        told = dict(checks.told_of({"checks": document}))
    except ValueError as error:
        raise RequestError("INVALID_VALUE", str(error), field="document", remedy="List the rules with checks.") from error
    before = config.settings.get("checks")
    after = {"severity": told, **({"assignmentRequired": True} if checks.needs_assignment({"checks": document}) else {})}
    await configuration.put_setting(tx, config.tenant_id, "checks", after)
    silent = [name for name, check in checks.declared().items() if told.get(name, check.severity) != checks.WARN]
    over = [row["id"] for row in await SQL["of_rules"].fetch(tx, tenant=config.tenant_id, rules=silent)]
    if over:
        await tasks.resolve(tx, config.tenant_id, over, "the rule warns no more")
    return {"checks": {"before": before, "after": after}}
