"""What a user of the package netsuite does: signs each request by OAuth 1.0a, asks by SuiteQL, creates, upserts, updates, deletes, meets errors."""

import asyncio
import json
import sys
import warnings

warnings.filterwarnings("ignore")

from netsuite import Config, NetSuite, TokenAuth
from netsuite.exceptions import NetsuiteAPIRequestError
from netsuite.rest_api import NetSuiteRestApi

ADDRESS, ACCOUNT, CONSUMER_KEY, CONSUMER_SECRET, TOKEN_ID, TOKEN_SECRET = sys.argv[1:]
NetSuiteRestApi._make_url = lambda self, subpath: f"{ADDRESS}/services/rest{subpath}"


def account(secret: str = TOKEN_SECRET) -> NetSuiteRestApi:
    auth = TokenAuth(consumer_key=CONSUMER_KEY, consumer_secret=CONSUMER_SECRET, token_id=TOKEN_ID, token_secret=secret)
    return NetSuite(Config(account=ACCOUNT, auth=auth)).rest_api


async def refused(request) -> list:
    try:
        await request
    except NetsuiteAPIRequestError as error:
        told = json.loads(error.response_text)
        return [error.status_code, told["title"], told["o:errorDetails"][0]["o:errorCode"]]
    return []


async def main() -> dict:
    api, told = account(), {}
    page = await api.suiteql("SELECT id, companyname, isperson, BUILTIN.DF(terms) AS terms, TO_CHAR(lastmodifieddate, 'YYYY') AS year FROM customer "
                             "WHERE companyname LIKE 'NORD%' ORDER BY id", limit=5)  # fmt: skip
    told["rows"] = [{name: value for name, value in one.items() if name not in ("id", "year")} for one in page["items"]]
    found, offset = [], 0
    while True:
        page = await api.suiteql("SELECT id FROM customer ORDER BY id", limit=100, offset=offset)
        found += [one["id"] for one in page["items"]]
        if not page["hasMore"]:
            break
        offset += page["count"]
    told["paged"] = [len(found), len(set(found)), page["totalResults"]]
    lines = await api.suiteql("SELECT t.tranid, BUILTIN.DF(t.status) AS status, t.foreigntotal, t.trandate FROM transaction t WHERE t.type = 'CustInvc'")
    told["invoice"] = {name: value for name, value in lines["items"][0].items() if name not in ("links", "tranid")}
    told["unknown_field"] = await refused(api.suiteql("SELECT shoe FROM customer"))
    told["unknown_table"] = await refused(api.suiteql("SELECT id FROM shoes"))
    told["created"] = await api.post("/record/v1/customer", json={"companyName": "Oracle & Söhne", "subsidiary": {"id": "2"}, "externalId": "ours-1"})
    one = await api.get("/record/v1/customer/eid:ours-1")
    told["read"] = [one["companyName"], one["subsidiary"]["refName"], one["isInactive"], "terms" in one, "items" in one["addressBook"]]
    told["updated"] = await api.patch(f"/record/v1/customer/{one['id']}", json={"phone": "+49 40 1"})
    await api.put("/record/v1/customer/eid:ours-2", json={"companyName": "Upserted", "subsidiary": {"id": "2"}})
    await api.put("/record/v1/customer/eid:ours-2", json={"companyName": "Upserted again", "terms": {"id": "3"}})
    again = await api.get("/record/v1/customer/eid:ours-2", params={"expandSubResources": "true"})
    told["upserted"] = [again["companyName"], again["terms"]["refName"], again["addressBook"]["totalResults"]]
    told["filtered"] = [each["id"] == again["id"] for each in (await api.get("/record/v1/customer", params={"q": 'companyName START_WITH "Upserted"'}))["items"]]
    told["missing"] = await refused(api.post("/record/v1/customer", json={"phone": "1", "subsidiary": {"id": "2"}}))
    told["unknown"] = await refused(api.post("/record/v1/customer", json={"companyName": "x", "subsidiary": {"id": "2"}, "shoe": 1}))
    told["taken"] = await refused(api.post("/record/v1/customer", json={"companyName": "x", "subsidiary": {"id": "2"}, "externalId": "ours-1"}))
    told["deleted"] = await api.delete(f"/record/v1/customer/{one['id']}")
    told["gone"] = await refused(api.get(f"/record/v1/customer/{one['id']}"))
    gone = await api.suiteql(f"SELECT recordid, type FROM deletedrecord WHERE recordid = {one['id']}")
    told["told_deleted"] = [[each["recordid"] == one["id"], each["type"]] for each in gone["items"]]
    schema = await api.jsonschema("customer")
    told["schema"] = [schema["properties"]["lastModifiedDate"]["format"], schema["properties"]["companyName"]["type"]]
    openapi = await api.openapi(["customer", "invoice"])
    told["openapi"] = [openapi["openapi"], sorted(openapi["components"]["schemas"]), "/customer/{id}" in openapi["paths"]]
    told["wrong_secret"] = await refused(account("wrong").suiteql("SELECT id FROM customer"))
    return told


print(json.dumps(asyncio.run(main())))
