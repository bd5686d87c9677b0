"""Scenes 8 to 11: hours reach the ledger once, are corrected by reversal, and come back as linked documents; one record parks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from hub.demo.scenes_masters import NORDLICHT, at_rest
from hub.demo.stage import Stage, expect

HOUR = "90001"
"""Ida Holm's 7:30 hours on Nordlicht's ERP rollout, in the PSA."""

_HOUR = """
query($id: String!) {
  timeEntry(source: {system: "psa", object: "time_entry", externalId: $id}) {
    id state documentNo postingState quantity { value unit } resource { givenName familyName } project { code }
    sources { system externalId state }
  }
}
"""
_TRIES = """
query($id: ID!) {
  deliveries(system: "erp", recordId: $id, first: 1) { nodes { state tries { operation intentKey state error response } } }
}
"""


async def an_hour_once(stage: Stage) -> None:
    hour = (await stage.hub.ask(_HOUR, id=HOUR))["timeEntry"]
    who = f"{hour['resource']['givenName']} {hour['resource']['familyName']}"
    await stage.erp.fail("lose_answer", object="time_posting", operation="create")
    stage.tell.say(f"In the PSA {who}'s {hour['quantity']['value']} hours on {hour['project']['code']} are approved.")
    stage.tell.say("The ERP will post them, and its answer will be lost on the way back.")
    await _approve(stage, HOUR)
    await stage.tell.until("the ERP has posted the hours", lambda: stage.erp.find("time_posting", hub_ref=hour["id"]))
    lost = await stage.tell.until("its answer was lost: the hub cannot know yet, and waits until nothing is under way", lambda: _try(stage, hour["id"], "unknown"))
    found = await stage.tell.until("it looks for its own key in the ERP, and adopts what it finds", lambda: _try(stage, hour["id"], "adopted"))
    stage.tell.table(("the try", "its key", "at first", "in the end", "document"), [
        (found["operation"], found["intentKey"], f"{lost['state']}: {lost['error']['reason']}", found["state"], found["response"]["external_id"])
    ])  # fmt: skip
    state = await stage.erp.state()
    expect(state["creates"].get(hour["id"]) == 1, f"the ERP created the posting {state['creates'].get(hour['id'], 0)} times")
    posted = await stage.tell.until("the posting's ledger number is back in the golden record", lambda: _is_posted(stage, HOUR))
    stage.tell.done(f"one hour entry, one posting: {posted['documentNo']}")
    stage.links["hour"] = hour["id"]


async def _approve(stage: Stage, id: str) -> None:
    await stage.psa.edit("time_entry", id, {"status": "approved", "approved_at": datetime.now(UTC).isoformat(), "approved_by": "503"})


async def _try(stage: Stage, golden_id: str, state: str) -> Mapping[str, Any] | None:
    """The newest try to post this hour, when it stands in this state."""
    nodes = (await stage.hub.ask(_TRIES, id=golden_id))["deliveries"]["nodes"]
    newest = next((one for node in nodes for one in node["tries"]), None)
    return newest if newest is not None and newest["state"] == state else None


async def _is_posted(stage: Stage, id: str) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = (await stage.hub.ask(_HOUR, id=id))["timeEntry"]
    return found if found and found["postingState"] == "posted" and found["documentNo"] else None


async def a_reversal(stage: Stage) -> None:
    original = await stage.erp.find("time_posting", hub_ref=stage.links["hour"])
    entry = await stage.psa.record("time_entry", HOUR)
    assert original is not None
    stage.tell.say("It was an hour less. An approved entry is closed, so the PSA books a reversing entry and a new one.")
    approved = {name: entry[name] for name in ("person_id", "project_id", "date_performed", "billable", "status", "approved_at", "approved_by")}
    reversing = approved | {"time_in_minutes": -entry["time_in_minutes"], "corrects_id": HOUR, "notes": "Reversal"}
    back = await stage.psa.enter("time_entry", reversing)
    new = await stage.psa.enter("time_entry", approved | {"time_in_minutes": entry["time_in_minutes"] - 60, "notes": entry["notes"]})
    ids = [await stage.tell.until(f"PSA entry {one['id']} is posted", partial(_golden_of, stage, one["id"])) for one in (back, new)]
    postings = await stage.erp.records("time_posting")
    mine = [one for one in postings.values() if one["hub_ref"] in (stage.links["hour"], *ids)]
    stage.tell.table(("ERP posting", "date", "hours", "reverses", "document"), [
        (one["number"], one["date"], one["hours"], one["reverses"], one["documentNo"]) for one in mine
    ])  # fmt: skip
    expect(postings[original["number"]] == original, "the original posting was touched")
    found = {one["hub_ref"]: (one["hours"], one["reverses"]) for one in mine}
    wanted = {stage.links["hour"]: ("7:30", None), ids[0]: ("-7:30", original["number"]), ids[1]: ("6:30", None)}
    expect(found == wanted, f"the postings should be {list(wanted.values())}, and are {list(found.values())}")
    stage.tell.done("the original is untouched; together the three come to 6:30")


async def _golden_of(stage: Stage, id: str) -> str | None:
    found = await _is_posted(stage, id)
    return str(found["id"]) if found else None


_DOCUMENT = """
query($number: String!) {
  invoice(source: {system: "erp", object: "invoice", externalId: $number}) {
    number state client { name } gross { amount currency } openAmount { amount }
    invoiceLines(first: 10, orderBy: [{field: LINE_NO}]) { nodes { lineNo description project { code name } quantity { value } net { amount } } }
    creditMemos(first: 5) { nodes { number gross { amount } } }
    paymentApplications(first: 5) { nodes { amount { amount } payment { paymentNo receivedOn amount { amount currency } } } }
  }
}
"""


async def documents(stage: Stage) -> None:
    customer = await stage.erp.find("customer", crm_id=NORDLICHT)
    project = await stage.erp.find("project", psa_project="2001")
    second = await stage.erp.find("project", psa_project="2002")
    assert customer is not None and project is not None and second is not None
    stage.tell.say(f"The ERP bills [bold]{customer['name']}[/]: two invoices, a credit memo, and one payment that settles both invoices.")
    lines = [_line(1, "ERP rollout, May", project["number"], "6:30", 1040), _line(2, "Data warehouse, concept", second["number"], "10:00", 1600)]
    first = await stage.erp.enter("invoice", _invoice(customer, lines, open_amount=0))
    other = await stage.erp.enter("invoice", _invoice(customer, [_line(1, "ERP rollout, June", project["number"], "5:00", 800)], open_amount=0))
    credit = await stage.erp.enter("credit_memo", _invoice(customer, [_line(1, "Goodwill", project["number"], "-1:00", -160)], open_amount=0)
                                   | {"corrects": first["number"], "reason": "Goodwill", "status": "POSTED"})  # fmt: skip
    amounts = [first["gross"] + credit["gross"], other["gross"]]
    paid = {
        "customer": customer["number"], "company": customer["company"], "received": "2026-06-29", "amount": sum(amounts), "unapplied": 0,
        "bankRef": "NB-2026-06-29-001", "text": f"{first['number']} {other['number']}", "currency": customer["currency"],
        "applications": [
            {"seq": place, "invoice": one["number"], "amount": amount, "discount": 0} for place, (one, amount) in enumerate(zip((first, other), amounts, strict=True), 1)
        ],
    }  # fmt: skip
    payment = await stage.erp.enter("payment", paid)
    document = await stage.tell.until("they are golden records, linked to each other, to the client and to the projects", lambda: _linked(stage, first["number"]))
    _tell_document(stage, document)
    expect([line["project"]["code"] for line in document["invoiceLines"]["nodes"]] == ["NL-ERP", "NL-DWH"], "the lines do not name their projects")
    expect([one["number"] for one in document["creditMemos"]["nodes"]] == [credit["number"]], "the credit memo is not linked to its invoice")
    expect(document["client"]["name"] == "Nordlicht Logistics", f"the invoice is for {document['client']['name']}")
    sibling = await stage.tell.until("the same payment settles the second invoice", lambda: _paid_by(stage, other["number"]))
    expect(sibling == payment["number"] == document["paymentApplications"]["nodes"][0]["payment"]["paymentNo"], "the invoices are not paid by one payment")


def _line(no: int, text: str, project: str, hours: str, net: int) -> dict[str, Any]:
    return {"no": no, "text": text, "project": project, "hours": hours, "rate": 160, "net": net, "tax": net * 19 / 100, "taxCode": "S"}


def _invoice(customer: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], *, open_amount: int) -> dict[str, Any]:
    net = sum(one["net"] for one in lines)
    return {
        "customer": customer["number"], "company": customer["company"], "date": "2026-06-01", "due": "2026-07-01", "net": net, "tax": net * 19 / 100,
        "gross": net * 119 / 100, "open": open_amount, "currency": customer["currency"], "status": "PAID", "lines": list(lines),
    }  # fmt: skip


def _tell_document(stage: Stage, document: Mapping[str, Any]) -> None:
    rows: list[tuple[str, ...]] = [("invoice", document["number"], document["client"]["name"], document["gross"]["amount"])]
    for one in document["invoiceLines"]["nodes"]:
        rows.append((f"  line {one['lineNo']}", one["project"]["code"], one["description"], f"{one['net']['amount']} net"))
    for one in document["creditMemos"]["nodes"]:
        rows.append(("  credit memo", one["number"], "", one["gross"]["amount"]))
    for one in document["paymentApplications"]["nodes"]:
        payment = one["payment"]
        rows.append(("  payment", payment["paymentNo"], f"of {payment['amount']['amount']} {payment['amount']['currency']} in all", one["amount"]["amount"]))
    stage.tell.table(("", "", "", document["gross"]["currency"]), rows)


async def _linked(stage: Stage, number: str) -> Mapping[str, Any] | None:
    one: Mapping[str, Any] | None = (await stage.hub.ask(_DOCUMENT, number=number))["invoice"]
    if one is None or not one["client"]:
        return None
    lines, paid = one["invoiceLines"]["nodes"], one["paymentApplications"]["nodes"]
    is_whole = len(lines) == 2 and all(line["project"] for line in lines) and one["creditMemos"]["nodes"] and paid and paid[0]["payment"]
    return one if is_whole else None


async def _paid_by(stage: Stage, number: str) -> str | None:
    one = (await stage.hub.ask(_DOCUMENT, number=number))["invoice"]
    paid = one["paymentApplications"]["nodes"] if one else []
    return str(paid[0]["payment"]["paymentNo"]) if paid and paid[0]["payment"] else None


_PARKED = """
{
  deadLetters(system: "erp", first: 5) {
    totalCount
    nodes { subscription { name } entity reason record { ... on Client { name } } task { cause field remedy team } }
  }
}
"""
NEWCOMERS = {"Aurora Biotech": "Sweden", "Vantage Rail": None, "Tidewater Foods": "Netherlands"}


async def one_parks(stage: Stage) -> None:
    stage.tell.say("Three new clients are entered in the CRM. [bold]Vantage Rail[/] has no country, and the ERP takes no customer without one.")
    accounts = {
        name: await stage.crm.enter("account", {"Name": name, "LegalName__c": name, "BillingCity": "–", "BillingCountry": country, "Status__c": "Active"})
        for name, country in NEWCOMERS.items()
    }
    parked = await stage.tell.until("the ERP refuses one: it is parked, and told", lambda: _parked(stage))
    stage.tell.table(("parked", "why", "field", "what to do", "for"), [
        (one["record"]["name"], one["reason"], one["task"]["field"], one["task"]["remedy"], one["task"]["team"]) for one in parked
    ])  # fmt: skip
    expect([one["record"]["name"] for one in parked] == ["Vantage Rail"], f"parked are {[one['record']['name'] for one in parked]}")
    stage.facts["parked"] = len(parked)
    await stage.tell.until("the other two went on to the ERP, all three to the PSA", lambda: _arrived(stage))
    stage.tell.say("It is mended where it is decided: the CRM's users fill in the country.")
    began = time.monotonic()
    await stage.crm.edit("account", accounts["Vantage Rail"]["Id"], {"BillingCountry": "United Kingdom"})
    await stage.tell.until("it is in the ERP, and nothing is parked any more", lambda: _is_mended(stage))
    stage.facts["mended_s"] = round(time.monotonic() - began, 2)
    await stage.tell.until("everything is at rest", lambda: _stays_at_rest(stage), tell=False)


async def _parked(stage: Stage) -> Sequence[Mapping[str, Any]]:
    return (await stage.hub.ask(_PARKED))["deadLetters"]["nodes"] or None  # type: ignore[return-value]


async def _arrived(stage: Stage) -> bool:
    erp = {one["name"] for one in (await stage.erp.records("customer")).values()}
    psa = {one["name"] for one in (await stage.psa.records("client")).values()}
    expect("Vantage Rail" not in erp, "the ERP took a customer without a country")
    return {"Aurora Biotech", "Tidewater Foods"} <= erp and NEWCOMERS.keys() <= psa


async def _is_mended(stage: Stage) -> bool:
    there = await stage.erp.find("customer", name="Vantage Rail")
    return there is not None and (await stage.hub.ask(_PARKED))["deadLetters"]["totalCount"] == 0


async def _stays_at_rest(stage: Stage) -> bool:
    """At rest, and still so after the ERP was polled again: what came back of our own writes changed nothing."""
    if not await at_rest(stage.hub):
        return False
    await asyncio.sleep(1.5)
    return await at_rest(stage.hub)
