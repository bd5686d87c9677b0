"""The SOAP services of customer accounts and of their credit profiles: two namespaces in one message, faults always with status 500."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from connectors.oracle_fusion.simulator.pod import FIRST_ID
from connectors.oracle_fusion.simulator.wsdl import wsdl
from connectors.simulator.store import Row
from connectors.xml import SOAP_CONTENT_TYPE, Element, XmlError, dump_xml, element_of, envelope, opened, parse_xml
from connectors.xml import NIL, SOAP_11, XSI

if TYPE_CHECKING:
    from connectors.oracle_fusion.simulator.server import Fusion

ADF = "http://xmlns.oracle.com/adf/svc/types/"
ERRORS = "http://xmlns.oracle.com/adf/svc/errors/"
PARTIES = "http://xmlns.oracle.com/apps/cdm/foundation/parties/customerAccountService/"
PROFILES = "http://xmlns.oracle.com/apps/financials/receivables/customers/customerProfileService/"
TYPES = {"accounts": f"{PARTIES}applicationModule/types/", "profiles": f"{PROFILES}types/"}
RECORDS = {"accounts": PARTIES, "profiles": PROFILES}
ACCOUNT = ["CustomerAccountId", "PartyId", "AccountNumber", "AccountName", "Status", "CustomerType", "CustomerClassCode", "TaxCode", "HoldBillFlag", "Comments", "OrigSystem", "OrigSystemReference", "CreatedByModule", "AccountEstablishedDate", "AccountTerminationDate", "CreationDate", "LastUpdateDate"]  # fmt: skip
PROFILE = ["CustomerAccountProfileId", "AccountNumber", "CustomerAccountId", "SiteNumber", "PartyId", "ProfileClassName", "EffectiveStartDate", "EffectiveEndDate", "CreditLimit", "CreditCurrencyCode", "OrderAmountLimit", "CreditChecking", "CreditHold", "PaymentTerms", "SendStatements", "DunningLetters"]  # fmt: skip
PATHS = {"accounts": "/crmService/CustomerAccountService", "profiles": "/fscmService/ReceivablesCustomerProfileService"}
_CRITERIA = [("findCriteria", "adf:FindCriteria"), ("findControl", "adf:FindControl")]
OPERATIONS: Mapping[str, Mapping[str, Sequence[tuple[str, str]]]] = {
    "accounts": {
        "createCustomerAccount": [("customerAccount", "svc:CustomerAccount")], "updateCustomerAccount": [("customerAccount", "svc:CustomerAccount")],
        "findCustomerAccount": _CRITERIA, "getCustomerAccount": [("customerAccountId", "xsd:long")],
        "getCustomerAccountByOriginalSystemReference": [
            _CRITERIA[0], ("bindOrigSystem", "xsd:string"), ("bindOrigSystemReference", "xsd:string"), _CRITERIA[1]],
    },
    "profiles": {name: [("customerProfile", "svc:CustomerProfile")] for name in ("createCustomerProfile", "updateCustomerProfile", "getActiveCustomerProfile")},
}  # fmt: skip
TERMS = frozenset({"Immediate", "10 Net", "14 Net", "30 Net", "45 Net", "60 Net", "30 Net EOM"})
READS = frozenset({"findCustomerAccount", "getCustomerAccount", "getCustomerAccountByOriginalSystemReference", "getActiveCustomerProfile"})


class _Fault(Exception):
    """What a service refuses: its code, what it says, and the attribute that is wrong."""

    def __init__(self, code: str, text: str, attribute: str = "") -> None:
        super().__init__(text)
        self.code, self.text, self.attribute = code, text, attribute


@dataclass
class Soap:
    """Both services over the records of one pod."""

    server: Fusion
    takes_signs: bool = True
    """Whether dates are compared by signs, or by words only."""

    def routes(self, app: web.Application) -> None:
        for service, path in PATHS.items():
            app.router.add_route("POST", path, self._of(service))
            app.router.add_route("GET", path, self._described(service))

    def _described(self, service: str) -> Any:
        """``?WSDL``, which anybody may read."""

        async def handler(request: web.Request) -> web.StreamResponse:
            path = PATHS[service]
            name, is_accounts = path.rpartition("/")[2], service == "accounts"
            text = wsdl(
                name, "CustomerAccount" if is_accounts else "CustomerProfile", ACCOUNT if is_accounts else PROFILE, OPERATIONS[service], records=RECORDS[service],
                types=TYPES[service], action=TYPES[service].removesuffix("types/"), address=self.server.url + path,
            )  # fmt: skip
            return web.Response(text=text, content_type="text/xml")

        return handler

    def _of(self, service: str) -> Any:
        async def handler(request: web.Request) -> web.StreamResponse:
            operation = request.headers.get("soapaction", "").strip('"').rstrip("/").rpartition("/")[2]
            kind = "list" if operation in READS else "create" if operation.startswith("create") else "update"

            async def handle(_: web.Request) -> web.StreamResponse:
                return self._answered(service, await request.read())

            return await self.server.guard(request, "customerAccounts", kind, handle)

        return handler

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        """Store an account; its number is its id."""
        known = self.server.store.rows.get(object, {}).get(id) if id else None
        number = self.server.pod.next_id()
        whole = {**(known.fields if known else {"CustomerAccountId": str(number), "Status": "A"}), **fields}
        whole["AccountNumber"] = id or whole.get("AccountNumber") or str(1000 + number - FIRST_ID)
        at = self.server.store.clock().astimezone(UTC)
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        if known is not None:
            at = max(at, datetime.fromisoformat(known.fields["LastUpdateDate"]) + timedelta(milliseconds=1))
        whole["LastUpdateDate"] = at.isoformat(timespec="milliseconds")
        whole.setdefault("CreationDate", whole["LastUpdateDate"])
        return self.server.store.put(object, whole["AccountNumber"], whole, key=key, is_deleted=is_deleted)

    # --- messages ------------------------------------------------------------------------------------------------------

    def _answered(self, service: str, raw: bytes) -> web.Response:
        try:
            body = opened(parse_xml(raw)).body
            if body is None or body.namespace != TYPES[service]:
                raise _Fault("", f"Unknown method: {body.tag if body is not None else ''}")
            values = self._done(service, body)
        except XmlError as error:
            return self._fault(_Fault("", f"Malformed message: {error}"))
        except _Fault as fault:
            return self._fault(fault)
        names = ACCOUNT if service == "accounts" else PROFILE
        records = RECORDS[service]
        shown = [element_of("Value", {name: {NIL: "true"} if one.get(name) is None else str(one[name]) for name in names}, records) for one in values]
        result = Element(f"{{{TYPES[service]}}}result", children=tuple(Element(f"{{{records}}}Value", one.text, one.children, one.attributes) for one in shown))
        told = Element(f"{{{TYPES[service]}}}{body.name}Response", children=(result,))
        return web.Response(body=dump_xml(envelope(told), {TYPES[service]: "ns0", records: "ns2"}), headers={"content-type": SOAP_CONTENT_TYPE})

    def _fault(self, fault: _Fault) -> web.Response:
        text = f"<MESSAGE><NUMBER>0</NUMBER><TEXT>{fault.text}</TEXT></MESSAGE>"
        inner: dict[str, Any] = {"code": fault.code, "message": text, "severity": "SEVERITY_ERROR"}
        if fault.attribute:
            inner["detail"] = {"code": fault.code, "message": fault.text, "severity": "SEVERITY_ERROR", "attributeName": fault.attribute, "objectName": "CustomerAccount"}
        inner["exceptionClassName"] = "oracle.jbo.ValidationException"
        detail = Element("detail", children=(element_of("ServiceErrorMessage", inner, ERRORS),))
        parts = (Element("faultcode", "env:Server"), Element("faultstring", text), detail)
        told = envelope(Element(f"{{{SOAP_11}}}Fault", children=parts))
        return web.Response(body=dump_xml(told), status=500, headers={"content-type": SOAP_CONTENT_TYPE})

    def _done(self, service: str, body: Element) -> list[Mapping[str, Any]]:
        match body.name:
            case "createCustomerAccount":
                return [self._create(_plain(body, "customerAccount", PARTIES))]
            case "updateCustomerAccount":
                return [self._update(_plain(body, "customerAccount", PARTIES))]
            case "findCustomerAccount":
                return self._found(body)
            case "getCustomerAccount":
                return [self._by("CustomerAccountId", body.said("customerAccountId"))]
            case "getCustomerAccountByOriginalSystemReference":
                rows = self._every()
                return [one for one in rows if (one.get("OrigSystem"), one.get("OrigSystemReference")) == (body.said("bindOrigSystem"), body.said("bindOrigSystemReference"))]
            case "createCustomerProfile":
                return [self._profile(_plain(body, "customerProfile", PROFILES), is_new=True)]
            case "updateCustomerProfile":
                return [self._profile(_plain(body, "customerProfile", PROFILES), is_new=False)]
            case "getActiveCustomerProfile":
                return [self._active(_plain(body, "customerProfile", PROFILES))]
        raise _Fault("", f"Unknown method: {body.name} of {service}")

    # --- accounts ------------------------------------------------------------------------------------------------------

    def _every(self) -> list[Mapping[str, Any]]:
        return [row.fields for row in self.server.store.table("customerAccounts")]

    def _by(self, name: str, value: str) -> Mapping[str, Any]:
        found = next((one for one in self._every() if one.get(name) == value), None)
        if found is None:
            raise _Fault("FND:::FND_CMN_RCRD_MSNG", "The record doesn't exist.")
        return found

    def _create(self, given: dict[str, Any]) -> Mapping[str, Any]:
        if not given.get("CreatedByModule"):
            raise _Fault("27024", "JBO-27024: Failed to validate a row in entity object CustomerAccountDEO.")
        if not given.get("PartyId") or self.server.store.get("accounts", str(given["PartyId"])) is None:
            raise _Fault("HZ-120360", "The party isn't valid. (HZ-120360)", "PartyId")
        if given.get("OrigSystem") and given["OrigSystem"] not in ("HUB",):
            raise _Fault("HZ-120559", "The source system isn't valid. (HZ-120559)", "OrigSystem")
        if given.get("AccountNumber") and self.server.store.get("customerAccounts", given["AccountNumber"]) is not None:
            raise _Fault("HZ-120480", f"A record with the value {given['AccountNumber']} already exists. Enter a unique value.", "AccountNumber")
        return self.put("customerAccounts", None, given, key=str(given.get("OrigSystemReference") or "account without a key")).fields

    def _update(self, given: dict[str, Any]) -> Mapping[str, Any]:
        known = self._by("CustomerAccountId", str(given.get("CustomerAccountId")))
        if given.get("Status") not in (None, "A", "I"):
            raise _Fault("27024", "JBO-27024: Failed to validate a row: the status isn't valid.", "Status")
        return self.put("customerAccounts", str(known["AccountNumber"]), {name: value for name, value in given.items() if name != "AccountNumber"}).fields

    def _found(self, body: Element) -> list[Mapping[str, Any]]:
        asked = body.find("findCriteria")
        if asked is None or asked.namespace != TYPES["accounts"] or any(one.namespace != ADF for one in asked.children):
            raise _Fault("", "The find criteria aren't valid.")
        rows = self._every()
        for item in [one for group in asked.all("filter") for inner in group.all("group") for one in inner.all("item")]:
            name, operator, value = item.said("attribute"), item.said("operator"), item.said("value")
            if name not in ACCOUNT:
                raise _Fault("25006", f"JBO-25006: Attribute {name} isn't defined.", name)
            if operator == ">=" and not self.takes_signs:
                raise _Fault("27122", "JBO-27122: The operator isn't supported for a date.", name)
            rows = [one for one in rows if _holds(one.get(name), operator, value)]
        if asked.find("sortOrder") is not None:
            rows.sort(key=lambda one: int(one["CustomerAccountId"]))
        start, size = int(asked.said("fetchStart") or 0), int(asked.said("fetchSize") or 10)
        return rows[start : start + size] if size >= 0 else rows[start:]

    # --- profiles ------------------------------------------------------------------------------------------------------

    def _active(self, given: dict[str, Any]) -> Mapping[str, Any]:
        name = "AccountNumber" if given.get("AccountNumber") else "CustomerAccountId"
        found = next((row.fields for row in self.server.store.table("customerProfiles") if row.fields.get(name) == given.get(name)), None)
        if found is None:
            raise _Fault("FND:::FND_CMN_RCRD_MSNG", "The record doesn't exist.")
        return found

    def _profile(self, given: dict[str, Any], *, is_new: bool) -> Mapping[str, Any]:
        if given.get("PaymentTerms") and given["PaymentTerms"] not in TERMS:
            raise _Fault("AR-855110", "The payment terms aren't valid. (AR-855110)", "PaymentTerms")
        if not is_new:
            known = self.server.store.get("customerProfiles", str(given.get("CustomerAccountProfileId")))
            if known is None:
                raise _Fault("FND:::FND_CMN_RCRD_MSNG", "The record doesn't exist.")
            self.server.store.put("customerProfiles", known.id, {**known.fields, **given})
            return {name: given.get(name) for name in PROFILE}
        for name in ("CustomerAccountId", "PartyId"):
            if not given.get(name):
                raise _Fault("27014", f"JBO-27014: Attribute {name} in CustomerProfileDEO is required.", name)
        account = self._by("CustomerAccountId", given["CustomerAccountId"])
        if any(row.fields["CustomerAccountId"] == given["CustomerAccountId"] for row in self.server.store.table("customerProfiles")):
            raise _Fault("AR-855120", "An active profile already exists for this account.", "CustomerAccountId")
        id = str(self.server.pod.next_id())
        self.server.store.put("customerProfiles", id, {"CreditHold": "N", **given, "AccountNumber": account["AccountNumber"], "CustomerAccountProfileId": id})
        return {name: given.get(name) for name in PROFILE} | {"CustomerAccountProfileId": id}


def _plain(body: Element, name: str, namespace: str) -> dict[str, Any]:
    """The fields of a parameter. Those of another namespace are not seen, as with the services themselves."""
    found = body.find(name)
    return {
        one.name: None if one.attributes.get(f"{{{XSI}}}nil") in ("true", "1") else one.text
        for one in (found.children if found is not None else ()) if one.namespace == namespace and not one.children
    }  # fmt: skip


def _holds(found: Any, operator: str, value: str) -> bool:
    if found is None:
        return False
    if operator == "=":
        return str(found) == value
    if operator in (">=", "ONORAFTER"):
        return datetime.fromisoformat(str(found)) >= datetime.fromisoformat(value)
    return False
