"""What a user of py-autotask does: reads, asks, counts, creates below a parent, and meets errors."""

import json
import sys

from py_autotask import AutotaskClient
from py_autotask.exceptions import AutotaskError

ADDRESS, USER, SECRET, CODE = sys.argv[1:5]
client = AutotaskClient.create(username=USER, integration_code=CODE, secret=SECRET, api_url=f"{ADDRESS}/ATServicesRest/")
told = {}


def refused(action):
    """Whether the library sees an error."""
    try:
        action()
    except AutotaskError as error:
        return getattr(error, "status_code", None) or type(error).__name__
    return None


page = client.companies.query({"filter": [{"op": "gte", "field": "id", "value": 0}]})
told["companies"] = len(page.items)
told["more"] = page.page_details.next_page_url is not None
told["one"] = client.companies.get(174)["companyName"]
told["absent"] = client.companies.get(99999999)
told["german"] = len(client.companies.query(filters=[{"op": "contains", "field": "companyName", "value": "gmbh"}]).items)
made = client.companies.create({"companyName": "Oracle & Söhne", "companyType": 1, "phone": "1", "ownerResourceID": 10})
told["made"] = client.companies.get(made.item_id)["companyName"]
child = client.create_child_entity("Projects", 4, "Tasks", {"title": "Cut-over", "status": 1})
told["task"] = client.get("Tasks", child.item_id)["projectID"]
told["missing"] = refused(lambda: client.companies.create({"companyName": "x"}))
told["undocumented"] = refused(lambda: client.companies.update({"id": made.item_id, "city": "Kiel"}))
wrong = AutotaskClient.create(username=USER, integration_code=CODE, secret="wrong", api_url=f"{ADDRESS}/ATServicesRest/")
told["stranger"] = refused(lambda: wrong.companies.get(174))
print(json.dumps(told))
