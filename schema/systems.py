"""The kinds of connected system. An owner is a kind; which system of the kind speaks is the record's scope."""

from __future__ import annotations

from enum import StrEnum


class SystemKind(StrEnum):
    """What a connected system is to the firm; the last two are the hub itself and its stewards."""

    CRM = "crm"
    PSA = "psa"
    ERP = "erp"
    BILL = "bill"
    HCM = "hcm"
    TAX = "tax"
    PROC = "proc"
    PLAN = "plan"
    HUB = "hub"
    STEWARD = "steward"


CRM = SystemKind.CRM
PSA = SystemKind.PSA
ERP = SystemKind.ERP
BILL = SystemKind.BILL
HCM = SystemKind.HCM
TAX = SystemKind.TAX
PROC = SystemKind.PROC
PLAN = SystemKind.PLAN
HUB = SystemKind.HUB
STEWARD = SystemKind.STEWARD
