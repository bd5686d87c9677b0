"""What each side says of every client, project, task, hour and invoice, in the same words, and where they differ.

The databases are asked by their own methods, the hub by GraphQL; which record there is which here is the hub's crosswalk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hub.demo.graphql import Hub
from hub.demo.tryton.person import Person

Facts = dict[str, Any]
HELD_BY: Mapping[str, tuple[str, ...]] = {
    "clients": ("crm", "psa", "erp"), "projects": ("psa", "erp"), "tasks": ("psa", "erp"), "timeEntries": ("psa", "erp"), "invoices": ("erp",),
}  # fmt: skip
"""GraphQL's list → the databases that hold such records."""

WORDS = {"clients": "parties", "projects": "projects", "tasks": "tasks", "timeEntries": "timesheet lines", "invoices": "invoices"}
OBJECTS = {"clients": "party", "projects": "project", "tasks": "task", "timeEntries": "timesheet", "invoices": "invoice"}
_SOURCES = "sources { system object externalId state }"
_GOLDEN = {
    "clients": "name street postcode city country phone website state",
    "projects": "name state client { id }",
    "tasks": "name state project { id }",
    "timeEntries": "workDate quantity { value unit } note project { id } task { id }",
    "invoices": "number issueDate net { amount } gross { amount } openAmount { amount } paidOn state client { id }",
}


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    what: str
    counts: Mapping[str, int]
    """Side → how many records it has."""
    differences: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    doubles: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        return not (self.differences or self.missing or self.doubles)


@dataclass
class Sides:
    """What the databases hold, by database, object and id."""

    held: dict[tuple[str, str], dict[str, Facts]] = field(default_factory=dict)

    @classmethod
    async def read(cls, people: Mapping[str, Person]) -> Sides:
        found = cls()
        for name, person in people.items():
            found.held[name, "party"] = await _parties(person)
            if name != "crm":
                works = await person.rows("project.work", ["name", "type", "status.name", "party", "parent"])
                found.held[name, "project"] = {str(one["id"]): _project(one) for one in works if one["type"] == "project"}
                found.held[name, "task"] = {str(one["id"]): _task(one) for one in works if one["type"] == "task"}
                found.held[name, "timesheet"] = await _hours(person, {int(one["id"]): one for one in works})
        found.held["erp", "invoice"] = {str(one["id"]): _invoice(one) for one in await people["erp"].rows("account.invoice", _OF_INVOICE, [["type", "=", "out"]])}
        return found


async def compared(hub: Hub, people: Mapping[str, Person]) -> list[Line]:
    """The table, one line for each kind of record."""
    golden = {name: await _all(hub, name) for name in HELD_BY}
    sides = await Sides.read(people)
    ids = {(one["system"], one["object"], one["externalId"]): row["id"] for rows in golden.values() for row in rows for one in row["sources"]}
    return [_line(name, golden[name], sides, ids) for name in HELD_BY]


def _line(name: str, rows: Sequence[Facts], sides: Sides, ids: Mapping[tuple[str, str, str], str]) -> Line:
    object_, differences, missing, doubles = OBJECTS[name], list[str](), list[str](), list[str]()
    counts = {side: len(_living(sides.held[side, object_])) for side in HELD_BY[name]}
    living = [row for row in rows if row["recordState"].lower() == "active"]
    for row in living:
        ours = {key: _plain(value) for key, value in row.items() if key not in ("id", "recordState", "sources")}
        there = [one for one in row["sources"] if one["state"] == "present" and one["object"] == object_]
        for side in HELD_BY[name]:
            own = [one["externalId"] for one in there if one["system"] == side and one["externalId"] in _living(sides.held[side, object_])]
            if not own:
                missing.append(f"{side.upper()} has no {_called(row)}")
            elif len(own) > 1:
                doubles.append(f"{side.upper()} has {_called(row)} {len(own)} times")
            else:
                theirs = {key: _linked(side, value, ids) for key, value in sides.held[side, object_][own[0]].items()}
                differences += [f"{side.upper()} {_called(row)}: {key} is {theirs[key]!r}, not {ours[key]!r}" for key in theirs if key in ours and theirs[key] != ours[key]]
    linked = {(one["system"], one["externalId"]) for row in living for one in row["sources"] if one["state"] == "present" and one["object"] == object_}
    for side in HELD_BY[name]:
        for id, said in _living(sides.held[side, object_]).items():
            if (side, id) not in linked:
                missing.append(f"the hub has no {side.upper()} {object_} {id} {said.get('name') or said.get('note') or ''}".rstrip())
    held_twice = Counter((_called(row), str(_plain(row.get("client"))), str(row.get("workDate")), str(row.get("quantity")), str(_plain(row.get("project")))) for row in living)
    doubles += [f"the hub has {key[0]} {times} times" for key, times in held_twice.items() if times > 1]
    return Line(WORDS[name], {**counts, "hub": len(living)}, tuple(differences), tuple(missing), tuple(doubles))


def _living(held: Mapping[str, Facts]) -> dict[str, Facts]:
    """What counts as there: a party that was replaced by another does not."""
    return {id: one for id, one in held.items() if not one.get("replaced")}


def _called(row: Facts) -> str:
    return str(row.get("name") or row.get("note") or row.get("number") or row["id"])


def _plain(value: Any) -> Any:
    """A golden value in the words the sides are compared in: a reference is its id, hours are minutes, money its amount."""
    if not isinstance(value, dict):
        return value
    if "id" in value:
        return value["id"]
    if "unit" in value:
        return int(Decimal(str(value["value"])) * 60)
    return Decimal(str(value["amount"]))


def _linked(side: str, value: Any, ids: Mapping[tuple[str, str, str], str]) -> Any:
    """A reference of a side as the hub's id of what it is to."""
    return ids.get((side, value[0], str(value[1]))) if isinstance(value, tuple) else value


async def _all(hub: Hub, name: str) -> list[Facts]:
    found, after = list[Facts](), None
    while True:
        document = f"query($after: String) {{ {name}(first: 100, after: $after) {{ nodes {{ id recordState {_GOLDEN[name]} {_SOURCES} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        page = (await hub.ask(document, after=after))[name]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def _parties(person: Person) -> dict[str, Facts]:
    """Parties that are neither the company nor one of its people."""
    own = {int(one["party"]) for model in ("company.employee", "company.company") for one in await person.rows(model, ["party"])}
    fields = [
        "name", "active", "replaced_by", "addresses.street", "addresses.postal_code", "addresses.city", "addresses.country.code", "addresses.active",
        "contact_mechanisms.type", "contact_mechanisms.value",
    ]  # fmt: skip
    found: dict[str, Facts] = {}
    for one in await person.rows("party.party", fields):
        if int(one["id"]) in own:
            continue
        address: Facts = next((each for each in one["addresses"] if each["active"]), {})
        reached: Facts = {}
        for each in one["contact_mechanisms"]:
            reached.setdefault(each["type"], each["value"])
        found[str(one["id"])] = {
            "name": one["name"], "street": address.get("street"), "postcode": address.get("postal_code"), "city": address.get("city"),
            "country": (address.get("country") or {}).get("code"), "phone": reached.get("phone"), "website": reached.get("website"),
            "state": "active" if one["active"] else "closed", "replaced": one["replaced_by"] is not None,
        }  # fmt: skip
    return found


STATES = {"Open": "active", "Done": "completed"}


def _project(one: Facts) -> Facts:
    return {"name": one["name"], "state": STATES[one["status"]["name"]], "client": ("party", one["party"]) if one["party"] else None}


def _task(one: Facts) -> Facts:
    return {"name": one["name"], "state": STATES[one["status"]["name"]], "project": ("project", one["parent"])}


async def _hours(person: Person, works: Mapping[int, Facts]) -> dict[str, Facts]:
    found: dict[str, Facts] = {}
    for one in await person.rows("timesheet.line", ["date", "duration", "description", "work.origin"]):
        work = works[int(one["work"]["origin"]["id"])]
        is_task = work["type"] == "task"
        note = str(one["description"] or "").partition(" [hub ")[0] or None
        found[str(one["id"])] = {
            "workDate": one["date"], "quantity": one["duration"], "note": note, "task": ("task", work["id"]) if is_task else None,
            "project": ("project", work["parent"] if is_task else work["id"]),
        }  # fmt: skip
    return found


_OF_INVOICE = ("number", "invoice_date", "untaxed_amount", "total_amount", "amount_to_pay", "state", "party", "payment_lines.date")
_DOCUMENT = {"draft": "draft", "validated": "approved", "posted": "posted", "paid": "paid", "cancelled": "void"}


def _invoice(one: Facts) -> Facts:
    paid_on = max((each["date"] for each in one["payment_lines"]), default=None) if one["state"] == "paid" else None
    return {
        "number": one["number"], "issueDate": one["invoice_date"], "net": one["untaxed_amount"], "gross": one["total_amount"], "openAmount": one["amount_to_pay"],
        "paidOn": paid_on, "state": _DOCUMENT[one["state"]], "client": ("party", one["party"]),
    }  # fmt: skip
