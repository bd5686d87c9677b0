"""The org behind the simulated Certinia: what its triggers compute, split, delete and make anew, and what they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connectors.certinia import timecards
from connectors.certinia.config import WEEK
from connectors.salesforce.simulator.org import Org
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row

CARD, SPLIT, DAY, ITEM, PROJECT = "pse__Timecard_Header__c", "pse__Timecard__c", "pse__Time_Date__c", "pse__Billing_Event_Item__c", "pse__Proj__c"
VETO = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
NUMBERS = {CARD: "TCH-{:06d}", "c2g__codaInvoice__c": "SIN{:06d}", "c2g__codaCreditNote__c": "SCR{:06d}", "c2g__codaCashEntry__c": "CSH{:06d}", "pse__Billing_Event__c": "BE-{:06d}"}
STATUS_FLAGS = {"Saved": (False, False), "Rejected": (False, False), "Submitted": (True, False), "Approved": (True, True)}


class PackagedOrg(Org):
    """``closed_before`` is the first day of time that is still open."""

    closed_before = "2026-01-01"

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        if object == CARD and "pse__Status__c" in fields and fields["pse__Status__c"] in STATUS_FLAGS:
            submitted, approved = STATUS_FLAGS[fields["pse__Status__c"]]
            fields = {**fields, "pse__Submitted__c": submitted, "pse__Approved__c": approved, "pse__Include_In_Financials__c": approved}
        row = super().put(object, id, fields, key=key, is_deleted=is_deleted)
        if object == CARD:
            self._split(row)
        return row

    def computed(self, object: str, fields: Mapping[str, Any], id: str) -> dict[str, Any]:
        found = super().computed(object, fields, id)
        if object in NUMBERS and not fields.get("Name"):
            found["Name"] = NUMBERS[object].format(int(id[5:15]))
        if object == PROJECT and not fields.get("pse__Project_ID__c"):
            found["pse__Project_ID__c"] = f"PRJ-{int(id[5:15]):06d}"
        if object == CARD:
            found["pse__Total_Hours__c"] = sum((fields.get(timecards.hours_field(day)) or Decimal(0) for day in WEEK), Decimal(0))
        return found

    def _split(self, card: Row) -> None:
        """The card's part in each month with its days: what was there goes, whatever it was, and comes again under new ids."""
        old = {row.id for row in self.store.table(SPLIT) if row.fields.get("pse__Timecard_Header__c") == card.id}
        for row in [row for row in self.store.table(DAY) if row.fields.get("pse__Timecard__c") in old]:
            self.put(DAY, row.id, {}, is_deleted=True)
        for id in old:
            self.put(SPLIT, id, {}, is_deleted=True)
        if card.is_deleted:
            return
        start = date.fromisoformat(card.fields["pse__Start_Date__c"])
        months: dict[str, list[tuple[date, Decimal]]] = {}
        for on in (start + timedelta(days=place) for place in range(7)):
            hours = card.fields.get(timecards.hours_field(WEEK[(on.weekday() + 1) % 7]))
            months.setdefault(on.isoformat()[:7], []).append((on, hours or Decimal(0)))
        for days in months.values():
            total = sum((hours for _, hours in days), Decimal(0))
            about = {"pse__Timecard_Header__c": card.id, "pse__Start_Date__c": days[0][0].isoformat(), "pse__End_Date__c": days[-1][0].isoformat()}
            split = self.put(SPLIT, None, {**about, "pse__Total_Hours__c": total, "CurrencyIsoCode": card.fields.get("CurrencyIsoCode")})
            for on, hours in days:
                self.put(DAY, None, {"pse__Timecard__c": split.id, "pse__Date__c": on.isoformat(), "pse__Hours__c": hours})

    def bill(self, project: str) -> list[Row]:
        """Recalculate the billing of a project: its event's items go and are made anew, one for each split, outlay and milestone."""
        events = [row for row in self.store.table("pse__Billing_Event__c") if row.fields.get("pse__Project__c") == project]
        event = events[0] if events else self.put("pse__Billing_Event__c", None, {"pse__Project__c": project, "pse__Date__c": "2026-05-31"})
        for row in [row for row in self.store.table(ITEM) if row.fields.get("pse__Billing_Event__c") == event.id]:
            self.put(ITEM, row.id, {}, is_deleted=True)
        cards = {row.id: row for row in self.store.table(CARD) if row.fields["pse__Project__c"] == project}
        made = []
        for split in list(self.store.table(SPLIT)):
            card = cards.get(str(split.fields["pse__Timecard_Header__c"]))
            hours = split.fields["pse__Total_Hours__c"]
            if card is not None and hours:
                rate = card.fields.get("pse__Bill_Rate__c") or Decimal("140.00")
                about = {"pse__Timecard_Split__c": split.id, "pse__Object_Id__c": split.id, "pse__Quantity__c": hours, "pse__Unit_Price__c": rate}
                made.append({**about, "pse__Amount__c": (hours * rate).quantize(Decimal("0.01")), "pse__Date__c": split.fields["pse__End_Date__c"]})
        for name, field, amount in (("pse__Expense__c", "pse__Expense__c", "pse__Amount__c"), ("pse__Milestone__c", "pse__Milestone__c", "pse__Milestone_Amount__c")):
            for row in self.store.table(name):
                if row.fields.get("pse__Project__c") == project:
                    made.append({field: row.id, "pse__Object_Id__c": row.id, "pse__Amount__c": row.fields[amount], "CurrencyIsoCode": row.fields["CurrencyIsoCode"]})
        return [self.put(ITEM, None, {"pse__Billing_Event__c": event.id, **one}) for one in made]

    def veto(self, object: str, known: Row | None, fields: Mapping[str, Any]) -> Refusal | None:
        whole = {**(known.fields if known else {}), **fields}
        if object == CARD:
            return self._veto_hours(known, whole, fields)
        project = self.store.get(PROJECT, str(whole.get("pse__Project__c"))) if object == "pse__Expense__c" else None
        if project is not None and project.fields["pse__Closed_for_Expense_Entry__c"]:
            return Refusal(VETO, "pse__Project__c", "The project is closed for expense entry.")
        if object == "pse__Assignment__c" and known is None:
            resource = self.store.get("Contact", str(whole.get("pse__Resource__c")))
            if resource is not None and not resource.fields.get("pse__Is_Resource__c"):
                text = "pse.AssignmentTrigger: execution of BeforeInsert caused by: the contact is not a resource"
                return Refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "pse__Resource__c", text)
        return super().veto(object, known, fields)

    def _veto_hours(self, known: Row | None, whole: Mapping[str, Any], fields: Mapping[str, Any]) -> Refusal | None:
        is_hours = any(name in timecards.WEEK_FIELDS for name in fields)
        project = self.store.get(PROJECT, str(whole.get("pse__Project__c")))
        if known is not None and known.fields["pse__Status__c"] == "Submitted" and is_hours:
            return Refusal("ENTITY_IS_LOCKED", "", "the entity is locked for editing")
        if known is not None and known.fields["pse__Approved__c"] and is_hours and not (whole.get("pse__Admin_Global_Edit__c") and whole.get("pse__Audit_Notes__c")):
            return Refusal("ENTITY_IS_LOCKED", "", "the entity is locked for editing")
        start, end = str(whole.get("pse__Start_Date__c")), str(whole.get("pse__End_Date__c"))
        if len(start) == len(end) == 10 and (date.fromisoformat(end) - date.fromisoformat(start)).days != 6:
            return Refusal(VETO, "pse__End_Date__c", "A timecard covers seven days.")
        if project is not None and project.fields["pse__Closed_for_Time_Entry__c"] and is_hours:
            return Refusal(VETO, "pse__Project__c", "The project is closed for time entry.")
        if project is not None and not project.fields["pse__Allow_Timecards_Without_Assignment__c"] and not whole.get("pse__Assignment__c"):
            return Refusal(VETO, "pse__Assignment__c", "An assignment is required.")
        if is_hours and start < self.closed_before:
            return Refusal(VETO, "pse__Start_Date__c", "The time period of this timecard is closed.")
        return None
