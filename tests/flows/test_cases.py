"""Named cases that stewards know: what links by itself, what is asked and why, and what stays apart, through the real ingest."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest

from hub.core import match
from hub.core.match import Model
from hub.core.normalize import normal_values
from hub.flows import match_models
from hub.match.train import trained
from schema import ENTITIES
from tests.flows.conftest import Hub
from tests.matching.firms import records

Told = tuple[str, str, dict[str, Any]]
"""System, external id, values."""

SEAT = {"street": "14 Chandler Road", "city": "Perth", "postcode": "PH1 5AB", "country": "GB"}
ELSEWHERE = {"street": "3 Glover Square", "city": "Truro", "postcode": "TR1 2ND", "country": "GB"}
FIRM = {"name": "Kestrel Optics Ltd", **SEAT, "phone": "+441738550123", "website": "https://kestreloptics.example"}
GROUP_VAT = {"tax_registrations": [{"country": "GB", "scheme": "vat", "number": "GB980780684", "group_registration": True}]}
EMPLOYER = {"client": {"system": "crm", "object": "client", "id": "E1"}}
OTHER_EMPLOYER = {"client": {"system": "crm", "object": "client", "id": "E2"}}
LINKS = 2.0
"""Bits from which the declared weights link here: what keeps related people and projects apart is not the threshold."""
EMPLOYERS: tuple[Told, ...] = (("crm", "E1", FIRM), ("crm", "E2", {"name": "Yarrow Freight Ltd", **ELSEWHERE}))


@dataclass(frozen=True)
class Case:
    """Records told one after the other, and what becomes of them: the ids that are one, and the pairs that are asked about."""

    name: str
    entity: str
    told: tuple[Told, ...]
    linked: tuple[tuple[str, ...], ...] = ()
    asked: dict[tuple[str, str], str] = field(default_factory=dict)
    """Pair of ids → what its reason says."""


CASES = (
    Case("a moved office", "client", (
        ("crm", "a", {**FIRM, "email": "office@kestreloptics.example"}),
        ("erp", "b", {**FIRM, **ELSEWHERE, "name": "KESTREL OPTICS LIMITED", "email": "office@kestreloptics.example"}),
    ), linked=(("a", "b"),)),
    Case("a trading name beside the legal one", "client", (
        ("crm", "a", {**FIRM, "name": "Blue Finch", "legal_name": "Fennimore Haulage Ltd"}),
        ("erp", "b", {**FIRM, "name": "FENNIMORE HAULAGE LTD", "website": None}),
    ), asked={("a", "b"): "likely the same"}),
    Case("sister companies in one house", "client", (
        ("crm", "a", FIRM), ("erp", "b", {**FIRM, "name": "Kestrel Optics Holdings Ltd"}), ("bill", "c", {**FIRM, "name": "Kestrel Optics Ireland Ltd"}),
        ("erp", "d", {**FIRM, "name": "Kestrel Optics 2 Ltd"}),
    ), asked={("a", "b"): "holding", ("b", "c"): "ireland", ("c", "d"): "2"}),
    Case("two firms behind one switchboard", "client", (
        ("crm", "a", FIRM), ("erp", "b", {**FIRM, **ELSEWHERE, "name": "Foxglove Printing Ltd", "website": "https://foxgloveprinting.example"}),
    )),
    Case("a group's tax number", "client", (
        ("erp", "a", {**FIRM, **GROUP_VAT, "name": "Kestrel Finance Ltd"}), ("bill", "b", {**FIRM, **GROUP_VAT, "name": "Kestrel Freight Ltd", "phone": None}),
    ), asked={("a", "b"): ""}),
    Case("one name in two countries", "client", (
        ("crm", "a", FIRM), ("erp", "b", {"name": "Kestrel Optics GmbH", "street": "Hafenweg 3", "city": "Bremen", "postcode": "28195", "country": "DE", "phone": "+494215550199"}),
    )),
    Case("a role mailbox that two firms share", "client", (
        ("crm", "a", {**FIRM, "email": "accounts@ledgerhouse.example"}),
        ("erp", "b", {"name": "Yarrow Freight Ltd", **ELSEWHERE, "email": "accounts@ledgerhouse.example"}),
    )),
    Case("Bob and Robert", "contact", (
        ("crm", "a", {"given_name": "Robert", "family_name": "Whitlock", "email": "rwhitlock@kestreloptics.example", "phone": "+441738550177", **EMPLOYER}),
        ("bill", "b", {"given_name": "Bob", "family_name": "Whitlock", "phone": "+441738550177", **EMPLOYER}),
    ), linked=(("a", "b"),)),
    Case("father and son", "contact", (
        ("crm", "a", {"given_name": "Paul", "family_name": "Reyes Sr", "phone": "+441738550188", **EMPLOYER}),
        ("bill", "b", {"given_name": "Paul", "family_name": "Reyes Jr", "phone": "+441738550188", **EMPLOYER}),
    ), asked={("a", "b"): "jr"}),
    Case("colleagues who share a telephone", "contact", (
        ("crm", "a", {"given_name": "Ruth", "family_name": "Abara", "phone": "+441738550199", **EMPLOYER}),
        ("bill", "b", {"given_name": "Stefan", "family_name": "Lindgren", "phone": "+441738550199", **EMPLOYER}),
    )),
    Case("a mailbox of the office", "contact", (
        ("crm", "a", {"given_name": "Ruth", "family_name": "Abara", "email": "accounts@kestreloptics.example", **EMPLOYER}),
        ("bill", "b", {"given_name": "Stefan", "family_name": "Lindgren", "email": "accounts@kestreloptics.example", **EMPLOYER}),
    )),
    Case("somebody who changed employer", "contact", (
        ("crm", "a", {"given_name": "Ingrid", "family_name": "Solberg", "email": "ingrid.solberg@kestreloptics.example", "mobile": "+447700900123", **EMPLOYER}),
        ("bill", "b", {"given_name": "Ingrid", "family_name": "Solberg", "email": "ingrid.solberg@yarrowfreight.example", "mobile": "+447700900123", **OTHER_EMPLOYER}),
    ), asked={("a", "b"): "two clients"}),
    Case("twins who began on one day", "resource", (
        ("psa", "a", {"given_name": "Maya", "family_name": "Okonjo", "work_email": "maya.okonjo@ours.example", "start_date": "2024-03-01"}),
        ("psa", "b", {"given_name": "Nina", "family_name": "Okonjo", "work_email": "nina.okonjo@ours.example", "start_date": "2024-03-01"}),
    ), asked={("a", "b"): "other given name"}),
    Case("two phases of one project", "project", (
        ("psa", "a", {"name": "ERP rollout phase 1", "code": "KO-101", "start_date": "2026-01-12", **EMPLOYER}),
        ("crm", "b", {"name": "ERP rollout phase 2", "code": "KO-102", "start_date": "2026-06-01", **EMPLOYER}),
    ), asked={("a", "b"): "other numbers"}),
)


@cache
def learned(entity: str) -> Model:
    """Clients are judged by what a firm of three hundred clients and half as many sisters teaches, all else by the declared weights."""
    spec = match.spec_of(ENTITIES[entity])
    assert spec is not None
    if entity != "client":
        return replace(match.default_model(spec), threshold_auto=LINKS)
    forms = [match.normal_form(spec, normal_values(ENTITIES["client"], one.values)[0], None, one.system) for one in records(300, 150)]
    return trained(spec, forms).model


async def judged_by(hub: Hub, entity: str) -> None:
    async with hub.transaction() as (tx, config):
        version = await match_models.store(tx, hub.tenant, learned(entity), {}, "test")
        await match_models.use(tx, config, entity, version, "test")


async def outcome(hub: Hub, entity: str) -> tuple[set[tuple[str, ...]], dict[tuple[str, str], str]]:
    """(ids that became one, pairs asked about → why)."""
    rows = await hub.rows("SELECT golden_id, external_id FROM hub.source_record WHERE entity = $1 AND state = 'present' ORDER BY external_id", entity)
    names: dict[Any, list[str]] = {}
    for row in rows:
        names.setdefault(row["golden_id"], []).append(row["external_id"])
    asked = {}
    for row in await hub.rows("SELECT golden_id, reason, detail FROM hub.task WHERE cause = 'possible_duplicate' AND state = 'open' AND entity = $1", entity):
        one, other = names[row["golden_id"]], next(ids for id_, ids in names.items() if str(id_) == row["detail"]["other"])
        asked[min(one[0], other[0]), max(one[0], other[0])] = row["reason"]
    return {tuple(ids) for ids in names.values() if len(ids) > 1}, asked


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_case_that_stewards_know(hub: Hub, case: Case) -> None:
    await judged_by(hub, case.entity)
    if case.entity != "client":
        for system, number, values in EMPLOYERS:
            await hub.told(system, "client", number, values)
    for system, number, values in case.told:
        await hub.told(system, case.entity, number, values)
    linked, asked = await outcome(hub, case.entity)
    assert linked == set(case.linked)
    assert {pair: reason for pair, reason in case.asked.items() if reason not in asked.get(pair, "")} == {}, asked
    assert set(asked) == set(case.asked)
