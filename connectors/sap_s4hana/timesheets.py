"""Time sheets: a collection where booking, correcting and taking back are POSTs that say which they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.errors import RejectedError, UnknownOutcomeError
from connectors.odata import envelope
from connectors.odata.config import EntitySet
from connectors.port import Receipt, Write
from connectors.sap_s4hana import shapes
from connectors.sap_s4hana.config import Shape
from connectors.wire import parse_json

if TYPE_CHECKING:
    from connectors.sap_s4hana.connector import SapConnector


async def posted(connector: SapConnector, one: EntitySet, shape: Shape, write: Write) -> Receipt:
    """Everything is a POST that says what it does; one that does nothing is answered as if it had, so the record is read back."""
    rest, system = connector._resource(one.name), connector.config.system
    word = {"create": "C", "update": "U", "deactivate": "D"}[write.operation]
    body = await connector.told(one, dict(write.body), is_new=word == "C")
    if word != "C":
        held = await connector._record(rest, write.external_id or "")
        if held is None and word == "D":
            return Receipt(write.external_id or "", response="gone")
        if held is None:
            raise RejectedError(f"{system} has no {one.name} of this id any more", cause="not_found", system=system)
        kept = {name: value for name, value in shapes.told(held, replace(shape, derived=()), "").items() if name in body and isinstance(value, dict)}
        body = shapes.over(kept, body) | dict(zip(one.key, (write.external_id or "").split("|"), strict=True))
    answer = await connector.service_of(one).send("POST", one.set, {**body, shape.operations: word})
    if answer.status >= 400:
        raise connector._error(answer, f"{write.operation} {write.object}", is_read=False)
    try:
        record = envelope.record(parse_json(answer.body)) or {}
    except ValueError as error:
        raise UnknownOutcomeError(f"{system} answered a write with no valid JSON", system=system, status=answer.status) from error
    id = connector._id(rest, record)
    number = str(record.get(one.key[-1]) or "").strip("0")
    if word != "D" and (not id or not number or await connector._record(rest, id) is None):
        raise RejectedError(
            f"{system} took the {one.name} and stored nothing", field=shape.operations, system=system,
            remedy="Look at the record's data in SAP's time sheet, which says what is missing, then retry.",
        )  # fmt: skip
    return Receipt(id or write.external_id or "")
