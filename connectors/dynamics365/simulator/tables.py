"""The tables of the simulated organisation, in a short hand: columns with their types, references with the navigations they are written by.

``name:s160!`` is a required text of at most 160 characters; s text, i whole number, c choice, b truth, m money (with its ``_base``),
n decimal, d day, t instant, g id. ``parentaccountid>account`` is a reference, ``msdyn_project>msdyn_project/msdyn_Project`` one whose
navigation is spelled otherwise; one to several tables is said once for each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from connectors.odata.simulator_kinds import Kind, Nav, Prop, Service
from connectors.odata.values import BOOLEAN, DATE, DECIMAL, GUID, INSTANT, INT32, INT64, STRING

TYPES = {"s": STRING, "i": INT32, "c": INT32, "b": BOOLEAN, "m": DECIMAL, "n": DECIMAL, "d": DATE, "t": INSTANT, "g": GUID}
STAMPS = (
    Prop("createdon", INSTANT, is_computed=True), Prop("modifiedon", INSTANT, is_computed=True), Prop("versionnumber", INT64, is_computed=True),
    Prop("statuscode", INT32, default=1),
)  # fmt: skip
HUB_KEY = "nb_hubkey"
"""The column of an alternate key that the firm has made for the hub."""
_COLUMN = re.compile(r"(?P<name>\w+)(?::(?P<type>[sicbmndtg])(?P<length>\d*)(?P<need>!?))?(?:>(?P<to>\w+)(?:/(?P<navigation>\w+))?)?(?P<computed>\^?)")

CHOICES: Mapping[tuple[str, str], Mapping[int | str, str]] = {
    ("account", "industrycode"): {1: "Accounting", 9: "Consulting", 28: "Transportation", 29: "Utility Creation and Distribution", 19: "Inbound Capital Intensive Processing",
                                  32: "Wholesale", 11: "Durable Manufacturing", 43: "Hospitality", 44: "Healthcare", 45: "Energy", 46: "Technology", 47: "Retail",
                                  5: "Business Services", 16: "Financial", 24: "Non-Durable Merchandise Retail", 48: "Shipping"},
    ("account", "statecode"): {0: "Active", 1: "Inactive"},
    ("opportunity", "statecode"): {0: "Open", 1: "Won", 2: "Lost"},
    ("msdyn_timeentry", "msdyn_entrystatus"): {192350000: "Draft", 192350001: "Returned", 192350002: "Approved", 192350003: "Submitted", 192350004: "Recall requested"},
    ("msdyn_timeentry", "msdyn_type"): {192350000: "Work", 192350001: "Absence", 192350002: "Vacation"},
}  # fmt: skip

_TABLES = """
transactioncurrency transactioncurrencies:
    isocurrencycode:s5! currencyname:s100 currencyprecision:i exchangerate:n statecode:c
cdm_company cdm_companies:
    cdm_companycode:s4! cdm_name:s100 statecode:c
msdyn_organizationalunit msdyn_organizationalunits:
    msdyn_name:s100! statecode:c
systemuser systemusers:
    firstname:s64 lastname:s64! internalemailaddress:s100 employeeid:s100 isdisabled:b accessmode:c parentsystemuserid>systemuser
account accounts:
    name:s160! accountnumber:s20 parentaccountid>account emailaddress1:s100 telephone1:s50 websiteurl:s200 address1_line1:s250
    address1_city:s80 address1_postalcode:s20 address1_stateorprovince:s50 address1_country:s80 industrycode:c creditlimit:m
    transactioncurrencyid>transactioncurrency ownerid>systemuser statecode:c
    merged:b masterid>account
contact contacts:
    firstname:s50 lastname:s50! salutation:s100 emailaddress1:s100 jobtitle:s100 department:s100 telephone1:s50 mobilephone:s50
    parentcustomerid>account/parentcustomerid_account parentcustomerid>contact/parentcustomerid_contact statecode:c
    merged:b masterid>contact
opportunity opportunities:
    name:s300! customerid>account/customerid_account customerid>contact/customerid_contact estimatedvalue:m actualvalue:m
    estimatedclosedate:d closeprobability:i stepname:s200 transactioncurrencyid>transactioncurrency ownerid>systemuser statecode:c
salesorder salesorders:
    name:s300! ordernumber:s100^ customerid>account/customerid_account customerid>contact/customerid_contact opportunityid>opportunity
    totalamount:m msdyn_ordertype:c msdyn_psastate:c msdyn_psastatusreason:c transactioncurrencyid>transactioncurrency statecode:c
salesorderdetail salesorderdetails:
    salesorderid>salesorder! lineitemnumber:i productdescription:s500 msdyn_billingmethod:c msdyn_budgetamount:m
    msdyn_project>msdyn_project/msdyn_Project msdyn_invoicefrequency>msdyn_invoicefrequency extendedamount:m transactioncurrencyid>transactioncurrency
bookableresource bookableresources:
    name:s100! resourcetype:c userid>systemuser/UserId contactid>contact/ContactId accountid>account/AccountId statecode:c
bookableresourcecategory bookableresourcecategories:
    name:s100! msdyn_billingtype:c
uom uoms:
    name:s100!
msdyn_invoicefrequency msdyn_invoicefrequencies:
    msdyn_name:s100!
msdyn_expensecategory msdyn_expensecategories:
    msdyn_name:s100!
pricelevel pricelevels:
    name:s100! msdyn_module:c begindate:d enddate:d transactioncurrencyid>transactioncurrency statecode:c
msdyn_transactioncategory msdyn_transactioncategories:
    msdyn_name:s100! statecode:c
msdyn_resourcecategorypricelevel msdyn_resourcecategorypricelevels:
    msdyn_pricelist>pricelevel/msdyn_PriceList msdyn_resourcecategory>bookableresourcecategory/msdyn_ResourceCategory
    msdyn_organizationalunit>msdyn_organizationalunit msdyn_unit>uom/msdyn_Unit msdyn_price:m transactioncurrencyid>transactioncurrency
msdyn_transactioncategorypricelevel msdyn_transactioncategorypricelevels:
    msdyn_pricelist>pricelevel/msdyn_PriceList msdyn_transactioncategory>msdyn_transactioncategory/msdyn_TransactionCategory
    msdyn_unit>uom/msdyn_Unit msdyn_price:m transactioncurrencyid>transactioncurrency
msdyn_project msdyn_projects:
    msdyn_subject:s200! msdyn_description:s2000 msdyn_customer>account msdyn_projectmanager>systemuser
    msdyn_salesorderid>salesorder/msdyn_SalesOrderId
    msdyn_contractorganizationalunitid>msdyn_organizationalunit/msdyn_ContractOrganizationalUnitId msdyn_scheduledstart:t msdyn_finish:t^
    msdyn_effort:n^ msdyn_overallprojectstatus:c transactioncurrencyid>transactioncurrency statecode:c
msdyn_projecttask msdyn_projecttasks:
    msdyn_subject:s450! msdyn_project>msdyn_project msdyn_parenttask>msdyn_projecttask msdyn_start:t msdyn_finish:t msdyn_effort:n
    msdyn_outlinelevel:i msdyn_ismilestone:b statecode:c
msdyn_projectteam msdyn_projectteams:
    msdyn_bookableresourceid>bookableresource msdyn_project>msdyn_project msdyn_resourcecategory>bookableresourcecategory msdyn_start:t
    msdyn_finish:t msdyn_effort:n
msdyn_resourceassignment msdyn_resourceassignments:
    msdyn_bookableresourceid>bookableresource msdyn_projectid>msdyn_project msdyn_taskid>msdyn_projecttask msdyn_start:t msdyn_finish:t
    msdyn_effort:n
msdyn_contractlinescheduleofvalue msdyn_contractlinescheduleofvalues:
    msdyn_name:s100 msdyn_contractline:s100 msdyn_project>msdyn_project msdyn_amount:m msdyn_tax:m msdyn_invoicedate:d msdyn_invoicestatus:c
    transactioncurrencyid>transactioncurrency
msdyn_timeentry msdyn_timeentries:
    msdyn_date:d! msdyn_duration:i! msdyn_bookableresource>bookableresource msdyn_project>msdyn_project
    msdyn_projecttask>msdyn_projecttask/msdyn_projectTask msdyn_resourcecategory>bookableresourcecategory/msdyn_resourceCategory
    msdyn_manager>systemuser msdyn_type:c msdyn_entrystatus:c msdyn_description:s2000 msdyn_externaldescription:s2000
msdyn_expense msdyn_expenses:
    msdyn_transactiondate:d! msdyn_expensecategory>msdyn_expensecategory/msdyn_ExpenseCategory msdyn_quantity:n msdyn_price:m msdyn_amount:m
    msdyn_salestaxamount:m msdyn_totalamount:m^ msdyn_project>msdyn_project/msdyn_Project msdyn_bookableresource>bookableresource
    msdyn_expensestatus:c msdyn_name:s100 msdyn_externaldescription:s2000 transactioncurrencyid>transactioncurrency
msdyn_actual msdyn_actuals:
    msdyn_transactiontypecode:c msdyn_transactionclassification:c msdyn_billingstatus:c msdyn_quantity:n msdyn_price:m msdyn_amount:m
    msdyn_documentdate:d msdyn_externalreferenceid:s100 msdyn_externaldescription:s2000 msdyn_salescontractline:s100
    msdyn_project>msdyn_project/msdyn_Project msdyn_task>msdyn_projecttask/msdyn_Task msdyn_bookableresource>bookableresource
    msdyn_unit>uom/msdyn_Unit transactioncurrencyid>transactioncurrency
msdyn_contractlineinvoiceschedule msdyn_contractlineinvoiceschedules:
    msdyn_contractline:s100 msdyn_invoicerundate:d msdyn_transactioncutoffdate:d msdyn_invoice>invoice/msdyn_Invoice
invoice invoices:
    invoicenumber:s100 name:s300! customerid>account/customerid_account customerid>contact/customerid_contact salesorderid>salesorder
    totalamount:m totaltax:m datedelivered:d duedate:d statecode:c msdyn_projectinvoicestatus:c msdyn_hascorrections:b
    transactioncurrencyid>transactioncurrency
invoicedetail invoicedetails:
    invoiceid>invoice lineitemnumber:i productdescription:s500 quantity:n priceperunit:m extendedamount:m tax:m
    msdyn_project>msdyn_project/msdyn_Project msdyn_contractline:s100 transactioncurrencyid>transactioncurrency
"""
KEYED = frozenset({"account", "contact", "opportunity", "salesorder", "msdyn_project", "msdyn_timeentry", "msdyn_expense"})
"""Tables with the firm's alternate key for the hub."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference as metadata tells it."""

    attribute: str
    target: str
    navigation: str


@cache
def references(table: str) -> tuple[Reference, ...]:
    """All references of a table; one to several tables is told for each."""
    return tuple(Reference(one["name"], one["to"], one["navigation"] or one["name"]) for one in _columns(table) if one["to"])


def _read() -> dict[str, tuple[str, str]]:
    """Table → its set and columns."""
    found: dict[str, tuple[str, str]] = {}
    name = set_ = ""
    for line in _TABLES.strip().splitlines():
        if line.startswith(" "):
            found[name] = set_, f"{found[name][1]} {line.strip()}"
        else:
            name, set_ = line.rstrip(": ").split()
            found[name] = set_, ""
    return found


def _columns(table: str) -> list[dict[str, str]]:
    found = []
    for text in TABLES[table][1].split():
        match = _COLUMN.fullmatch(text.removesuffix("!")) or _COLUMN.fullmatch(text)
        if match is None:
            raise ValueError(f"{table}: {text!r} is no column")
        found.append({name: value or "" for name, value in match.groupdict().items()} | {"need": "!" if text.endswith("!") or "!" in text else ""})
    return found


def _kind(table: str) -> Kind:
    set_, _ = TABLES[table]
    id = "activityid" if table == "activity" else f"{table}id"
    props: dict[str, Prop] = {id: Prop(id, GUID)}
    navs: dict[str, Nav] = {}
    for one in _columns(table):
        name = one["name"]
        if one["to"]:
            column = f"_{name}_value"
            target = TABLES[one["to"]][0]
            before = props[column].binds if column in props else ""
            props[column] = Prop(column, GUID, binds=f"{before} {one['navigation'] or name}".strip())
            navs[one["navigation"] or name] = Nav(one["navigation"] or name, target, column, f"{one['to']}id")
            continue
        is_state = name == "statecode"
        props[name] = Prop(
            name, TYPES[one["type"]], int(one["length"] or 0), is_required=one["need"] == "!", is_computed=one["computed"] == "^",
            default=0 if is_state else False if one["type"] == "b" else None, picks=CHOICES.get((table, name), {}) if one["type"] == "c" else {},
        )  # fmt: skip
        if one["type"] == "m":
            props[f"{name}_base"] = Prop(f"{name}_base", DECIMAL, is_computed=True)
    if table in KEYED:
        props[HUB_KEY] = Prop(HUB_KEY, STRING, 100)
    for stamp in STAMPS:
        props.setdefault(stamp.name, stamp)
    unique: tuple[tuple[str, ...], ...] = ((HUB_KEY,),) if table in KEYED else ()
    if table == "account":
        unique += (("accountnumber",),)
    return Kind(set_, table, (id,), tuple(props.values()), tuple(navs.values()), unique)


TABLES = _read()
KINDS: Mapping[str, Kind] = {one.set: one for one in map(_kind, TABLES)}
SERVICE = Service("/api/data/v9.2", KINDS, 4, "Microsoft.Dynamics.CRM", upserts=True)
