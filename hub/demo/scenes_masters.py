"""Scenes 1 and 2, 4 to 7: clients, contacts and projects become golden records, and every system is kept in step with them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from hub.demo.graphql import Hub
from hub.demo.stage import Stage, expect
from hub.demo.systems import NAMES

CLIENTS, CONTACTS, PROJECTS = 12, 20, 15
"""Real firms, people and projects behind what the three systems hold."""

NORDLICHT, ALPENWERK, VERMEIL, DELFT, FERROVIA = (f"001NB{number:010d}AAA" for number in (1, 2, 4, 5, 6))

TAKES: Mapping[str, Mapping[str, Any]] = {
    "crm": {"entities": ["client", "contact", "billing_account"]},
    "psa": {"entities": ["client", "contact", "billing_account", "project"]},
    "erp": {"entities": ["client", "project", "time_entry"], "when": {"time_entry": {"state": ["approved"]}}},
}
"""What each system subscribes to; of hours the ERP wants the approved ones alone."""

_COUNTS = """
{ clients { totalCount } contacts { totalCount } projects { totalCount } health { inboxOpen }
  taskCounts(by: [ENTITY], causes: ["ambiguous", "possible_duplicate", "unmatched", "proposed", "rejected"]) { entity count } }
"""


async def three_systems(stage: Stage) -> None:
    states = {name: await stage.system(name).state() for name in NAMES}
    held = {name: states[name]["objects"] for name in NAMES}
    stage.tell.say("What each system holds, under its own ids, in its own words:")
    stage.tell.table(
        ("", "clients", "people at clients", "projects", "how the hub hears of a change"),
        [
            ("CRM", len(held["crm"]["account"]), len(held["crm"]["contact"]), "", "a signed webhook (Standard Webhooks)"),
            ("PSA", len(held["psa"]["client"]), sum(not one["is_staff"] for one in held["psa"]["person"].values()),
             len(held["psa"]["project"]), "a signed webhook (HMAC)"),
            ("ERP", len(held["erp"]["customer"]), "", len(held["erp"]["project"]), "it is asked every second"),
        ],
    )  # fmt: skip
    stage.tell.table(("CRM account", "PSA client", "ERP customer"), _spellings(held))
    await stage.tell.until("the first golden record", lambda: _is(stage, 1, 0, 0), within_s=60, tell=False)
    stage.facts["first_golden_s"] = round(time.monotonic() - stage.began, 1)
    stage.tell.done(f"the first golden record stood [bold]{stage.facts['first_golden_s']} s[/] after the command was given")
    records = sum(len(held[name][object]) for name, object in (("crm", "account"), ("psa", "client"), ("erp", "customer")))
    await stage.tell.until(
        f"{records} records of clients are [bold]{CLIENTS}[/] golden clients; with them {CONTACTS} contacts and {PROJECTS} projects. One question is left for a person: "
        "is Tom Ellery, who has one e-mail address at two clients, one man?",
        lambda: _is(stage, CLIENTS, CONTACTS, PROJECTS),
    )


def _spellings(held: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterable[tuple[str, ...]]:
    """The same firm in the three systems, found as a person would: by the CRM's id, or by its LEI."""
    for id in (NORDLICHT, VERMEIL, "001NB0000000011AAA"):
        account = held["crm"]["account"][id]
        clients = (one for one in held["psa"]["client"].values() if one["crm_id"] == id)
        customers = (one for one in held["erp"]["customer"].values() if one["crm_id"] == id or (one["lei"] and one["lei"] == account["Lei__c"]))
        client, customer = next(clients), next(customers)
        yield tuple(f"{name}\n{number}" for name, number in (
            (account["Name"], id), (client["name"], client["id"]), (customer["name"], customer["number"])
        ))  # fmt: skip


async def _is(stage: Stage, clients: int, contacts: int, projects: int) -> bool:
    found = await stage.hub.ask(_COUNTS)
    counts = tuple(found[name]["totalCount"] for name in ("clients", "contacts", "projects"))
    if not contacts:
        return counts >= (clients, 0, 0)
    asked = {one["entity"]: one["count"] for one in found["taskCounts"] if one["entity"] in ("client", "contact", "project")}
    return counts == (clients, contacts, projects) and found["health"]["inboxOpen"] == "0" and asked == {"contact": 1}


_WHO = """
query($id: String!) {
  client(source: {system: "crm", object: "account", externalId: $id}) {
    name version
    provenance {
      name { ...who } legalName { ...who } street { ...who } country { ...who } tier { ...who } taxRegistrations { ...who } blocked { ...who }
    }
    sources { system object externalId state values }
  }
}
fragment who on FieldProvenance { value system rule owners provisional alternates { system value } }
"""


async def who_won(stage: Stage) -> None:
    client = (await stage.hub.ask(_WHO, id=VERMEIL))["client"]
    stage.tell.say(f"The golden record of [bold]{client['name']}[/], field by field: who decides it, and what the others say.")
    won = client["provenance"]
    stage.tell.table(("field", "value", "from", "because", "others say"), [_won(name, one) for name, one in won.items() if one])
    stage.tell.say("Its crosswalk: the records that are this client.")
    stage.tell.table(("system", "object", "id", "its name there"), [
        (one["system"].upper(), one["object"], one["externalId"], one["values"].get("name")) for one in client["sources"]
    ])  # fmt: skip
    expect({one["system"] for one in client["sources"]} == set(NAMES), "the client is not linked in all three systems")
    winners = {name: won[name]["system"] for name in ("name", "legalName")}
    expect(winners == {"name": "crm", "legalName": "erp"}, f"the names should be decided by CRM and ERP, and are by {winners}")


def _won(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    owners = " > ".join(one["owners"]).upper()
    because = f"owner ({owners})" if one["rule"] == "owner" else str(one["rule"])
    others = ", ".join(f"{other['system'].upper()}: {_short(other['value'])}" for other in one["alternates"] if other["value"] not in (None, one["value"]))
    return name, _short(one["value"]), str(one["system"]).upper(), because + (", provisional" if one["provisional"] else ""), others


def _short(value: Any) -> str:
    """A value for a table: of a list of structures the texts."""
    if isinstance(value, list):
        return ", ".join(" ".join(str(part) for part in one.values() if part is not None) if isinstance(one, dict) else str(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


_SUBSCRIBE = """
mutation($system: String!, $filter: JSON) {
  createSubscription(name: $system, kind: "connector", system: $system, filter: $filter, withSnapshot: true) { id errors { message remedy } }
}
"""
_WOULD = "query($system: String!) { wouldWrite(system: $system, sample: 20) { entity creates updates deactivates sample } }"
_MODE = 'mutation($system: String!) { setMode(system: $system, mode: "write") { errors { message remedy } } }'
_LANES = """
{
  deliveries(first: 1) { totalCount }
  due: deliveries(state: "due", first: 1) { totalCount } leased: deliveries(state: "leased", first: 1) { totalCount }
  waiting: deliveries(state: "waiting", first: 1) { totalCount } observed: deliveries(state: "observed", first: 1) { totalCount }
  parked: deliveries(state: "parked", first: 1) { totalCount }
  health { inboxOpen } subscriptions { position } changes(first: 1) { cursor }
}
"""


async def observe_then_write(stage: Stage) -> None:
    before = {name: await stage.system(name).state() for name in NAMES}
    for name in NAMES:
        await stage.hub.do(_SUBSCRIBE, system=name, filter=TAKES[name])
    stage.tell.say("The systems subscribe to what they take. Their mode is [bold]observe[/]: nothing is sent, only shown.")
    await stage.tell.until("every record is compared with what each system says of it", lambda: at_rest(stage.hub, may_observe=True))
    planned = {name: (await stage.hub.ask(_WOULD, system=name))["wouldWrite"] for name in NAMES}
    stage.tell.table(("would write to", "", "create", "change", "for example"), _would(planned))
    counts = {name: sum(one["creates"] + one["updates"] for one in planned[name]) for name in NAMES}
    expect(counts["psa"] > 0 and counts["erp"] > 0, f"the hub would write nothing to some system: {counts}")
    for name in NAMES:
        expect((await stage.system(name).state())["objects"] == before[name]["objects"], f"{name.upper()} was written to while it was only observed")
    stage.tell.done("the three systems are as they were")
    for name in NAMES:
        await stage.hub.do(_MODE, system=name)
    stage.tell.say("Now the switch: [bold]setMode(write)[/].")
    await stage.tell.until(f"{sum(counts.values())} writes went out, each project after its client, and nothing is left to write", lambda: at_rest(stage.hub), within_s=40)
    await _expect_in_step(stage)


async def at_rest(hub: Hub, *, may_observe: bool = False) -> bool:
    """Whether no message is unfolded and no delivery under way."""
    found = await hub.ask(_LANES)
    busy = ["due", "leased"] if may_observe else ["due", "leased", "waiting", "observed"]
    if found["health"]["inboxOpen"] != "0" or not found["deliveries"]["totalCount"]:
        return False
    return all(found[name]["totalCount"] == 0 for name in busy)


def _would(planned: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterable[tuple[str, ...]]:
    for system, entities in planned.items():
        for one in entities:
            sample = next(iter(one["sample"]), None)
            yield system.upper(), one["entity"].replace("_", " "), str(one["creates"]), str(one["updates"]), _example(sample)


def _example(sample: Mapping[str, Any] | None) -> str:
    if sample is None:
        return ""
    fields = sample["fields"]
    name = "name" if "name" in fields else min(fields)
    before, after = _short(fields[name]["from"]), _short(fields[name]["to"])
    return f"{sample['external_id'] or 'new'}: {name} {before + ' → ' if before else ''}{after}"


async def _expect_in_step(stage: Stage) -> None:
    """Every client is in PSA and ERP, once, and the PSA calls it what the golden record says."""
    found = await stage.hub.ask("{ clients(first: 50) { nodes { name sources { system externalId state } } } }")
    psa, erp = await stage.psa.records("client"), await stage.erp.records("customer")
    expect((len(psa), len(erp)) == (CLIENTS, CLIENTS), f"PSA and ERP should hold {CLIENTS} clients each, and hold {len(psa)} and {len(erp)}")
    for client in found["clients"]["nodes"]:
        there = {one["system"]: one["externalId"] for one in client["sources"] if one["state"] == "present"}
        expect(set(there) == set(NAMES), f"{client['name']} is only in {', '.join(sorted(there))}")
        expect(psa[there["psa"]]["name"] == client["name"], f"the PSA calls {client['name']} {psa[there['psa']]['name']}")
    projects = len(await stage.erp.records("project"))
    expect(projects == PROJECTS, f"the ERP should hold {PROJECTS} projects, and holds {projects}")
    stage.tell.done(f"PSA and ERP hold all {CLIENTS} clients and {PROJECTS} projects, and the PSA spells every client as its owner, the CRM, does")


async def rename(stage: Stage) -> None:
    new = "Nordlicht Logistics"
    account = await stage.crm.record("account", NORDLICHT)
    began = time.monotonic()
    await stage.crm.edit("account", NORDLICHT, {"Name": new})
    stage.tell.say(f"In the CRM somebody renames [bold]{account['Name']}[/] to [bold]{new}[/].")
    await stage.tell.until("the PSA says so, after", lambda: stage.psa.find("client", crm_id=NORDLICHT, name=new), since=began)
    await stage.tell.until("the ERP says so, after", lambda: stage.erp.find("customer", crm_id=NORDLICHT, name=new), since=began)
    stage.facts["rename_s"] = round(time.monotonic() - began, 2)
    found = await stage.hub.ask(
        'query($id: String!) { inbox(system: "crm", object: "account", externalId: $id, first: 1) { nodes { channel } } }', id=NORDLICHT
    )
    channel = found["inbox"]["nodes"][0]["channel"]
    expect(channel == "webhook", f"the rename should come by webhook, and came by {channel}")


async def payment_terms(stage: Stage) -> None:
    customer = await stage.erp.find("customer", crm_id=ALPENWERK)
    expect(customer is not None, "the ERP has no customer for Alpenwerk")
    assert customer is not None
    stage.tell.say(f"In the ERP receivables agrees other terms with [bold]{customer['name']}[/]: N45 instead of {customer['terms']}.")
    began = time.monotonic()
    await stage.erp.edit("customer", customer["number"], {"terms": "N45"})
    await stage.tell.until("the hub asks, and the CRM shows Net 45, after", lambda: _crm_terms(stage, "Net 45"), since=began)
    await stage.tell.until("the PSA shows 45 days, after", lambda: stage.psa.find("client", crm_id=ALPENWERK, payment_terms="45 days"), since=began)
    account = await stage.hub.ask(
        'query($no: String!) { billingAccount(source: {system: "erp", object: "customer", externalId: $no}) {'
        " accountNo paymentTerms provenance { paymentTerms { system rule } } } }",
        no=customer["number"],
    )
    one = account["billingAccount"]
    expect(one["paymentTerms"] == "NET45", f"the golden billing account says {one['paymentTerms']}")
    stage.tell.done(f"the golden billing account says NET45, because the {one['provenance']['paymentTerms']['system'].upper()} owns payment terms")


async def _crm_terms(stage: Stage, wanted: str) -> bool:
    return bool((await stage.crm.record("account", ALPENWERK))["Payment_Terms__c"] == wanted)


_CONFLICT = """
query($id: String!) {
  client(source: {system: "crm", object: "account", externalId: $id}) { id name street }
  stewardTasks(state: "open", system: "erp", entity: "client", first: 5) { nodes { cause field reason remedy team } }
}
"""


async def not_the_owner(stage: Stage) -> None:
    customer = await stage.erp.find("customer", crm_id=DELFT)
    client = await stage.psa.find("client", crm_id=DELFT)
    assert customer is not None and client is not None
    before = (await stage.hub.ask(_CONFLICT, id=DELFT))["client"]
    stage.tell.say(f"The seat and the name of [bold]{before['name']}[/] belong to the CRM. The ERP's users change the street, the PSA's the name.")
    await stage.erp.edit("customer", customer["number"], {"address": {"line1": "Rotterdamseweg 145"}})
    await stage.psa.edit("client", client["id"], {"name": "Delft Marine (old)"})
    task = await stage.tell.until("the ERP's street is a task: there nothing is corrected unasked", lambda: _street_task(stage))
    stage.tell.table(("task", "field", "reason", "for"), [(task["cause"], task["field"], task["reason"], task["team"])])
    await stage.tell.until("the PSA's name is put back: its [bold]corrects[/] switch is on", lambda: _is_put_back(stage, client["id"], before["name"]))
    after = (await stage.hub.ask(_CONFLICT, id=DELFT))["client"]
    expect(after == before, f"the golden record should not have changed, and is {after}")
    street = (await stage.erp.record("customer", customer["number"]))["address"]["line1"]
    expect(street == "Rotterdamseweg 145", "the ERP was corrected although its switch is off")
    stage.tell.done("the golden record did not change")


async def _street_task(stage: Stage) -> Mapping[str, Any] | None:
    tasks = (await stage.hub.ask(_CONFLICT, id=DELFT))["stewardTasks"]["nodes"]
    return next((one for one in tasks if one["field"] in ("street", "seat")), None)


async def _is_put_back(stage: Stage, id: str, name: str) -> bool:
    record = await stage.psa.record("client", id)
    return bool(record["name"] == name and record["lock_version"] > 2) and await at_rest(stage.hub)
