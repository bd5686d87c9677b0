"""One client as the API tells it: who won each field, the crosswalk, its contacts and projects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

FIELDS = ("name", "street", "city", "region", "postcode", "country", "phone", "website", "domain", "duns")
_PROVENANCE = "\n      ".join(f"{name} {{ ...Who }}" for name in FIELDS)

QUERY = f"""
query Client($id: ID!) {{
  client(id: $id) {{
    id version {" ".join(FIELDS)} extra
    provenance {{
      {_PROVENANCE}
    }}
    sources {{ system object externalId state values }}
    contacts(first: 10) {{ totalCount nodes {{ id givenName familyName email title sources {{ system externalId }} }} }}
    projects(first: 10) {{ totalCount nodes {{ id code name startDate sources {{ system externalId }} }} }}
  }}
}}
fragment Who on FieldProvenance {{
  value system object externalId observedAt rule owner provisional
  alternates {{ value system externalId }}
}}
"""


def client_as_text(client: Mapping[str, Any]) -> str:
    """The answer to :data:`QUERY`, for a terminal."""
    return "\n".join(_lines(client))


def _lines(client: Mapping[str, Any]) -> Iterator[str]:
    yield f"Client {client['id']}, version {client['version']}, as the API tells it"
    for name in FIELDS:
        if client[name] is not None:
            yield f"  {name:<10} {client[name]!s:<44} {_who(client['provenance'][name])}"
    for name, value in client["extra"].items():
        yield f"  {name:<10} {value!s:<44} a field of the firm's own"
    yield "  crosswalk"
    for one in (source for source in client["sources"] if source["state"] == "present"):
        yield f"    {one['system']:<8} {one['object']} {one['externalId']:<10} {one['values'].get('name', '')}"
    yield f"  contacts  {client['contacts']['totalCount']}"
    for one in client["contacts"]["nodes"]:
        person = " ".join(filter(None, (one["givenName"], one["familyName"])))
        yield f"    {person:<30} {one['email'] or '':<40} {one['title'] or ''} ({_from(one)})"
    yield f"  projects  {client['projects']['totalCount']}"
    for one in client["projects"]["nodes"]:
        yield f"    {one['code'] or '':<14} {one['name']:<40} {one['startDate'] or ''} ({_from(one)})"


def _who(told: Mapping[str, Any] | None) -> str:
    """Who won a field, why, and who says otherwise.

    >>> _who({"system": "crm", "object": "client", "externalId": "1", "rule": "owner", "owner": "crm", "provisional": False,
    ...       "observedAt": None, "alternates": [{"value": "ACME", "system": "erp", "externalId": "7"}]})
    'crm client 1 by owner; erp 7 says ACME'
    """
    if told is None or told["system"] is None:
        return ""
    provisional = f", provisional while {told['owner']} is silent" if told["provisional"] else ""
    others = "".join(f"; {one['system']} {one['externalId']} says {one['value']}" for one in told["alternates"])
    return f"{told['system']} {told['object']} {told['externalId']} by {told['rule']}{provisional}{others}"


def _from(one: Mapping[str, Any]) -> str:
    return ", ".join(f"{source['system']} {source['externalId']}" for source in one["sources"])
