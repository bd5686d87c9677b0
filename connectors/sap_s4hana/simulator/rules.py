"""What the simulated tenant computes by itself and what it refuses, in SAP's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from connectors.odata.simulator_kinds import Kind
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store

ZERO = "00000000-0000-0000-0000-000000000000"
COUNTRIES = frozenset((
    "DE", "CH", "GB", "FR", "NL", "IT", "US", "ES", "SE", "AT", "BE", "IE", "DK", "LU", "PT", "NO", "FI", "PL", "CZ", "CA", "MX", "BR", "IN", "SG", "JP",
    "AU", "NZ", "ZA",
))  # fmt: skip
GROUPINGS = frozenset(("BP01", "BP02", "BP03"))
OPEN_FROM = "2026-01-01"
"""Posting periods before this day are closed."""
NAMESPACE = UUID("3f2504e0-4f89-11d3-9a0c-0305e82c3301")
BUSINESS_ERROR = "/IWBEP/CX_MGW_BUSI_EXCEPTION"
STAMPED = frozenset({"A_EnterpriseProject", "A_EnterpriseProjectElement", "A_SalesOrder", "A_SalesContract", "A_BillingDocument", "A_BillingDocumentRequest",
                     "A_CreditMemoRequest", "A_GLAccountInChartOfAccounts"})  # fmt: skip
FIRST = {"A_BusinessPartner": 1000001, "A_SalesOrder": 70000001, "A_SalesContract": 40000001, "TimeSheetEntryCollection": 4711}


@dataclass
class Rules:
    """Numbers, stamps and checks over a store."""

    store: Store

    def new_id(self, kind: Kind, fields: Mapping[str, Any]) -> str:
        """The key of a new record, its parts joined with "|"."""
        name = kind.name
        if name == "A_BusinessPartner":
            return str(fields.get("BusinessPartner") or self.store.next_number(name, FIRST[name]))
        if name in ("A_SalesOrder", "A_SalesContract"):
            return str(fields.get(kind.key[0]) or self.store.next_number(name, FIRST[name]))
        if name in ("A_EnterpriseProject", "A_EnterpriseProjectElement"):
            return str(fields.get(kind.key[0]) or uuid5(NAMESPACE, f"{name}/{self.store.next_number(name, 1)}"))
        said = {one: fields.get(one) or "" for one in kind.key}
        if name == "TimeSheetEntryCollection":
            said["TimeSheetRecord"] = f"{self.store.next_number(name, FIRST[name]):012d}"
        if name == "A_BusinessPartnerAddress":
            said["AddressID"] = said["AddressID"] or str(self.store.next_number(name, 23001))
        if name.endswith("Item") and kind.key[-1].endswith("Item") and not said[kind.key[-1]]:
            held = sum(row.fields.get(kind.key[0]) == said[kind.key[0]] for row in self.store.table(name))
            said[kind.key[-1]] = str(10 * (held + 1))
        return "|".join(str(one) for one in said.values())

    def stamped(self, kind: Kind, id: str, fields: dict[str, Any], old: Row | None) -> dict[str, Any]:
        """What the system fills in: stamps as coarse as a second, and no two states of a record share one."""
        moment = self.store.clock().astimezone(UTC).replace(microsecond=0)
        found = dict(fields)
        if kind.name in STAMPED:
            if old is not None and old.fields.get("LastChangeDateTime"):
                moment = max(moment, datetime.fromisoformat(old.fields["LastChangeDateTime"]) + timedelta(seconds=1))
            found["LastChangeDateTime"] = _text(moment)
        if kind.name in ("ProjectSet", "WorkPackageSet"):
            found["ChangedOn"] = _text(moment)[:-1]
        if kind.name == "A_BusinessPartner":
            found |= self._partner(id, found, old, moment)
        if kind.name == "A_OperationalAcctgDocItemCube":
            found["LastChangeDate"] = moment.date().isoformat()
        if kind.name in ("A_EnterpriseProject", "A_EnterpriseProjectElement"):
            found["ProcessingStatus"] = found.get("ProcessingStatus") or "00"
        if kind.name in ("A_SalesOrder", "A_SalesContract"):
            found["OverallSDProcessStatus"] = found.get("OverallSDProcessStatus") or "A"
        return found

    def _partner(self, id: str, fields: Mapping[str, Any], old: Row | None, moment: datetime) -> dict[str, Any]:
        was = old.fields if old is not None else {}
        before = (was["LastChangeDate"], was["LastChangeTime"]) if was.get("LastChangeDate") else (was.get("CreationDate"), was.get("CreationTime"))
        if before[0]:
            moment = max(moment, datetime.fromisoformat(f"{before[0]}T{_clock(before[1])}+00:00") + timedelta(seconds=1))
        day, time = moment.date().isoformat(), moment.strftime("PT%HH%MM%SS")
        name = " ".join(filter(None, (fields.get(f"OrganizationBPName{n}") for n in range(1, 5)))) or f"{fields.get('FirstName') or ''} {fields.get('LastName') or ''}".strip()
        found = {"BusinessPartnerFullName": name[:81], "BusinessPartnerName": name[:81], "ETag": moment.strftime("%Y%m%d%H%M%S.0000000 ")}
        if old is None:
            is_customer = fields.get("BusinessPartnerCategory") != "1" and fields.get("BusinessPartnerGrouping") in ("BP02", "", None)
            found |= {"Customer": fields.get("Customer") or (id if is_customer else "")}
            return found | {"CreationDate": day, "CreationTime": time, "LastChangeDate": None, "LastChangeTime": "PT00H00M00S",
                            "BusinessPartnerUUID": str(uuid5(NAMESPACE, id))}  # fmt: skip
        return found | {"LastChangeDate": day, "LastChangeTime": time}

    def check(self, kind: Kind, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
        match kind.name:
            case "A_BusinessPartner":
                return self._check_partner(new)
            case "A_BusinessPartnerAddress" if new.get("Country") not in COUNTRIES:
                return Refusal("AM/013", "Country", f"Country {new.get('Country')} is not defined")
            case "A_EnterpriseProjectElement" if old is not None and old.fields.get("ParentObjectUUID") == ZERO:
                return Refusal("/S4PPM/CRUD/377", "", "Use the Project entity to update the project definition.")
            case "A_EnterpriseProject" | "A_EnterpriseProjectElement":
                return self._check_project(kind, new, old)
            case "A_SalesOrder" | "A_SalesContract" if not self._is_customer(new.get("SoldToParty")):
                return Refusal("V1/199", "SoldToParty", f"Sold-to party {new.get('SoldToParty')} does not exist in sales area 1010 10 00")
            case "A_CustomerCompany" if old is None and not self._is_customer(new.get("Customer")):
                return Refusal("F2/001", "Customer", f"Customer {new.get('Customer')} does not exist")
        return None

    def _check_partner(self, new: Mapping[str, Any]) -> Refusal | None:
        if new.get("BusinessPartnerGrouping") and new["BusinessPartnerGrouping"] not in GROUPINGS:
            return Refusal("R1/102", "BusinessPartnerGrouping", f"Enter a valid grouping; {new['BusinessPartnerGrouping']} is not maintained in Customizing")
        if new.get("BusinessPartnerCategory") == "2" and not new.get("OrganizationBPName1"):
            return Refusal("R11/018", "OrganizationBPName1", "Enter a value in the field OrganizationBPName1")
        return None

    def _check_project(self, kind: Kind, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
        own = "Project" if kind.name == "A_EnterpriseProject" else "ProjectElement"
        if old is not None and old.fields.get("ProcessingStatus") == "45":
            return Refusal("/S4PPM/CRUD/112", "", f"{old.fields.get(own)} is closed and cannot be changed")
        holder = next((row for row in self.store.table(kind.name) if row.fields.get(own) == new.get(own) and (old is None or row.id != old.id)), None)
        if holder is not None:
            return Refusal("/S4PPM/CRUD/041", own, f"{own} {new.get(own)} already exists")
        return None

    def _is_customer(self, number: Any) -> bool:
        wanted = str(number or "").lstrip("0")
        return any(str(row.fields.get("Customer") or "").lstrip("0") == wanted for row in self.store.table("A_BusinessPartner")) if wanted else False


def _clock(text: Any) -> str:
    """``PT20H25M00S`` as 20:25:00."""
    digits = "".join(one for one in str(text or "") if one.isdecimal())
    return f"{digits[:2] or '00'}:{digits[2:4] or '00'}:{digits[4:6] or '00'}"


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
