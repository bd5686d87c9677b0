"""Files out, here and over SFTP: one whole file a run, exact values, and no write in two files whatever breaks in between."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConnectorError, RejectedError, RetriableError, UnknownOutcomeError
from connectors.files import outbox, place
from connectors.port import Receipt, Write
from connectors.wire import parse_json
from tests.connectors.drops import Drop, SftpServer, walk

INVOICE: dict[str, Any] = {"name": "invoices", "columns": ["number", "client.name", "amount", "is_final"], "id": "number", "required": ["client.name"]}
HEADER = '"hub_key","operation","number","client.name","amount","is_final"\r\n'


@pytest.fixture(autouse=True)
def _named_folders(tmp_path: Path) -> Iterator[None]:
    place.allow(str(tmp_path))
    yield
    place.allow("")


@pytest.fixture(params=["files", "sftp"])
async def drop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Drop]:
    server = await SftpServer(tmp_path).start() if request.param == "sftp" else None
    found = Drop(tmp_path, server)
    yield found
    await found.close()
    if server:
        await server.stop()


def out(**more: Any) -> dict[str, Any]:
    return {"folder": "out", "objects": {"invoice": INVOICE | more}}


def an_invoice(key: str, operation: Any = "create", external_id: str | None = None, **more: Any) -> Write:
    body = {"number": f"R-{key}", "client": {"name": "Müller; \"Söhne\"\nGmbH"}, "amount": Decimal("1234.50"), "is_final": True}
    return Write(key, operation, "invoice", "invoice", external_id, body | more)


async def test_one_run_is_one_whole_file_with_every_cell_quoted_exact_numbers_and_a_manifest(drop: Drop) -> None:
    answers = await drop.connector(out=out(totals=["amount"])).write_many([an_invoice("k1"), an_invoice("k2", "update", "R-9", amount=Decimal("1E+3"))])
    assert answers == [Receipt("R-k1"), Receipt("R-9")]
    file, manifest = drop.names("out")
    assert re.fullmatch(r"invoices_\d{8}T\d{6}Z_00000001\.csv", file) and manifest == f"{file}.manifest.json"
    content = (drop.root / "out" / file).read_bytes()
    name = '"Müller; ""Söhne""\nGmbH"'
    assert content.decode() == HEADER + f'"k1","I","R-k1",{name},"1234.50","true"\r\n"k2","U","R-9",{name},"1000","true"\r\n'
    told = drop.told(manifest, "out")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told.pop("created_at"))
    assert told == {"file": file, "rows": 2, "sha256": hashlib.sha256(content).hexdigest(), "totals": {"amount": "2234.50"}}


async def test_what_we_write_is_a_drop_folder_that_we_read(drop: Drop) -> None:
    written = drop.connector(out=out(totals=["amount"]))
    await written.write_many([an_invoice("k1"), an_invoice("k2")])
    await written.write(an_invoice("k2d", "deactivate", "R-k2"))
    resource = {
        "pattern": "invoices_*.csv", "id": ["number"], "kind": "delta", "complete": "manifest", "totals": ["amount"], "sequence": r"_(\d+)\.csv$",
    }  # fmt: skip
    reader = drop.connector({"invoice": resource}, folder=drop.document()["folder"].replace("/in", "/out"))
    found, _, _ = await walk(reader, "invoice")
    assert [(one.external_id, one.is_delete) for one in found] == [("R-k1", False), ("R-k2", False), ("R-k2", True)]
    assert parse_json(found[0].body)["client.name"] == "Müller; \"Söhne\"\nGmbH"


async def test_a_refused_record_names_its_field_and_disturbs_no_other(drop: Drop) -> None:
    writes = [
        an_invoice("k1"), an_invoice("k2", client={"name": ""}), an_invoice("k3", colour="red"), an_invoice("k4", number="Œ"),
        an_invoice("k5", client={"name": ["a"]}), an_invoice("k6", "update", "R-1", amount=None), an_invoice("k7", is_final="a\0b"),
    ]  # fmt: skip
    answers = await drop.connector(out=out(encoding="latin-1")).write_many(writes)
    refused = [(one.field, one.cause, bool(one.remedy)) for one in answers if isinstance(one, RejectedError)]
    fields = ["client.name", "colour", "number", "client.name", "amount", "is_final"]
    assert refused == [(field, "validation", True) for field in fields] and answers[0] == Receipt("R-k1")
    assert [row["hub_key"] for row in _latin(drop)] == ["k1"]


def _latin(drop: Drop) -> list[dict[str, str]]:
    (file,) = (drop.root / "out").glob("*.csv")
    file.write_text(file.read_text(encoding="latin-1"), encoding="utf-8")
    return drop.rows()


async def test_a_declared_dialect_is_written(drop: Drop) -> None:
    dialect = {"delimiter": ";", "decimal": ",", "emptied": "NULL", "header": False, "key": False, "operation": False, "complete": "done"}
    await drop.connector(out=out(**dialect)).write(an_invoice("k1", "update", "R-1", client={"name": None}))
    file, marker = drop.names("out")
    assert drop.text(file, "out") == '"R-1";"NULL";"1234,50";"true"\n' and marker == f"{file}.done"


async def test_json_lines_keep_shape_and_numbers(drop: Drop) -> None:
    await drop.connector(out=out(format="jsonl", columns=[], required=[])).write(an_invoice("k1"))
    file = next(name for name in drop.names("out") if name.endswith(".jsonl"))
    found = parse_json(drop.text(file, "out"))
    assert found == {"hub_key": "k1", "operation": "I", "number": "R-k1", "client": {"name": "Müller; \"Söhne\"\nGmbH"}, "amount": Decimal("1234.50"), "is_final": True}
    assert '"amount":1234.50' in drop.text(file, "out")


async def test_a_write_is_never_in_two_files_also_once_its_reader_took_the_file(drop: Drop) -> None:
    first = await drop.connector(out=out()).write(an_invoice("k1"))
    for path in (drop.root / "out").glob("invoices_*"):
        path.unlink()
    other = drop.connector(out=out())
    again, new = await other.write_many([an_invoice("k1", number="R-other"), an_invoice("k2")])
    assert (again, new) == (Receipt(first.external_id, was_adopted=True), Receipt("R-k2"))
    assert [row["hub_key"] for row in drop.rows()] == ["k2"] and "_00000002.csv" in drop.names("out")[0]
    assert await other.look_up(an_invoice("k1")) == again and await other.look_up(an_invoice("k3")) is None


class Broken(Exception):
    """What a killed process does not come back from."""


def broken_at(monkeypatch: pytest.MonkeyPatch, connector: Any, operation: str, count: int, error: Callable[[], Exception], *, is_done: bool) -> None:
    """The ``count``-th call of an operation of the place fails, before or after it was carried out."""
    plain, calls = getattr(type(connector.place), operation), [0]

    async def wrapped(self: Any, *args: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] != count:
            return await plain(self, *args, **options)
        if is_done:
            await plain(self, *args, **options)
        raise error()

    monkeypatch.setattr(type(connector.place), operation, wrapped)


@pytest.mark.parametrize("is_killed", [False, True], ids=["answer lost", "killed"])
@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("operation", "count"), [("write", 1), ("write", 2), ("rename", 1), ("rename", 2), ("write", 3), ("rename", 3)])
async def test_whatever_breaks_a_write_is_in_one_file_after_looking_up_and_repeating(
    drop: Drop, monkeypatch: pytest.MonkeyPatch, operation: str, count: int, is_done: bool, is_killed: bool
) -> None:
    connector, wanted = drop.connector(out=out()), an_invoice("k1")
    with monkeypatch.context() as patch:
        broken_at(patch, connector, operation, count, Broken if is_killed else lambda: OSError(5, "input/output error"), is_done=is_done)
        with pytest.raises((Broken, ConnectorError)) as raised:
            await connector.write(wanted)
    if not is_killed:
        is_early = (operation, count) == ("write", 1)
        assert isinstance(raised.value, RetriableError if is_early else UnknownOutcomeError)
    other = drop.connector(out=out())
    found = await other.look_up(wanted)
    if found is None:
        found = await other.write(wanted)
    assert found.external_id == "R-k1"
    files = [name for name in drop.names("out") if name.endswith(".csv")]
    assert [row["hub_key"] for row in drop.rows()] == ["k1"] and drop.names("out") == [files[0], f"{files[0]}.manifest.json"]


async def test_workers_that_write_at_once_get_numbers_of_their_own(drop: Drop) -> None:
    workers = [drop.connector(out=out()) for _ in range(3)]

    async def work(number: int) -> None:
        for run in range(3):
            answer = await workers[number].write(an_invoice(f"k{number}-{run}"))
            assert not answer.was_adopted

    await asyncio.gather(*(work(number) for number in range(len(workers))))
    files = [name for name in drop.names("out") if name.endswith(".csv")]
    assert sorted(name[-12:-4] for name in files) == [f"{number:08d}" for number in range(1, 10)]
    assert len({row["hub_key"] for row in drop.rows()}) == len(drop.rows()) == 9


async def test_what_dead_writers_left_is_swept_away_and_old_entries_are_forgotten_but_the_last_number_is_not(tmp_path: Path) -> None:
    drop = Drop(tmp_path)
    for key in ("k1", "k2"):
        await drop.connector(out=out()).write(an_invoice(key))
    orphan, young = drop.put(".invoices.dead.part", "x", "out"), drop.put(".invoices.alive.part", "x", "out")
    os.utime(orphan, (1, 1))
    for entry in (tmp_path / "out" / outbox.LEDGER).iterdir():
        os.utime(entry, (1, 1))
    later = drop.connector(out=out())
    await later.write(an_invoice("k3"))
    assert not orphan.exists() and young.exists()
    assert sorted(one.name for one in (tmp_path / "out" / outbox.LEDGER).iterdir()) == ["invoice_00000002.json", "invoice_00000003.json"]
    assert await later.look_up(an_invoice("k1")) is None and await later.look_up(an_invoice("k3")) is not None


async def test_a_folder_that_is_full_is_tried_again_and_what_is_not_declared_is_refused(drop: Drop) -> None:
    drop.put("out", "a file, where a folder should be", ".")
    connector = drop.connector(out=out())
    with pytest.raises(RetriableError, match="cannot be written to now"):
        await connector.write(an_invoice("k1"))
    with pytest.raises(RejectedError, match="no files of client are written for old"):
        await connector.write(Write("k", "create", "client", "client", None, {}))
    assert connector.capabilities.bulk_size == 1000 and set(connector.capabilities.objects) == {"invoice"}
