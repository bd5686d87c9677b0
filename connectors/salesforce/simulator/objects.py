"""The objects of the simulated org: fields with their types, as ``describe`` tells them, and what a field refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.simulator.rules import Refusal

SIZES = {"string": 255, "textarea": 32_000, "picklist": 255, "phone": 40, "url": 255, "email": 80, "reference": 18, "id": 18}
SOAP = {
    "boolean": "xsd:boolean", "currency": "xsd:double", "double": "xsd:double", "percent": "xsd:double", "int": "xsd:int", "date": "xsd:date",
    "datetime": "xsd:dateTime", "id": "tns:ID", "reference": "tns:ID",
}  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Spec:
    """One field. ``picks`` are its picklist values; ``is_restricted`` ones refuse others."""

    name: str
    type: str = "string"
    length: int = 0
    is_required: bool = False
    is_unique: bool = False
    is_computed: bool = False
    picks: tuple[str, ...] = ()
    is_restricted: bool = False
    refers_to: str = ""
    default: Any = None

    def described(self) -> dict[str, Any]:
        """As ``describe`` tells it."""
        length = self.length or SIZES.get(self.type, 0)
        return {
            "name": self.name, "label": self.name, "type": self.type, "soapType": SOAP.get(self.type, "xsd:string"), "length": length,
            "byteLength": length * 3, "precision": 18 if self.type in ("currency", "double", "percent") else 0,
            "scale": 2 if self.type in ("currency", "double", "percent") else 0, "digits": 0, "nillable": not self.is_required,
            "createable": not self.is_computed, "updateable": not self.is_computed, "calculated": self.is_computed, "filterable": True,
            "sortable": True, "groupable": True, "externalId": self.is_unique, "unique": self.is_unique, "custom": self.name.endswith("__c"),
            "idLookup": self.is_unique or self.type == "id", "nameField": self.name == "Name", "autoNumber": False, "caseSensitive": False,
            "defaultedOnCreate": self.default is not None, "defaultValue": self.default, "deprecatedAndHidden": False, "permissionable": True,
            "picklistValues": [{"active": True, "defaultValue": False, "label": one, "validFor": None, "value": one} for one in self.picks],
            "restrictedPicklist": self.is_restricted, "referenceTo": [self.refers_to] if self.refers_to else [],
            "relationshipName": self.relation or None, "inlineHelpText": None, "htmlFormatted": False, "encrypted": False, "aggregatable": True,
        }  # fmt: skip

    @property
    def relation(self) -> str:
        """How a query walks along this reference."""
        if not self.refers_to:
            return ""
        return self.name.removesuffix("Id") if self.name.endswith("Id") else self.name.removesuffix("__c") + "__r"

    def refusal(self, value: Any) -> Refusal | None:
        """Why a value cannot be stored; None when it can."""
        if value is None:
            return Refusal("REQUIRED_FIELD_MISSING", self.name, f"Required fields are missing: [{self.name}]") if self.is_required else None
        if self.type == "boolean" and not isinstance(value, bool):
            return self._malformed("boolean", value)
        if self.type in ("currency", "double", "percent", "int") and (isinstance(value, bool) or not isinstance(value, int | Decimal)):
            return self._malformed(self.type, value)
        if self.type == "date" and not (isinstance(value, str) and _DATE.fullmatch(value)):
            return self._malformed("date", value)
        if isinstance(value, str) and len(value) > (self.length or SIZES.get(self.type, 255)):
            text = f"{self.name}: data value too large: {value[:20]}… (max length={self.length or SIZES.get(self.type, 255)})"
            return Refusal("STRING_TOO_LONG", self.name, text)
        if self.is_restricted and value not in self.picks:
            return Refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", self.name, f"{self.name}: bad value for restricted picklist field: {value}")
        return None

    def _malformed(self, kind: str, value: Any) -> Refusal:
        return Refusal("JSON_PARSER_ERROR", self.name, f"Cannot deserialize instance of {kind} from {type(value).__name__} value {str(value)[:40]}")


@dataclass(frozen=True)
class SObject:
    """One object. ``prefix`` begins its ids."""

    name: str
    prefix: str
    specs: tuple[Spec, ...]
    fields: Mapping[str, Spec] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", {one.name: one for one in (*SYSTEM, *self.specs)})

    def described(self) -> dict[str, Any]:
        return {
            **self.told(), "fields": [one.described() for one in self.fields.values()], "childRelationships": [], "recordTypeInfos": [],
            "supportedScopes": [{"label": "All", "name": "everything"}],
        }  # fmt: skip

    def told(self) -> dict[str, Any]:
        """As the list of objects names it."""
        return {
            "name": self.name, "label": self.name, "labelPlural": self.name + "s", "keyPrefix": self.prefix, "custom": self.name.endswith("__c"),
            "queryable": True, "createable": True, "updateable": True, "deletable": True, "undeletable": True, "replicateable": True,
            "retrieveable": True, "searchable": True, "layoutable": True, "triggerable": True, "mergeable": self.name in ("Account", "Contact"),
            "deprecatedAndHidden": False, "customSetting": False, "feedEnabled": False, "activateable": False,
            "urls": {"sobject": f"/services/data/v62.0/sobjects/{self.name}", "describe": f"/services/data/v62.0/sobjects/{self.name}/describe",
                     "rowTemplate": f"/services/data/v62.0/sobjects/{self.name}/{{ID}}"},
        }  # fmt: skip


SYSTEM = (
    Spec("Id", "id", is_computed=True), Spec("IsDeleted", "boolean", is_computed=True, default=False),
    Spec("CreatedDate", "datetime", is_computed=True), Spec("LastModifiedDate", "datetime", is_computed=True),
    Spec("LastModifiedById", "reference", is_computed=True, refers_to="User"), Spec("SystemModstamp", "datetime", is_computed=True),
)  # fmt: skip
KEY = Spec("Hub_Id__c", length=64, is_unique=True)


def _texts(names: str, kind: str = "string", length: int = 0) -> tuple[Spec, ...]:
    return tuple(Spec(name, kind, length) for name in names.split())


OBJECTS: Mapping[str, SObject] = {
    one.name: one
    for one in (
        SObject("User", "005", (
            Spec("Username", length=80, is_required=True), *_texts("FirstName LastName Name EmployeeNumber Department Title TimeZoneSidKey UserType"),
            Spec("Email", "email"), Spec("IsActive", "boolean", default=True), Spec("ManagerId", "reference", refers_to="User"),
        )),
        SObject("Account", "001", (
            Spec("Name", is_required=True), Spec("Type", "picklist", picks=("Prospect", "Customer - Direct", "Customer - Channel", "Other")),
            Spec("ParentId", "reference", refers_to="Account"), Spec("AccountNumber", length=40), Spec("BillingStreet", "textarea", 255),
            *_texts("BillingCity BillingState BillingCountry", length=80), Spec("BillingPostalCode", length=20), Spec("ShippingStreet", "textarea", 255),
            *_texts("ShippingCity ShippingState ShippingCountry", length=80), Spec("ShippingPostalCode", length=20), Spec("Phone", "phone"),
            Spec("Website", "url"), Spec("Industry", "picklist", picks=("Technology", "Transportation", "Manufacturing", "Utilities", "Hospitality",
                                                                       "Retail", "Energy", "Healthcare", "Shipping"), is_restricted=True),
            Spec("OwnerId", "reference", refers_to="User"), Spec("MasterRecordId", "reference", is_computed=True, refers_to="Account"), KEY,
        )),
        SObject("Contact", "003", (
            Spec("AccountId", "reference", refers_to="Account"), Spec("Salutation", "picklist", picks=("Mr.", "Ms.", "Mx.", "Dr.", "Prof.")),
            Spec("FirstName", length=40), Spec("LastName", length=80, is_required=True), Spec("Email", "email"), Spec("Phone", "phone"),
            Spec("MobilePhone", "phone"), Spec("Title", length=128), Spec("Department", length=80),
            Spec("MasterRecordId", "reference", is_computed=True, refers_to="Contact"), KEY,
        )),
        SObject("Opportunity", "006", (
            Spec("AccountId", "reference", refers_to="Account"), Spec("Name", length=120, is_required=True),
            Spec("StageName", "picklist", is_required=True, picks=("Prospecting", "Qualification", "Proposal/Price Quote", "Closed Won", "Closed Lost")),
            Spec("Amount", "currency"), Spec("Probability", "percent"), Spec("CloseDate", "date", is_required=True),
            Spec("OwnerId", "reference", refers_to="User"), Spec("IsClosed", "boolean", is_computed=True), Spec("IsWon", "boolean", is_computed=True), KEY,
        )),
        SObject("Contract", "800", (
            Spec("AccountId", "reference", is_required=True, refers_to="Account"), Spec("ContractNumber", is_computed=True), Spec("Name", length=80),
            Spec("Status", "picklist", picks=("Draft", "In Approval Process", "Activated"), is_restricted=True, default="Draft"),
            Spec("StartDate", "date"), Spec("EndDate", "date", is_computed=True), Spec("ContractTerm", "int"), Spec("ActivatedDate", "datetime"), KEY,
        )),
        SObject("Product2", "01t", (Spec("ProductCode"), Spec("Name", is_required=True), Spec("Family"), Spec("IsActive", "boolean", default=True))),
        SObject("Pricebook2", "01s", (Spec("Name", is_required=True), Spec("IsActive", "boolean", default=True), Spec("IsStandard", "boolean", default=False))),
        SObject("PricebookEntry", "01u", (
            Spec("Pricebook2Id", "reference", is_required=True, refers_to="Pricebook2"), Spec("Product2Id", "reference", is_required=True, refers_to="Product2"),
            Spec("UnitPrice", "currency", is_required=True), Spec("IsActive", "boolean", default=True),
        )),
        SObject("Order", "801", (
            Spec("AccountId", "reference", refers_to="Account"), Spec("ContractId", "reference", refers_to="Contract"), Spec("EffectiveDate", "date"),
            Spec("Status", "picklist", picks=("Draft", "Activated"), default="Draft"),
        )),
        SObject("OrderItem", "802", (
            Spec("OrderId", "reference", is_required=True, refers_to="Order"), Spec("OrderItemNumber", is_computed=True),
            Spec("Product2Id", "reference", refers_to="Product2"), Spec("Description"), Spec("Quantity", "double"), Spec("UnitPrice", "currency"),
            Spec("TotalPrice", "currency"), Spec("ServiceDate", "date"), Spec("EndDate", "date"),
        )),
    )
}  # fmt: skip


def long_id(short: str) -> str:
    """The 18 characters of a 15-character id: three more that tell which letters are capitals.

    >>> long_id("001Kq00000Nx7Qa")
    '001Kq00000Nx7QaIAJ'
    """
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    return short + "".join(letters[sum(1 << at for at, one in enumerate(short[start : start + 5]) if "A" <= one <= "Z")] for start in (0, 5, 10))
