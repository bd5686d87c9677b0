"""Files: every good line arrives, every bad one is told with its number and reason, in bounded memory."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from connectors.conformance import read_all
from connectors.errors import ConfigurationError, RejectedError, SchemaDriftError
from connectors.files.connector import files_connector
from connectors.files.reader import BadLine, FileDialect, id_columns, read_file
from connectors.port import Incoming, Write
from connectors.wire import parse_json


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def told(path: Path, dialect: FileDialect | None = None) -> list[Any]:
    """(line, fields) of good lines, (line, reason) of bad ones."""
    found: list[Any] = []
    for one, _ in read_file(path, "client", id_columns(["id"]), dialect):
        found.append((one.number, one.reason) if isinstance(one, BadLine) else (one.line, parse_json(one.body)))
    return found


def test_a_csv_with_header_reads_as_records_of_texts(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", '\ufeffid,name,city\r\n007,"Nord, Süd",\r\n\r\n8,"two ""q""",Bonn\r\n')
    assert told(path) == [
        (2, {"id": "007", "name": "Nord, Süd", "city": None}),
        (4, {"id": "8", "name": 'two "q"', "city": "Bonn"}),
    ]


def test_a_declared_dialect_is_followed(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", "1;'Müller; Söhne';\n".encode("cp1252"))
    dialect = FileDialect(encoding="cp1252", delimiter=";", quote="'", columns=("id", "name", "city"), empty="absent")
    assert told(path, dialect) == [(1, {"id": "1", "name": "Müller; Söhne"})]


def test_a_quoted_field_may_span_lines_and_keeps_the_line_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", 'id,name\n1,"a\nb\nc"\n2,x\n')
    assert told(path) == [(2, {"id": "1", "name": "a\nb\nc"}), (5, {"id": "2", "name": "x"})]


def test_a_quote_that_is_never_closed_costs_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", 'id,name\n1,"open\n2,x\n3,"also open\n4,y\n')
    assert told(path) == [
        (2, "a quote is not closed, or the quoting is broken: ',' expected after '\"'"),
        (3, {"id": "2", "name": "x"}),
        (4, "a quote is not closed"),
        (5, {"id": "4", "name": "y"}),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1,caf\xe9", "byte 0xE9 at position 6 is not utf-8"),
        (b"1,a,b", "expected 2 columns, found 3"),
        (b"1", "expected 2 columns, found 1"),
        (b",a", "the record has no id"),
        (b'1,"a"b', "the quoting is broken: ',' expected after '\"'"),
        (b"1,a\0b", "the line contains a NUL"),
    ],
)
def test_a_bad_csv_line_is_told_and_the_rest_is_read(tmp_path: Path, line: bytes, reason: str) -> None:
    path = written(tmp_path, "a.csv", b"id,name\n0,before\n" + line + b"\n9,after\n")
    assert told(path) == [(2, {"id": "0", "name": "before"}), (3, reason), (4, {"id": "9", "name": "after"})]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id":"\xe9"}', "byte 0xE9 at position 8 is not utf-8"),
        (b'{"id":1,"id":2}', "the key 'id' occurs twice in one object"),
        (b"[1]", "expected an object, got list"),
        (b'{"id":1,"n":NaN}', "the line is not JSON: NaN is not a JSON number"),
        (b'{"id":1,"n":1e999999999}', "the line is not JSON: 1e999999999 is not a number anybody means"),
        (b"[" * 100_000, "the line is not JSON: the document is nested too deeply"),
        (b'{"name":"x"}', "the record has no id"),
    ],
)
def test_a_bad_json_line_is_told_and_the_rest_is_read(tmp_path: Path, line: bytes, reason: str) -> None:
    path = written(tmp_path, "a.jsonl", b'{"id":"0"}\n' + line + b'\n{"id":9}')
    assert told(path) == [(1, {"id": "0"}), (2, reason), (3, {"id": 9})]


@pytest.mark.parametrize(("content", "reason"), [(b"id,id\n", "names 'id' twice"), (b"id,\n", "has no name"), (b"id,\xff\n", "cannot be read")])
def test_a_header_that_cannot_be_read_stops_at_once(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        told(written(tmp_path, "a.csv", content + b"1,2\n"))


@pytest.mark.parametrize("options", [{"encoding": "utf-16"}, {"encoding": "klingon"}, {"delimiter": "||"}])
def test_a_dialect_that_cannot_be_read_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        FileDialect(**options)


def test_five_megabytes_in_one_field_are_read_and_more_than_the_limit_is_told(tmp_path: Path) -> None:
    long = "x" * 5_000_000
    path = written(tmp_path, "a.csv", f"id,name\n1,{long}\n2,b\n")
    assert [line for line, _ in told(path)] == [2, 3]
    assert told(path, FileDialect(max_line_bytes=1000)) == [(2, "the line has more than 1000 bytes"), (3, {"id": "2", "name": "b"})]
    one_line = written(tmp_path, "b.jsonl", json.dumps({"id": 1, "name": long}))
    assert told(one_line, FileDialect(format="jsonl", max_line_bytes=1000)) == [(1, "the line has more than 1000 bytes")]


def with_bad_lines(path: Path, count: int) -> Path:
    """One line of a hundred is bad: a quote that is never closed, or a missing column."""
    with path.open("w") as file:
        file.write("id,name\n")
        file.writelines(f'{n},"open\n' if n % 200 == 7 else f"{n}\n" if n % 200 == 9 else f"{n},Firm {n}\n" for n in range(count))
    return path


def test_a_hundred_thousand_lines_with_one_percent_bad_all_arrive_or_are_told(tmp_path: Path) -> None:
    good = bad = 0
    for one, _ in read_file(with_bad_lines(tmp_path / "big.csv", 100_000), "client", id_columns(["id"])):
        good, bad = good + isinstance(one, Incoming), bad + isinstance(one, BadLine)
    assert (good, bad) == (99_000, 1_000)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for count in (2_000, 20_000):
        path = with_bad_lines(tmp_path / f"{count}.csv", count)
        tracemalloc.start()
        for _ in read_file(path, "client", id_columns(["id"])):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000


def test_the_same_file_read_again_tells_the_same_keys_and_another_content_others(tmp_path: Path) -> None:
    def keys(path: Path) -> list[str]:
        return [one.key for one, _ in read_file(path, "client", id_columns(["id"])) if isinstance(one, Incoming)]

    first = written(tmp_path, "a.csv", "id\n1\n2\n")
    assert keys(first) == keys(written(tmp_path, "copy.csv", "id\n1\n2\n"))
    assert not set(keys(first)) & set(keys(written(tmp_path, "b.csv", "id\n1\n2\n3\n")))


def a_folder(path: Path, **more: Any) -> dict[str, Any]:
    resource = {"pattern": "clients_*.csv", "id": ["id"], "object": "client"}
    return {"system": "old", "folder": str(path), "page_size": 3, "settled_after_s": 0, "resources": {"clients": resource | more}}


async def test_a_folder_is_read_file_after_file_and_resumes_at_any_line(tmp_path: Path) -> None:
    written(tmp_path, "clients_1.csv", 'id,name\n1,a\n2,"b\nb"\n3,c\n4,\n5,e\n')
    written(tmp_path, "clients_2.csv", "id,name\n6,f\n7\n8,h\n")
    for skipped in (".clients_0.csv", "clients_3.csv.part", "others.csv"):
        written(tmp_path, skipped, "id\n99\n")
    written(tmp_path, "clients_3.csv", "")
    connector, checkpoint, found = files_connector(a_folder(tmp_path)), "", list[str]()
    while True:
        again = await files_connector(a_folder(tmp_path)).poll("clients", checkpoint)
        page = await connector.poll("clients", checkpoint)
        assert page == again
        found.extend(one.external_id for one in page.messages)
        checkpoint = page.checkpoint
        if not page.has_more:
            break
    assert found == ["1", "2", "3", "4", "5", "6", "", "8"]
    assert (await connector.poll("clients", checkpoint)).messages == ()
    written(tmp_path, "clients_3.csv", "id,name\n9,i\n")
    assert [one.external_id for one in (await read_all(connector, "clients", checkpoint))[0]] == ["9"]


async def test_a_file_that_is_still_growing_waits(tmp_path: Path) -> None:
    path = written(tmp_path, "clients_1.csv", "id\n1\n")
    connector = files_connector(a_folder(tmp_path) | {"settled_after_s": 5})
    assert (await connector.poll("clients", "")).messages == ()
    os.utime(path, (0, 0))
    assert len((await connector.poll("clients", "")).messages) == 1


async def test_files_are_not_written_and_a_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    connector = files_connector(a_folder(tmp_path))
    with pytest.raises(RejectedError):
        await connector.write(Write("k", "create", "client", "client", None, {}))
    with pytest.raises(SchemaDriftError):
        await connector.poll("clients", "{}")
    with pytest.raises(ConfigurationError, match=r"files: resources.clients.patern: unknown key"):
        files_connector(a_folder(tmp_path, patern="x"))
