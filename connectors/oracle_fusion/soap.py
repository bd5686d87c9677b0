"""Calls of Fusion's SOAP services: two namespaces in one message, results as texts, and faults that are always answered as 500."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.errors import ConnectorError, RetriableError, UnknownOutcomeError
from connectors.http import Answer
from connectors.oracle_fusion import errors
from connectors.rest.answers import error_of
from connectors.xml import NIL, SOAP_CONTENT_TYPE, XSI, Element, XmlError, dump_xml, element_of, envelope, opened, parse_xml

if TYPE_CHECKING:
    from connectors.oracle_fusion.reading import FusionReader

ADF = "http://xmlns.oracle.com/adf/svc/types/"


@dataclass(frozen=True, slots=True)
class Service:
    """Where a service is, and the namespaces of its records and of its operations."""

    path: str
    records: str
    types: str
    action: str


_PARTIES = "http://xmlns.oracle.com/apps/cdm/foundation/parties/customerAccountService/"
_PROFILES = "http://xmlns.oracle.com/apps/financials/receivables/customers/customerProfileService/"
ACCOUNTS = Service("crmService/CustomerAccountService", _PARTIES, f"{_PARTIES}applicationModule/types/", f"{_PARTIES}applicationModule/")
PROFILES = Service("fscmService/ReceivablesCustomerProfileService", _PROFILES, f"{_PROFILES}types/", _PROFILES)


class Found(NamedTuple):
    """Records, and the pod's clock when it gave them."""

    rows: list[dict[str, Any]]
    date: str | None


def parameter(service: Service, name: str, value: Any, namespace: str = "") -> Element:
    """One parameter of an operation: its name is the operation's, what is in it the record's. None empties a field, absence leaves it alone."""
    inner = element_of(name, _stated(value), namespace or service.records)
    return Element(f"{{{service.types}}}{name}", inner.text, inner.children, inner.attributes)


def _stated(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _stated(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_stated(one) for one in value]
    return {NIL: "true"} if value is None else value


def criteria(start: int, size: int, filters: Sequence[tuple[str, str, str]], order: str) -> dict[str, Any]:
    """What a find operation is asked: (attribute, operator, value) all of which hold."""
    items = [
        {"conjunction": "And", "upperCaseCompare": False, "attribute": name, "operator": operator, "value": value} for name, operator, value in filters
    ]  # fmt: skip
    where = {"filter": {"group": {"upperCaseCompare": False, "item": items}}} if items else {}
    sort = {"sortOrder": {"sortAttribute": {"name": order, "descending": False}}}
    return {"fetchStart": start, "fetchSize": size, **where, **sort, "excludeAttribute": False}


async def call(connector: FusionReader, service: Service, operation: str, parameters: Sequence[Element], *, is_read: bool) -> Found:
    """The records an operation answers, and when it did. Raises the error that a fault is, RetriableError or UnknownOutcomeError when there is none."""
    system, what = connector.config.system, operation
    body = dump_xml(envelope(Element(f"{{{service.types}}}{operation}", children=tuple(parameters))), {service.types: "typ", service.records: "svc", ADF: "adf"})
    headers = {"content-type": SOAP_CONTENT_TYPE, "accept": "text/xml", "soapaction": f"{service.action}{operation}"}
    answer = await connector.client.request("POST", service.path, content=body, headers=headers, is_read=is_read)
    try:
        told = opened(parse_xml(answer.body))
    except XmlError as error:
        raise _unreadable(connector, answer, what, is_read) from error
    if told.fault is not None:
        raise error_of(connector.config, errors.of_fault(answer, told), what, is_read=is_read)
    if answer.status >= 400 or told.body is None:
        raise _unreadable(connector, answer, what, is_read)
    if told.body.name != f"{operation}Response":
        raise _unreadable(connector, answer, f"{what}: {system} answered another operation", is_read)
    rows = [_fields(value) for result in told.body.all("result") for value in (list(result.all("Value")) or [result]) if value.children]
    return Found(rows, answer.headers.get("date"))


def _unreadable(connector: FusionReader, answer: Answer, what: str, is_read: bool) -> ConnectorError:
    if answer.status >= 400:
        return error_of(connector.config, errors.plain(answer), what, is_read=is_read)
    kind = RetriableError if is_read else UnknownOutcomeError
    return kind(f"{connector.config.system} answered no valid XML to {what}", system=connector.config.system, status=answer.status)


def _fields(value: Element) -> dict[str, Any]:
    """The plain fields of a record: texts, None where it is stated empty; what is nested stays there."""
    return {one.name: None if one.attributes.get(f"{{{XSI}}}nil") in ("true", "1") else one.text for one in value.children if not one.children}
