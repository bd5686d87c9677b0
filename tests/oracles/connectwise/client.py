"""What a user of pyconnectwise does: pages, gets, creates, patches, meets errors; its models come from the vendor's own OpenAPI, so what they
take is well-shaped."""

import json
import sys

import requests
from pyconnectwise import ConnectWiseManageAPIClient
from pyconnectwise.exceptions import AuthenticationFailedException, MalformedRequestException, NotFoundException, ObjectExistsError
from requests.adapters import HTTPAdapter

ADDRESS = sys.argv[1]
sent = HTTPAdapter.send


def here(self, request, **more):
    """The library insists on https; its requests go to the address given."""
    request.url = ADDRESS + "/" + request.url.split("/", 3)[3]
    return sent(self, request, **more)


HTTPAdapter.send = here


def client(private_key="hub-private"):
    return ConnectWiseManageAPIClient("northbeam", "psa.example", "4f1b9d1c-0c5e-4f0c-8f5a-7a1d2b3c4d5e", "hub-public", private_key)


api = client()
told = {"codebase": api.codebase}
pages = api.company.companies.paginated(1, 100, {"orderBy": "id asc"})
seen = [one.id for one in pages.data]
while pages.has_next_page:
    pages.get_next_page()
    seen += [one.id for one in pages.data]
told["companies"], told["sorted"] = len(set(seen)), seen == sorted(seen)
told["count"] = api.company.companies.count.get().count
one = api.company.companies.get(params={"conditions": 'name like "Nordlicht*" and deletedFlag=False'})[0]
told["one"] = [one.name, one.currency.name, one.country.name, one.status.name]
told["shapes"] = {
    name: len(listed)
    for name, listed in {
        "contacts": api.company.contacts.get(), "opportunities": api.sales.opportunities.get(), "agreements": api.finance.agreements.get(),
        "roles": api.finance.agreements.id(api.finance.agreements.get()[0].id).workroles.get(), "projects": api.project.projects.get(),
        "phases": api.project.projects.id(512).phases.get(), "tickets": api.project.tickets.get(), "members": api.system.members.get(),
        "times": api.time.entries.get(), "expenses": api.expense.entries.get(), "reports": api.expense.reports.get(), "invoices": api.finance.invoices.get(),
        "payments": api.finance.invoices.id(701).payments.get(), "work_roles": api.time.work_roles.get(), "tax_codes": api.finance.tax_codes.get(),
        "departments": api.system.departments.get(), "locations": api.system.locations.get(), "charge_codes": api.time.charge_codes.get(),
        "currencies": api.finance.currencies.get(),
    }.items()
}  # fmt: skip
told["changed"] = len(api.project.projects.get(params={"conditions": "lastUpdated>=[2020-01-01T00:00:00Z]", "orderBy": "lastUpdated asc", "pageSize": 3}))
told["by_mail"] = api.company.contacts.get(params={"childConditions": 'communicationItems/value="lena.brandt@nordlicht.example"'})[0].last_name
made = api.company.companies.post({"identifier": "PYCW", "name": "Made by pyconnectwise", "site": {"name": "Main"}})
told["created"] = made.identifier
patched = api.company.companies.id(made.id).patch([{"op": "replace", "path": "name", "value": "Patched"}, {"op": "replace", "path": "status", "value": {"name": "Inactive"}}])
told["patched"] = [patched.name, patched.status.name]
inside = api.company.companies.id(made.id).patch([{"op": "replace", "path": "status/id", "value": 1}])
told["inside"] = inside.status.name
field = {"id": api.company.companies.id(made.id).get().custom_fields[0].id, "value": "ours"}
api.company.companies.id(made.id).patch([{"op": "replace", "path": "customFields", "value": [field]}])
told["by_field"] = [each.id == made.id for each in api.company.companies.get(params={"customFieldConditions": 'caption="Hub id" AND value="ours"'})]
try:
    api.company.companies.post({"identifier": "PYCW", "name": "Again"})
except ObjectExistsError as error:
    told["taken"] = "identifier" in str(error)
for name, body in (("missing", {"identifier": "X"}), ("long", {"identifier": "X" * 31, "name": "x"})):
    try:
        api.company.companies.post(body)
    except MalformedRequestException as error:
        told[name] = [error.response.status_code, error.response.json()["errors"][0]["code"]]
api.company.companies.id(made.id).delete()
told["deleted"] = api.company.companies.id(made.id).get().deleted_flag
try:
    api.company.contacts.id(99999).get()
except NotFoundException as error:
    told["gone"] = error.response.json()["code"]
hook = {"url": "https://hub.example/hooks/psa?recordId=", "objectId": 1, "type": "company", "level": "owner", "payloadVersion": "3.0.0"}
told["callback"] = api.system.callbacks.post(hook).type
try:
    api.system.callbacks.post(hook)
except ObjectExistsError:
    told["callback_again"] = "exists"
try:
    client("wrong").company.companies.get()
except AuthenticationFailedException as error:
    told["wrong"] = error.response.status_code
told["version"] = requests.get(ADDRESS + "/v2025_1/apis/3.0/system/members", headers=api._get_headers()).headers["api-current-version"]
print(json.dumps(told))
