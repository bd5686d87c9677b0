"""The story with the products a firm names: ``make demo CRM=dynamics365 PSA=certinia ERP=sap_s4hana``. Its scenes know no product.

What people do in a system goes through its own ``/_control``; what it then holds is asked of it, by the name of a client.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp

from hub.demo.graphql import Hub
from hub.demo.narrator import Narrator
from hub.demo.scenes_masters import at_rest
from hub.demo.stage import expect
from hub.demo.story import Demo
from hub.demo.systems import System, created_twice
from hub.demo.vendors import PRODUCTS, Part, cast
from hub.settings import Settings
from hub.supervise import Child
from hub.up import Addresses

NEWCOMERS = ("Aurora Biotech", "Vantage Rail", "Tidewater Foods")
RENAMED = "Aurora Life Sciences"
QUIET_S = 3.0
_SUBSCRIBE = """
mutation($system: String!) {
  createSubscription(name: $system, kind: "connector", system: $system, filter: {entities: ["client"]}) { id errors { message remedy } }
}
"""
_MODE = 'mutation($system: String!) { setMode(system: $system, mode: "write", entity: "client") { errors { message remedy } } }'
_HELD = """
{ taskCounts { cause count } clients { totalCount } contacts { totalCount } projects { totalCount } timeEntries { totalCount }
  invoices { totalCount } payments { totalCount } health { inboxOpen feedPosition } }
"""
_CLIENT = """
query($name: String!) {
  clients(filter: {name: {eq: $name}}) { nodes { id name version sources { system externalId state } provenance { name { system rule } } } }
}
"""
_TRIES = "query($id: ID!, $system: String!) { deliveries(system: $system, recordId: $id, first: 1) { nodes { state tries { state error } } } }"
_LETTERS = "{ deadLetters(first: 5) { totalCount nodes { subscription { name } reason task { field remedy } } } }"


@dataclass
class Scene:
    """What the scenes work with: the hub, every system by its role, the narrator, and what goes into the summary."""

    hub: Hub
    parts: Sequence[Part]
    systems: Mapping[str, System]
    tell: Narrator
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def crm(self) -> Part:
        return next(one for one in self.parts if one.role == "crm")

    @property
    def targets(self) -> list[Part]:
        return [one for one in self.parts if one.role != "crm"]

    async def named(self, part: Part, name: str) -> list[str]:
        """The ids of the clients of this name that a system holds."""
        product = PRODUCTS[part.product]
        rows = await self.systems[part.system].records(product.object)
        return [id for id, row in rows.items() if row.get(product.name) == name]

    async def enter(self, part: Part, name: str) -> None:
        product = PRODUCTS[part.product]
        await self.systems[part.system].enter(product.object, {**product.plain, product.name: name})

    async def rename(self, part: Part, name: str, new: str) -> None:
        (id,) = await self.named(part, name)
        await self.systems[part.system].edit(PRODUCTS[part.product].object, id, {PRODUCTS[part.product].name: new})

    async def client(self, name: str) -> Mapping[str, Any] | None:
        found = (await self.hub.ask(_CLIENT, name=name))["clients"]["nodes"]
        return found[0] if found else None

    @property
    def followers(self) -> list[Part]:
        """The targets that are told another name of a client they hold."""
        return [part for part in self.targets if PRODUCTS[part.product].follows]

    async def is_everywhere(self, name: str, parts: Sequence[Part] = ()) -> bool:
        """Whether every target holds the client once."""
        letters = (await self.hub.ask(_LETTERS))["deadLetters"]
        expect(not letters["totalCount"], f"a delivery is parked: {json.dumps(letters['nodes'][:1])}")
        held = {part.system: len(await self.named(part, name)) for part in parts or self.targets}
        double = [system for system, count in held.items() if count > 1]
        expect(not double, f"{name} is twice in {', '.join(double)}")
        return all(held.values())


class VendorDemo(Demo):
    """One run with the products of :data:`hub.demo.vendors.PRODUCTS`."""

    def __init__(self, wanted: Mapping[str, str], settings: Settings, once: bool, tell: Narrator, began: float) -> None:
        self.parts = cast(wanted)
        super().__init__(settings, once, tell, began)

    def names(self) -> Sequence[str]:
        return [part.system for part in self.parts]

    def title(self) -> tuple[str, str]:
        told = ", ".join(f"{part.product} as its {part.role.upper()}" for part in self.parts)
        return f"Northbeam Consulting has {told}.", "The hub is told so in some lines of configuration each; nothing else differs from any other firm."

    def documents(self) -> Iterator[tuple[str, dict[str, Any], dict[str, str]]]:
        for part in self.parts:
            yield part.system, part.document(self.url(part.system)), {}

    def children(self, live: Settings) -> Sequence[Child]:
        return [part.child(self._ports[part.system]) for part in self.parts]

    async def scenes(self, addresses: Addresses, session: aiohttp.ClientSession) -> dict[str, Any]:
        hub = Hub(f"http://{addresses.base}/graphql", addresses.tenants[0]["keys"]["admin"], session)
        systems = {part.system: System(part.system, self.url(part.system), session) for part in self.parts}
        scene = Scene(hub, self.parts, systems, self.tell)
        for number, (title, play) in enumerate(SCENES, 1):
            self.tell.begin(number, title)
            await play(scene)
        return {**scene.facts, "systems": {part.system: part.product for part in self.parts}, "seconds": round(time.monotonic() - self._began, 1)}


async def all_is_read(scene: Scene) -> None:
    """What the systems hold becomes golden records; nothing is written to any."""
    states = {part.system: await scene.systems[part.system].state() for part in scene.parts}
    scene.tell.table(("system", "product", "kinds of record", "records"), [
        (part.system, part.product, sum(bool(rows) for rows in states[part.system]["objects"].values()),
         sum(len(rows) for rows in states[part.system]["objects"].values())) for part in scene.parts
    ])  # fmt: skip
    held = await scene.tell.until("everything is read and folded", _Quiet(scene), within_s=120)
    scene.tell.table(("golden", ""), [(name, held[name]["totalCount"]) for name in ("clients", "contacts", "projects", "timeEntries", "invoices", "payments")])
    asked = sum(one["count"] for one in held["taskCounts"])
    scene.tell.say(f"{asked} tasks wait for people: records that may be one thing under two names, codes nobody has mapped, owners that have not spoken.")
    scene.facts["clients"] = held["clients"]["totalCount"]


@dataclass
class _Quiet:
    """Whether the hub has read to the end: nothing waits, and no record has changed for a while."""

    scene: Scene
    stamp: str = ""
    since: float = 0.0

    async def __call__(self) -> Mapping[str, Any] | None:
        held = await self.scene.hub.ask(_HELD)
        stamp = f"{held['health']['inboxOpen']} {held['health']['feedPosition']}"
        if stamp != self.stamp or held["health"]["inboxOpen"] != "0" or not held["clients"]["totalCount"]:
            self.stamp, self.since = stamp, time.monotonic()
        return held if time.monotonic() - self.since > QUIET_S else None


async def let_write(scene: Scene) -> None:
    for part in scene.parts:
        await scene.hub.do(_SUBSCRIBE, system=part.system)
        await scene.hub.do(_MODE, system=part.system)
    scene.tell.say("From now on every system is told of changed clients: [bold]setMode(write)[/].")


async def newcomers(scene: Scene) -> None:
    lossy = scene.targets[-1]
    await scene.systems[lossy.system].fail("lose_answer", object=PRODUCTS[lossy.product].object, operation="create")
    scene.tell.say(f"In the CRM three clients are entered: {', '.join(NEWCOMERS)}. The first answer of {lossy.product} will be lost on its way back.")
    began = time.monotonic()
    for name in NEWCOMERS:
        await scene.enter(scene.crm, name)
    for name in NEWCOMERS:
        await scene.tell.until(f"{name} is in every other system, once", partial(scene.is_everywhere, name), within_s=120)
    scene.facts["newcomers_s"] = round(time.monotonic() - began, 2)


async def rename(scene: Scene) -> None:
    scene.tell.say(f"In the CRM somebody renames [bold]{NEWCOMERS[0]}[/] to [bold]{RENAMED}[/].")
    began = time.monotonic()
    await scene.rename(scene.crm, NEWCOMERS[0], RENAMED)
    await scene.tell.until("the others say so", partial(scene.is_everywhere, RENAMED, scene.followers), within_s=60)
    scene.facts["rename_s"] = round(time.monotonic() - began, 2)
    for part in scene.targets:
        if part in scene.followers:
            expect(not await scene.named(part, NEWCOMERS[0]), f"{part.system} holds the old name, too")
        else:
            scene.tell.say(f"{part.product} keeps the name it has: it knows one, the legal one, and decides it itself.")


async def not_the_owner(scene: Scene) -> None:
    part = scene.targets[0]
    scene.tell.say(f"The name of a client belongs to the CRM. A user of {part.product} renames [bold]{NEWCOMERS[1]}[/] there all the same.")
    before = await scene.client(NEWCOMERS[1])
    expect(before is not None, f"there is no golden client {NEWCOMERS[1]}")
    await scene.rename(part, NEWCOMERS[1], f"{NEWCOMERS[1]} (old)")
    await scene.tell.until("the hub was told, and keeps it as what that system says", partial(_says, scene, part, f"{NEWCOMERS[1]} (old)"), within_s=60)
    after = await scene.client(NEWCOMERS[1])
    assert before is not None
    expect(after is not None and after["id"] == before["id"], "the golden name changed")
    scene.tell.done(f"the golden record is still called {NEWCOMERS[1]}: {before['provenance']['name']['system'].upper()} decides it")


_SAYS = "query($name: String!) { clients(filter: {name: {eq: $name}}) { nodes { sources { system values } } } }"


async def _says(scene: Scene, part: Part, name: str) -> bool:
    found = (await scene.hub.ask(_SAYS, name=NEWCOMERS[1]))["clients"]["nodes"]
    return any(one["system"] == part.system and one["values"].get("name") == name for client in found for one in client["sources"])


async def what_it_came_to(scene: Scene) -> None:
    await scene.tell.until("everything is at rest", partial(at_rest, scene.hub, may_observe=True), within_s=60)
    rows = []
    for part in scene.targets:
        state = await scene.systems[part.system].state()
        double = created_twice(state)
        expect(not double, f"{part.system} made several records for one key of ours: {', '.join(double)}")
        counts = {name: len(await scene.named(part, name)) for name in (RENAMED if part in scene.followers else NEWCOMERS[0], NEWCOMERS[2])}
        expect(set(counts.values()) == {1}, f"{part.system} holds {counts}")
        rows.append((part.system, part.product, ", ".join(counts), sum(state["creates"].values())))
    scene.tell.table(("system", "product", "holds, once each", "creates asked for"), rows)
    scene.facts["duplicates_at_targets"] = 0


SCENES = (
    ("What the systems hold becomes golden records", all_is_read),
    ("Each system is let write", let_write),
    ("Three new clients reach every system once, although an answer is lost", newcomers),
    ("A rename in the CRM", rename),
    ("A name changed by a system that does not own it", not_the_owner),
    ("What it came to", what_it_came_to),
)
