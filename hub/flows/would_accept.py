"""Would this be accepted? What would become of a record if a system sent it now; nothing is stored and nothing locked.

The record is read as ingest reads it, its references resolved, its rules and gates asked, and the golden record it would belong to
looked for. Whoever asks waits: what does not fit into the time is answered ``unknown``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from hub.core import checks, locks, matching
from hub.core.checks import Rule
from hub.core.configuration import Configuration, System
from hub.core.financial_gates import FAILED, GATED, PASSED, UNKNOWN, Outcome, judge
from hub.core.plan import OURS
from hub.core.reading import read_all
from hub.core.records import Contribution, Message, Reading, Refusal, SourceKey, Values
from hub.errors import RequestError
from hub.flows import check_between, explain, gate_facts, references
from hub.flows.references import References, key_of, mentioned, reference_fields
from hub.store import change_log, duplicates, golden, labels, source_records, subscriptions, where
from hub.store.pool import Pool
from hub.store.statements import Connection
from schema import CODE_SETS, ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta

BUDGET_MS = 300
MOST_MS = 5_000
MOST_LIKELY = 5
YES, NO = "yes", "no"

PURPOSES: Mapping[str, frozenset[str]] = {
    "create": frozenset({"client_open", "legal_entity_rules", "contract_signed", "project_open", "resource_eligible", "rate_in_force", "currency_agrees", "period_open"}),
    "bill": frozenset({
        "approved", "project_open", "resource_eligible", "rate_in_force", "billing_eligible", "no_hold", "tax_mapped", "client_po", "within_threshold",
        "prior_invoice", "currency_agrees", "period_open", "client_open",
    }),
    "post": frozenset({"tax_mapped", "prior_invoice", "currency_agrees", "period_open"}),
}  # fmt: skip
"""What is meant to be done → the gates that stand in its way; every gate is told, only these decide."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: these values of an entity (or, with ``object``, a record in the system's own words) from a system."""

    entity: str
    body: bytes
    """JSON, as the system would send it."""
    system: str
    purpose: str = "create"
    object: str = ""
    external_id: str = ""
    target: str = ""
    budget_ms: int = BUDGET_MS


@dataclass(frozen=True, slots=True)
class RuleSaid:
    """What one rule says: ``passed``, ``failed`` or ``unknown``. A failed one that warns does not keep the record out."""

    name: str
    severity: str
    verdict: str
    reason: str
    remedy: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Likely:
    golden_id: UUID
    label: str
    zone: str
    weight: float


@dataclass(frozen=True, slots=True)
class Awaited:
    """A record that is referred to, and that nobody has told of."""

    field: str
    key: SourceKey
    is_required: bool


@dataclass(frozen=True, slots=True)
class Target:
    """Whether a system the record would go on to could take it. ``mode`` says whether the hub writes there at all."""

    system: str
    mode: str
    verdict: str
    reasons: tuple[str, ...]


@dataclass
class Answer:
    """The answer as it comes together. ``becomes``: new, update, link, ask (a steward decides), wait, nothing (refused)."""

    entity: str
    purpose: str
    values: Values = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    awaited: list[Awaited] = field(default_factory=list)
    rules: list[RuleSaid] = field(default_factory=list)
    gates: list[Outcome] = field(default_factory=list)
    becomes: str = "unknown"
    golden_id: UUID | None = None
    label: str = ""
    why: str = ""
    likely: list[Likely] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    took_ms: float = 0.0

    @property
    def deciding(self) -> list[Outcome]:
        """The gates that stand in the way of what is meant to be done."""
        return [one for one in self.gates if one.gate.name in PURPOSES[self.purpose]]

    @property
    def accepted(self) -> str:
        """``yes``, ``no`` or ``unknown``; reasons stand in refusals, rules and gates."""
        kept_out = (checks.BLOCK, checks.QUARANTINE, "lock")
        if (
            any(one.is_fatal for one in self.refusals) or self.missing
            or any(one.verdict == FAILED and one.severity in kept_out for one in self.rules)
            or any(one.verdict == FAILED for one in self.deciding)
        ):  # fmt: skip
            return NO
        if self.unread or self.refusals or self.becomes in ("wait", "unknown") or any(one.verdict == UNKNOWN for one in self.deciding):
            return UNKNOWN
        return YES


async def would_accept(pool: Pool, config: Configuration, asked: Question, now: datetime) -> Answer:
    """Answer within the budget. Raises :class:`RequestError` for an entity, system or purpose nobody knows."""
    _check(config, asked)
    began = time.monotonic()
    told, answer = _read(config, asked, now), Answer(asked.entity, asked.purpose)
    answer.refusals = list(told[1])
    reading = told[0]
    if reading is None:
        answer.becomes, answer.why = "nothing", "it would be refused at the door"
    else:
        answer.values = reading.values
        parts = _Parts(config, asked, reading, answer, now)
        try:
            async with asyncio.timeout(asked.budget_ms / 1000), pool.acquire() as connection:
                await parts.run(connection)
        except TimeoutError:
            parts.late()
    answer.took_ms = (time.monotonic() - began) * 1000
    return answer


def _check(config: Configuration, asked: Question) -> None:
    if asked.entity not in ENTITIES:
        raise RequestError("UNKNOWN_ENTITY", f"there is no entity {asked.entity[:60]!r}", field="entity", remedy="Look at the data dictionary.")
    for name, system in (("system", asked.system), ("target", asked.target)):
        if system and system not in config.systems:
            raise RequestError("UNKNOWN_SYSTEM", f"no system {system[:60]!r} is connected", field=name, remedy="List the systems.")
    if asked.purpose not in PURPOSES:
        raise RequestError("BAD_INPUT", f"purpose is one of {', '.join(PURPOSES)}", field="purpose", remedy="Choose one of them.")
    if not 1 <= asked.budget_ms <= MOST_MS:
        raise RequestError("BAD_INPUT", f"the time is from 1 to {MOST_MS} ms", field="budgetMs", remedy="Ask for less.")


def _read(config: Configuration, asked: Question, now: datetime) -> tuple[Reading | None, Sequence[Refusal]]:
    """The record as ingest would read it: by the system's mapping, else in canonical words."""
    message = Message(0, asked.system, asked.object or asked.entity, asked.external_id, asked.body, False, "", now, "", "api", "")
    read = read_all([message], config)
    mine = next((one for one in read.readings if one.key.entity == asked.entity), None)
    return mine, read.refusals


@dataclass
class _Parts:
    """The parts of one answer, the most telling first; each leaves what it found in ``answer`` as soon as it knows."""

    config: Configuration
    asked: Question
    reading: Reading
    answer: Answer
    now: datetime
    done: set[str] = field(default_factory=set)
    facts: gate_facts.Reading | None = None

    async def run(self, tx: Connection) -> None:
        meta, tenant = ENTITIES[self.asked.entity], self.config.tenant_id
        refs = await references.load(tx, tenant, {meta.name: [self.reading.values]})
        own = await self._own(tx, meta)
        stands = (await golden.read(tx, tenant, meta, [self.answer.golden_id])) if self.answer.golden_id else {}
        before = stands[self.answer.golden_id].golden.values if self.answer.golden_id in stands else {}
        self._lacks(meta, refs, before)
        told = _resolved(meta, self.reading.values, refs)
        values = {**before, **{name: value for name, value in told.items() if value is not None}}
        self._rules(meta, values, own, before, refs)
        self.done.add("rules")
        await self._gates(tx, values)
        self.done.add("gates")
        await self._between(tx, meta, values)
        self.done.add("rules between records")
        if self.answer.becomes == "unknown":
            await self._match(tx, meta, refs)
        self.done.add("matching")
        await self._targets(tx, meta, values)
        self.done.add("targets")
        if self.answer.golden_id is not None and not self.answer.label:
            self.answer.label = (await labels.read(tx, tenant, [(meta.name, self.answer.golden_id)])).get(self.answer.golden_id, "")

    def late(self) -> None:
        """Say what there was no time for; gates judge by what was read."""
        every = ("rules", "gates", "rules between records", "matching", "targets")
        self.answer.unread = [name for name in every if name not in self.done]
        if "gates" not in self.done and self.facts is not None:
            self.answer.gates = judge(self.facts.facts())

    async def _own(self, tx: Connection, meta: EntityMeta) -> Contribution | None:
        """The golden record the system's record belongs to already, or that it names by a declared link."""
        tenant, key = self.config.tenant_id, self.reading.key
        found = await source_records.resolve(tx, tenant, [key, *(one for one in self.reading.links if one.system != "hub")])
        mine = found.get(key)
        if self.asked.external_id and mine is not None and mine["golden_id"] is not None:
            self.answer.becomes, self.answer.golden_id, self.answer.why = "update", mine["golden_id"], "it is known already"
            return next(iter(await source_records.by_ids(tx, tenant, [mine["id"]], self.config.ranks)), None)
        named = [row["golden_id"] for other, row in found.items() if other != key and row["golden_id"] is not None]
        if named:
            self.answer.becomes, self.answer.golden_id, self.answer.why = "link", named[0], "it names it"
        return None

    def _lacks(self, meta: EntityMeta, refs: References, before: Values) -> None:
        """Required fields nobody gives, and records referred to that nobody has told of."""
        values, kind = self.reading.values, self.config.systems[self.asked.system].kind
        fields = {one[0]: one for one in reference_fields(meta)}
        required = {one.name for one in meta.required}
        for name, one in fields.items():
            for value, target in mentioned((one,), values):
                if refs.resolve(value, target) is None:
                    self.answer.awaited.append(Awaited(name, key_of(value, target), name in required))
        awaited = {one.field for one in self.answer.awaited}
        self.answer.missing = [name for name in meta.fields if name in required and values.get(name) is None and before.get(name) is None]
        groups = [[one.name for one in some] for some in meta.one_of]
        self.answer.missing += [" or ".join(some) for some in groups if all(values.get(n) is None and before.get(n) is None for n in some)]
        if self.answer.becomes == "unknown" and awaited & required:
            self.answer.becomes, self.answer.why = "wait", f"nobody has told of its {min(awaited & required).replace('_', ' ')}"
        elif self.answer.becomes == "unknown" and not self.answer.missing and kind not in meta.origins and kind not in OURS and not meta.match:
            self.answer.becomes, self.answer.why = "wait", f"{self.asked.system} may not open a {meta.name}"

    def _rules(self, meta: EntityMeta, values: Values, own: Contribution | None, before: Values, refs: References) -> None:
        rules = checks.in_force(meta.name, self.config.settings)
        self.answer.rules += [_said(rule, values, {}) for rule in (*rules.hold, *rules.warn) if rule.reads & self.reading.values.keys()]
        if before:
            self.answer.rules += self._locked(meta, own, before, refs)

    def _locked(self, meta: EntityMeta, own: Contribution | None, before: Values, refs: References) -> list[RuleSaid]:
        """What a closed field group would keep out."""
        system = self.config.systems[self.asked.system]
        told = Contribution(self.reading.key, system.kind, id=own.id if own else 0, state="present", values=self.reading.values)
        _, found = locks.hold(meta, own, told, before, resolve=refs.resolve)
        return [RuleSaid(one.cause, "lock", FAILED, f"{one.field} is closed in this state", one.remedy, (one.field,)) for one in found]

    async def _gates(self, tx: Connection, values: Values) -> None:
        if self.asked.entity not in GATED:
            return
        self.facts = gate_facts.Reading(self.asked.entity, values, self.now, self.answer.golden_id, checks.needs_assignment(self.config.settings))
        await gate_facts.read(tx, self.config.tenant_id, self.facts)
        self.answer.gates = judge(self.facts.facts())

    async def _between(self, tx: Connection, meta: EntityMeta, values: Values) -> None:
        rules = [one for one in checks.in_force(meta.name, self.config.settings).between if one.reads & self.reading.values.keys()]
        forward = [one for one in rules if not any(step.is_back and not step.after for step in one.steps)]
        mine = self.answer.golden_id or UUID(int=0)
        records = (await check_between.beside(tx, self.config.tenant_id, forward, {mine: values}))[mine] if forward else {}
        self.answer.rules += [_said(rule, values, records) for rule in forward]

    async def _match(self, tx: Connection, meta: EntityMeta, refs: References) -> None:
        """Which golden record it would belong to, by the rules and the model that decide it at ingest."""
        config, values, system = self.config, self.reading.values, self.config.systems[self.asked.system]
        decision = await self._exact(tx, meta, refs, system) if meta.match else None
        if decision is not None and decision.kind == matching.MATCH and decision.golden_id is not None:
            self.answer.becomes, self.answer.golden_id, self.answer.why = "link", decision.golden_id, f"rule {decision.rule}"
            return
        if meta.compare and config.match_mode(meta.name) != "off":
            found = await explain.likely(tx, config, meta.name, values, refs.resolve, most=MOST_LIKELY)
            named = await labels.read(tx, config.tenant_id, [(meta.name, one.golden_id) for one in found])
            self.answer.likely = [
                Likely(one.golden_id, named.get(one.golden_id, ""), one.zone, one.scored.weight) for one in found if one.zone != matching.NO_MATCH
            ]
        first = self.answer.likely[0] if self.answer.likely else None
        if first is not None and first.zone == matching.MATCH and config.match_mode(meta.name) == "link":
            self.answer.becomes, self.answer.golden_id, self.answer.why = "link", first.golden_id, f"{first.weight:.1f} bits alike"
            self.answer.label = first.label
        elif first is not None or (decision is not None and decision.kind == matching.POSSIBLE_MATCH):
            self.answer.becomes, self.answer.why = "ask", "it may be one there is already: a steward decides"
            self.answer.golden_id = decision.golden_id if first is None and decision is not None else None
        elif system.kind in meta.origins or system.kind in OURS:
            self.answer.becomes, self.answer.why = ("new", "nothing is like it") if not self.answer.missing else ("wait", "it is not complete")
        else:
            self.answer.becomes, self.answer.why = "wait", f"{self.asked.system} may not open a {meta.name}, and none is like it"

    async def _exact(self, tx: Connection, meta: EntityMeta, refs: References, system: System) -> matching.MatchDecision | None:
        values, tenant = self.config.generic.without(meta.name, self.reading.values), self.config.tenant_id
        keys = matching.keyed(meta, values, refs.resolve)
        if not keys:
            return None
        near = await change_log.near(tx, tenant, meta.name, {key for key, _ in keys})
        ids = {golden_id for some in near.values() for golden_id in some}
        stored = await golden.read(tx, tenant, meta, ids)
        systems = await duplicates.systems_of(tx, tenant, list(stored)) if stored else {}
        there = [matching.Candidate(id_, one.golden.values, frozenset(systems.get(id_, ()))) for id_, one in stored.items()]
        told = Contribution(self.reading.key, system.kind, state="present", values=self.reading.values)
        return matching.match_all(meta, [told], there, resolve=refs.resolve, may_open=lambda _: True, keys=[keys])[0]

    async def _targets(self, tx: Connection, meta: EntityMeta, values: Values) -> None:
        """Systems it would go on to: all whose mapping writes the entity, or the one that was named."""
        config, asked = self.config, self.asked
        able = {system for (system, _), several in config.mappings.items() if any(one.entity == meta.name and one.fields_out for one in several)}
        wanted = [asked.target] if asked.target else sorted(able - {asked.system})
        if not wanted:
            return
        modes = await subscriptions.modes(tx, config.tenant_id)
        ids = {one.name: UUID(values[one.name]) for one in meta.references if isinstance(values.get(one.name), str)}
        abroad = await where.externals(tx, config.tenant_id, ids.values())
        period = next((one for one in self.answer.gates if one.gate.name == "period_open"), None)
        for system in wanted:
            reasons = [f"{system} has no mapping that writes a {meta.name}"] if system not in able else []
            reasons += _codes_missing(config, meta, system, values)
            parents = [name for name, id_ in ids.items() if meta.fields[name].required and (id_, system) not in abroad]
            waits = [f"{system} does not hold its {name.replace('_', ' ')} yet" for name in parents]
            if period is not None and period.verdict == FAILED and config.systems[system].kind.value == "erp":
                reasons.append(period.reason)
            verdict = FAILED if reasons else UNKNOWN if waits or (period is not None and period.verdict == UNKNOWN) else PASSED
            self.answer.targets.append(Target(system, modes.of(system, meta.name, "*"), verdict, (*reasons, *waits)))


def _said(rule: Rule, values: Values, records: checks.Records) -> RuleSaid:
    """What a rule says of a record; where the record it refers to is not there, nobody knows."""
    fields = tuple(sorted(rule.reads))
    if not rule.judge(values, records):
        return RuleSaid(rule.name, rule.severity.value, FAILED, rule.check.says, rule.check.remedy, fields)
    is_blind = any(not step.is_back and not records.get(step.path) for step in rule.steps)
    return RuleSaid(rule.name, rule.severity.value, UNKNOWN if is_blind else PASSED, "", "", fields)


def _resolved(meta: EntityMeta, values: Values, refs: References) -> Values:
    """The values as a golden record shows them: references as golden ids, what is unknown left out."""
    shown = dict(values)
    for name, target, inside in reference_fields(meta):
        told = values.get(name)
        if not told or inside:
            continue
        if isinstance(told, list):
            shown[name] = [one for each in told if (one := refs.resolve(each, target))]
        else:
            shown[name] = refs.resolve(told, target)
    return shown


def _codes_missing(config: Configuration, meta: EntityMeta, system: str, values: Values) -> list[str]:
    """Codes of the record for which a system has no word."""
    return [
        f"{system} has no code for {one.codes} {values[name]!r}"
        for name, one in meta.fields.items()
        if one.kind is FieldKind.CODE and one.codes in CODE_SETS and isinstance(values.get(name), str)
        and config.codes.theirs(system, one.codes, values[name]) is None
    ]  # fmt: skip


async def gates_of(
    tx: Connection, config: Configuration, entity: str, golden_id: UUID, now: datetime
) -> list[Outcome] | None:
    """Every gate of a record that stands; None when there is none of this id."""
    if entity not in ENTITIES:
        raise RequestError("UNKNOWN_ENTITY", f"there is no entity {entity[:60]!r}", field="entity", remedy="Look at the data dictionary.")
    stored = (await golden.read(tx, config.tenant_id, ENTITIES[entity], [golden_id])).get(golden_id)
    if stored is None:
        moved = (await references.forwards(tx, config.tenant_id, [golden_id])).get(golden_id)
        return None if moved is None else await gates_of(tx, config, entity, moved, now)
    if entity not in GATED:
        return []
    facts = gate_facts.Reading(entity, stored.golden.values, now, golden_id, checks.needs_assignment(config.settings))
    await gate_facts.read(tx, config.tenant_id, facts)
    return judge(facts.facts())
