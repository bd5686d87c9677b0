"""What Airbyte does with a manifest: checks the connection, discovers the streams, reads each twice (whole, then from its state).

Arguments: the manifest (YAML), and its configuration as JSON. Told: whether the check passed, per stream the ids it read, how many came
again from the state, and the state.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

MANIFEST, CONFIG = Path(sys.argv[1]), json.loads(sys.argv[2])
TOOL = (sys.executable, "-c", "from airbyte_cdk.cli.source_declarative_manifest import run; run()")
"""The command ``source-declarative-manifest``, wherever this environment has been moved to."""

SPEC = {"type": "Spec", "connection_specification": {"type": "object", "additionalProperties": True, "properties": {}}}


def said(*args: str) -> list[dict]:
    done = subprocess.run([*TOOL, *args], capture_output=True, text=True, timeout=170, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    traces = [one["trace"]["error"] for one in lines if one["type"] == "TRACE" and one["trace"]["type"] == "ERROR"]
    if done.returncode or traces:
        raise SystemExit(json.dumps(traces)[:3000] + done.stderr[-2000:])
    return lines


def catalog_of(streams: list[dict]) -> dict:
    return {
        "streams": [
            {
                "stream": one, "destination_sync_mode": "append", "cursor_field": one.get("default_cursor_field"),
                "sync_mode": "incremental" if "incremental" in one["supported_sync_modes"] else "full_refresh",
            }
            for one in streams
        ]
    }  # fmt: skip


with tempfile.TemporaryDirectory() as folder:
    place = Path(folder)
    config, catalog, state = (place / name for name in ("config.json", "catalog.json", "state.json"))
    config.write_text(json.dumps({"__injected_declarative_manifest": {"spec": SPEC, **yaml.safe_load(MANIFEST.read_text())}, **CONFIG}))
    check = [one["connectionStatus"] for one in said("check", "--config", str(config)) if one["type"] == "CONNECTION_STATUS"]
    (found,) = [one["catalog"]["streams"] for one in said("discover", "--config", str(config)) if one["type"] == "CATALOG"]
    catalog.write_text(json.dumps(catalog_of(found)))
    keys = {one["name"]: [path[0] for path in one.get("source_defined_primary_key") or [["id"]]] for one in found}

    def read(*more: str) -> tuple[dict[str, list[str]], list[dict]]:
        lines = said("read", "--config", str(config), "--catalog", str(catalog), *more)
        ids: dict[str, list[str]] = {name: [] for name in keys}
        for one in lines:
            if one["type"] == "RECORD":
                name, data = one["record"]["stream"], one["record"]["data"]
                ids[name].append("|".join(str(data[key]) for key in keys[name]))
        return ids, [one["state"] for one in lines if one["type"] == "STATE"]

    first, states = read()
    newest = {one["stream"]["stream_descriptor"]["name"]: one for one in states}
    state.write_text(json.dumps(list(newest.values())))
    again, _ = read("--state", str(state))

told = {
    "check": check[-1]["status"],
    "streams": {name: {"ids": sorted(first[name]), "doubles": len(first[name]) - len(set(first[name])), "again": len(again[name])} for name in keys},
}
print(json.dumps(told))
