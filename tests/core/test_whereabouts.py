"""What a difference between the hub and a system is called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from hub.core.chain import EDGES, SHAPES, STAGES, gates
from hub.core.records import Contribution, Golden, Lineage, SourceKey
from hub.core.routing import WritePlan
from hub.core.whereabouts import ACTS, QUIET, VERDICTS, Column, Lane, cell, overall
from schema import ENTITIES
from schema.language import entity_name
from schema.systems import ERP

GOLDEN = Golden(UUID(int=1), "client", {"name": "Northbeam"}, {"name": Lineage(7, 0, "owner", False)})
THEIRS = Contribution(SourceKey("erp", "customer", "10042", "client"), ERP, id=8, state="present", values={"name": "NORTHBEAM"})
OPEN = Column("erp", THEIRS, WritePlan("update", reasons={"name": "newer"}), Lane("due", 2, 1), {"name": "write"}, is_subscribed=True)


@pytest.mark.parametrize(
    ("column", "verdict"),
    [
        (OPEN, "on_its_way"),
        (replace(OPEN, lane=Lane("leased", 2, 1)), "on_its_way"),
        (replace(OPEN, lane=Lane("due", 2, 1, attempts=1)), "again"),
        (replace(OPEN, lane=Lane("waiting", 2, 1)), "waiting"),
        (replace(OPEN, lane=Lane("parked", 2, 1)), "refused"),
        (replace(OPEN, lane=Lane("parked", 2, 1), modes={"name": "observe"}), "refused"),
        (replace(OPEN, lane=Lane("idle", 2, 2)), "not_compared"),
        (replace(OPEN, lane=None), "not_compared"),
        (replace(OPEN, modes={"name": "observe"}), "observe"),
        (replace(OPEN, modes={}), "observe"),
        (replace(OPEN, modes={"name": "propose"}, lane=Lane("proposed", 2, 1)), "propose"),
        (replace(OPEN, modes={"name": "propose"}), "on_its_way"),
        (replace(OPEN, is_paused=True), "paused"),
        (replace(OPEN, is_braked=True), "braked"),
        (replace(OPEN, is_subscribed=False), "unsubscribed"),
        (replace(OPEN, is_before_go_live=True), "before_go_live"),
        (replace(OPEN, target=replace(THEIRS, held={"name": "Southbeam"})), "locked"),
        (replace(OPEN, plan=WritePlan("skip", reasons={"name": "pending"})), "sent"),
        (replace(OPEN, plan=WritePlan("skip", reasons={"name": "unresolved"})), "waiting"),
        (replace(OPEN, plan=WritePlan("skip", reasons={"name": "target_newer"})), "not_corrected"),
        (replace(OPEN, plan=WritePlan("skip", reasons={"name": "owner"})), "not_corrected"),
        (replace(OPEN, plan=WritePlan("skip", reasons={"name": "equal"})), "same"),
        (replace(OPEN, plan=WritePlan("skip", reasons={"phone": "equal"})), "not_written"),
        (replace(OPEN, plan=WritePlan("skip")), "inactive"),
        (replace(OPEN, plan=None), "not_written"),
        (replace(OPEN, plan=None, is_alternate=True), "alternate"),
        (replace(OPEN, target=None, is_deleted=True), "deleted"),
        (replace(OPEN, target=replace(THEIRS, id=7)), "same"),
    ],
)
def test_the_first_obstacle_names_the_difference(column: Column, verdict: str) -> None:
    said = column.target.values["name"] if column.target else None
    assert cell(column, GOLDEN, "name", said, is_same=False).verdict == verdict


def test_a_difference_to_what_a_person_fixed_is_told_as_such() -> None:
    fixed = replace(GOLDEN, lineage={"name": Lineage(0, 3, "override", False)})
    column = replace(OPEN, plan=WritePlan("skip", reasons={"name": "owner"}))
    assert cell(column, fixed, "name", "NORTHBEAM", is_same=False).verdict == "overridden"


@pytest.mark.parametrize(("target", "plan", "verdict"), [(THEIRS, OPEN.plan, "not_carried"), (None, OPEN.plan, "not_carried"), (None, None, "absent")])
def test_a_field_nobody_carries_is_no_difference(target: Any, plan: Any, verdict: str) -> None:
    assert cell(replace(OPEN, target=target, plan=plan), GOLDEN, "tier", None, is_same=False).verdict == verdict


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [(["same", "on_its_way", "refused"], "refused"), (["same", "not_carried"], "same"), (["observe", "not_corrected"], "observe")],
)
def test_a_column_is_as_bad_as_its_worst_field(verdicts: list[str], whole: str) -> None:
    assert overall(OPEN, dict(enumerate(verdicts))) == whole  # type: ignore[arg-type]


def test_every_verdict_that_is_a_difference_says_who_must_act_or_has_a_reason_of_its_own() -> None:
    assert VERDICTS.keys() - ACTS.keys() == QUIET | {"waiting", "refused", "inactive", "absent"}


@pytest.mark.parametrize(
    ("entity", "facts", "goes_on", "found"),
    [
        ("time_entry", {"state": "draft", "billable": True}, False, ["unapproved"]),
        ("time_entry", {"state": "approved", "billable": True}, False, ["no_item"]),
        ("time_entry", {"state": "approved", "billable": False}, False, ["not_billable"]),
        ("time_entry", {"state": "approved", "billable": True, "posting_state": "waiting_period"}, True, ["closed_period"]),
        ("milestone", {"state": "planned"}, False, ["not_reached"]),
        ("milestone", {"state": "approved"}, True, []),
        ("billable_item", {"state": "held", "contract_line": "x", "tax_category": "standard"}, False, ["held"]),
        ("billable_item", {"state": "open"}, False, ["no_contract_line", "unmapped_tax"]),
        ("billable_item", {"state": "ready", "tax_category": "standard", "contract_line": "x"}, False, ["not_invoiced"]),
        ("billable_item", {"state": "written_off"}, False, ["written_off"]),
        ("invoice", {"state": "draft"}, False, ["not_issued"]),
        ("invoice", {"state": "issued", "posting_state": "refused", "dispute_reason": "po"}, False, ["posting_refused", "disputed"]),
        ("invoice", {"state": "posted", "open_amount": {"amount": "5.00"}, "due_date": "2026-05-01"}, True, ["overdue"]),
        ("invoice", {"state": "posted", "open_amount": {"amount": "5.00"}, "due_date": "2026-06-01"}, False, ["unpaid"]),
        ("invoice", {"state": "paid", "open_amount": {"amount": "0.00"}, "due_date": "2026-05-01"}, True, []),
        ("payment", {"state": "unidentified"}, False, ["unidentified"]),
        ("payment", {"state": "received", "unapplied": {"amount": "3.00"}}, True, ["unapplied"]),
        ("invoice_line", {}, True, []),
    ],
)
def test_what_keeps_a_link_of_the_chain_from_going_on(entity: str, facts: dict[str, Any], goes_on: bool, found: list[str]) -> None:
    assert [one.code for one in gates(entity, facts, "2026-05-17", goes_on=goes_on)] == found


def test_the_chain_names_fields_the_model_has() -> None:
    for edge in EDGES:
        other = edge.upper if edge.holder == edge.lower else edge.lower
        assert entity_name(ENTITIES[edge.holder].fields[edge.field].target) == other
    for entity, shape in SHAPES.items():
        named = [one for one in (shape.amount, shape.day, *shape.facts, *shape.names) if one]
        assert [one for one in named if one not in ENTITIES[entity].fields] == []
    assert {one for several in STAGES.values() for one in several} == SHAPES.keys()
