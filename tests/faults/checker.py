"""The invariants I01 to I23 of a run, judged from evidence alone. Each says how often it was put to the test.

An invariant that was never put to the test is told as unexercised: it is not known to hold.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tests.faults.evidence import Change, Evidence, duplicates
from tests.faults.peers import Call

SYSTEM_TARGETS = ("psa", "erp")
REASONS = ("unchanged", "stale", "waiting", "quarantined", "incomplete", "resubmitted", "discarded", "superseded", "duplicate", "rejected")


@dataclass
class Finding:
    """What became of one invariant. ``exercised`` counts the chances it had to break."""

    name: str
    says: str
    exercised: int = 0
    broken: list[str] = field(default_factory=list)


def check(evidence: Evidence) -> list[Finding]:
    """All of them, in their order."""
    found = []
    for name, (says, judge) in INVARIANTS.items():
        one = Finding(name, says)
        for is_exercised, what in judge(evidence):
            one.exercised += is_exercised
            if what:
                one.broken.append(what)
        found.append(one)
    return found


Step = tuple[int, str]
"""(how many chances to break this was, what is broken or "")."""


def outcomes(e: Evidence) -> Iterator[Step]:
    """I01"""
    by_id = {(one.tenant, one.id): one for one in e.inbox}
    by_key = {(one.tenant, one.system, one.key): one for one in e.inbox}
    for ack in e.book.acks:
        row = by_id.get((ack.tenant, ack.inbox_id)) if ack.inbox_id is not None else by_key.get((ack.tenant, ack.system, ack.key))
        if row is None:
            yield 1, f"{ack.tenant} {ack.system} {ack.key or ack.inbox_id} was acknowledged and is lost"
        else:
            yield 1, f"{ack.tenant} message {row.id} was acknowledged and has no outcome" if row.is_open else ""
    for told in e.stuck:
        yield 1, told


def exactly_one(e: Evidence) -> Iterator[Step]:
    """I02: a version names it, or it stands behind a record that has versions; or else there is one stated reason."""
    credited = {(one.tenant, one.message_id) for one in e.changes if one.message_id}
    versioned = {(one.tenant, one.record) for one in e.changes}
    open_tasks = {(one.tenant, one.id) for one in e.tasks}
    for task in e.tasks:
        yield 0, f"{task.tenant}: a good record was set aside: {task.reason}" if task.cause == "internal" else ""
    for again in duplicates((one.tenant, one.system, one.key) for one in e.inbox):
        yield 1, f"{again} is kept twice"
    for row in e.inbox:
        if row.is_open:
            continue
        name = f"{row.tenant} message {row.id} ({row.system} {row.external_id})"
        if row.outcome is None:
            has_version = (row.tenant, row.id) in credited or any((row.tenant, one) in versioned for one in row.golden_ids)
            yield 1, "" if has_version else f"{name} went without a trace"
        elif row.outcome == "incomplete":
            yield 1, "" if (row.tenant, row.task_id) in open_tasks else f"{name} is incomplete, and nobody is told"
        elif (row.tenant, row.id) in credited:
            yield 1, f"{name} made a version and is said to be {row.outcome}"
        elif row.outcome not in REASONS:
            yield 1, f"{name} is {row.outcome!r}, which is no outcome"
        elif (row.outcome == "quarantined") != (row.task_id is not None):
            yield 1, f"{name} is {row.outcome} with task {row.task_id}"
        else:
            yield 1, ""


def caused(e: Evidence) -> Iterator[Step]:
    """I03"""
    known = {(one.tenant, one.id) for one in e.inbox}
    logged = {(one.tenant, one.entity, one.record, one.version) for one in e.changes}
    for one in e.changes:
        name = f"{one.tenant} {one.entity} {one.record} v{one.version}"
        if not one.cause or not one.actor:
            yield 1, f"{name} has no cause or nobody who is answerable"
        elif one.message_id and (one.tenant, one.message_id) not in known:
            yield 1, f"{name} names message {one.message_id}, which there is not"
        else:
            yield 1, ""
    for version in e.versions:
        key = (version.tenant, version.entity, version.record, version.version)
        yield 1, "" if key in logged else f"{key} is a version without a change"


def left_nothing(e: Evidence) -> Iterator[Step]:
    """I04"""
    kept = {(one.tenant, one.external_id) for one in e.inbox} | {(one.tenant, one.external_id) for one in e.sources}
    for one in e.book.refused:
        yield 1, f"{one.tenant} {one.external_id} was refused ({one.why}) and left something" if (one.tenant, one.external_id) in kept else ""


def contiguous(e: Evidence) -> Iterator[Step]:
    """I05"""
    logged: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    stored: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for one in e.changes:
        logged[one.tenant, one.entity, one.record].append(one.version)
    for version in e.versions:
        stored[version.tenant, version.entity, version.record].append(version.version)
    for key, versions in logged.items():
        if sorted(versions) != list(range(1, len(versions) + 1)):
            yield 1, f"{key} has versions {sorted(versions)[:8]}"
        elif sorted(stored[key]) != sorted(versions):
            yield 1, f"{key}: change log and version table tell different versions"
        else:
            yield 1, ""
    newest = {key: max(versions) for key, versions in logged.items()}
    for golden in e.goldens:
        key = (golden.tenant, golden.entity, golden.record)
        yield 1, "" if newest.get(key) == golden.version else f"{key} stands at {golden.version}, its log at {newest.get(key)}"


MARK = re.compile(r" v(\d+)$")


def marked(after: Mapping[str, object]) -> Iterator[tuple[str, int]]:
    """Fields whose value ends in the version its source gave it.

    >>> list(marked({"name": "north Client 7 v12", "country": "DE"}))
    [('name', 12)]
    """
    for name, value in after.items():
        if isinstance(value, str) and (found := MARK.search(value)):
            yield name, int(found.group(1))


def never_older(e: Evidence) -> Iterator[Step]:
    """I06: the marks of a field only rise while its source alone speaks; the last one is the newest acknowledged, or newer.

    Of a record its owner deleted others speak, who may never have been told the newest.
    """
    steps: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    ended = {one.golden_id for one in e.sources if one.system == "crm" and one.state == "deleted"}
    for one in sorted(e.changes, key=lambda change: change.id):
        if one.record not in e.book.merged | ended and one.cause == "source":
            for name, mark in marked(one.after):
                steps[one.tenant, one.record, name].append(mark)
    for key, marks in steps.items():
        yield max(len(marks) - 1, 0), "" if marks == sorted(marks) else f"{key} was set back: {marks[:12]}"
    newest: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for ack in e.book.acks:
        of = (ack.tenant, ack.system, ack.object, ack.external_id)
        newest[of] = max(newest[of], ack.version)
    stands = {(one.tenant, one.record): one for one in e.goldens}
    held = {(one.tenant, one.record, one.field) for one in e.book.overrides}
    for source in e.sources:
        golden = stands.get((source.tenant, source.golden_id))
        told = newest.get((source.tenant, source.system, source.object, source.external_id))
        if golden is None or told is None or source.state != "present" or source.golden_id in e.book.merged:
            continue
        for name, mark in marked(golden.values):
            if (source.tenant, source.golden_id, name) not in held:
                yield 1, "" if mark >= told else f"{source.tenant} {source.external_id}.{name} stands at v{mark}, acknowledged is v{told}"
    for fixed in e.book.overrides:
        golden = stands.get((fixed.tenant, fixed.record))
        if golden is not None and fixed.record not in e.book.merged:
            yield 1, "" if golden.values.get(fixed.field) == fixed.value else f"the override of {fixed.record}.{fixed.field} was overwritten"


def lineage(e: Evidence) -> Iterator[Step]:
    """I07: every filled field names a source record or a decision that there is."""
    sources = {(one.tenant, one.id) for one in e.sources}
    for one in e.versions:
        common = one.lineage.get("*")
        for name in one.fields:
            entry = one.lineage.get(name, common)
            if entry is None:
                yield 1, f"{one.tenant} {one.entity} {one.record} v{one.version}.{name} does not say where it is from"
            elif not ((one.tenant, entry[0]) in sources or (one.tenant, entry[1]) in e.decisions):
                yield 1, f"{one.tenant} {one.entity} {one.record} v{one.version}.{name} names {entry[:2]}, which there is not"
            else:
                yield 1, ""


def wanted_by(events: Iterable[Change]) -> Iterator[Change]:
    """Changes a reader of everything is told: not what a first load brought, nor what only changed its lineage."""
    return (one for one in events if one.op != "lineage" and not one.is_backfill)


def in_order(e: Evidence) -> Iterator[Step]:
    """I08: first arrivals of a record's versions rise, for every webhook; likewise what readers of the feed are told."""
    for (tenant, name), events in e.events.items():
        last: dict[str, int] = {}
        seen: set[tuple[str, int]] = set()
        for event in events:
            key = (event.record, event.version)
            before = last.get(event.record, 0)
            if key in seen:
                yield 1, ""
                continue
            seen.add(key)
            yield 1, "" if event.version > before else f"{tenant} {name}: {event.record} v{event.version} came after v{before}"
            last[event.record] = max(before, event.version)
    for (tenant, name), heard in e.book.heard.items():
        told: dict[str, int] = {}
        for one in heard:
            before = told.get(one.record, 0)
            yield 1, "" if one.version > before else f"{tenant} {name}: {one.record} v{one.version} after v{before}"
            told[one.record] = one.version


COALESCING = frozenset({"latest"})
PARTIAL = frozenset({"late", "gone"})
"""Receivers that came during the run: their own rules."""


def without_gap(e: Evidence) -> Iterator[Step]:
    """I09: every version up to the newest; a coalescing subscriber needs the newest only; systems hold the newest values."""
    by_tenant: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    entity_of = {one.record: one.entity for one in e.changes}
    stands = {one.record for one in e.goldens}
    for one in wanted_by(e.changes):
        by_tenant[one.tenant][one.record].append(one.version)
    for (tenant, name), events in e.events.items():
        if name in PARTIAL - {"late"}:
            continue
        got: dict[str, set[int]] = defaultdict(set)
        for event in events:
            if event.taken:
                got[event.record].add(event.version)
        for record, versions in by_tenant[tenant].items():
            if name in COALESCING and entity_of[record] != "client":
                continue
            needed = {max(versions)} if name in COALESCING else set(versions)
            if name == "late":  # from the snapshot on; what was merged away before it is in none
                first = min(got[record], default=0)
                needed = {one for one in versions if one >= first} if first else {max(versions)} if record in stands else set()
            missing = needed - got[record]
            yield 1, f"{tenant} {name}: {record} lacks versions {sorted(missing)[:5]}" if missing else ""
    for (tenant, name), heard in e.book.heard.items():
        told = {(one.record, one.version) for one in heard}
        for change in e.changes:
            if change.tenant == tenant and (name != "socket" or change.op != "lineage"):
                yield 1, "" if (change.record, change.version) in told else f"{tenant} {name} was not told {change.record} v{change.version}"


def one_message(e: Evidence) -> Iterator[Step]:
    """I10: a version has one id and one content over all attempts at one receiver."""
    for (tenant, name), events in e.events.items():
        ids: dict[tuple[str, int, bool], set[str]] = defaultdict(set)
        contents: dict[str, set[str]] = defaultdict(set)
        for event in events:
            ids[event.record, event.version, event.op == "snapshot"].add(event.id)
            contents[event.id].add(event.digest)
        for key, several in ids.items():
            yield 1, f"{tenant} {name}: {key} came under {sorted(several)[:3]}" if len(several) > 1 and name not in COALESCING else ""
        for id, told in contents.items():
            yield 1, f"{tenant} {name}: {id} came with {len(told)} contents" if len(told) > 1 and name not in COALESCING else ""
        for event in events:
            yield 1, "" if event.signed else f"{tenant} {name}: {event.id} is not signed by a secret its owner knows"


def only_what_is_held(e: Evidence) -> Iterator[Step]:
    """I11"""
    held = {(one.tenant, one.record, one.version) for one in e.changes}
    for (tenant, name), events in e.events.items():
        for event in events:
            key = (tenant, event.record, event.version)
            yield 1, "" if key in held else f"{tenant} {name} was told {event.record} v{event.version}, which nobody holds"
    for (tenant, name), heard in e.book.heard.items():
        for one in heard:
            key = (tenant, one.record, one.version)
            yield 1, "" if key in held else f"{tenant} {name} was told {one.record} v{one.version}, which nobody holds"
    golden_ids = {(one.tenant, one.record) for one in e.changes}
    for (tenant, system, object), records in e.held.items():
        for record in records:
            if record.get("hub_ref"):
                is_known = (tenant, record["hub_ref"]) in golden_ids
                yield 1, "" if is_known else f"{tenant} {system} {object} {record['id']} is of nothing the hub holds"


def own_tenant_only(e: Evidence) -> Iterator[Step]:
    """I12: every value carries its tenant's name; ids of records belong to one tenant."""
    owners: dict[str, str] = {}
    for change in e.changes:
        before = owners.setdefault(change.record, change.tenant)
        yield 1, "" if before == change.tenant else f"{change.record} is of {before} and of {change.tenant}"
    for (tenant, name), events in e.events.items():
        for event in events:
            is_own = event.tenant == tenant and owners.get(event.record, tenant) == tenant and not foreign(tenant, event.values.values())
            yield 1, "" if is_own else f"{tenant} {name} was sent {event.record} of another tenant"
    for (tenant, system, object), records in e.held.items():
        for record in records:
            yield 1, f"{tenant} {system} holds {object} {record['id']} of another tenant" if foreign(tenant, record.values()) else ""
    for (tenant, name), heard in e.book.heard.items():
        for one in heard:
            yield 1, "" if owners.get(one.record, tenant) == tenant else f"{tenant} {name} was told {one.record} of another tenant"
    yield e.book.reads_across, ""
    for told in e.book.other_tenant:
        yield 1, told


TENANT_NAMES = ("north", "south")


def foreign(tenant: str, values: Iterable[object]) -> bool:
    """Whether a value begins with the name of a tenant other than this one.

    >>> foreign("north", ["south Client 1 v1"]), foreign("north", ["north Client 1 v1", None])
    (True, False)
    """
    others = tuple(f"{one} " for one in TENANT_NAMES if one != tenant)
    return any(isinstance(value, str) and value.startswith(others) for value in values)


def one_effect(e: Evidence) -> Iterator[Step]:
    """I13: no system holds two records of one golden record, nor two postings of one business key, unless a task tells so."""
    told = {(task.tenant, task.record) for task in e.tasks if task.cause in ("double", "duplicate", "surplus")}
    for (tenant, system, object), records in e.held.items():
        if system not in SYSTEM_TARGETS:
            continue
        ours = [record for record in records if record.get("hub_ref")]
        again = duplicates(record["hub_ref"] for record in ours)
        yield len(ours), ""
        for key in again:
            yield 0, "" if (tenant, key) in told else f"{tenant} {system} holds {object} of {key} more than once"
        if object == "invoice":
            for number in duplicates(record.get("number") for record in ours):
                yield 0, f"{tenant} {system} holds invoice {number} more than once"
    for (tenant, system), calls in e.calls.items():
        applied = Counter((one.object, one.key) for one in calls if one.operation == "create" and one.applied)
        for (object, key), times in applied.items():
            yield 1, f"{tenant} {system} created {object} {key} {times} times" if times > 1 else ""


def posted_is_linked(e: Evidence) -> Iterator[Step]:
    """I14"""
    linked = {(one.tenant, one.system, one.object, one.external_id): one for one in e.sources}
    for (tenant, system, object), records in e.held.items():
        if system not in SYSTEM_TARGETS:
            continue
        for record in records:
            if record.get("hub_ref"):
                one = linked.get((tenant, system, object, record["id"]))
                yield 1, "" if one is not None and one.golden_id else f"{tenant} {system} {object} {record['id']} was posted and is not linked"
    for one in e.sources:
        rows = e.held.get((one.tenant, one.system, one.object))
        if one.system in SYSTEM_TARGETS and rows is not None and one.state == "present":
            yield 1, "" if any(row["id"] == one.external_id for row in rows) else f"{one.tenant} {one.system} {one.external_id} is linked and not there"


def undone_is_as_before(e: Evidence) -> Iterator[Step]:
    """I15"""
    for one in e.book.undone:
        yield 1, "" if one.before == one.after else f"{one.tenant}: undoing a merge gave {one.after} for {one.before}"


def never_older_reads(e: Evidence) -> Iterator[Step]:
    """I16"""
    newest: dict[tuple[str, str], int] = {}
    for one in e.book.looks:
        before = newest.get((one.caller, one.record), 0)
        yield int(before > 0), "" if one.version >= before else f"{one.caller} saw {one.record} v{one.version} after v{before}"
        newest[one.caller, one.record] = max(before, one.version)


def back_in_time(e: Evidence) -> Iterator[Step]:
    """I17"""
    for one in e.book.recoveries:
        yield 1, "" if one.seconds <= one.limit_s else f"after {one.kind} it took {one.seconds:.1f} s ({one.limit_s:.0f} allowed)"


def rebuilt(e: Evidence) -> Iterator[Step]:
    """I18"""
    for tenant, count, differences in e.book.replays:
        yield count, ""
        for one in differences:
            yield 0, f"{tenant}: {one}"


def totals(e: Evidence) -> Iterator[Step]:
    """I19: source = hub = posted, per tenant, to the last digit."""
    for tenant in {one for one, _ in e.book.invoices}:
        source = {number: gross for (slug, number), gross in e.book.invoices.items() if slug == tenant}
        hub = {
            str(one.values.get("number")): Decimal(str(one.values.get("gross", "NaN")))
            for one in e.goldens if one.tenant == tenant and one.entity == "invoice"
        }  # fmt: skip
        posted = {str(row.get("number")): Decimal(str(row.get("gross", "NaN"))) for row in e.held.get((tenant, "erp", "invoice"), [])}
        rows = len(e.held.get((tenant, "erp", "invoice"), []))
        sums = [sum(some.values(), Decimal(0)) for some in (source, hub, posted)]
        yield len(source), "" if sums[0] == sums[1] == sums[2] else f"{tenant}: source {sums[0]}, hub {sums[1]}, posted {sums[2]}"
        for name, other in (("the hub", hub), ("the ERP", posted)):
            wrong = sorted(number for number in source.keys() | other.keys() if source.get(number) != other.get(number))
            yield 1, f"{tenant}: {name} tells otherwise of invoices {wrong[:5]} ({len(wrong)})" if wrong else ""
        yield 1, "" if rows == len(posted) else f"{tenant}: {rows} postings of {len(posted)} invoices"


def chained(e: Evidence) -> Iterator[Step]:
    """I20"""
    for tenant, entries, problems in e.book.audits:
        yield entries, ""
        for one in problems:
            yield 0, f"{tenant}: {one}"


def one_body(e: Evidence) -> Iterator[Step]:
    """I21"""
    taken: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    tried: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for one in e.book.keys:
        key = (one.tenant, one.system, one.key)
        tried[key].add(one.digest)
        if one.taken:
            taken[key].add(one.digest)
    kept = {(one.tenant, one.system, one.key): one.digest for one in e.inbox}
    for key, digests in tried.items():
        accepted = taken[key]
        if len(accepted) > 1:
            yield 1, f"{key} was accepted with {len(accepted)} bodies"
        elif accepted and key in kept and kept[key] not in accepted:
            yield 1, f"{key} keeps another body than was accepted"
        else:
            yield int(len(digests) > 1), ""


def positions(e: Evidence) -> Iterator[Step]:
    """I22: contiguous per tenant, each change once, per record in order; and readers never found something new behind them."""
    by_tenant: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for tenant, position, change_id in e.feed:
        by_tenant[tenant].append((position, change_id))
    logged: dict[str, set[int]] = defaultdict(set)
    versions: dict[tuple[str, int], Change] = {}
    for one in e.changes:
        logged[one.tenant].add(one.id)
        versions[one.tenant, one.id] = one
    for tenant, rows in by_tenant.items():
        rows.sort()
        places = [position for position, _ in rows]
        yield len(places), "" if places == list(range(1, len(places) + 1)) else f"{tenant}: positions are not contiguous"
        ids = [change_id for _, change_id in rows]
        yield 1, "" if set(ids) == logged[tenant] and len(ids) == len(set(ids)) else f"{tenant}: the feed and the change log differ"
        last: dict[str, int] = {}
        for change_id in ids:
            change = versions.get((tenant, change_id))
            if change is not None:
                yield 0, "" if change.version == last.get(change.record, 0) + 1 else f"{tenant}: {change.record} v{change.version} out of order in the feed"
                last[change.record] = change.version
    for (tenant, name), heard in e.book.heard.items():
        before = 0
        for step in heard:
            is_next = step.position == before + 1 if name == "pull" else step.position > before
            yield 1, "" if is_next else f"{tenant} {name}: position {step.position} after {before}"
            before = step.position


def look_before_again(e: Evidence) -> Iterator[Step]:
    """I23: after a create whose outcome was open to the hub, the next create of the same key comes after a look-up of it.

    Who changes or ends a record by its id knows that it was created.
    """
    for (tenant, system), calls in e.calls.items():
        by_key: dict[tuple[str, str], list[Call]] = defaultdict(list)
        made: dict[tuple[str, str], str] = {}
        for one in calls:
            if one.key and one.operation in ("create", "look_up"):
                by_key[one.object, one.key].append(one)
                if one.operation == "create" and one.id:
                    made[one.object, one.id] = one.key
            elif one.operation == "update" and (one.object, one.id) in made:
                by_key[one.object, made[one.object, one.id]].append(one)
        for (object, key), several in by_key.items():
            doubt = False
            for one in several:
                if one.operation == "look_up":
                    doubt = doubt and one.status >= 400
                    continue
                if one.operation == "update":
                    doubt = False
                    continue
                if doubt:
                    yield 0, f"{tenant} {system}: {object} {key} was sent again without a look: {_story(e, tenant, key, several)}"
                is_open = one.applied or not one.told
                yield int(is_open and not one.told), ""
                doubt = is_open


def _story(e: Evidence, tenant: str, record: str, calls: Sequence[Call]) -> str:
    """What a system was asked about a record, and what became of the record meanwhile."""
    asked = [f"{one.operation} {one.status}{' applied' * one.applied}{'' if one.told else ' untold'} at {one.at:.2f}" for one in calls]
    made = [f"v{one.version} {one.op} by {one.cause}" for one in e.changes if (one.tenant, one.record) == (tenant, record)]
    return f"{'; '.join(asked)}; its versions: {', '.join(made[:30])}"


def during(e: Evidence) -> Iterator[Step]:
    """What SQL found while it ran."""
    yield e.book.looks_during, ""
    for one in e.book.during:
        yield 0, one


Judge = Callable[[Evidence], Iterator[Step]]

INVARIANTS: Mapping[str, tuple[str, Judge]] = {
    "I01": ("every acknowledged change has an outcome", outcomes),
    "I02": ("exactly one: a version, an open exception, or a stated reason", exactly_one),
    "I03": ("no version without a cause", caused),
    "I04": ("what was refused left nothing", left_nothing),
    "I05": ("versions 1..n per record", contiguous),
    "I06": ("an older update never overwrites a newer one of its source", never_older),
    "I07": ("every field of every version names what it came from", lineage),
    "I08": ("each subscriber gets each record's versions in order", in_order),
    "I09": ("without gap up to the newest", without_gap),
    "I10": ("one version is one message over all attempts", one_message),
    "I11": ("nothing delivered that is not held", only_what_is_held),
    "I12": ("no other tenant's record anywhere", own_tenant_only),
    "I13": ("one effect per change and per business key at a system", one_effect),
    "I14": ("posted = linked", posted_is_linked),
    "I15": ("undo of a merge gives back every record as it was", undone_is_as_before),
    "I16": ("no caller reads older than it wrote or read", never_older_reads),
    "I17": ("back in service within the limit after each fault", back_in_time),
    "I18": ("rebuilt from the raw messages it is identical", rebuilt),
    "I19": ("control totals are equal to the last digit", totals),
    "I20": ("the audit chain is whole", chained),
    "I21": ("one key never accepts two bodies", one_body),
    "I22": ("positions contiguous, nothing appears behind a reader", positions),
    "I23": ("after an ambiguous answer: look up before sending again", look_before_again),
    "during": ("no idle transaction, no stuck lane, no lock of the dead", during),
}  # fmt: skip
"""Name → (what it says, how it is judged)."""


def counts(evidence: Evidence, found: Iterable[Finding]) -> dict[str, int]:
    """Lost, duplicated, reordered and gaps, as the last line of a run tells them."""
    broken = {one.name: len(one.broken) for one in found}
    return {
        "lost": broken["I01"] + broken["I02"], "duplicated": broken["I13"] + broken["I10"], "reordered": broken["I08"] + broken["I06"],
        "gaps": broken["I09"] + broken["I22"],
    }  # fmt: skip


