"""What happens in the three databases: a first load, changes on each side, deletes, a merge. Every scene ends when all sides are equal."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rich.markup import escape

from hub.demo.graphql import Hub
from hub.demo.narrator import Narrator, StoryError
from hub.demo.scenes_masters import at_rest as lanes_at_rest
from hub.demo.stage import expect
from hub.demo.tryton import firm
from hub.demo.tryton.compare import Line, compared
from hub.demo.tryton.person import Person

WITHIN_S = 180.0
TAKES: Mapping[str, Mapping[str, Any]] = {
    "crm": {"entities": ["client"]},
    "psa": {"entities": ["client"], "deactivate": True},
    "erp": {"entities": ["client", "project", "task", "time_entry"], "deactivate": True},
}
"""What each database subscribes to."""
_SUBSCRIBE = """
mutation($system: String!, $filter: JSON) {
  createSubscription(name: $system, kind: "connector", system: $system, filter: $filter, withSnapshot: true) { id errors { message remedy } }
}
"""
_MODE = 'mutation($system: String!) { setMode(system: $system, mode: "write") { errors { message remedy } } }'


@dataclass
class Scene:
    """What a scene works with."""

    hub: Hub
    steward: Hub
    crm: Person
    psa: Person
    erp: Person
    tell: Narrator
    began: float
    companies: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    last: list[Line] = field(default_factory=list)

    @property
    def people(self) -> dict[str, Person]:
        return {"crm": self.crm, "psa": self.psa, "erp": self.erp}

    async def are_equal(self) -> bool:
        """Whether nothing is under way, and every side says the same."""
        if not await lanes_at_rest(self.hub):
            return False
        self.last = await compared(self.hub, self.people)
        return all(line.is_equal for line in self.last)

    async def until_equal(self, what: str) -> None:
        await self.until(what, self.are_equal)

    async def until(self, what: str, look: Callable[[], Awaitable[Any]]) -> None:
        """Wait, and tell of what is open when it does not come true."""
        began = time.monotonic()
        try:
            await self.tell.until(what, look, within_s=WITHIN_S, since=began)
        except StoryError:
            await self._tell_open()
            raise

    async def _tell_open(self) -> None:
        for line in self.last:
            for problem in (*line.missing, *line.doubles, *line.differences)[:5]:
                self.tell.line(f"[red]·[/] {line.what}: {escape(problem)}")
        asked = await self.hub.ask('{ stewardTasks(state: "open", first: 12) { nodes { cause subject reason } } health { inboxOpen } }')
        for one in asked["stewardTasks"]["nodes"]:
            self.tell.line(f"[red]·[/] task {one['cause']}: {escape(str(one['subject']))}: {escape(str(one['reason']))}")
        self.tell.line(f"[red]·[/] messages not taken up: {asked['health']['inboxOpen']}")

    async def party(self, name: str, of: str = "crm") -> int:
        return await self.people[of].one("party.party", name=name)


async def first_load(scene: Scene) -> None:
    tell = scene.tell
    for name, take in TAKES.items():
        await scene.hub.do(_SUBSCRIBE, system=name, filter=take)
        await scene.hub.do(_MODE, system=name)
    await scene.until_equal("each of the eight clients is in every database, once")
    parties = {str(one["name"]): int(one["id"]) for one in await scene.psa.rows("party.party", ["name"])}
    await firm.work(scene.psa, parties, scene.companies["psa"])
    tell.say("In the PSA four projects with six tasks and 36 lines of hours are entered for them; in the ERP four invoices are made out.")
    for at, (name, price) in enumerate((("Nordlicht Logistik GmbH", "150.00"), ("Vermeil & Associés SAS", "165.50"), ("Delft Marine B.V.", "98.7531"), ("Ferrovia Lombarda SpA", "140.00"))):
        await firm.invoice(scene.erp, await scene.party(name, "erp"), f"Work of November, {name}", f"{10 + at}.5", price, f"2026-11-{3 + at:02d}")
    await scene.until_equal("projects, tasks and hours are in the ERP, the invoices in the hub")


_KNOWN = """
{ health { inboxOpen } clients(first: 50) { nodes { name recordState sources { system state } } } resources(first: 50) { nodes { familyName recordState sources { system state } } } }
"""


async def are_known(scene: Scene, systems: Sequence[str]) -> bool:
    """Nothing is written before every system's records are known: what is there already must not be made again."""
    found = await scene.hub.ask(_KNOWN)
    if found["health"]["inboxOpen"] != "0" or len(found["clients"]["nodes"]) != len(firm.CLIENTS):
        return False
    of_clients, of_people = ([sorted({one["system"] for one in row["sources"]}) for row in found[name]["nodes"]] for name in ("clients", "resources"))
    staff = sorted(set(systems) - {"crm"})
    return of_clients.count(sorted(systems)) >= 2 and of_people.count(staff) == (len(firm.PEOPLE) if staff else 0)


async def the_crm(scene: Scene) -> None:
    crm, tell = scene.crm, scene.tell
    renamed, moved, closed = await scene.party("Nordlicht Logistik GmbH"), await scene.party("Delft Marine B.V."), await scene.party("Hafen Bremen KG")
    await crm.edit("party.party", renamed, {"name": "Nordlicht Logistics GmbH"})
    (address,) = await crm.rows("party.address", ["id"], [["party", "=", moved]])
    await crm.edit("party.address", int(address["id"]), {"street": "Schieweg 25"})
    await crm.edit("party.party", closed, {"active": False})
    await crm.enter("party.party", {
        "name": "Lyngen Kraft AS", "addresses": [{"street": "Storgata 9", "postal_code": "9008", "city": "Tromsø", "country": await crm.one("country.country", code="NO")}],
        "contact_mechanisms": [{"type": "phone", "value": "+4777601200"}],
    })  # fmt: skip
    tell.say("In the CRM one client gets another name, one another street (only its address is touched, not the party), one is closed, and one is new.")
    await scene.until_equal("PSA and ERP say so too")
    expect(not (await scene.erp.rows("party.party", ["active"], [["name", "=", "Hafen Bremen KG"]]))[0]["active"], "the closed client is still open in the ERP")


async def the_psa(scene: Scene) -> None:
    psa, tell = scene.psa, scene.tell
    lines = await psa.rows("timesheet.line", ["id", "work", "employee"])
    await psa.edit("timesheet.line", int(lines[0]["id"]), {"duration": 435})
    await psa.edit("timesheet.line", int(lines[1]["id"]), {"description": "Interviews in Łódź – Größe geprüft"})
    for one in lines[2:4]:
        await psa.delete("timesheet.line", int(one["id"]))
    done = await psa.one("project.work", name="Interviews")
    await psa.edit("project.work", done, {"status": await psa.one("project.work.status", name="Done"), "progress": 1})
    party = await scene.party("Lyngen Kraft AS", "psa")
    project = await firm.new_work(psa, "Grid study", scene.companies["psa"], party=party)
    on = await firm.sheet(psa, await firm.new_work(psa, "Field trip", scene.companies["psa"], parent=project))
    gone = await firm.hours(psa, int(lines[0]["employee"]), on, "2026-11-16", 60, "a slip")
    await firm.hours(psa, int(lines[0]["employee"]), on, "2026-11-17", 475, "Grid study, first day")
    await psa.delete("timesheet.line", gone)
    tell.say("In the PSA a line becomes longer, one gets another text, two are deleted, one is made and deleted at once; a task is done, a project begins.")
    await scene.until_equal("the ERP has the same projects, tasks and hours, and not the deleted ones")


async def the_erp(scene: Scene) -> None:
    erp, tell = scene.erp, scene.tell
    await erp.enter("party.party", {
        "name": "Trondheim Elektro AS", "contact_mechanisms": [{"type": "phone", "value": "+4773101500"}],
        "addresses": [{"street": "Olav Tryggvasons gate 2", "postal_code": "7011", "city": "Trondheim", "country": await erp.one("country.country", code="NO")}],
    })  # fmt: skip
    tell.say("The ERP enters a customer nobody else knows. Three invoices are posted; one is paid, one in part.")
    drafts = await erp.rows("account.invoice", ["id", "total_amount"], [["state", "=", "draft"]])
    for one in drafts[:3]:
        await erp.press("account.invoice", "validate_invoice", int(one["id"]))
        await erp.press("account.invoice", "post", int(one["id"]))
    whole, part = drafts[0], drafts[1]
    await erp.pay(int(whole["id"]), whole["total_amount"], "2026-11-18")
    await erp.pay(int(part["id"]), Decimal("500.00"), "2026-11-18")
    await scene.until_equal("CRM and PSA have the customer, the hub has the numbers and what is open")
    await erp.pay(int(part["id"]), part["total_amount"] - Decimal("500.00"), "2026-11-19")
    await erp.delete("account.invoice", int(drafts[3]["id"]))
    tell.say("The rest is paid, and the draft that was left is deleted.")
    await scene.until_equal("the hub knows the day of the last payment, and the deleted draft is gone")


_MERGE = """
mutation($survivor: ID!, $loser: ID!) {
  merge(entity: "client", survivor: $survivor, losers: [$loser], reason: "one firm, says the CRM") { actionId proposal { id } errors { message remedy } }
}
"""
_APPROVE = "mutation($id: Long!) { approve(id: $id) { proposal { state } errors { message remedy } } }"
_TWO = 'query($id: String!) { client(source: {system: "crm", object: "party", externalId: $id}) { id } }'


async def a_merge(scene: Scene) -> None:
    """One firm, entered twice: a steward says so in the hub, and then the people of each database say so there."""
    crm, tell = scene.crm, scene.tell
    country = await crm.one("country.country", code="NO")
    await crm.enter("party.party", {
        "name": "Rogaland Shipping", "addresses": [{"street": "Nedre Holmegate 30", "postal_code": "4006", "city": "Stavanger", "country": country}],
        "contact_mechanisms": [{"type": "phone", "value": "+4751899911"}],
    })  # fmt: skip
    await scene.until_equal("the CRM enters Rogaland Shipping, and it goes to PSA and ERP")
    there = {name: (await scene.party("Rogaland Shipping", name), await scene.party("Skagen Rederi AS", name)) for name in scene.people}
    loser, survivor = [(await scene.hub.ask(_TWO, id=str(id)))["client"]["id"] for id in there["crm"]]
    made = await scene.steward.do(_MERGE, survivor=survivor, loser=loser)
    if made["proposal"]:
        await scene.hub.do(_APPROVE, id=made["proposal"]["id"])
    tell.say("It is Skagen Rederi under its trade name: a steward says so, and the hub knows one client. What a database holds twice is its people's to merge.")
    await scene.until("three tasks say where the client is still two parties", lambda: _are_asked(scene, 3))
    for name in scene.people:
        await scene.people[name].merge(*there[name])
    tell.say("In each database somebody runs [bold]Replace[/]: what referred to the one party refers to the other now.")
    await scene.until_equal("one client is left, with one party in every database")
    await scene.until("the three tasks ended by themselves", lambda: _are_asked(scene, 0))


_AT_SOURCE = '{ stewardTasks(state: "open", causes: ["merge_at_source"], entity: "client", first: 5) { nodes { id reason } } }'


async def _are_asked(scene: Scene, times: int) -> bool:
    return len((await scene.hub.ask(_AT_SOURCE))["stewardTasks"]["nodes"]) == times


SCENES: tuple[tuple[str, Callable[[Scene], Awaitable[None]]], ...] = (
    ("Three databases become one picture", first_load),
    ("Changes in the CRM", the_crm),
    ("Changes in the PSA", the_psa),
    ("The ERP posts and is paid", the_erp),
    ("A party is merged into another", a_merge),
)
