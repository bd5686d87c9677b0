"""Wizards: what people do in several steps, and no single method does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import RejectedError, UnknownOutcomeError
from connectors.tryton.database import Database, Record
from connectors.tryton.values import wire

PAY = "wizard.account.invoice.pay"


async def pay(database: Database, model: str, body: Mapping[str, Any]) -> int:
    """Book a payment of an invoice (``invoice``, ``amount``, ``date``, ``payment_method`` by name); the id of its line.

    A payment of less than is open leaves the rest open; one of more is refused, since Tryton would ask what to do with it.
    """
    invoice, amount = int(body["invoice"]), body.get("amount")
    before = await _lines(database, model, invoice)
    about = {"active_model": model, "active_id": invoice, "active_ids": [invoice]}
    session, start, _ = await database.call(f"{PAY}.create", [], "pay an invoice", is_read=False)
    try:
        shown = await database.reply(f"{PAY}.execute", [session, {}, start], "pay an invoice", is_read=False, more=about)
        told = _defaults(shown.result) | {"amount": wire(amount, {"type": "numeric"}), "date": wire(body.get("date"), {"type": "date"})}
        if currency := body.get("currency"):
            told["currency"] = await database.id_of("currency.currency", currency, "currency")
        if method := body.get("payment_method"):
            told["payment_method"] = await database.id_of("account.invoice.payment.method", {"name": method}, "payment_method")
        elif not told.get("payment_method"):
            told["payment_method"] = await _only_method(database)
        shown = await database.reply(f"{PAY}.execute", [session, {"start": told}, "choice"], "pay an invoice", is_read=False, more=about)
        if isinstance(shown.result, dict) and shown.result.get("view"):
            asked = _defaults(shown.result) | {"type": "partial"}
            await database.reply(f"{PAY}.execute", [session, {"start": told, "ask": asked}, "pay"], "pay an invoice", is_read=False, more=about)
    finally:
        await database.call(f"{PAY}.delete", [session], "end the payment", is_read=True)
    new = await _lines(database, model, invoice) - before
    if len(new) != 1:
        raise UnknownOutcomeError(f"{database.config.rest.system} did not say which payment it made", system=database.config.rest.system)
    return new.pop()


async def _lines(database: Database, model: str, invoice: int) -> set[int]:
    found = await database.read_many(model, [invoice], ["payment_lines"])
    if not found:
        system = database.config.rest.system
        raise RejectedError(f"{system} has no such invoice", cause="reference", field="invoice", remedy="Deliver or link the invoice first.", system=system)
    return set(found[0]["payment_lines"])


async def _only_method(database: Database) -> int:
    found = await database.search("account.invoice.payment.method", [], limit=2)
    if len(found) != 1:
        system = database.config.rest.system
        text, remedy = f"{system} has {'no' if not found else 'more than one'} payment method", "Name one: on_create: {payment_method: …} of the resource."
        raise RejectedError(text, field="payment_method", remedy=remedy, system=system)
    return found[0]


def _defaults(result: Any) -> Record:
    """What a step suggests, as it came; what is told about its records is left out."""
    view = result.get("view") if isinstance(result, dict) else None
    found = {**((view or {}).get("defaults") or {}), **((view or {}).get("values") or {})}
    return {name: value for name, value in found.items() if not name.endswith(".")}
