"""Answers of the gateway: the envelope, results, data lists and errors, as the vendor words them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from aiohttp import web

from connectors.sage_intacct.simulator.objects import Kind
from connectors.simulator.rules import Refusal
from connectors.xml import Element, dump_xml, element_of

SESSION_S = 3600


def answered(root: Element, status: int = 200) -> web.Response:
    return web.Response(body=dump_xml(root), status=status, headers={"content-type": 'text/xml; encoding="UTF-8";charset=UTF-8'})


def error_message(refusal: Refusal) -> Element:
    """The words of a refusal: ``description|description2|correction`` as one text, or the second alone."""
    first, second, third = ([*refusal.text.split("|"), "", ""][:3]) if "|" in refusal.text else ("", refusal.text, "")
    support = f" [Support ID: {uuid4().hex[:12]}%3D%3D]" if second else ""
    error = element_of("error", {"errorno": refusal.code, "description": first, "description2": second + support, "correction": third})
    return Element("errormessage", children=(error,))


def control(asked: Element | None, status: str) -> Element:
    about = {name: asked.said(name) if asked else "" for name in ("senderid", "controlid", "uniqueid", "dtdversion")}
    return element_of("control", {"status": status, **about})


def refused_whole(asked: Element | None, refusal: Refusal, status: int = 200) -> web.Response:
    """A request that is not carried out at all."""
    return answered(Element("response", children=(control(asked, "failure"), error_message(refusal))), status)


def refused_sign_in(asked: Element | None, user: str, company: str, refusal: Refusal) -> web.Response:
    about = element_of("authentication", {"status": "failure", "userid": user, "companyid": company})
    operation = Element("operation", children=(about, error_message(refusal)))
    return answered(Element("response", children=(control(asked, "success"), operation)))


def carried_out(asked: Element | None, user: str, company: str, entity: str, results: Sequence[Element], ends_in_s: float) -> web.Response:
    now = datetime.now(UTC).replace(microsecond=0)
    about = element_of("authentication", {
        "status": "success", "userid": user, "companyid": company, "locationid": entity, "sessiontimestamp": now.isoformat(),
        "sessiontimeout": (now + timedelta(seconds=ends_in_s)).isoformat(),
    })  # fmt: skip
    return answered(Element("response", children=(control(asked, "success"), Element("operation", children=(about, *results)))))


def result(function: str, control_id: str, *parts: Element, status: str = "success") -> Element:
    """The result of one function."""
    head = (element_of("status", status), element_of("function", function), element_of("controlid", control_id))
    return Element("result", children=(*head, *parts))


def refused(function: str, control_id: str, refusal: Refusal, status: str = "failure") -> Element:
    return result(function, control_id, error_message(refusal), status=status)


def data(listtype: str, rows: Sequence[Element], **counts: Any) -> Element:
    """A list of records with the counts beside it."""
    return Element("data", "", tuple(rows), {"listtype": listtype, **{name: str(value) for name, value in counts.items()}})


def shown(object: str, values: Mapping[str, str]) -> Element:
    return Element(object, children=tuple(Element(name, value) for name, value in values.items()))


def described(kind: Kind) -> Element:
    """What ``lookup`` tells of an object."""
    fields = []
    for one in kind.fields.values():
        about: dict[str, Any] = {
            "ID": one.name, "LABEL": one.name.title(), "DESCRIPTION": "", "REQUIRED": one.is_required, "READONLY": one.is_computed,
            "DATATYPE": {"ID": "TEXT", "DATETIME": "TIMESTAMP"}.get(one.type, one.type), "ISCUSTOM": False,
        }  # fmt: skip
        if one.values:
            about["VALIDVALUES"] = {"VALIDVALUE": list(one.values)}
        fields.append(element_of("Field", about))
    whole = (Element("Fields", children=tuple(fields)), Element("Relationships"))
    return Element("Type", "", whole, {"Name": kind.name, "DocumentType": ""})
