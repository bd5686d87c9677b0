"""What the simulated systems refuse, as strict vendors do: required values, lengths, codes, references, closed periods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.simulator.store import Row, Store

CRM_COUNTRIES = frozenset({
    "Germany", "Switzerland", "United Kingdom", "France", "Netherlands", "Italy", "United States", "Spain", "Sweden", "Austria",
    "Belgium", "Ireland", "Denmark",
})  # fmt: skip
ERP_COUNTRIES = frozenset({"DEU", "CHE", "GBR", "FRA", "NLD", "ITA", "USA", "ESP", "SWE", "AUT", "BEL", "IRL", "DNK"})
ERP_TERMS = frozenset({"N10", "N14", "N30", "N45", "N60", "EOM30"})
CLOSED_BEFORE = "2026-01-01"
"""The ERP's time periods before this day are closed."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a system says no; ``field`` is its own path."""

    code: str
    field: str
    text: str
    status: int = 400


def crm_account(store: Store, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
    if not new.get("Name"):
        return Refusal("REQUIRED_FIELD_MISSING", "Name", "Required fields are missing: [Name]")
    if len(new["Name"]) > 255:
        return Refusal("STRING_TOO_LONG", "Name", "Account Name: data value too large (max length=255)")
    if new.get("BillingCountry") and new["BillingCountry"] not in CRM_COUNTRIES:
        return Refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "BillingCountry", "bad value for restricted picklist field")
    return None


def crm_contact(store: Store, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
    if not new.get("LastName"):
        return Refusal("REQUIRED_FIELD_MISSING", "LastName", "Required fields are missing: [LastName]")
    return _exists(store, "account", new.get("AccountId"), Refusal("INVALID_CROSS_REFERENCE_KEY", "AccountId", "invalid cross reference id"))


def crm_opportunity(store: Store, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
    for name in ("Name", "StageName", "CloseDate"):
        if not new.get(name):
            return Refusal("REQUIRED_FIELD_MISSING", name, f"Required fields are missing: [{name}]")
    return None


def psa_client(store: Store, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
    if not new.get("name"):
        return Refusal("VALIDATION", "name", "Name can't be blank")
    if new.get("country") and not re.fullmatch("[A-Z]{2}", new["country"]):
        return Refusal("VALIDATION", "country", "Country is not an ISO code")
    return None


def psa_project(store: Store, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
    if not new.get("title"):
        return Refusal("VALIDATION", "title", "Title can't be blank")
    return _exists(store, "client", new.get("client_id"), Refusal("VALIDATION", "client_id", "Client must exist"))


def psa_time_entry(store: Store, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
    if not isinstance(new.get("time_in_minutes"), int):
        return Refusal("VALIDATION", "time_in_minutes", "Time in minutes is not a whole number")
    locked = old is not None and old.fields.get("status") == "approved" and new.get("status") == "approved"
    if locked and old is not None and any(new.get(name) != old.fields.get(name) for name in ("time_in_minutes", "project_id", "date_performed")):
        return Refusal("LOCKED", "time_in_minutes", "An approved entry cannot be edited; recall it first", 423)
    missing = _exists(store, "project", new.get("project_id"), Refusal("VALIDATION", "project_id", "Project must exist"))
    return missing or _exists(store, "person", new.get("person_id"), Refusal("VALIDATION", "person_id", "Person must exist"))


def erp_customer(store: Store, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
    name, address = new.get("name") or "", new.get("address") or {}
    if not name:
        return Refusal("FIELD_REQUIRED", "name", "A customer needs a name")
    if len(name) > 40:
        return Refusal("NAME_TOO_LONG", "name", "The name may have at most 40 characters")
    if not address.get("country"):
        return Refusal("FIELD_REQUIRED", "address.country", "A customer needs a country")
    if address["country"] not in ERP_COUNTRIES:
        return Refusal("UNKNOWN_COUNTRY", "address.country", "The country is not set up")
    if (new.get("terms") or "N30") not in ERP_TERMS:
        return Refusal("UNKNOWN_TERMS", "terms", "The payment terms are not set up")
    return None


def erp_project(store: Store, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
    if not new.get("title"):
        return Refusal("FIELD_REQUIRED", "title", "A project needs a title")
    return _exists(store, "customer", new.get("customer"), Refusal("UNKNOWN_CUSTOMER", "customer", "There is no such customer"))


def erp_time_posting(store: Store, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
    if not re.fullmatch(r"-?\d{1,4}:[0-5]\d", str(new.get("hours"))) or new["hours"].lstrip("-") == "0:00":
        return Refusal("INVALID_HOURS", "hours", 'Hours are written as "7:30" and are not zero')
    if new["hours"].startswith("-") and not new.get("reverses"):
        return Refusal("REVERSAL_NEEDS_ORIGINAL", "reverses", "Negative hours reverse a posting")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(new.get("date"))):
        return Refusal("FIELD_REQUIRED", "date", "A posting needs a date")
    if new["date"] < CLOSED_BEFORE:
        return Refusal("PERIOD_CLOSED", "date", f"The period of {new['date']} is closed")
    missing = _exists(store, "project", new.get("project"), Refusal("UNKNOWN_PROJECT", "project", "There is no such project"))
    missing = missing or _exists(store, "employee", new.get("employee"), Refusal("UNKNOWN_EMPLOYEE", "employee", "There is no such employee"))
    if missing is None and new.get("reverses"):
        return _exists(store, "time_posting", new["reverses"], Refusal("UNKNOWN_POSTING", "reverses", "There is no such posting"))
    return missing


def _exists(store: Store, object: str, id: Any, refusal: Refusal) -> Refusal | None:
    return refusal if not isinstance(id, str) or store.get(object, id) is None else None
