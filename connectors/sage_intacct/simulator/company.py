"""What the simulated company holds, and what it refuses: ids, references, closed periods, posted documents, rights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from connectors.sage_intacct.simulator.objects import DAY, OBJECTS, STAMP, Kind, required, typed, wrong
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store
from schema.paths import flattened

CLOSED_BEFORE = "01/01/2026"
POSTED = ("Posted", "Partially Paid", "Paid")


@dataclass
class Company:
    """The records of one company. ``dimensions`` must stand on every line; objects in ``forbidden`` are not the user's to write."""

    store: Store
    dimensions: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    changed: Callable[[Row], None] = lambda row: None
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def recount(self) -> None:
        """Go on numbering behind what a journal brought back."""
        highest = max((int(row.fields["RECORDNO"]) for rows in self.store.rows.values() for row in rows.values()), default=0)
        self._numbers = count(highest + 1)

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        kind = OBJECTS[object]
        known = self.store.rows.get(object, {}).get(id) if id else None
        whole = dict(known.fields) if known else {"RECORDNO": str(next(self._numbers)), **{one.name: one.default or ("false" if one.type == "BOOLEAN" else "") for one in kind.specs}}
        whole |= {name: _text(value) for name, value in fields.items() if name != "RECORDNO"}
        now = self.store.clock().astimezone(UTC).replace(microsecond=0, tzinfo=None)
        if kind.has_stamp:  # stamps are whole seconds, and no two states of a record share one
            now = max(now, datetime.strptime(known.fields["WHENMODIFIED"], STAMP) + timedelta(seconds=1)) if known else now
            whole["WHENMODIFIED"] = now.strftime(STAMP)
        if kind.id != "RECORDNO" and not whole[kind.id]:
            whole[kind.id] = f"{kind.prefix}{whole['RECORDNO']}"
        if object == "TASK" and not whole["TASKID"]:
            whole["TASKID"] = whole["RECORDNO"]
        row = self.store.put(object, id or self.id_of(kind, whole), whole, key=key, is_deleted=is_deleted)
        if is_deleted and object != "AUDITHISTORY":
            audit = {"OBJECTTYPE": object.lower(), "OBJECTKEY": whole["RECORDNO"], "ACCESSMODE": "D", "ACCESSTIME": now.strftime(STAMP), "USERID": "mara"}
            self.put("AUDITHISTORY", None, audit)
        if kind.header:
            self._touch_header(kind, whole)
        self.changed(row)
        return row

    def _touch_header(self, kind: Kind, line: Mapping[str, Any]) -> None:
        header = self.numbered(kind.header, line.get(kind.by, ""))
        if header is not None:
            self.put(kind.header, header.id, {})

    def id_of(self, kind: Kind, fields: Mapping[str, Any]) -> str:
        return f"{fields['PROJECTID']}|{fields['TASKID']}" if kind.name == "TASK" else str(fields[kind.id])

    def numbered(self, object: str, number: Any) -> Row | None:
        """A record by its RECORDNO."""
        return next((row for row in self.store.table(object) if row.fields["RECORDNO"] == str(number)), None)

    def found(self, object: str, key: str) -> Row | None:
        """A record by its id or its RECORDNO."""
        return self.store.get(object, key) or self.numbered(object, key)

    def value(self, row: Row, name: str) -> str:
        """A field of a record, also of the contact behind an employee."""
        if row.object == "EMPLOYEE" and name.startswith("CONTACT."):
            contact = self.store.get("CONTACT", row.fields["PERSONALINFO.CONTACTNAME"])
            return str(contact.fields.get(name.removeprefix("CONTACT."), "")) if contact else ""
        return str(row.fields.get(name, ""))

    def has(self, object: str, name: str) -> bool:
        kind = OBJECTS[object]
        return name in kind.fields or (object == "EMPLOYEE" and name.startswith("CONTACT.") and name.removeprefix("CONTACT.") in OBJECTS["CONTACT"].fields)

    # --- what requests state -------------------------------------------------------------------------------------------

    def create(self, object: str, body: Mapping[str, Any], key: str) -> Row | Refusal:
        lines: list[dict[str, Any]] = []
        if object == "TIMESHEET":
            told = (body.get("TIMESHEETENTRIES") or {}).get("TIMESHEETENTRY") or []
            lines = told if isinstance(told, list) else [told]
            body = {name: value for name, value in body.items() if name != "TIMESHEETENTRIES"}
        elif object == "ARPYMT":
            told = (body.get("ARPYMTDETAILS") or {}).get("ARPYMTDETAIL") or []
            lines = told if isinstance(told, list) else [told]
            body = {name: value for name, value in body.items() if name != "ARPYMTDETAILS"}
        fields = {name: _text(value) for name, value in flattened(dict(body)).items()}
        line_kind = {"TIMESHEET": "TIMESHEETENTRY", "ARPYMT": "ARPYMTDETAIL"}.get(object, "")
        return self.made(object, fields, line_kind, [{name: _text(value) for name, value in flattened(one).items()} for one in lines], key)

    def made(self, object: str, fields: dict[str, str], line_kind: str, lines: list[dict[str, str]], key: str) -> Row | Refusal:
        """Make a record with its lines, or none of it."""
        refusal = self._refusal(object, fields, None)
        for line in lines:
            refusal = refusal or self._refusal(line_kind, line, None)
            missing = sorted(self.dimensions - {name for name, value in line.items() if value})
            if missing and refusal is None:
                refusal = Refusal("BL03000018", missing[0], f"Missing dimension|The dimension {missing[0]} is required on every line|Enter a {missing[0]}")
        if refusal:
            return refusal
        row = self.put(object, None, fields, key=key)
        for place, line in enumerate(lines, 1):
            own = {"LINE_NO": str(place)} if "LINE_NO" in OBJECTS[line_kind].fields else {}
            self.put(line_kind, None, {**line, **own, OBJECTS[line_kind].by: row.fields["RECORDNO"]})
        return self.store.rows[object][row.id]

    def update(self, object: str, body: Mapping[str, Any]) -> Row | Refusal:
        kind = OBJECTS[object]
        fields = {name: _text(value) for name, value in flattened(dict(body)).items()}
        key = fields.get("RECORDNO") or fields.get(kind.id, "")
        row = self.found(object, key)
        if row is None:
            return Refusal("BL01001973", "", f"Cannot update|The {object} '{key}' was not found|Check the key")
        fields = {name: value for name, value in fields.items() if name != "RECORDNO" and not (name == kind.id and value == row.fields.get(kind.id))}
        refusal = self._refusal(object, fields, row)
        return refusal or self.put(object, row.id, fields)

    def delete(self, object: str, key: str) -> Row | Refusal:
        row = self.found(object, key)
        if row is None:
            return Refusal("BL01001973", "", f"Cannot delete|The {object} '{key}' was not found|Check the key")
        return self.put(object, row.id, {}, is_deleted=True)

    def _refusal(self, object: str, fields: Mapping[str, str], known: Row | None) -> Refusal | None:
        kind = OBJECTS[object]
        if object in self.forbidden:
            verb = "UPDATE" if known else "CREATE"
            return Refusal("BL01001973", "", f"Permission|You do not have permission for API operation {verb} on objects of type {object}|Ask your administrator")
        if known is not None and object.startswith("AR") and known.fields.get("STATE") in POSTED:
            return Refusal("BL01001973", "", f"Cannot update|The {object} {known.id} is posted and cannot be edited|Reverse it")
        for name, value in fields.items():
            spec = kind.fields.get(name)
            if spec is None:
                return wrong(f"The field {name} is not defined for {object}", name)
            if refusal := spec.refusal(object, value):
                return refusal
            if value and spec.refers_to and self.store.get(spec.refers_to, value) is None and not self._is_entity(spec.refers_to, value):
                return Refusal("BL01001973", name, f"Invalid reference|'{value}' is not a valid {spec.refers_to} in {name}|Enter one that exists")
        if known is None:
            missing = next((one.name for one in kind.specs if one.is_required and not one.is_computed and not fields.get(one.name) and not one.default), "")
            if missing and not (missing == kind.id and kind.prefix):
                return required(missing)
            if not fields.get("DISPLAYCONTACT.PRINTAS") and any(value for name, value in fields.items() if name.startswith("DISPLAYCONTACT.")):
                return required("DISPLAYCONTACT.PRINTAS")
            taken = fields.get(kind.id, "")
            if kind.id != "RECORDNO" and taken and self.store.get(object, taken) is not None:
                return Refusal("BL34000061", kind.id, f"Duplicate {object}|The {kind.id} '{taken}' already exists|Enter a unique {kind.id}")
            if object == "TASK" and fields.get("TASKID") and self.store.get(object, self.id_of(kind, fields)) is not None:
                return Refusal("PL05000104", "TASKID", f"Duplicate TASK|The task '{fields['TASKID']}' already exists in this project|Enter a unique id")
        return self._closed(object, fields)

    def _closed(self, object: str, fields: Mapping[str, str]) -> Refusal | None:
        name = {"ARINVOICE": "WHENCREATED", "ARADJUSTMENT": "WHENCREATED", "TIMESHEETENTRY": "ENTRYDATE", "ARPYMT": "RECEIPTDATE"}.get(object, "")
        day = typed("DATE", fields.get(name, "")) if fields.get(name) else None
        if day is None or day >= datetime.strptime(CLOSED_BEFORE, DAY):
            return None
        text = f"Your transaction date ({fields[name]}) is within a period that's been closed"
        return Refusal("BL01001973", name, f"Period closed|{text}|Enter a date in an open period")

    def _is_entity(self, object: str, value: str) -> bool:
        return object == "LOCATION" and self.store.get("LOCATIONENTITY", value) is not None

    def balance(self, document: Row, lines: list[dict[str, str]]) -> None:
        """Totals of a document, of its lines."""
        total = sum((Decimal(one.get("TRX_AMOUNT") or "0") for one in lines), Decimal(0))
        same = {name: f"{total:f}" for name in ("TOTALENTERED", "TOTALDUE", "TRX_TOTALENTERED", "TRX_TOTALDUE")}
        self.put(document.object, document.id, {**same, "TOTALPAID": "0", "TRX_TOTALPAID": "0"})


def _text(value: Any) -> str:
    return "" if value is None else "true" if value is True else "false" if value is False else str(value)
