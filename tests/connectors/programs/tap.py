"""A tap for tests, written against the specification alone: tables in a file, told as SCHEMA, RECORD, STATE; misbehaves on request.

Its configuration: ``book`` (the file: {stream: [record, …]}), ``token``, ``behave`` ({what: value}), ``log`` (a file that gets a line a run).
"""

import argparse
import json
import sys
import time
from pathlib import Path

parser = argparse.ArgumentParser()
for name in ("--config", "--catalog", "--state"):
    parser.add_argument(name)
parser.add_argument("--discover", action="store_true")
given = parser.parse_args()
place = Path(given.config)
config = json.loads(place.read_text())
book = json.loads(Path(config["book"]).read_text())
behave = config.get("behave", {})
state = json.loads(Path(given.state).read_text()) if given.state else {"bookmarks": {}}
METHOD = behave.get("method", "INCREMENTAL")


def say(kind: str, **more: object) -> None:
    sys.stdout.write(json.dumps({"type": kind, **more}) + "\n")
    sys.stdout.flush()


def noted(what: str) -> None:
    with Path(config["log"]).open("a") as log:
        log.write(what + "\n")


def schema_of(stream: str) -> dict:
    names = sorted({name for row in book[stream] for name in row} | {"id", "updated_at"})
    return {"type": "object", "properties": {name: {"type": ["null", "string", "number"]} for name in names}}


if config.get("token") != "let-me-in":
    print(f"CRITICAL 401 Client Error: Unauthorized for token={config.get('token')}", file=sys.stderr)
    sys.exit(1)
if given.discover:
    noted("discover")
    streams = [
        {
            "tap_stream_id": name, "stream": name, "key_properties": ["id"], "schema": schema_of(name),
            "metadata": [{"breadcrumb": [], "metadata": {"replication-method": METHOD, "replication-key": "updated_at", "selected": True}}],
        }
        for name in book
    ]  # fmt: skip
    print(json.dumps({"streams": streams}, indent=1))
    sys.exit(0)
if behave.get("renews"):
    place.write_text(json.dumps({**config, "refresh_token": "renewed"}))
noted(json.dumps({"state": state if given.state else None, "refresh_token": config.get("refresh_token")}))
catalog = json.loads(Path(given.catalog).read_text())
told = 0
for stream in catalog["streams"]:
    if not stream["metadata"][0]["metadata"].get("selected"):
        continue
    name = stream["tap_stream_id"]
    since = state["bookmarks"].get(name, {}).get("replication_key_value", "")
    version = behave.get("version")
    about = {"version": version} if version else {}
    if not behave.get("without_schema"):
        say("schema" if behave.get("small_letters") else "SCHEMA", stream=name, schema=schema_of(name), key_properties=["id"], bookmark_properties=["updated_at"])
    if version and METHOD == "FULL_TABLE":
        say("ACTIVATE_VERSION", stream=name, version=version)
    say("METRIC", value=1)
    for row in sorted(book[name], key=lambda row: (row["updated_at"], row["id"])):
        if METHOD == "INCREMENTAL" and row["updated_at"] < since:
            continue
        if told == behave.get("schema_changes_after"):
            wider = schema_of(name)
            wider["properties"]["added"] = {"type": "string"}
            say("SCHEMA", stream=name, schema=wider, key_properties=["id"])
        if told == behave.get("key_goes_after"):
            say("SCHEMA", stream=name, schema={"type": "object", "properties": {"name": {}}}, key_properties=["id"])
        if told == behave.get("dies_after") and not Path(config["log"] + ".died").exists():
            Path(config["log"] + ".died").touch()
            print("INFO fine so far\nCRITICAL the source went away: https://u:pw@h/ password=hunter2", file=sys.stderr)
            sys.exit(3)
        if told == behave.get("breaks_off_after"):
            sys.stdout.write('{"type":"RECORD","str')
            sys.stdout.flush()
            sys.exit(1)
        if told == behave.get("babbles_after"):
            print("Connecting to the source …")
        if told == behave.get("hands_over_after"):
            say("BATCH", stream=name, encoding={"format": "jsonl"}, manifest=["file:///nowhere"])
        if told == behave.get("sleeps_after"):
            time.sleep(60)
        say("RECORD", stream=name, record=row, time_extracted="2026-02-03T08:12:00.000000Z", **about)
        told += 1
        state["bookmarks"][name] = {"replication_key": "updated_at", "replication_key_value": row["updated_at"]}
        if told % behave.get("state_every", 10) == 0:
            say("STATE", value=state)
    if version:
        say("ACTIVATE_VERSION", stream=name, version=version)
    say("STATE", value=state)
