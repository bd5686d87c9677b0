"""What the pod's own processes do: time events become time records, waiting costs a project's costs, receipts settle invoices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.oracle_fusion.simulator.pod import Pod
from connectors.oracle_fusion.simulator.shown import Asked
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row


def events(pod: Pod, given: Mapping[str, Any]) -> dict[str, Any] | Refusal:
    """Take time events, and process them at once."""
    if given.get("processMode") not in ("TIME_ENTER", "TIME_SUBMIT"):
        return Refusal("HWM-4151", "/processMode", "The process mode isn't valid. (HWM-4151)")
    for at, event in enumerate(given.get("timeRecordEvent") or []):
        person = pod.by("workers", "PersonNumber", event.get("reporterId"))
        if person is None:
            return Refusal("HWM-4152", f"/timeRecordEvent/{at}/reporterId", "The reporter isn't a worker. (HWM-4152)")
        kind = event.get("operationType")
        known = pod.store.get("timeRecords", str(event.get("timeRecordId"))) if kind in ("UPDATE", "DELETE") else None
        if kind in ("UPDATE", "DELETE") and (known is None or known.fields["timeRecordVersion"] != event.get("timeRecordVersion")):
            return Refusal("HWM-4153", f"/timeRecordEvent/{at}/timeRecordVersion", "The version of the time record isn't the current one. (HWM-4153)")
        attributes = [{"attributeName": one.get("attributeName"), "attributeValue": one.get("attributeValue")} for one in event.get("timeRecordEventAttribute") or []]
        fields = {
            "personId": int(person.id), "personNumber": event["reporterId"], "startTime": event.get("startTime"), "stopTime": event.get("stopTime"),
            "measure": event.get("measure"), "comment": event.get("comment"), "timeAttributes": attributes, "groupType": "ProcessedTimecard",
            "timeRecordVersion": (known.fields["timeRecordVersion"] + 1) if known else 1,
        }  # fmt: skip
        pod.put("timeRecords", known.id if known else None, fields, is_deleted=kind == "DELETE", key="" if known else "time record")
    return {"timeRecordEventRequestId": pod.next_id(), "processInline": given.get("processInline"), "processMode": given["processMode"], "links": []}


def groups(pod: Pod, asked: Asked) -> dict[str, Any] | Refusal:
    """The time records of a person between two days, in their group."""
    name, _, told = asked.finder.partition(";")
    wanted = dict(one.split("=", 1) for one in told.split(",") if "=" in one)
    if name != "filterByPerNumTimeGrp" or not {"personNumber", "startTime", "stopTime", "groupType"} <= set(wanted):
        return Refusal("", "", "The finder isn't known.")
    rows = [
        {**row.fields, "timeAttributes": {"items": row.fields.get("timeAttributes") or [], "count": 1, "hasMore": False}}
        for row in pod.store.table("timeRecords")
        if row.fields["personNumber"] == wanted["personNumber"] and wanted["startTime"] <= str(row.fields["startTime"])[:10] <= wanted["stopTime"]
        and row.fields["groupType"] == wanted["groupType"]
    ]  # fmt: skip
    group = {"timeRecordGroupId": 1, "personNumber": wanted["personNumber"], "groupType": wanted["groupType"],
             "timeRecords": {"items": rows, "count": len(rows), "hasMore": False}}  # fmt: skip
    return {"items": [group] if rows else [], "count": int(bool(rows)), "hasMore": False, "limit": asked.limit, "offset": 0, "links": []}


def import_costs(pod: Pod, rejected: set[str]) -> int:
    """The scheduled process: what waits becomes a project's cost and is gone, or is rejected with its reason."""
    done = 0
    for row in list(pod.store.table("unprocessedProjectCosts")):
        if row.fields.get("StatusCode") != "P":
            continue
        if row.id in rejected:
            why = [{"MessageName": "PJC_TXN_CNTRL_NO_CHARGE", "MessageText": "The task doesn't allow this charge."}]
            pod.put(row.object, row.id, {"StatusCode": "R", "Errors": why})
            continue
        flex = (row.fields.get("ProjectStandardCostCollectionFlexfields") or [{}])[0]
        cost = {
            "ProjectId": row.fields.get("ProjectId"), "TaskId": row.fields.get("TaskId"), "PersonId": row.fields.get("PersonId"),
            "UnprocessedTransactionReferenceId": int(row.id), "ProjectNumber": flex.get("_PROJECT_ID_Display"), "TaskNumber": flex.get("_TASK_ID_Display"),
            "PersonNumber": row.fields.get("PersonNumber"), "BusinessUnit": row.fields.get("BusinessUnit"), "Document": row.fields.get("Document"),
            "OriginalTransactionReference": row.fields.get("OriginalTransactionReference"), "ExpenditureType": flex.get("_EXPENDITURE_TYPE_ID_Display"),
            "UnitOfMeasureCode": row.fields.get("UnitOfMeasureCode"), "Quantity": row.fields.get("Quantity"), "TransactionTypeCode": "LABOR",
            "ExpenditureItemDate": flex.get("_EXPENDITURE_ITEM_DATE"), "TransactionCurrencyCode": "EUR", "ReversedFlag": "N",
            "RawCostInTransactionCurrency": (Decimal(row.fields.get("Quantity") or 0) * 80).quantize(Decimal("0.01")),
        }  # fmt: skip
        pod.put("projectCosts", None, cost)
        pod.put(row.object, row.id, {}, is_deleted=True)
        done += 1
    return done


def reverse(pod: Pod, row: Row) -> Row:
    """A cost and what takes it back."""
    pod.put("projectCosts", row.id, {"ReversedFlag": "Y"})
    taken = {name: -row.fields[name] for name in ("Quantity", "RawCostInTransactionCurrency") if row.fields.get(name) is not None}
    same = {name: value for name, value in row.fields.items() if name not in ("TransactionNumber", "CreationDate", "LastUpdateDate")}
    return pod.put("projectCosts", None, {**same, **taken, "ReversedFlag": "N", "AdjustedTransactionNumber": int(row.id)})


def settle(pod: Pod, invoice: str, receipt: str, amount: Decimal) -> dict[str, Any]:
    """Apply a receipt to an invoice, and write it among the account's activities."""
    paid, received = pod.store.rows["receivablesInvoices"][invoice].fields, pod.store.rows["standardReceipts"][receipt].fields
    pod.put("receivablesInvoices", invoice, {"InvoiceBalanceAmount": paid["InvoiceBalanceAmount"] - amount})
    left = received["UnappliedAmount"] - amount
    pod.put("standardReceipts", receipt, {"UnappliedAmount": left, "Status": "Applied" if left == 0 else "Unapplied"})
    number = paid["BillToCustomerNumber"]
    account = pod.by("receivablesCustomerAccountActivities", "AccountNumber", number)
    applied = {
        "StandardReceiptId": int(receipt), "ReferenceTransactionId": int(invoice), "ReceiptNumber": received["ReceiptNumber"], "ApplicationStatus": "Applied",
        "ReferenceTransactionNumber": paid["TransactionNumber"], "EnteredCurrency": paid["InvoiceCurrencyCode"], "ApplicationAmount": amount,
        "ApplicationDate": received["ReceiptDate"], "AccountingDate": received["ReceiptDate"], "ApplicationId": pod.next_id(),
    }  # fmt: skip
    rows = [*((account.fields.get("standardReceiptApplications") or []) if account else []), applied]
    name = received.get("CustomerName") or paid.get("BillToCustomerName")
    pod.put("receivablesCustomerAccountActivities", account.id if account else None, {
        "AccountNumber": number, "CustomerName": name, "standardReceiptApplications": rows})  # fmt: skip
    return applied
