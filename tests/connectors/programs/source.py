"""An Airbyte source for tests, written against the protocol alone; misbehaves on request.

Its configuration: ``book`` (a file: {stream: [record, …]}), ``token``, ``behave`` ({what: value}), ``log`` (a file that gets a line a run).
"""

import argparse
import json
import sys
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("what")
for name in ("--config", "--catalog", "--state"):
    parser.add_argument(name)
given = parser.parse_args()
config = json.loads(Path(given.config).read_text())
behave = config.get("behave", {})
book = json.loads(Path(config["book"]).read_text())


def say(kind: str, name: str, about: dict) -> None:
    sys.stdout.write(json.dumps({"type": kind, name: about}) + "\n")
    sys.stdout.flush()


def noted(what: object) -> None:
    with Path(config["log"]).open("a") as log:
        log.write(json.dumps(what) + "\n")


def failed(kind: str, message: str) -> None:
    say("TRACE", "trace", {"type": "ERROR", "emitted_at": 1, "error": {"message": message, "failure_type": kind}})
    sys.exit(1)


if given.what == "check":
    good = config.get("token") == "let-me-in"
    message = behave.get("check_says", f"401 for token={config.get('token')}")
    say("CONNECTION_STATUS", "connectionStatus", {"status": "SUCCEEDED"} if good and "check_says" not in behave else {"status": "FAILED", "message": message})
elif given.what == "discover":
    modes = behave.get("modes", ["full_refresh", "incremental"])
    streams = [
        {"name": name, "json_schema": {}, "supported_sync_modes": modes, "default_cursor_field": ["updated_at"], "source_defined_primary_key": [["id"]]}
        for name in book
    ]
    say("LOG", "log", {"level": "INFO", "message": "discovering"})
    say("CATALOG", "catalog", {"streams": streams})
else:
    (chosen,) = json.loads(Path(given.catalog).read_text())["streams"]
    name, states = chosen["stream"]["name"], json.loads(Path(given.state).read_text()) if given.state else []
    noted({"sync": chosen["sync_mode"], "state": [one["stream"]["stream_state"] for one in states], "token": config.get("refresh_token")})
    since = states[0]["stream"]["stream_state"]["updated_at"] if states else ""
    descriptor = {"name": name}
    if behave.get("renews"):
        say("CONTROL", "control", {"type": "CONNECTOR_CONFIG", "emitted_at": 1, "connectorConfig": {"config": {**config, "refresh_token": "renewed"}}})
    say("TRACE", "trace", {"type": "STREAM_STATUS", "stream_status": {"stream_descriptor": descriptor, "status": "STARTED"}})
    since_state, told = 0, 0
    for row in sorted(book[name], key=lambda row: (row["updated_at"], row["id"])):
        if chosen["sync_mode"] == "incremental" and row["updated_at"] < since:
            continue
        if told == behave.get("fails_after") and not Path(config["log"] + ".failed").exists():
            Path(config["log"] + ".failed").touch()
            failed(behave["failure"], "it went wrong for token=hunter2")
        meta = {"meta": {"changes": [{"field": "note", "change": "TRUNCATED", "reason": "SOURCE_FIELD_SIZE_LIMITATION"}]}} if "note" in row else {}
        if told != behave.get("swallows"):
            say("RECORD", "record", {"stream": name, "data": row, "emitted_at": 1, **meta})
        told, since_state = told + 1, since_state + 1
        if told % behave.get("state_every", 10) == 0:
            state = {"stream_descriptor": descriptor, "stream_state": {"updated_at": row["updated_at"]}}
            say("STATE", "state", {"type": "STREAM", "stream": state, "sourceStats": {"recordCount": float(since_state)}})
            since_state = 0
    if told:
        state = {"stream_descriptor": descriptor, "stream_state": {"updated_at": max(row["updated_at"] for row in book[name])}}
        say("STATE", "state", {"type": "STREAM", "stream": state, "sourceStats": {"recordCount": float(since_state)}})
    reasons = {"reasons": [{"type": "RATE_LIMITED", "rate_limited": {"quota_reset": 33_000_000_000_000}}]} if behave.get("status") == "RATE_LIMITED" else {}
    status = {"RATE_LIMITED": "INCOMPLETE"}.get(behave.get("status"), behave.get("status", "COMPLETE"))
    say("TRACE", "trace", {"type": "STREAM_STATUS", "stream_status": {"stream_descriptor": descriptor, "status": status, **reasons}})
