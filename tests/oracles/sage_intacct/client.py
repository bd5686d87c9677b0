"""What a user of sageintacctsdk does: signs in, counts, pages, asks, creates by both kinds of functions, updates, deletes, and meets errors."""

import json
import sys

from sageintacctsdk import SageIntacctSDK
from sageintacctsdk.apis.api_base import ApiBase
from sageintacctsdk.exceptions import InvalidTokenError, NoPrivilegeError, WrongParamsError

ADDRESS, LOGIN = sys.argv[1], json.loads(sys.argv[2])
made = ApiBase.__init__


def here(self, *args, **more):
    """The library knows one address; its requests go to the one given."""
    made(self, *args, **more)
    self._ApiBase__api_url = f"{ADDRESS}/ia/xml/xmlgw.phtml"


ApiBase.__init__ = here
sdk = SageIntacctSDK(**LOGIN)
told = {"customers": sdk.customers.count(None)}
for page in (sdk.customers, sdk.projects):
    page._ApiBase__pagesize = 100
FIELDS = ["RECORDNO", "CUSTOMERID", "NAME", "TERMNAME"]
everyone = sdk.customers.get_all(fields=FIELDS)
told["paged"] = [len(everyone), len({one["RECORDNO"] for one in everyone})]
told["generated"] = sum(len(page) for page in sdk.customers.get_all_generator(fields=FIELDS, order_by_field="RECORDNO", order="descending"))
told["changed"] = sum(len(page) for page in sdk.customers.get_all_generator(fields=FIELDS, updated_at="01/01/2020 00:00:00"))
told["asked"] = [one["NAME"] for one in sdk.customers.get_by_query(FIELDS, and_filter=[("like", "NAME", "NORD%"), ("equalto", "TERMNAME", "Net 30")])]
told["either"] = len(sdk.projects.get_by_query(["PROJECTID"], or_filter=[("equalto", "PROJECTID", "NL-ERP"), ("equalto", "PROJECTID", "AW-MES")]))
told["by_query"] = sdk.customers.get("CUSTOMERID", "C-10001", ["RECORDNO", "NAME"])["customer"]["NAME"]
told["fields"] = "PROJECTCATEGORY" in json.dumps(sdk.projects.get_lookup())
answer = sdk.customers.post({"CUSTOMERID": "C-SDK", "NAME": "Öl & Söhne <GmbH>", "DISPLAYCONTACT": {"PRINTAS": "Öl & Söhne", "MAILADDRESS": {"CITY": "Köln"}}})
told["created"] = answer["data"]["customer"]["CUSTOMERID"]
told["read"] = sdk.customers.get_by_query(["NAME", "DISPLAYCONTACT.MAILADDRESS.CITY"], and_filter=[("equalto", "CUSTOMERID", "C-SDK")])[0]
told["updated"] = sdk.customers.update({"CUSTOMERID": "C-SDK", "NAME": "Renamed"})["status"]
DAY = {"year": 2026, "month": 3, "day": 1}
invoice = {"customerid": "C-SDK", "datecreated": DAY, "datedue": DAY, "invoiceno": "SDK-1", "invoiceitems": {"lineitem": [{"glaccountno": "4000", "amount": "12.50"}]}}
told["invoice"] = sdk.ar_invoices.post(invoice)["key"].isdecimal()
told["posted"] = sdk.ar_invoices.get_by_query(["STATE", "TRX_TOTALDUE"], and_filter=[("equalto", "RECORDID", "SDK-1")])[0]
for name, body in (("taken", {"CUSTOMERID": "C-SDK", "NAME": "x"}), ("missing", {"CUSTOMERID": "C-SDK-2"}), ("unknown", {"NAME": "x", "SHOE": "1"})):
    try:
        sdk.customers.post(body)
    except WrongParamsError as error:
        first = error.response["error"][0]
        told[name] = [first["errorno"], first["description2"].partition(" [Support ID")[0]]
told["deleted"] = sdk.customers.delete(answer["data"]["customer"]["RECORDNO"])["status"]
try:
    sdk.customers.get_by_query(["NME"], and_filter=[("equalto", "NAME", "x")])
except WrongParamsError as error:
    told["bad_query"] = error.response["error"][0]["errorno"]
try:
    sdk.departments.post({"TITLE": "x"})
except NoPrivilegeError as error:
    told["forbidden"] = type(error).__name__
for name, wrong in (("bad_user", {"user_password": "x"}), ("bad_sender", {"sender_password": "x"})):
    try:
        SageIntacctSDK(**{**LOGIN, **wrong})
    except (InvalidTokenError, WrongParamsError) as error:
        told[name] = type(error).__name__
print(json.dumps(told))
