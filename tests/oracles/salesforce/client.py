"""What a user of simple-salesforce does: signs in, asks, pages, creates, upserts, updates, deletes, and meets errors."""

import json
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

ADDRESS = sys.argv[1]


class Here(HTTPAdapter):
    """The library insists on https and a Salesforce host; its requests go to the address given."""

    def send(self, request, **more):
        there = urlsplit(request.url)
        request.url = ADDRESS + there.path + ("?" + there.query if there.query else "")
        return super().send(request, **more)


session = requests.Session()
session.mount("https://", Here())
sf = Salesforce(consumer_key="hub-consumer-key", consumer_secret="hub-consumer-secret", domain="acme.my", session=session)
told = {"version": sf.sf_version}
told["accounts"] = len(sf.query_all("SELECT Id, Name FROM Account", headers={"Sforce-Query-Options": "batchSize=200"})["records"])
told["one"] = sf.query("SELECT Name, Owner.LastName FROM Account WHERE Name LIKE 'Nordlicht%' LIMIT 1")["records"][0]
told["won"] = sf.query("SELECT COUNT() FROM Opportunity WHERE IsWon = true AND Amount > 1000.5")["totalSize"]
told["fields"] = sorted(one["name"] for one in sf.Account.describe()["fields"] if one["type"] == "reference")
made = sf.Account.create({"Name": "Oracle & Söhne", "BillingCountry": "Germany"})
told["created"] = made["success"]
told["updated"] = sf.Account.update(made["id"], {"Phone": "+49 40 1"})
told["read"] = {name: sf.Account.get(made["id"])[name] for name in ("Name", "Phone", "IsDeleted")}
told["upserted"] = [sf.Account.upsert("Hub_Id__c/ours-1", {"Name": "Upserted"}), sf.Account.upsert("Hub_Id__c/ours-1", {"Name": "Upserted again"})]
told["by_key"] = sf.Account.get_by_custom_id("Hub_Id__c", "ours-1")["Name"]
for name, body in (("unknown", {"Name": "x", "Shoe__c": 1}), ("missing", {"Phone": "1"}), ("taken", {"Name": "x", "Hub_Id__c": "ours-1"})):
    try:
        sf.Account.create(body)
    except SalesforceMalformedRequest as error:
        told[name] = [error.status, error.content[0]["errorCode"]]
told["deleted"] = sf.Account.delete(made["id"])
try:
    sf.Account.get(made["id"])
except SalesforceResourceNotFound as error:
    told["gone"] = [error.status, error.content[0]["errorCode"]]
now = datetime.now(UTC)
told["told_deleted"] = [one["id"] == made["id"] for one in sf.Account.deleted(now - timedelta(days=1), now + timedelta(hours=1))["deletedRecords"]]
try:
    sf.query("SELECT Nme FROM Account")
except SalesforceMalformedRequest as error:
    told["bad_query"] = error.content[0]["errorCode"]
rows = "".join(sf.bulk2.Account.query("SELECT Id, Name FROM Account", max_records=5)).splitlines() if hasattr(sf, "bulk2") else []
told["bulk"] = sum(1 for line in rows if '"001' in line)
told["usage"] = "api-usage" in sf.api_usage
print(json.dumps(told))
