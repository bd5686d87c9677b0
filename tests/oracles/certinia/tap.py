"""What tap-salesforce does: discovers every object with its fields, then reads the packages' from a date on."""

import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path

import here
import tap_salesforce

assert here.ADDRESS
WANTED = ("pse__Proj__c", "pse__Timecard_Header__c", "pse__Billing_Event_Item__c", "c2g__codaInvoice__c")


def ran(*args):
    sys.argv = ["tap-salesforce", *args]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        tap_salesforce.main()
    return out.getvalue()


with tempfile.TemporaryDirectory() as folder:
    config, catalog = Path(folder) / "config.json", Path(folder) / "catalog.json"
    about = {"refresh_token": "r", "client_id": "hub-consumer-key", "client_secret": "hub-consumer-secret", "start_date": "2020-01-01T00:00:00Z", "api_type": "REST"}
    config.write_text(json.dumps({**about, "select_fields_by_default": True}))
    found = json.loads(ran("--config", str(config), "--discover"))
    for stream in found["streams"]:
        for one in stream["metadata"]:
            if not one["breadcrumb"]:
                one["metadata"] |= {"selected": stream["tap_stream_id"] in WANTED, "replication-key": one["metadata"]["valid-replication-keys"][0]}
    catalog.write_text(json.dumps(found))
    lines = [json.loads(line) for line in ran("--config", str(config), "--properties", str(catalog)).splitlines()]
records = {name: sum(1 for one in lines if one["type"] == "RECORD" and one["stream"] == name) for name in WANTED}
state = [one["value"] for one in lines if one["type"] == "STATE"][-1]
keys = [sorted(set(state["bookmarks"][name]) - {"version"}) for name in WANTED]
print(json.dumps({"discovered": len(found["streams"]), "records": records, "keys": keys}))
