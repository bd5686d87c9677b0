"""``hub export``: a file is whole or says that it is not, and goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pyarrow.parquet as pq
import pytest

from hub import exporting
from hub.api.export import stream
from hub.errors import RequestError
from hub.exporting import Wish, main
from tests.conftest import Database

ROWS = 5_000


@pytest.fixture
async def filled(database: Database) -> AsyncIterator[Database]:
    """A tenant north with five thousand clients, in two and a half batches."""
    connection = await asyncpg.connect(database.worker_url)
    tenant_id = await connection.fetchval("INSERT INTO hub.tenant (slug, name) VALUES ('north', 'north') RETURNING id")
    await connection.execute(
        "INSERT INTO golden.client (tenant_id, id, version, record_state, created_at, updated_at, name, country) "
        "SELECT $1, md5(g::text)::uuid, 1, 'active', now(), now(), 'c' || g || E'\\nsecond line', 'DE' FROM generate_series(1, $2) g",
        tenant_id, ROWS,
    )  # fmt: skip
    await connection.close()
    yield database


@pytest.mark.parametrize("format", ["ndjson", "csv"])
async def test_a_file_that_broke_off_is_gone_on_with_and_ends_like_one_that_did_not(
    filled: Database, tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = Wish("clients", columns="name,country", format=format)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert await main(filled.settings, _to(wish, whole)) == 0
    with monkeypatch.context() as patch:
        patch.setattr(exporting, "_remember", _cut_after(2, exporting._remember))
        with pytest.raises(ConnectionResetError):
            await main(filled.settings, _to(wish, broken))
    part = tmp_path / "broken.part"
    assert not broken.exists() and json.loads((tmp_path / "broken.part.json").read_text())["rows"] == stream.BATCH
    with part.open("ab") as file:
        file.write(b'{"id": "half a row')
    assert await main(filled.settings, _to(wish, broken)) == 0
    assert broken.read_bytes() == whole.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["broken", "whole"]


def _to(wish: Wish, out: Path) -> Wish:
    return Wish(wish.entities, wish.filter, wish.columns, wish.format, out, wish.tenant, wish.role)


def _cut_after(pieces: int, remember: Any) -> Any:
    """Remembers so many pieces, then breaks off before the next is remembered."""
    left = [pieces - 1]

    def cut(*given: Any) -> None:
        if not left[0]:
            raise ConnectionResetError
        left[0] -= 1
        remember(*given)

    return cut


async def test_a_file_of_another_export_is_started_again(filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(exporting, "_remember", _cut_after(2, exporting._remember))
        with pytest.raises(ConnectionResetError):
            await main(filled.settings, Wish("clients", columns="name", out=out))
    await main(filled.settings, Wish("clients", columns="country", out=out, filter='{"country": {"eq": "DE"}}'))
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert (len(lines), set(lines[0])) == (ROWS, {"id", "country"})


async def test_a_parquet_file_has_every_row(filled: Database, tmp_path: Path) -> None:
    await main(filled.settings, Wish("clients", columns="name", format="parquet", out=tmp_path / "out"))
    assert pq.read_table(tmp_path / "out").column("name").to_pylist()[0].endswith("\nsecond line")
    assert pq.ParquetFile(tmp_path / "out").metadata.num_rows == ROWS


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish("clints"), "UNKNOWN_ENTITY"), (Wish("clients", filter="{"), "BAD_INPUT"), (Wish("clients", tenant="west"), "UNKNOWN_TENANT"),
        (Wish("clients", filter='{"nmae": {}}'), "BAD_INPUT"), (Wish("clients", format="xlsx"), "BAD_INPUT"), (Wish("clients", role="x"), "UNKNOWN_ROLE"),
    ],
)  # fmt: skip
async def test_what_cannot_be_exported_is_said_in_a_sentence(filled: Database, wish: Wish, code: str) -> None:
    with pytest.raises(RequestError) as caught:
        await main(filled.settings, wish)
    assert caught.value.code == code
