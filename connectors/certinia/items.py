"""What is made of several fields of a record: the lasting key and the kind of a billing event's item, and the state of a document.

Items are deleted and made anew by every recalculation, under new ids; their event and what they bill stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schema.paths import ABSENT, at_path

SOURCES = {
    "time": ("pse__Timecard_Split__r.pse__Timecard_Header__c", "pse__Timecard_Split__c"), "expense": ("pse__Expense__c",), "milestone": ("pse__Milestone__c",),
    "schedule": ("pse__Budget__c",), "adjustment": ("pse__Miscellaneous_Adjustment__c",),
}  # fmt: skip
"""Kind of item → where the record that it bills is named; just one of them is. A split is named by its timecard, which stays."""


def _source(record: Mapping[str, Any]) -> tuple[str, str]:
    """Kind and id of what an item bills; ("", "") when it names nothing."""
    for kind, paths in SOURCES.items():
        if at_path(record, paths[-1]) in (None, ABSENT):
            continue
        found = next((each for each in (at_path(record, path) for path in paths) if each is not ABSENT and each is not None), "")
        return kind, str(found)
    return "", ""


def key_of(record: Mapping[str, Any]) -> str:
    """The lasting id of an item: its event, what it bills and, of a timecard with a part in each period, the day.

    >>> key_of({"Id": "a9", "pse__Billing_Event__c": "a1", "pse__Milestone__c": "a0C"})
    'a1|a0C'
    >>> split = {"pse__Timecard_Split__c": "a2", "pse__Timecard_Split__r": {"pse__Timecard_Header__c": "a0R"}, "pse__Date__c": "2026-05-31"}
    >>> key_of({"Id": "a9", "pse__Billing_Event__c": "a1", **split})
    'a1|a0R|2026-05-31'
    """
    kind, source = _source(record)
    parts = [str(record.get("pse__Billing_Event__c") or ""), source, str(record.get("pse__Date__c") or "") if kind == "time" else ""]
    return "|".join(filter(None, parts)) if source else str(record.get("Id", ""))


def derived(record: Mapping[str, Any]) -> dict[str, Any]:
    """Lasting key and kind of an item; its hours and their price, where it bills hours."""
    kind, _ = _source(record)
    hours = {"Hours": record.get("pse__Quantity__c"), "Hourly": record.get("pse__Unit_Price__c")} if kind == "time" else {}
    return {"Key": key_of(record), "Kind": kind or None, **hours}


def state_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The one state of a document that has two: how far it is paid, once it is complete.

    >>> state_of({"c2g__InvoiceStatus__c": "Complete", "c2g__PaymentStatus__c": "Paid"}), state_of({"c2g__CreditNoteStatus__c": "In Progress"})
    ({'State': 'Paid'}, {'State': 'In Progress'})
    """
    status = record.get("c2g__InvoiceStatus__c") or record.get("c2g__CreditNoteStatus__c")
    return {"State": record.get("c2g__PaymentStatus__c") or status if status == "Complete" else status}
