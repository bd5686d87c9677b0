"""A checker that cannot fail is worthless: each invariant is shown one planted defect, and tells of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.faults.checker import INVARIANTS, check, counts
from tests.faults.evidence import (
    Ack, Book, Change, Evidence, Golden, Heard, Inbox, KeyUse, Look, Override, Recovery, Refused, Source, Task, UndoneMerge, Version,
)  # fmt: skip
from tests.faults.peers import Call, Event

A, B, I = "rec-a", "rec-b", "rec-i"
"""Two clients of the tenant north and one invoice of it."""


def sound() -> Evidence:
    """A small run in which everything holds and every invariant was put to the test."""
    book = Book(
        acks=[
            Ack("north", "crm", "", 1, "account", "C1", 1, "d1"), Ack("north", "crm", "", 2, "account", "C1", 2, "d2"),
            Ack("north", "crm", "", 3, "account", "C1", 1, "d1"), Ack("north", "bill", "k-I1", None, "invoice", "I1", 1, "d4"),
            Ack("north", "crm", "", 6, "account", "O1", 1, "d6"),
        ],
        refused=[Refused("north", "BAD-1", "bad signature")],
        keys=[KeyUse("north", "bill", "k-I1", "d4", taken=True), KeyUse("north", "bill", "k-I1", "other", taken=False)],
        looks=[Look("north portal", A, 1, is_write=True), Look("north portal", A, 2, is_write=False)],
        undone=[UndoneMerge("north", {"name": "north M"}, {"name": "north M"})],
        overrides=[Override("north", B, "phone", "+49401")],
        invoices={("north", "I1"): Decimal("119.00")},
        heard={("north", "pull"): [Heard(1, A, 1, "client"), Heard(2, A, 2, "client"), Heard(3, I, 1, "invoice"), Heard(4, B, 1, "client")]},
        recoveries=[Recovery("kill api", 2.0, 10.0)], audits=[("north", 4, [])], replays=[("north", 3, [])], reads_across=10, looks_during=5,
    )  # fmt: skip
    return Evidence(
        book,
        inbox=[
            Inbox("north", 1, "crm", "account", "C1", "m1", "d1", False, None, None, (A,)),
            Inbox("north", 2, "crm", "account", "C1", "m2", "d2", False, None, None, (A,)),
            Inbox("north", 3, "crm", "account", "C1", "m3", "d1", False, "stale", None, (A,)),
            Inbox("north", 4, "bill", "invoice", "I1", "k-I1", "d4", False, None, None, (I,)),
            Inbox("north", 5, "crm", "account", "Q1", "m5", "d5", False, "quarantined", 7, ()),
            Inbox("north", 6, "crm", "account", "O1", "m6", "d6", False, None, None, (B,)),
        ],
        changes=[
            Change("north", 11, "client", A, 1, "create", "source", "crm", 1, False, {"name": "north Client 1 v1"}),
            Change("north", 12, "client", A, 2, "update", "source", "crm", 2, False, {"name": "north Client 1 v2"}),
            Change("north", 13, "invoice", I, 1, "create", "source", "bill", 4, False, {"number": "I1"}),
            Change("north", 14, "client", B, 1, "create", "source", "crm", 6, False, {"name": "north Client O1 v1"}),
        ],
        versions=[
            Version("north", "client", A, 1, frozenset({"name"}), {"*": [1, 0, "owner", False]}),
            Version("north", "client", A, 2, frozenset({"name"}), {"*": [1, 0, "owner", False]}),
            Version("north", "invoice", I, 1, frozenset({"number", "gross"}), {"*": [2, 0, "origin", False]}),
            Version("north", "client", B, 1, frozenset({"name", "phone"}), {"*": [3, 0, "owner", False], "phone": [0, 5, "override", False]}),
        ],
        goldens=[
            Golden("north", "client", A, 2, {"name": "north Client 1 v2"}), Golden("north", "invoice", I, 1, {"number": "I1", "gross": "119.00"}),
            Golden("north", "client", B, 1, {"name": "north Client O1 v1", "phone": "+49401"}),
        ],
        feed=[("north", 1, 11), ("north", 2, 12), ("north", 3, 13), ("north", 4, 14)],
        decisions={("north", 5): "override"},
        sources=[
            Source("north", 1, "crm", "account", "C1", "client", A, "present"), Source("north", 2, "bill", "invoice", "I1", "invoice", I, "present"),
            Source("north", 3, "crm", "account", "O1", "client", B, "present"), Source("north", 4, "erp", "invoice", "erp-1", "invoice", I, "present"),
        ],
        tasks=[Task("north", 7, "unreadable", "crm Q1", "crm", "", "no name")],
        events={
            ("north", "events"): [event(A, 1, 1), event(A, 1, 1, taken=False), event(A, 2, 2), event(I, 1, 3), event(B, 1, 4)],
            ("north", "latest"): [event(A, 2, 2), event(B, 1, 4)],
        },
        calls={("north", "erp"): [
            Call(1, "create", "invoice", I, "erp-1", 200, True, False), Call(2, "look_up", "invoice", I, "", 200, False, True),
        ]},
        held={("north", "erp", "invoice"): [{"id": "erp-1", "hub_ref": I, "number": "I1", "gross": "119.00"}]},
    )  # fmt: skip


def event(record: str, version: int, position: int, **more: Any) -> Event:
    told = {"taken": True, "signed": True, "values": {"name": "north Client 1 v1"}, "digest": f"{record}{version}", "id": f"evt_{position}"} | more
    return Event(0, told["id"], "client", record, version, position, "update", "north", told["digest"], told["taken"], told["signed"], told["values"])


def test_a_sound_run_breaks_nothing_and_puts_every_invariant_to_the_test() -> None:
    found = check(sound())
    assert [one for finding in found for one in finding.broken] == []
    assert [one.name for one in found if not one.exercised] == []


def test_a_run_in_which_nothing_happened_is_told_as_unexercised() -> None:
    assert [one.name for one in check(Evidence()) if not one.exercised] == list(INVARIANTS)


def swap(items: list[Any], at: int, **changed: Any) -> None:
    items[at] = replace(items[at], **changed)


DEFECTS: dict[str, tuple[str, Callable[[Evidence], Any]]] = {
    "an acknowledged message is lost": ("I01", lambda e: e.inbox.pop(1)),
    "an acknowledged bulk line is lost": ("I01", lambda e: e.inbox.pop(3)),
    "a message stays open for ever": ("I01", lambda e: swap(e.inbox, 2, is_open=True)),
    "a lane stands still at rest": ("I01", lambda e: e.stuck.append("1 lanes are not done although nothing moves")),
    "a message is settled without a trace": ("I02", lambda e: swap(e.inbox, 2, outcome=None, golden_ids=())),
    "a message has a version and an excuse": ("I02", lambda e: swap(e.inbox, 1, outcome="unchanged")),
    "an exception nobody is told of": ("I02", lambda e: swap(e.inbox, 4, task_id=None)),
    "a message is kept twice": ("I02", lambda e: e.inbox.append(replace(e.inbox[1], id=99))),
    "a good record is set aside": ("I02", lambda e: e.tasks.append(Task("north", 8, "internal", "crm C1", "crm", A, "could not be stored"))),
    "a version by nobody": ("I03", lambda e: swap(e.changes, 0, actor="")),
    "a version of a message there is not": ("I03", lambda e: swap(e.changes, 1, message_id=777)),
    "a version without a change": ("I03", lambda e: e.versions.append(replace(e.versions[0], version=9))),
    "a refused webhook left a message": ("I04", lambda e: e.inbox.append(replace(e.inbox[4], id=50, key="m50", external_id="BAD-1"))),
    "a refused webhook left a contribution": ("I04", lambda e: e.sources.append(replace(e.sources[0], id=50, external_id="BAD-1"))),
    "a version is missing": ("I05", lambda e: (swap(e.changes, 1, version=3), swap(e.versions, 1, version=3), swap(e.goldens, 0, version=3))),
    "a golden record is behind its log": ("I05", lambda e: swap(e.goldens, 0, version=1)),
    "version table and log differ": ("I05", lambda e: e.versions.pop(1)),
    "an older update came last": ("I06", lambda e: swap(e.goldens, 0, values={"name": "north Client 1 v1"})),
    "a field was set back on the way": ("I06", lambda e: swap(e.changes, 0, after={"name": "north Client 1 v3"})),
    "an override was overwritten": ("I06", lambda e: swap(e.goldens, 2, values={"name": "north Client O1 v1", "phone": "+49402"})),
    "a field without lineage": ("I07", lambda e: swap(e.versions, 0, lineage={})),
    "lineage names a source there is not": ("I07", lambda e: swap(e.versions, 0, lineage={"*": [999, 0, "owner", False]})),
    "versions arrive the wrong way round": ("I08", lambda e: e.events["north", "events"].reverse()),
    "a reader is told an older version later": ("I08", lambda e: e.book.heard["north", "pull"].append(Heard(5, A, 1, "client"))),
    "a webhook lacks a version": ("I09", lambda e: e.events["north", "events"].pop(2)),
    "a version was only tried, never taken": ("I09", lambda e: swap(e.events["north", "events"], 2, taken=False)),
    "a coalescing webhook lacks the newest": ("I09", lambda e: e.events["north", "latest"].pop(0)),
    "a reader was not told of a change": ("I09", lambda e: e.book.heard["north", "pull"].pop(1)),
    "a second try has another id": ("I10", lambda e: swap(e.events["north", "events"], 1, id="evt_other")),
    "a second try has another content": ("I10", lambda e: swap(e.events["north", "events"], 1, digest="other")),
    "an event is signed by a stranger": ("I10", lambda e: swap(e.events["north", "events"], 0, signed=False)),
    "a version was sent that was rolled back": ("I11", lambda e: e.events["north", "events"].append(event(A, 3, 5))),
    "a system holds what the hub does not": ("I11", lambda e: e.held["north", "erp", "invoice"].append({"id": "erp-2", "hub_ref": "ghost"})),
    "a webhook got another tenant's value": ("I12", lambda e: swap(e.events["north", "events"], 0, values={"name": "south Client 1 v1"})),
    "a system got another tenant's value": ("I12", lambda e: e.held["north", "erp", "invoice"][0].update(note="south Client 9 v1")),
    "a list showed another tenant's record": ("I12", lambda e: e.book.other_tenant.append("north read rec-z of another tenant")),
    "an invoice was posted twice": ("I13", lambda e: e.held["north", "erp", "invoice"].append({"id": "erp-2", "hub_ref": I, "number": "I1", "gross": "119.00"})),
    "a create was applied twice": ("I13", lambda e: e.calls["north", "erp"].append(Call(3, "create", "invoice", I, "erp-2", 200, True, True))),
    "a posting is not linked": ("I14", lambda e: e.sources.pop(3)),
    "a link leads to no posting": ("I14", lambda e: e.held["north", "erp", "invoice"].clear()),
    "an undo gave back something else": ("I15", lambda e: swap(e.book.undone, 0, after={"name": "north M2"})),
    "a caller read less than it wrote": ("I16", lambda e: e.book.looks.reverse()),
    "service came back too late": ("I17", lambda e: e.book.recoveries.append(Recovery("kill api", 11.0, 10.0))),
    "a rebuilt record differs": ("I18", lambda e: e.book.replays.append(("north", 1, ["client rec-a: name differs"]))),
    "a cent is missing in the ERP": ("I19", lambda e: e.held["north", "erp", "invoice"][0].update(gross="118.99")),
    "two wrong amounts that add up": ("I19", lambda e: (
        e.book.invoices.update({("north", "I2"): Decimal("1.00")}), e.goldens.append(Golden("north", "invoice", "i2", 1, {"number": "I2", "gross": "1.00"})),
        e.held["north", "erp", "invoice"].append({"id": "e2", "hub_ref": "i2", "number": "I2", "gross": "119.00"}),
        e.held["north", "erp", "invoice"][0].update(gross="1.00"),
    )),
    "the audit chain is broken": ("I20", lambda e: e.book.audits.append(("north", 4, ["seal 1: change 12 was altered"]))),
    "a key took two bodies": ("I21", lambda e: swap(e.book.keys, 1, taken=True)),
    "a key keeps the refused body": ("I21", lambda e: swap(e.inbox, 3, digest="other")),
    "a position is missing": ("I22", lambda e: e.feed.pop(1)),
    "a change has two positions": ("I22", lambda e: e.feed.append(("north", 5, 14))),
    "a change has no position": ("I22", lambda e: e.feed.pop(3)),
    "the feed tells versions the wrong way round": ("I22", lambda e: (e.feed.clear(), e.feed.extend([("north", 1, 12), ("north", 2, 11), ("north", 3, 13), ("north", 4, 14)]))),
    "something appeared behind a reader": ("I22", lambda e: e.book.heard["north", "pull"].insert(0, Heard(2, A, 2, "client"))),
    "a create was sent again unseen": ("I23", lambda e: e.calls["north", "erp"].insert(1, Call(1.5, "create", "invoice", I, "", 400, False, True))),
    "a transaction was idle": ("during", lambda e: e.book.during.append("a transaction is idle for over 30 s: 17 hub-api")),
}  # fmt: skip


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_caught(defect: str) -> None:
    name, plant = DEFECTS[defect]
    evidence = sound()
    plant(evidence)
    broken = {one.name for one in check(evidence) if one.broken}
    assert name in broken


def test_every_invariant_has_a_planted_defect() -> None:
    assert {name for name, _ in DEFECTS.values()} == set(INVARIANTS)


def test_what_was_lost_doubled_swapped_and_left_out_is_counted() -> None:
    evidence = sound()
    assert counts(evidence, check(evidence)) == {"lost": 0, "duplicated": 0, "reordered": 0, "gaps": 0}
    evidence.inbox.pop(1)
    evidence.events["north", "events"].pop(2)
    evidence.held["north", "erp", "invoice"].append({"id": "erp-2", "hub_ref": I, "number": "I1", "gross": "119.00"})
    told = counts(evidence, check(evidence))
    assert (told["lost"], told["duplicated"], told["gaps"]) == (1, 2, 1)
