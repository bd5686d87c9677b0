"""What the simulated database holds, and what it refuses: records, references, stamps, locks, the rules of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.autotask.simulator.entities import ENTITIES, KEYS, Entity
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store

UDFS = "userDefinedFields"
WITH_UDFS = ("Companies", "Contacts", "Projects", "Tasks", "Contracts", "Opportunities")
API_USER = 29682885


@dataclass
class Database:
    """The records of one firm."""

    store: Store
    _last: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def put(
        self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False, unmoved: tuple[str, ...] = ()
    ) -> Row:
        """Store what somebody states of a record: stamps move (but the ``unmoved``), numbers are given."""
        entity = ENTITIES[object]
        known = self.store.rows.get(object, {}).get(id) if id else None
        name = id or str(self.store.next_number(object, entity.first_id))
        whole = dict(known.fields) if known else {**dict.fromkeys(entity.fields), **entity.defaults}
        if UDFS in fields:
            said = {one["name"]: one["value"] for one in fields[UDFS] or []}
            kept = {one["name"]: one["value"] for one in whole.get(UDFS) or []}
            fields = {**fields, UDFS: [{"name": each, "value": value} for each, value in {**kept, **said}.items()]}
        whole |= {each: value for each, value in fields.items() if each != "id"} | {"id": int(name)}
        if object in WITH_UDFS:
            whole.setdefault(UDFS, [])
        if known is None:
            whole |= self._given(entity, whole, int(name))
        self._last = max(self.store.clock(), self._last + timedelta(microseconds=1))
        whole |= {each: told(self._last) for each in entity.stamps if each not in unmoved and each not in fields}
        if known is None and entity.created and not whole.get(entity.created):
            whole[entity.created] = told(self._last)
        return self.store.put(object, name, whole, key=key, is_deleted=is_deleted)

    def _given(self, entity: Entity, fields: Mapping[str, Any], id: int) -> dict[str, Any]:
        """What the vendor numbers and reckons itself."""
        if entity.name == "Projects":
            return {"projectNumber": fields.get("projectNumber") or f"P2026{id:04d}.0001"}
        if entity.name in ("Phases", "Tasks"):
            own = "phaseNumber" if entity.name == "Phases" else "taskNumber"
            return {own: fields.get(own) or f"T2026{id:04d}.{id:04d}"}
        if entity.name == "TimeEntries":
            kind = 6 if fields.get("taskID") else 2 if fields.get("ticketID") else 10
            return {"timeEntryType": kind, "hoursToBill": fields.get("hoursToBill") or fields.get("hoursWorked"), "creatorUserID": API_USER}
        if entity.name == "ExpenseItems":
            return {"internalCurrencyExpenseAmount": fields.get("internalCurrencyExpenseAmount") or fields.get("expenseCurrencyExpenseAmount")}
        if entity.name == "ExpenseReports":
            return {"status": fields.get("status") or 1, "amountDue": fields.get("amountDue") or Decimal("0.0")}
        return {"isReady": True} if entity.name.endswith("Webhooks") else {}

    def keep(self, entity: Entity, id: str | None, fields: Mapping[str, Any], *, is_replace: bool = False) -> Row | Refusal:
        """Store what a request states, or say why not."""
        known = self.store.get(entity.name, id) if id else None
        fields = {name: value for name, value in fields.items() if name != "id"}
        if is_replace and known is not None:
            cleared = {name: None for name, spec in entity.fields.items() if not spec.is_read_only}
            fields = {**cleared, **fields}
        for name, value in fields.items():
            if refusal := self._refusal(entity, known, name, value):
                return refusal
        if known is None:
            given = {**entity.defaults, **fields}
            for spec in entity.fields.values():
                if spec.is_required and given.get(spec.name) is None:
                    return Refusal("", spec.name, f"Missing Required Field: {spec.name}.")
        if refusal := self._broken(entity, known, {**(known.fields if known else {}), **fields}):
            return refusal
        key = str(fields.get(KEYS.get(entity.name, "")) or f"{entity.name} without a key") if known is None else ""
        return self.put(entity.name, id, fields, key=key)

    def _refusal(self, entity: Entity, known: Row | None, name: str, value: Any) -> Refusal | None:
        if name == UDFS and entity.name in WITH_UDFS:
            return None
        spec = entity.fields.get(name)
        if spec is None:
            return Refusal("", name, f"Invalid field: {name} is not part of {entity.name}.")
        is_same = known is not None and known.fields.get(name) == value
        if (spec.is_read_only or (entity.changeable and name not in entity.changeable)) and not is_same:
            return Refusal("", name, f"Value of field: {name} is read only.")
        if refusal := spec.refusal(value):
            return refusal
        if value is not None and spec.refers_to and self.store.get(spec.refers_to, str(value)) is None:
            return Refusal("", name, f"Value of field: {name} does not exist or is invalid.")
        return None

    def _broken(self, entity: Entity, known: Row | None, fields: Mapping[str, Any]) -> Refusal | None:
        """Rules that are about more than one field."""
        if entity.name == "TimeEntries":
            hours = fields.get("hoursWorked") or 0
            if not 0 < hours <= 24:
                return Refusal("", "hoursWorked", "Value of field: hoursWorked must be greater than 0 and at most 24.")
            if sum(fields.get(name) is not None for name in ("taskID", "ticketID", "internalBillingCodeID")) != 1:
                return Refusal("", "taskID", "Value of field: taskID, ticketID or internalBillingCodeID: exactly one is required.")
            if fields.get("taskID") is not None and fields.get("roleID") is None:
                return Refusal("", "roleID", "Missing Required Field: roleID.")
            if known is not None and known.fields.get("billingApprovalDateTime"):
                return Refusal("", "", "The time entry has been approved and cannot be changed.")
        if entity.name == "ExpenseItems":
            report = self.store.get("ExpenseReports", str(fields.get("expenseReportID")))
            if report is not None and report.fields.get("status") not in (1, 5):
                return Refusal("", "", "The expense report has been submitted and cannot be changed.")
        return None


def told(moment: datetime) -> str:
    """An instant as Autotask tells it; with so many digits that no two states of a record share one."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
