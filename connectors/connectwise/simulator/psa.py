"""What the simulated PSA holds, shows and refuses: references, custom fields, stamps, unique fields, locks, what it computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.connectwise.simulator.objects import THINGS, Thing
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store

HUB_FIELD = "Hub id"
LOCKED = ("ReadyToBill", "Billed", "BilledAgreement", "WrittenOff")
STAYS = frozenset({"company"})
"""What users delete is flagged, and stays in lists; everything else is gone."""


@dataclass
class Psa:
    """The records of one firm. ``custom`` are its custom fields: object → definitions."""

    store: Store
    url: str = ""
    custom: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        plain = {"type": "Text", "entryMethod": "EntryField", "numberOfDecimals": 0}
        for place, thing in enumerate(one for one in THINGS.values() if one.has_custom_fields):
            self.custom[thing.name] = [{"id": place + 3, "caption": HUB_FIELD, **plain}, {"id": place + 40, "caption": "Segment", **plain}]

    # --- storing -------------------------------------------------------------------------------------------------------

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        """Store what somebody states, with a stamp as coarse as a second that no two states of a record share."""
        thing = THINGS[object]
        known = self.store.rows.get(object, {}).get(id) if id else None
        whole = dict(known.fields) if known else {**thing.defaults, "_custom": {}}
        whole |= {name: value for name, value in fields.items() if name not in ("id", "_info")}
        if is_deleted and object in STAYS:
            whole["deletedFlag"] = True
        stamp = self.store.clock().astimezone(UTC).replace(microsecond=0)
        if known is not None:
            stamp = max(stamp, datetime.fromisoformat(known.fields["_stamp"]) + timedelta(seconds=1))
        whole["_stamp"] = stamp.strftime("%Y-%m-%dT%H:%M:%SZ")
        name = id or self._new_id(thing)
        return self.store.put(object, name, whole | self._computed(object, whole), key=key, is_deleted=is_deleted)

    def _new_id(self, thing: Thing) -> str:
        number = self.store.next_number(thing.name, thing.first_id)
        while str(number) in self.store.rows.get(thing.name, {}):
            number += 1
        return str(number)

    def _computed(self, object: str, whole: Mapping[str, Any]) -> dict[str, Any]:
        """What ConnectWise fills in by itself."""
        if object in ("timeEntry", "expenseEntry"):
            found = self._charged(whole)
            if object == "expenseEntry":
                return found | {"billAmount": whole["amount"] if whole["billableOption"] == "Billable" else Decimal(0)}
            if whole.get("timeEnd") and whole.get("timeStart"):
                worked = datetime.fromisoformat(whole["timeEnd"]) - datetime.fromisoformat(whole["timeStart"])
                net = Decimal(int(worked.total_seconds())) / 3600 - (whole.get("hoursDeduct") or 0)
                found["actualHours"] = net.quantize(Decimal("0.01"))
            hours = found.get("actualHours", whole.get("actualHours"))
            return found | {"hoursBilled": hours if whole["billableOption"] == "Billable" else Decimal(0)}
        if object == "project":
            return {"closedFlag": bool(self._entry("projectStatus", whole.get("status"), "closedFlag"))}
        if object == "invoice":
            return {"balance": (whole.get("total") or Decimal(0)) - (whole.get("payments") or Decimal(0)) - (whole.get("credits") or Decimal(0))}
        return {}

    def _charged(self, whole: Mapping[str, Any]) -> dict[str, Any]:
        """Ticket, phase, project and company of what an entry is charged to."""
        ticket = self.store.get("ticket", str(whole.get("chargeToId"))) if whole.get("chargeToType") == "ProjectTicket" else None
        if ticket is None:
            return {}
        return {"ticket": {"id": int(ticket.id)}, **{name: ticket.fields[name] for name in ("phase", "project", "company")}}

    def _entry(self, object: str, reference: Any, name: str) -> Any:
        row = self.store.get(object, str(reference["id"])) if isinstance(reference, dict) else None
        return row.fields.get(name) if row else None

    # --- what requests state ---------------------------------------------------------------------------------------------

    def keep(self, thing: Thing, id: str | None, fields: Mapping[str, Any], parent: str = "") -> Row | Refusal:
        """Store what a request states, or say why not."""
        known = self.store.get(thing.name, id) if id else None
        if known is not None and (refusal := self._locked(known)):
            return refusal
        stated: dict[str, Any] = {}
        for name, value in fields.items():
            found = self._stated(thing, known, name, value)
            if isinstance(found, Refusal):
                return found
            stated |= found
        if parent:
            stated[thing.under] = {"id": int(parent)} if thing.under in thing.refers else int(parent)
        whole = {**(known.fields if known else thing.defaults), **stated}
        for name in thing.required:
            if whole.get(name) in (None, ""):
                return thing.missing(name)
        if refusal := self._taken(thing, id, whole):
            return refusal
        key = str(next(iter(stated.get("_custom", {}).values()), None) or f"{thing.name} without a key") if known is None else ""
        if thing.name == "payment" and known is None and (invoice := self.store.get("invoice", parent)):
            self.put("invoice", parent, {"payments": invoice.fields["payments"] + stated["amount"]})
        return self.put(thing.name, id, stated, key=key)

    def _stated(self, thing: Thing, known: Row | None, name: str, value: Any) -> dict[str, Any] | Refusal:
        """One field as it is stored."""
        if name == "customFields" and thing.has_custom_fields:
            return self._custom_of(thing, value)
        if name not in thing.defaults:
            return Refusal("InvalidField", name, f"The {name} field does not exist.")
        if name in thing.computed:
            return {}
        if refusal := thing.refusal(name, value):
            return refusal
        if name in thing.refers and value is not None:
            return self._reference(thing, name, value)
        if name == "communicationItems":
            return self._points(thing, value)
        return {name: value}

    def _reference(self, thing: Thing, name: str, value: Any) -> dict[str, Any] | Refusal:
        target = thing.refers[name]
        by = next((key for key in ("id", "identifier", "name") if isinstance(value, dict) and value.get(key) is not None), "")
        rows = self.store.table(target)
        found = next((row for row in rows if by and (row.id == str(value[by]) if by == "id" else row.fields.get(by) == value[by])), None)
        if found is None:
            return Refusal("InvalidField", name, f"The {name} field refers to nothing that exists.")
        return {name: {"id": int(found.id)}}

    def _custom_of(self, thing: Thing, value: Any) -> dict[str, Any] | Refusal:
        """The list replaces what was there: a field that is left out is emptied."""
        kept: dict[str, Any] = {}
        for one in value if isinstance(value, list) else [{}]:
            known = next((each for each in self.custom[thing.name] if each["id"] == one.get("id") or ("id" not in one and each["caption"] == one.get("caption"))), None)
            if known is None:
                return Refusal("InvalidField", "customFields", "The customFields field names a custom field that does not exist.")
            kept[str(known["id"])] = one.get("value")
        return {"_custom": kept}

    def _points(self, thing: Thing, value: Any) -> dict[str, Any] | Refusal:
        kept: list[dict[str, Any]] = []
        for place, one in enumerate(value):
            row = self.store.get("communicationType", str((one.get("type") or {}).get("id")))
            if row is None or not one.get("value"):
                return Refusal("InvalidField", "communicationItems", "The communicationItems field has an item without type or value.")
            kind = "Email" if row.fields["emailFlag"] else "Fax" if row.fields["faxFlag"] else "Phone"
            kept.append({"id": one.get("id") or 900 + place, "type": {"id": int(row.id), "name": row.fields["description"]}, "value": one["value"],
                         "defaultFlag": bool(one.get("defaultFlag")), "communicationType": kind})  # fmt: skip
        return {"communicationItems": kept}

    def _taken(self, thing: Thing, id: str | None, whole: Mapping[str, Any]) -> Refusal | None:
        """A unique value that another record has."""
        for name in thing.unique:
            if whole.get(name) and any(row.fields.get(name) == whole[name] and row.id != id for row in self.store.table(thing.name)):
                return Refusal("ObjectExists", name, f"A {thing.resource} with this {name} already exists")
        if thing.name == "callback":
            named = ("type", "objectId", "level", "url")
            if any(all(row.fields[name] == whole[name] for name in named) and row.id != id for row in self.store.table("callback")):
                return Refusal("ObjectExists", "objectId", "A matching callback entry already exists")
        return None

    def _locked(self, row: Row) -> Refusal | None:
        if row.object in ("timeEntry", "expenseEntry") and row.fields["status"] in LOCKED:
            return Refusal("InvalidField", "status", "This entry has been billed and cannot be changed.")
        if row.object in ("timeEntry", "expenseEntry") and row.fields["status"].startswith(("Approved", "Pending")):
            sheet = "time sheet" if row.object == "timeEntry" else "expense report"
            return Refusal("InvalidField", "status", f"The {sheet} of this entry has been submitted.")
        return None

    # --- showing ---------------------------------------------------------------------------------------------------------

    def shown(self, row: Row) -> dict[str, Any]:
        """A record as it is answered: references with their names and addresses, custom fields with their values."""
        thing = THINGS[row.object]
        found: dict[str, Any] = {"id": int(row.id)}
        for name, value in row.fields.items():
            if name.startswith("_") or value is None:
                continue
            found[name] = self._referred(thing.refers[name], value) if name in thing.refers else value
        if thing.has_custom_fields:
            found["customFields"] = [
                {**one} | ({"value": row.fields["_custom"][str(one["id"])]} if row.fields["_custom"].get(str(one["id"])) is not None else {})
                for one in self.custom[thing.name]
            ]  # fmt: skip
        found["_info"] = {"lastUpdated": row.fields["_stamp"], "updatedBy": "hubapi"}
        return found

    def _referred(self, object: str, value: Any) -> dict[str, Any]:
        row = self.store.rows.get(object, {}).get(str(value["id"]))
        found: dict[str, Any] = {"id": value["id"]}
        if row is None:
            return found
        for name in ("identifier", "name", "summary", "symbol"):
            if row.fields.get(name) is not None:
                found[name] = row.fields[name]
        if object == "currency":
            found["isoCode"] = row.fields["currencyIdentifier"]
        if object == "phase":
            found["name"] = row.fields["description"]
        if object in ("contact", "member"):
            found["name"] = " ".join(filter(None, (row.fields.get("firstName"), row.fields.get("lastName"))))
        if object == "invoice":
            found["identifier"] = row.fields.get("invoiceNumber")
        path = THINGS[object].path
        return found | {"_info": {f"{THINGS[object].resource}_href": f"{self.url}/v2025_1/apis/3.0/{path}/{value['id']}"}}
