"""What users of Microsoft's Dataverse client and of MSAL do: sign in, create, page, update, upsert by a key, batch, and meet errors."""

import json
import os
import sys

ADDRESS, PLAIN, CERTIFICATE, TENANT, ID, SECRET = sys.argv[1:]
os.environ["REQUESTS_CA_BUNDLE"] = CERTIFICATE

import msal
import requests
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError


class Http(requests.Session):
    """MSAL wants its own https host; what it asks goes to the address given."""

    def _here(self, url):
        return url.replace("https://login.microsoftonline.com", PLAIN)

    def get(self, url, **more):
        more.pop("verify", None)
        return super().get(self._here(url), **more)

    def post(self, url, **more):
        return super().post(self._here(url), **more)


def application(secret):
    return msal.ConfidentialClientApplication(ID, client_credential=secret, authority=f"https://login.microsoftonline.com/{TENANT}", http_client=Http(), instance_discovery=False)


told = {}
given = application(SECRET).acquire_token_for_client([f"{ADDRESS}/.default"])
told["token"] = [given["token_type"], given["expires_in"] > 3000]
told["wrong"] = application("wrong").acquire_token_for_client([f"{ADDRESS}/.default"])["error"]


class Credential:
    def get_token(self, *scopes, **_):
        told["scope"] = scopes[0].endswith("/.default")
        return type("Token", (), {"token": given["access_token"], "expires_on": 4102444800})()


with DataverseClient(ADDRESS, Credential()) as client:
    one = client.records.create("account", {"name": "Oracle & Söhne", "industrycode": "Consulting"})
    client.records.update("account", one, {"telephone1": "+49 40 1"})
    found = client.records.retrieve("account", one, select=["name", "telephone1", "industrycode"])
    told["read"] = [found["name"], found["telephone1"], found["industrycode"]]
    many = client.records.create("account", [{"name": f"Many {n}"} for n in range(5)])
    told["many"] = len(set(many))
    told["paged"] = [len(page) for page in client.records.list_pages("account", filter="startswith(name,'Firm ')", select=["name"], orderby=["name asc"], page_size=100)]
    for name in ("Upserted", "Upserted again"):
        client.records.upsert("account", [{"alternate_key": {"accountnumber": "C-77"}, "record": {"name": name}}])
    told["upserted"] = [row["name"] for row in client.records.list("account", filter="accountnumber eq 'C-77'", select=["name"])]
    client.records.upsert("account", [{"alternate_key": {"accountnumber": f"M-{n}"}, "record": {"name": f"Upsert {n}"}} for n in range(3)])
    told["upserted_many"] = len(list(client.records.list("account", filter="startswith(accountnumber,'M-')", select=["name"])))
    batch = client.batch.new()
    batch.records.create("contact", {"lastname": "Batch"})
    with batch.changeset() as changes:
        changes.records.update("account", one, {"address1_city": "Hamburg"})
        changes.records.create("contact", {"lastname": "Set"})
    batch.records.create("account", {"name": "x" * 161})
    done = batch.execute(continue_on_error=True)
    told["batch"] = [response.status_code for response in done.responses]
    told["errors"] = {}
    for name, call in {
        "long": lambda: client.records.create("account", {"name": "x" * 161}),
        "unknown": lambda: client.records.create("account", {"name": "x", "nb_nothing": 1}),
        "query": lambda: list(client.records.list("account", filter="nb_nothing eq 1")),
    }.items():
        try:
            call()
        except HttpError as error:
            told["errors"][name] = [error.status_code, error.details.get("service_error_code")]
    client.records.delete("account", one)
    told["gone"] = client.records.retrieve("account", one, select=["name"])
print(json.dumps(told))
