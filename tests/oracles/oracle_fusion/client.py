"""What a user of zeep does with Fusion's customer accounts: reads the services' descriptions, makes, finds, changes, and meets faults."""

import json
import sys
from decimal import Decimal

import requests
from requests.auth import HTTPBasicAuth
from zeep import Client, Transport
from zeep.exceptions import Fault

ADDRESS, PARTY = sys.argv[1:3]
session = requests.Session()
session.auth = HTTPBasicAuth("HUB_INTEGRATION", "hub-password")
accounts = Client(f"{ADDRESS}/crmService/CustomerAccountService?WSDL", transport=Transport(session=session)).service
profiles = Client(f"{ADDRESS}/fscmService/ReceivablesCustomerProfileService?WSDL", transport=Transport(session=session)).service


def found(name, value):
    criteria = {"fetchStart": 0, "fetchSize": 10, "filter": {"group": [{"upperCaseCompare": False, "item": [
        {"conjunction": "And", "upperCaseCompare": False, "attribute": name, "operator": "=", "value": [value]}]}]}}  # fmt: skip
    return accounts.findCustomerAccount(findCriteria=criteria, findControl={"retrieveAllTranslations": False})


told = {}
made = accounts.createCustomerAccount({"PartyId": int(PARTY), "AccountName": "Zoë & <Söhne>", "CreatedByModule": "HZ_WS"})[0]
told["made"] = [made.AccountName, made.Status, made.CustomerAccountId > 0, made.LastUpdateDate.tzinfo is not None]
told["found"] = [one.AccountName for one in found("AccountNumber", made.AccountNumber)]
accounts.updateCustomerAccount({"CustomerAccountId": made.CustomerAccountId, "AccountName": "Zoë"})
told["renamed"] = accounts.getCustomerAccount(made.CustomerAccountId)[0].AccountName
profiles.createCustomerProfile({"CustomerAccountId": made.CustomerAccountId, "PartyId": int(PARTY), "ProfileClassName": "DEFAULT", "CreditLimit": Decimal("12.50")})
told["limit"] = str(profiles.getActiveCustomerProfile({"AccountNumber": made.AccountNumber})[0].CreditLimit)
told["all"] = len(accounts.findCustomerAccount(findCriteria={"fetchStart": 0, "fetchSize": 500}, findControl={"retrieveAllTranslations": False}))
try:
    accounts.createCustomerAccount({"PartyId": 1, "AccountName": "x", "CreatedByModule": "HZ_WS"})
except Fault as error:
    told["fault"] = [error.code, "The party isn't valid" in error.message, error.detail is not None]
print(json.dumps(told))
