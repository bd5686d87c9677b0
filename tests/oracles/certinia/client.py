"""What a user of simple-salesforce does with the packages' objects: asks along their references, upserts, is refused by their triggers."""

import json

import here
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

assert here.ADDRESS
sf = Salesforce(consumer_key="hub-consumer-key", consumer_secret="hub-consumer-secret", domain="acme.my")
told = {"packages": sorted({one["name"].split("__")[0] for one in sf.describe()["sobjects"] if one["custom"]})}
project = sf.query("SELECT Id, Name, pse__Account__r.Name, pse__Project_ID__c FROM pse__Proj__c WHERE pse__Is_Template__c = false AND Name LIKE 'NL-ERP%'")["records"][0]
told["project"] = [project["Name"], project["pse__Account__r"]["Name"], project["pse__Project_ID__c"][:4]]
cards = sf.query_all(
    "SELECT Id, pse__Start_Date__c, pse__Total_Hours__c, pse__Status__c, pse__Resource__r.LastName FROM pse__Timecard_Header__c WHERE pse__Include_In_Financials__c = true"
)["records"]  # fmt: skip
told["approved"] = [[one["pse__Total_Hours__c"], one["pse__Resource__r"]["LastName"]] for one in cards]
days = sf.query_all(f"SELECT pse__Hours__c FROM pse__Time_Date__c WHERE pse__Timecard__r.pse__Timecard_Header__c = '{cards[0]['Id']}'")["records"]
told["days"] = [len(days), sum(one["pse__Hours__c"] for one in days)]
Task = sf.__getattr__("pse__Project_Task__c")
told["upserted"] = [Task.upsert("Hub_Id__c/ours-1", {"Name": name, "pse__Project__c": project["Id"]}) for name in ("Build", "Build again")]
told["prefix"] = sf.__getattr__("pse__Proj__c").describe()["keyPrefix"] == project["Id"][:3]
Card = sf.__getattr__("pse__Timecard_Header__c")
for name, call in (
    ("locked", lambda: Card.update(cards[0]["Id"], {"pse__Monday_Hours__c": 1.0})),
    ("closed", lambda: Card.create({"pse__Resource__c": sf.Contact.get_by_custom_id("Hub_Id__c", "ida")["Id"], "pse__Project__c": project["Id"],
                                    "pse__Start_Date__c": "2025-12-07", "pse__End_Date__c": "2025-12-13", "pse__Monday_Hours__c": 1.0})),
    ("unknown", lambda: sf.query("SELECT Id FROM fferpcore__BillingDocument__c")),
):  # fmt: skip
    try:
        call()
    except SalesforceMalformedRequest as error:
        told[name] = [error.status, error.content[0]["errorCode"]]
print(json.dumps(told))
