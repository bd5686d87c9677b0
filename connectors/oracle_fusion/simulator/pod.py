"""What the simulated pod holds, and what it refuses: records and their children, stamps, duplicates, periods, documents that stay as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from connectors.oracle_fusion.simulator.objects import RESOURCES, Attribute, Resource
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store

FIRST_ID = 300_100_170_000_000
SOURCES = frozenset({"HUB", "HUB Time", "Manual"})
CLOSED_BEFORE = "2026-01-01"
PERIOD_CLOSED = "The accounting date isn't in an open accounting period. Enter a date in an open period. (AR-855325)"


@dataclass
class Pod:
    """The records of one pod. ``closed_before`` is the first day that is open."""

    store: Store
    closed_before: str = CLOSED_BEFORE
    flat_references: bool = False
    """Whether accounts show their first source reference at the record itself, and are asked by it there."""
    absent: set[str] = field(default_factory=set)
    """Attributes (``projects.SourceProjectReference``) that this pod does not have."""
    _numbers: Iterator[int] | None = None

    def next_id(self) -> int:
        """A number nobody has had; after a restart behind those of the journal."""
        if self._numbers is None:
            known = (row.fields for rows in self.store.rows.values() for row in rows.values())
            self._numbers = count(max((one for fields in known for one in _ids(fields)), default=FIRST_ID - 1) + 1)
        return next(self._numbers)

    # --- storing -------------------------------------------------------------------------------------------------------

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        """Store what a user, a job or a request states."""
        kind = RESOURCES[object]
        known = self.store.rows.get(object, {}).get(id) if id else None
        whole = dict(known.fields) if known else {one.name: one.default for one in kind.attributes} | {name: [] for name in kind.children}
        for name, value in fields.items():
            whole[name] = self.children(kind.children[name], value) if name in kind.children else value
        number = int(id) if id else self.next_id()
        if kind.id:
            whole[kind.id] = number
        stamp = self._stamp(known)
        if kind.is_stamped:
            whole |= {"LastUpdateDate": stamp, "LastUpdatedBy": "HUB_INTEGRATION"}
            whole.setdefault("CreationDate", stamp)
            whole.setdefault("CreatedBy", "HUB_INTEGRATION")
        elif kind.known("lastUpdateDate"):
            whole["lastUpdateDate"] = stamp
        whole |= _computed(object, whole, number)
        return self.store.put(object, str(number), whole, key=key, is_deleted=is_deleted)

    def _stamp(self, known: Row | None) -> str:
        """Milliseconds are as fine as stamps are, and no two states of a record share one."""
        at = self.store.clock().astimezone(UTC)
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        before = (known.fields.get("LastUpdateDate") or known.fields.get("lastUpdateDate")) if known else None
        if before:
            at = max(at, datetime.fromisoformat(before) + timedelta(milliseconds=1))
        return at.isoformat(timespec="milliseconds")

    def children(self, kind: Resource, rows: Any) -> list[dict[str, Any]]:
        """Child rows with their ids."""
        return [self.child(kind, row) for row in rows or []]

    def child(self, kind: Resource, row: Mapping[str, Any]) -> dict[str, Any]:
        whole: dict[str, Any] = {one.name: one.default for one in kind.attributes} | dict(row)
        if kind.id and not whole.get(kind.id):
            whole[kind.id] = self.next_id()
        if kind.key and not whole.get(kind.key):
            whole[kind.key] = f"CDRM_{whole[kind.id]}"
        if kind.is_stamped:
            stamp = self._stamp(None)
            whole = {"CreationDate": stamp, "CreatedBy": "HUB_INTEGRATION", **whole, "LastUpdateDate": stamp, "LastUpdatedBy": "HUB_INTEGRATION"}
        for name, inner in kind.children.items():
            whole[name] = self.children(inner, row.get(name))
        return whole

    def row(self, kind: Resource, address: str) -> Row | None:
        """The record at an address: its id, its number, or the hash of it."""
        for row in self.store.table(kind.name) if (kind.hashed or kind.key) else ():
            if address == (hashed(kind.name, row.id) if kind.hashed else str(row.fields.get(kind.key))):
                return row
        return None if kind.hashed or kind.key else self.store.get(kind.name, address)

    # --- what requests may ---------------------------------------------------------------------------------------------

    def keep(self, kind: Resource, known: Row | None, fields: Mapping[str, Any], *, key: str = "") -> Row | Refusal:
        """Store what a request states, or say why not."""
        refusal = self.refusal(kind, known, fields)
        return refusal if refusal is not None else self.put(kind.name, known.id if known else None, self._filled(kind, known, fields), key=key)

    def refusal(self, kind: Resource, known: Row | None, fields: Mapping[str, Any]) -> Refusal | None:
        """Why a new or changed record cannot be stored."""
        found = self._attributes(kind, fields, is_new=known is None, prefix="")
        if found is not None:
            return found
        if known is not None and kind.patchable:
            closed = sorted(set(fields) - kind.patchable)
            if closed:
                return Refusal("AR-857801", f"/{closed[0]}", f"You can't update the attribute {closed[0]}. (AR-857801)")
        whole = {**(known.fields if known else {}), **fields}
        rule = _RULES.get(kind.name)
        return rule(self, known, whole, fields) if rule is not None else None

    def _attributes(self, kind: Resource, fields: Mapping[str, Any], *, is_new: bool, prefix: str) -> Refusal | None:
        for name, value in fields.items():
            if name in kind.children:
                for at, row in enumerate(value if isinstance(value, list) else []):
                    inner = self._attributes(kind.children[name], row, is_new=is_new, prefix=f"{prefix}/{name}/{at}")
                    if inner is not None:
                        return inner
                continue
            spec: Attribute | None = kind.known(name)
            if spec is None or f"{kind.name}.{name}" in self.absent:
                return Refusal("", f"{prefix}/{name}", f"URL request or payload has an unknown attribute: {name}")
            if spec.is_computed and value is not None and name != kind.id:
                return Refusal("JBO-27008", f"{prefix}/{name}", f"Attribute {name} in {kind.name} can't be updated. (JBO-27008)")
            refusal = spec.refusal(value)
            if refusal is not None:
                return Refusal(refusal.code, prefix + refusal.field, refusal.text)
        if is_new:
            for spec in kind.attributes:
                if spec.is_mandatory and fields.get(spec.name) is None:
                    refusal = spec.refusal(None)
                    assert refusal is not None
                    return Refusal(refusal.code, prefix + refusal.field, refusal.text)
        return None

    def _filled(self, kind: Resource, known: Row | None, fields: Mapping[str, Any]) -> dict[str, Any]:
        """What the pod adds of itself to what a request states."""
        found = dict(fields)
        if kind.name == "unprocessedProjectCosts" and known is None:
            self._of_project(found)
        if kind.name == "expenses" and known is None:
            for flex in (one for row in found.get("ExpenseDistribution") or [] for one in row.get("PJCDFF") or []):
                project = self.by("projects", "ProjectNumber", flex.get("_PROJECT_ID_Display"))
                flex["_PROJECT_ID"] = int(project.id) if project is not None else None
        if kind.name == "projectBillingEvents":
            project = self.by("projects", "ProjectNumber", found.get("ProjectNumber"))
            if project is not None:
                found["ProjectId"] = int(project.id)
        if kind.name == "receivablesInvoices" and known is None:
            for line in found.get("receivablesInvoiceLines") or []:
                line["receivablesInvoiceLineTaxLines"] = _taxes(line)
        return found

    def _of_project(self, cost: dict[str, Any]) -> None:
        flex = (cost.get("ProjectStandardCostCollectionFlexfields") or [{}])[0]
        project = self.by("projects", "ProjectNumber", flex.get("_PROJECT_ID_Display"))
        person = self.by("workers", "PersonNumber", cost.get("PersonNumber"))
        task = None
        if project is not None:
            cost["ProjectId"] = int(project.id)
            task = next((one for one in project.fields.get("Tasks") or [] if one.get("TaskNumber") == flex.get("_TASK_ID_Display")), None)
        cost["TaskId"] = task["TaskId"] if task else None
        cost["PersonId"] = int(person.id) if person is not None else None

    def by(self, object: str, name: str, value: Any) -> Row | None:
        return next((row for row in self.store.table(object) if value is not None and row.fields.get(name) == value), None)

    def taken(self, object: str, known: Row | None, **wanted: Any) -> bool:
        """Whether another record has all of these values."""
        return all(one is not None for one in wanted.values()) and any(
            all(row.fields.get(name) == value for name, value in wanted.items()) for row in self.store.table(object) if known is None or row.id != known.id
        )

    def is_closed(self, day: Any) -> bool:
        return isinstance(day, str) and day[:10] < self.closed_before


def _ids(value: Any) -> Iterator[int]:
    """Every id in a record and its children."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _ids(one)
    elif isinstance(value, int | str) and not isinstance(value, bool) and str(value).isdecimal() and FIRST_ID <= int(value) < FIRST_ID * 2:
        yield int(value)


def hashed(object: str, id: str) -> str:
    """The opaque hash that addresses a record; nobody can make it but the pod."""
    return "00020000000EACED0005770800" + hashlib.sha256(f"{object}/{id}".encode()).hexdigest()[:32].upper()


def _computed(object: str, whole: Mapping[str, Any], number: int) -> dict[str, Any]:
    """What Fusion fills in by itself."""
    match object:
        case "accounts" | "contacts":
            return {"PartyNumber": whole.get("PartyNumber") or f"CDRM_{number - FIRST_ID + 1000}"}
        case "opportunities":
            return {"OptyNumber": whole.get("OptyNumber") or f"CDRM_{number - FIRST_ID + 1000}"}
        case "workers":
            return {"PersonNumber": whole.get("PersonNumber") or str(number - FIRST_ID + 100_000)}
        case "projects":
            return {"ProjectNumber": whole.get("ProjectNumber") or f"P-{number - FIRST_ID:04d}", "ProjectStatus": whole.get("ProjectStatus") or "Active"}
        case "unprocessedProjectCosts":
            flex = (whole.get("ProjectStandardCostCollectionFlexfields") or [{}])[0]
            day = flex.get("_EXPENDITURE_ITEM_DATE")
            ends = date.fromisoformat(day[:10]) if day else None
            week = (ends + timedelta(days=6 - ends.weekday())).isoformat() if ends else None
            return {"StatusCode": whole.get("StatusCode") or "P", "ExpenditureEndingDate": week}
        case "projectBillingEvents":
            return {"EventNumber": whole.get("EventNumber") or number % 1000, "Invoiced": whole.get("Invoiced") or "U", "InvoicedAmount": whole.get("InvoicedAmount") or 0}
        case "receivablesInvoices":
            gross = sum((_line(one) + sum((Decimal(tax.get("TaxAmount") or 0) for tax in one.get("receivablesInvoiceLineTaxLines") or []), Decimal())
                         for one in whole.get("receivablesInvoiceLines") or []), Decimal())  # fmt: skip
            balance = whole.get("InvoiceBalanceAmount")
            return {"EnteredAmount": gross, "InvoiceBalanceAmount": gross if balance is None else balance,
                    "LegalEntityIdentifier": whole.get("LegalEntityIdentifier") or "NB01", "TransactionNumber": whole.get("TransactionNumber") or str(number % 100_000)}  # fmt: skip
        case "receivablesCreditMemos":
            net = sum((Decimal(one.get("LineQuantityCredit") or 0) * Decimal(one.get("UnitSellingPrice") or 0) for one in whole.get("receivablesCreditMemoLines") or []), Decimal())
            return {"EnteredAmount": net, "CreditMemoBalanceAmount": net, "TransactionNumber": whole.get("TransactionNumber") or str(number % 100_000)}
        case "standardReceipts":
            left = whole.get("UnappliedAmount")
            return {"UnappliedAmount": whole.get("Amount") if left is None else left, "Status": whole.get("Status") or "Unapplied", "State": whole.get("State") or "Cleared"}
    return {}


def _line(line: Mapping[str, Any]) -> Decimal:
    return Decimal(line.get("Quantity") or 0) * Decimal(line.get("UnitSellingPrice") or 0)


def _taxes(line: Mapping[str, Any]) -> list[dict[str, Any]]:
    rate = Decimal(19) if line.get("TaxClassificationCode") == "DE19" else Decimal(0)
    amount = (_line(line) * rate / 100).quantize(Decimal("0.01"))
    return [{"TaxRateCode": line.get("TaxClassificationCode"), "TaxRate": rate, "TaxAmount": amount}] if rate else []


# --- rules of resources ------------------------------------------------------------------------------------------------------


def _account(pod: Pod, known: Row | None, whole: Mapping[str, Any], stated: Mapping[str, Any]) -> Refusal | None:
    for one in stated.get("SourceSystemReference") or []:
        if one.get("SourceSystem") not in SOURCES:
            return Refusal("HZ-120559", "/SourceSystemReference/0/SourceSystem", "The source system isn't valid. (HZ-120559)")
        for row in pod.store.table("accounts"):
            same = [ref for ref in row.fields.get("SourceSystemReference") or [] if ref.get("SourceSystemReferenceValue") == one.get("SourceSystemReferenceValue")]
            if same and (known is None or row.id != known.id):
                text = f"A record with the value {one['SourceSystemReferenceValue']} already exists. Enter a unique value."
                return Refusal("", "/SourceSystemReference/0/SourceSystemReferenceValue", text)
    return None


def _project(pod: Pod, known: Row | None, whole: Mapping[str, Any], stated: Mapping[str, Any]) -> Refusal | None:
    if pod.taken("projects", known, ProjectNumber=whole.get("ProjectNumber")):
        return Refusal("PJF-855001", "/ProjectNumber", f"A record with the value {whole['ProjectNumber']} already exists. Enter a unique value.")
    if pod.taken("projects", known, ProjectName=whole.get("ProjectName"), BusinessUnitName=whole.get("BusinessUnitName")):
        return Refusal("PJF-855002", "/ProjectName", f"A record with the value {whole['ProjectName']} already exists. Enter a unique value.")
    return None


def _cost(pod: Pod, known: Row | None, whole: Mapping[str, Any], stated: Mapping[str, Any]) -> Refusal | None:
    if whole.get("TransactionSource") not in SOURCES:
        return Refusal("PJC-720001", "/TransactionSource", "The transaction source isn't valid. (PJC-720001)")
    flex = (whole.get("ProjectStandardCostCollectionFlexfields") or [{}])[0]
    if pod.taken("unprocessedProjectCosts", known, OriginalTransactionReference=whole.get("OriginalTransactionReference"), TransactionSource=whole.get("TransactionSource")):
        text = f"A project cost with the transaction reference {whole['OriginalTransactionReference']} already exists for this transaction source."
        return Refusal("PJC-720312", "/OriginalTransactionReference", text)
    if pod.by("projects", "ProjectNumber", flex.get("_PROJECT_ID_Display")) is None:
        return Refusal("PJC-720017", "/ProjectStandardCostCollectionFlexfields/0/_PROJECT_ID_Display", "The project isn't valid. (PJC-720017)")
    if pod.is_closed(flex.get("_EXPENDITURE_ITEM_DATE")):
        return Refusal("PJC-720150", "/ProjectStandardCostCollectionFlexfields/0/_EXPENDITURE_ITEM_DATE", "The project accounting period is closed. (PJC-720150)")
    return None


def _event(pod: Pod, known: Row | None, whole: Mapping[str, Any], stated: Mapping[str, Any]) -> Refusal | None:
    if pod.by("contracts", "ContractNumber", whole.get("ContractNumber")) is None:
        return Refusal("PJB-855010", "/ContractNumber", "The contract number isn't valid. (PJB-855010)")
    if known is not None and known.fields.get("Invoiced") == "F":
        return Refusal("PJB-855020", "/BillTrnsAmount", "You can't update an event that has been invoiced. (PJB-855020)")
    return None


def _invoice(pod: Pod, known: Row | None, whole: Mapping[str, Any], stated: Mapping[str, Any]) -> Refusal | None:
    if known is None:
        if not whole.get("BillToCustomerName") and not whole.get("BillToCustomerNumber"):
            return Refusal("AR-856520", "", "You must enter a bill-to customer name or a bill-to customer account number. (AR-856520)")
        number = whole.get("BillToCustomerNumber")
        if number and pod.by("customerAccounts", "AccountNumber", number) is None:
            return Refusal("AR-856521", "/BillToCustomerNumber", "The bill-to customer account number isn't valid. (AR-856521)")
        if pod.taken("receivablesInvoices", None, TransactionNumber=whole.get("TransactionNumber"), TransactionSource=whole.get("TransactionSource")):
            return Refusal("AR-855040", "/TransactionNumber", "This transaction number already exists. Enter a unique transaction number. (AR-855040)")
        for at, line in enumerate(whole.get("receivablesInvoiceLines") or [{}]):
            if line.get("UnitSellingPrice") is None or not line.get("Description"):
                place = line.get("LineNumber") or at + 1
                return Refusal("AR-856687", f"/receivablesInvoiceLines/{at}", f"Enter the required line information for line number {place}. (AR-856687)")
        if whole.get("InvoiceStatus") not in (None, "Complete"):
            return Refusal("AR-857798", "/InvoiceStatus", "You can only create an invoice with the status Complete. (AR-857798)")
    return Refusal("AR-855325", "/AccountingDate", PERIOD_CLOSED) if pod.is_closed(whole.get("AccountingDate") or whole.get("TransactionDate")) else None


def _credit(pod: Pod, known: Row | None, whole: Mapping[str, Any], stated: Mapping[str, Any]) -> Refusal | None:
    if known is None:
        if not whole.get("BillToCustomerName") and not whole.get("BillToCustomerNumber"):
            return Refusal("AR-856520", "", "You must enter a bill-to customer name or a bill-to customer account number. (AR-856520)")
        if pod.taken("receivablesCreditMemos", None, TransactionNumber=whole.get("TransactionNumber"), TransactionSource=whole.get("TransactionSource")):
            return Refusal("AR-855040", "/TransactionNumber", "This transaction number already exists. Enter a unique transaction number. (AR-855040)")
    return Refusal("AR-855325", "/AccountingDate", PERIOD_CLOSED) if pod.is_closed(whole.get("AccountingDate") or whole.get("TransactionDate")) else None


_RULES = {
    "accounts": _account, "projects": _project, "unprocessedProjectCosts": _cost, "projectBillingEvents": _event, "receivablesInvoices": _invoice,
    "receivablesCreditMemos": _credit,
}  # fmt: skip
