"""Drop folders over SFTP as a partner with paramiko sees them: what is uploaded arrives, is put away, and what is written can be taken."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connectors.port import Write
from tests.connectors.drops import HOST_KEY, PASSWORD, USER, Drop, SftpServer, walk
from tests.oracles.conftest import Clients

pytestmark = pytest.mark.slow
RESOURCE = {"pattern": "clients_*.csv", "complete": "manifest", "sequence": r"_(\d+)\.csv$"}
OUT = {"folder": "out", "objects": {"invoice": {"columns": ["client", "amount"]}}}


async def test_a_partner_with_paramiko(tmp_path: Path, clients: Clients) -> None:
    for folder in ("in", "archive", "error"):
        (tmp_path / folder).mkdir()
    server = await SftpServer(tmp_path).start()
    drop = Drop(tmp_path, server)
    words = ["127.0.0.1", str(server.port), USER, PASSWORD, HOST_KEY.export_public_key().decode().strip()]
    connector = drop.connector({"client": RESOURCE}, out=OUT)
    await clients.run("sftp", *words, "upload")
    found, _, _ = await walk(connector)
    assert [one.external_id for one in found] == ["11", "12", "", "21", "22", ""]
    seen = await clients.run("sftp", *words, "see")
    names = [f"clients_20260203T08150{number}Z_000{number}.csv" for number in (1, 2)]
    assert seen["in"] == ["clients_20260203T081503Z_0003.csv.part"] and seen["error"] == [f"{name}_errors.csv" for name in names]
    assert seen["archive"] == sorted(f"{name}{ending}" for name in names for ending in ("", ".manifest.json", "_ack.json"))
    assert [(ack["read"], ack["applied"], ack["rejected"]) for ack in seen["acks"]] == [(3, 2, 1)] * 2
    wanted = Write("k1", "create", "invoice", "invoice", None, {"client": "Müller", "amount": Decimal("12.50")})
    await connector.write(wanted)
    taken = await clients.run("sftp", *words, "take")
    assert taken["files"] == [{"text": '"hub_key","operation","id","client","amount"\r\n"k1","I","k1","Müller","12.50"\r\n', "agrees": True}]
    again = await connector.write(wanted)
    assert again.was_adopted and (await clients.run("sftp", *words, "take"))["files"] == []
    await drop.close()
    await server.stop()
