"""Billing accounts: one for each house that sells to a client, kept by that house's ERP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.demo.firm.basics import house_ref
from hub.demo.firm.clients import face
from hub.demo.firm.model import HOUSES, Firm
from hub.demo.firm.shape import Record, money, reference, said
from schema.codes import payment_terms

TERMS = ("NET30", "NET30", "NET45", "NET60", "2/10NET30", "NET30EOM", "NET0")


def count(firm: Firm) -> int:
    """The end of the numbers of billing accounts: two for each client, then each house's with each other."""
    return 2 * firm.clients + len(HOUSES) ** 2


def terms_of(client: int) -> str:
    return TERMS[client % len(TERMS)]


def net_days(client: int) -> int:
    """How long a client may take to pay."""
    terms = payment_terms(terms_of(client))
    return terms.net_days if terms else 0


def parties(firm: Firm, account: int) -> tuple[int, int] | None:
    """(client, selling house) of an account; None where a number has none."""
    if account >= 2 * firm.clients:
        sister, house = divmod(account - 2 * firm.clients, len(HOUSES))
        return (firm.clients + sister, house) if sister != house else None
    client, is_second = divmod(account, 2)
    site = firm.site(client)
    if client >= firm.customers or (is_second and not site.is_global):
        return None
    return client, firm.second_house(client) if is_second else site.house


def billing_accounts(firm: Firm, at: int) -> Iterator[Record]:
    who = parties(firm, at)
    if who is None:
        return
    client, house = who
    erp, is_sister = HOUSES[house].erp, client >= firm.clients
    shared: dict[str, Any] = {
        "legal_entity": house_ref(house), "account_no": f"{HOUSES[house].code[3:]}{at:07d}", "currency": HOUSES[house].currency,
        "payment_terms": terms_of(client),
    }  # fmt: skip
    values = shared | {
        "client": reference("erp_north" if is_sister else erp, "client", client), "credit_hold": at % 307 == 0, "dunning_block": at % 97 == 0,
        "payment_method": "netting" if is_sister else "transfer", "state": "open",
    }  # fmt: skip
    if not is_sister:
        values["invoice_email"] = f"invoices@{face(firm, client).domain}"
        values["credit_limit"] = money(HOUSES[house].level * (10_000 + client % 50 * 5_000), HOUSES[house].currency)
        if client % 10 < 3:
            values["bill_to_site"] = reference(firm.erps_of(client)[0], "client_site", client)
    records = [said(erp, "billing_account", at, values)]
    if client % 2 == 0 and not is_sister:  # the billing engine knows the accounts of the clients it knows
        more = shared | {"client": reference("billing", "client", client), "consolidation": "client", "channel": "mail", "language": "en"}
        records.append(said("billing", "billing_account", at, more, erp))
    yield Record("billing_account", at, tuple(records))
