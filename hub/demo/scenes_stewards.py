"""Scene 3: two spellings of one client. The hub asks, a steward looks and proposes, a second person agrees; all can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.demo.scenes_masters import FERROVIA
from hub.demo.stage import Stage, expect

SPELLING, OPEN = "FERROVIE LOMBARDE", 12200
PEOPLE = (("Ada Lund", "steward", "data_stewards"), ("Ben Osei", "admin", "finance_operations"))
"""Name, role of their key, team."""

_MEMBER = "mutation($name: String!, $actor: String!, $team: String!) { putMember(name: $name, actors: [$actor], teams: [$team]) { errors { message remedy } } }"
_BOTH = """
query($crm: String!, $erp: String!, $invoice: String!) {
  one: client(source: {system: "crm", object: "account", externalId: $crm}) { ...it }
  other: client(source: {system: "erp", object: "customer", externalId: $erp}) { ...it }
  invoice(source: {system: "erp", object: "invoice", externalId: $invoice}) { gross { amount currency } client { id name } }
  billingAccount(source: {system: "erp", object: "customer", externalId: $erp}) { client { id } }
  stewardTasks(state: "open", causes: ["possible_duplicate"], entity: "client", first: 5) { nodes { id reason team recordId detail } }
}
fragment it on Client { id name legalName recordState sources { system externalId state } }
"""
_PREVIEW = """
query($survivor: ID!, $loser: ID!, $picks: JSON) {
  mergePreview(entity: "client", survivor: $survivor, losers: [$loser], picks: $picks) {
    fields { field before { recordId value } after differs picked } children { entity field count } vetoes { reason }
    risk why needsSecondPerson
  }
}
"""
_MERGE = """
mutation($survivor: ID!, $loser: ID!, $picks: JSON, $reason: String!) {
  merge(entity: "client", survivor: $survivor, losers: [$loser], picks: $picks, reason: $reason) { actionId proposal { id risk } errors { message remedy } }
}
"""
_STEP = "mutation($id: Long!) { %s(actionId: $id) { actionId proposal { id } conflicts { reason } errors { message remedy } } }"
_COUNTS = '{ merged: actions(kind: "merge", undone: false) { totalCount } agreed: proposals(state: "approved") { totalCount } }'
_APPROVE = "mutation($id: Long!) { approve(id: $id) { proposal { state actionId } errors { message remedy } } }"


async def two_spellings(stage: Stage) -> None:
    for name, role, team in PEOPLE:
        await stage.hub.do(_MEMBER, name=name, actor=f"{role}:start", team=team)
    customer = await stage.erp.enter("customer", _customer())
    invoice = await stage.erp.enter("invoice", _invoice(customer["number"]))
    stage.tell.say(f"Receivables does not find Ferrovia Lombarda and enters [bold]{SPELLING}[/], {customer['number']}, with an open invoice.")
    asked = {"crm": FERROVIA, "erp": customer["number"], "invoice": invoice["number"]}

    async def asks() -> Mapping[str, Any] | None:
        seen = await stage.hub.ask(_BOTH, **asked)
        is_whole = seen["invoice"] and seen["invoice"]["client"] and seen["other"] and seen["billingAccount"]
        return seen if is_whole and seen["stewardTasks"]["nodes"] else None

    before = await stage.tell.until("two golden clients stand, since nobody is sure; the hub asks whether they are one", asks)
    task, ids = before["stewardTasks"]["nodes"][0], {"survivor": before["one"]["id"], "loser": before["other"]["id"]}
    stage.tell.table(("a task for", "because"), [(task["team"], task["reason"])])
    same = {**ids, "picks": {"legalName": {"record": ids["survivor"]}}}
    await _tell_preview(stage, same)
    made = await stage.steward.do(_MERGE, **same, reason="the invoice carries Ferrovia Lombarda's VAT number")
    expect(made["proposal"] is not None and made["actionId"] is None, "one person alone joined clients with money attached")
    stage.tell.say("Ada, a steward, says [bold]same[/]. Money is attached, so it is a proposal, and nothing has happened yet.")
    step = (await _agreed(stage, made))["actionId"]
    joined = await stage.hub.ask(_BOTH, **asked)
    _expect_one(joined, ids)
    stage.tell.done("Ben of another team agrees, and it is one client: " + ", ".join(_ids(joined["one"])))
    gross = joined["invoice"]["gross"]
    stage.tell.done(f"{invoice['number']} over {gross['amount']} {gross['currency']} and the billing account follow; the id that went leads to the one that stayed")
    await _agreed(stage, await stage.steward.do(_STEP % "undo", id=step))
    apart = await stage.hub.ask(_BOTH, **asked)
    was, is_now = _facts(before), _facts(apart)
    lost = {name: (was[name], is_now[name]) for name in was if was[name] != is_now[name]}
    expect(not lost, f"undo should give everything back; before and after: {lost}")
    stage.tell.done("[bold]undo[/]: two clients again, fields, ids, invoice and account as they were, and the question is open")
    await _agreed(stage, await stage.steward.do(_STEP % "redo", id=step))
    _expect_one(await stage.hub.ask(_BOTH, **asked), ids)
    stage.tell.done("[bold]redo[/]: one client again")
    stage.facts |= {name: found["totalCount"] for name, found in (await stage.hub.ask(_COUNTS)).items()}


def _customer() -> dict[str, Any]:
    return {
        "name": SPELLING, "legalName": f"{SPELLING} SPA", "company": "NB-01", "website": "www.ferrovialombarda.example",
        "address": {"line1": "Via Torino 40", "town": "Milano", "zip": "20123", "region": None, "country": "ITA"},
    }  # fmt: skip


def _invoice(customer: str) -> dict[str, Any]:
    return {"customer": customer, "company": "NB-01", "date": "2026-05-04", "due": "2026-06-03", "net": 10000, "tax": 2200, "gross": OPEN, "open": OPEN}


async def _tell_preview(stage: Stage, same: Mapping[str, Any]) -> None:
    found = (await stage.steward.ask(_PREVIEW, **same))["mergePreview"]
    expect(not found["vetoes"], f"the merge is forbidden: {found['vetoes']}")
    stage.tell.say("Before anybody decides, the preview says what would come of it:")
    rows = [
        (one["field"], *(_of(one["before"], same[id]) for id in ("survivor", "loser")), f"{one['after']}{', picked' if one['picked'] else ''}")
        for one in found["fields"] if one["differs"] and one["field"] in ("name", "legalName")
    ]  # fmt: skip
    stage.tell.table(("field", "CRM and PSA", "ERP", "joined"), rows)
    follow = ", ".join(f"{one['count']} {one['entity'].replace('_', ' ')}" for one in found["children"])
    stage.tell.table(("", ""), [("would follow", follow), ("risk", f"{found['risk']}: {', '.join(found['why'])}")])
    expect(found["needsSecondPerson"], "clients with open receivables should need a second person")


def _of(said: list[Mapping[str, Any]], id: str) -> str | None:
    return next((str(one["value"]) for one in said if one["recordId"] == id and one["value"] is not None), None)


async def _agreed(stage: Stage, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """The proposal after the second person approved it."""
    proposal: Mapping[str, Any] = (await stage.hub.do(_APPROVE, id=asked["proposal"]["id"]))["proposal"]
    expect(proposal["state"] == "approved", f"the proposal is {proposal['state']}")
    return proposal


def _ids(client: Mapping[str, Any]) -> list[str]:
    return sorted(f"{one['system'].upper()} {one['externalId']}" for one in client["sources"])


def _expect_one(found: Mapping[str, Any], ids: Mapping[str, str]) -> None:
    own = (found["one"]["id"], found["other"]["id"], found["invoice"]["client"]["id"], found["billingAccount"]["client"]["id"])
    expect(own == (ids["survivor"],) * 4, f"client, invoice and billing account should all lead to {ids['survivor']}, and lead to {own}")
    expect(len(found["one"]["sources"]) == 3 and not found["stewardTasks"]["nodes"], "the client has not all its records, or the question stays open")


def _facts(found: Mapping[str, Any]) -> dict[str, Any]:
    """What must be as it was after an undo: values, ids and links, and that the question is asked."""
    clients = {name: found[name] | {"sources": _ids(found[name])} for name in ("one", "other")}
    return clients | {name: found[name] for name in ("invoice", "billingAccount")} | {"asked": len(found["stewardTasks"]["nodes"])}
