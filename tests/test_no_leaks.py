"""Everything that can go wrong with a record goes wrong, in a process of its own: its logs tell where and of which correlation, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import Database

ROOT = Path(__file__).parent.parent
HIDDEN = ("Lovelace", "ada@acme.example", "DE89370400440532013000", "t0psecret", "hub_acme", "postgresql://", "whsec_")

WORK = """
import asyncio, json, os
from hub.telemetry import configure
configure("debug", process="test")
from hub.flows import ingest_loop, subscriptions
from hub.flows.traced import delivering
from hub.settings import Settings
from hub.store.ids import new_id
from hub.store.lanes import Lane
from hub.store.subscriptions import Subscription
from hub.telemetry import logger
from tests.api.conftest import running
from tests.conftest import Database

PERSON = {"name": "Ada Lovelace Ltd", "email": "ada@acme.example", "iban": "DE89370400440532013000", "password": "t0psecret"}

async def main():
    database = Database("hub", Settings.from_environment(dict(os.environ)))
    async with running(database) as api:
        acme = await api.tenant("acme")
        key = {"authorization": f"Bearer {acme.keys['steward']}"}
        for number, body in enumerate((PERSON, {**PERSON, "name": 7}, "ada@acme.example", [PERSON])):
            line = json.dumps({"object": "client", "externalId": str(number), "body": body}).encode()
            await api.send("POST", "/ingest/crm", line, {**key, "x-correlation-id": f"c-{number}"})
        await api.send("POST", "/ingest/crm", b'{"object": "Ada Lovelace"', key)
        await api.send("POST", "/graphql", b'{"query": "{ clients(filter: {name: {eq: \\\\"Ada Lovelace\\\\"}}) { nope } }"}', {**key, "content-type": "application/json"})
        await api.ask("t0psecret", "{ me { role } }")
        fold = ingest_loop.ingest

        async def breaks(tx, config, batch, read, new_id):
            if any(message.external_id == "0" for message in batch):
                await tx.execute("SELECT $1::int", "ada@acme.example")  # the driver quotes the value
            return await fold(tx, config, batch, read, new_id)

        ingest_loop.ingest = breaks
        await ingest_loop.Ingester(api.pool, "test").drain(acme.id)
        log = logger("hub.test")
        reader = Subscription(new_id(), "bi", "webhook", None, "https://x.example", b"", {}, "delta", False)
        with delivering(acme.id, Lane(reader, new_id(), "", "client", 1, 1, 0, 0, None, None, "c-77", new_id())):
            try:
                raise RuntimeError("401 for Bearer t0psecret, ada@acme.example")
            except RuntimeError:
                log.exception("a connector failed in a way it should not", body=PERSON)

        async def fails(*_):
            raise RuntimeError("Key (email)=(ada@acme.example) is taken")

        subscriptions.pause_system = fails
        await api.ask(acme.keys["admin"], 'mutation { setPaused(system: "Ada Lovelace", paused: true) { errors { code } } }')

asyncio.run(main())
"""


async def test_no_secret_document_or_personal_value_reaches_a_log_and_failures_carry_their_correlation(database: Database) -> None:
    settings = database.settings.for_child()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "OTEL_"))} | settings
    done = subprocess.run([sys.executable, "-c", WORK], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    told = {(line["event"], line.get("correlation_id")) for line in lines}
    assert ("batch_failed", "c-0") in told, told
    assert ("a connector failed in a way it should not", "c-77") in told, told
    assert [line for line in lines if line["event"] == "mutation failed" and not line.get("correlation_id")] == []
    assert any(line["event"] == "mutation failed" for line in lines), told
    for hidden in HIDDEN:
        assert hidden not in done.stderr + done.stdout, (hidden, [line for line in done.stderr.splitlines() if hidden in line][:2])
