"""Drop folders, here and over SFTP: whole files in order, verified before anything is taken, put away once they are stored."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import connectors
from connectors.errors import ConfigurationError, RetriableError, SchemaDriftError
from connectors.files import place
from connectors.files.connector import files_connector
from connectors.registry import connect
from tests.connectors.drops import CLIENTS, HOST_KEY, USER_KEY, Drop, SftpServer, walk


@pytest.fixture(autouse=True)
def named_folders(tmp_path: Path) -> Iterator[None]:
    place.allow(str(tmp_path))
    yield
    place.allow("")


@pytest.fixture(params=["files", "sftp"])
async def drop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Drop]:
    (tmp_path / "in").mkdir()
    server = await SftpServer(tmp_path).start() if request.param == "sftp" else None
    found = Drop(tmp_path, server)
    yield found
    await found.close()
    if server:
        await server.stop()


@pytest.fixture
def here(tmp_path: Path) -> Drop:
    (tmp_path / "in").mkdir()
    return Drop(tmp_path)


def ids(found: list[Any]) -> list[str]:
    return [("-" if one.is_delete else "") + one.external_id for one in found]


def of(**more: Any) -> dict[str, Any]:
    return {"client": CLIENTS | more}


def manifest_of(content: str, **more: Any) -> str:
    return json.dumps({"rows": content.count("\n") - 1, "sha256": hashlib.sha256(content.encode()).hexdigest(), "created_at": "2026-02-03T08:15:00Z"} | more)


async def test_a_file_is_put_away_with_an_acknowledgement_only_once_the_hub_says_it_is_stored(drop: Drop) -> None:
    content = 'id,name\n1,a\n2,"b\nb"\n3,c\n4,d\n'
    drop.put("clients_1.csv", content)
    found, checkpoint, pages = await walk(drop.connector(), is_looking=True)
    assert ids(found) == ["1", "2", "3", "4"]
    for page in pages[:-1]:
        await drop.connector().stored("client", page.checkpoint)
    assert drop.names("in") == ["clients_1.csv"] and drop.names("archive") == []
    for _ in range(2):  # the second finds it put away
        await drop.connector().stored("client", checkpoint)
    assert drop.names("in") == [] and drop.names("archive") == ["clients_1.csv", "clients_1.csv_ack.json"]
    assert drop.text("clients_1.csv", "archive") == content
    digest = hashlib.sha256(content.encode()).hexdigest()
    assert drop.told("clients_1.csv_ack.json", "archive") == {"file": "clients_1.csv", "sha256": digest, "read": 4, "applied": 4, "rejected": 0}
    assert (await walk(drop.connector(), checkpoint=checkpoint))[0] == []


@pytest.mark.parametrize("kind", ["append", "snapshot"])
async def test_who_only_looks_moves_nothing_and_sees_each_file_once(drop: Drop, kind: str) -> None:
    for number in (1, 2, 3):
        drop.put(f"clients_{number}.csv", f"id\n{number}\n")
    found, checkpoint, _ = await walk(drop.connector(of(kind=kind)), is_looking=True)
    assert ids(found) == (["1", "2", "3"] if kind == "append" else ["3"])
    assert (await drop.connector(of(kind=kind)).poll("client", checkpoint)).messages == ()
    assert drop.names("in") == ["clients_1.csv", "clients_2.csv", "clients_3.csv"] and drop.names("archive") == []


async def test_good_lines_are_taken_and_bad_ones_told_whole_with_line_field_code_and_message(drop: Drop) -> None:
    long = "x" * 500
    drop.put("clients_1.csv", f"id,name\n1,a\n,{long}\n2,b,c\n3,d\n")
    connector = drop.connector()
    found, _, _ = await walk(connector)
    assert ids(found) == ["1", "", "", "3"] and found[2].body == b"clients_1.csv line 4: expected 2 columns, found 3: 2,b,c\n"
    assert drop.names("archive") == ["clients_1.csv", "clients_1.csv_ack.json"] and drop.names("error") == ["clients_1.csv_errors.csv"]
    told = drop.told("clients_1.csv_ack.json", "archive")
    assert (told["read"], told["applied"], told["rejected"]) == (4, 2, 2)
    assert drop.rows("error") == [
        {"row": f",{long}", "line_no": "3", "field": "id", "code": "no_id", "message": "the record has no id"},
        {"row": "2,b,c", "line_no": "4", "field": "", "code": "unreadable", "message": "expected 2 columns, found 3"},
    ]


async def test_several_files_are_read_one_after_another_and_a_second_poll_finds_only_new_ones(drop: Drop) -> None:
    for number in (1, 2):
        drop.put(f"clients_{number}.csv", f"id,name\n{number}0,a\n{number}1,b\n")
    drop.put("clients_3.csv.part", "id,name\n90,a\n")
    drop.put(".clients_0.csv", "id,name\n90,a\n")
    drop.put("clients_4.csv", "")
    connector = drop.connector()
    found, checkpoint, _ = await walk(connector)
    assert ids(found) == ["10", "11", "20", "21"]
    drop.put("clients_0.csv", "id,name\n30,late\n")
    later, checkpoint, _ = await walk(connector, checkpoint=checkpoint)
    assert ids(later) == ["30"], "what lies there was not read, whatever its name"
    assert drop.names("in") == ["clients_3.csv.part", "clients_4.csv"]


@pytest.mark.parametrize("complete", ["done", "manifest"])
async def test_a_file_waits_for_its_marker_which_goes_with_it(drop: Drop, complete: str) -> None:
    content, ending = "id,name\n1,a\n2,b\n", ".done" if complete == "done" else ".manifest.json"
    drop.put("clients_1.csv", content)
    connector = drop.connector(of(complete=complete, pattern="clients_*"))
    assert ids((await walk(connector))[0]) == []
    drop.put(f"clients_1.csv{ending}", "" if complete == "done" else manifest_of(content, file="clients_1.csv"))
    found, _, _ = await walk(connector)
    assert ids(found) == ["1", "2"]
    assert drop.names("in") == [] and f"clients_1.csv{ending}" in drop.names("archive")


SUMMED = {"complete": "manifest", "totals": ["amount"]}


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"rows": 3}, "its manifest says rows 3, and it is 2"),
        ({"sha256": "0" * 64}, "its manifest says sha256 000"),
        ({"file": "clients_9.csv"}, "the manifest is that of clients_9.csv"),
        ({}, "its manifest does not tell the total of 'amount'"),
        ({"totals": {"amount": "3.31"}}, "its manifest says that 'amount' sums up to 3.31, and it is 3.30"),
    ],
)
async def test_nothing_of_a_file_is_taken_that_is_not_what_its_manifest_says(here: Drop, told: dict[str, Any], reason: str) -> None:
    content = "id,amount\n1,1.10\n2,2.20\n"
    here.put("clients_1.csv", content)
    here.put("clients_1.csv.manifest.json", manifest_of(content, **told))
    connector = here.connector(of(**SUMMED))
    found, checkpoint, _ = await walk(connector)
    assert ids(found) == [""], "a task, and no record"
    assert found[0].body.decode().startswith(f"clients_1.csv: {reason}")
    assert here.names("error") == ["clients_1.csv", "clients_1.csv.manifest.json", "clients_1.csv_ack.json"] and here.names("archive") == []
    assert reason in here.told("clients_1.csv_ack.json", "error")["refused"]
    here.put("clients_1.csv", content)
    here.put("clients_1.csv.manifest.json", manifest_of(content, totals={"amount": "3.30"}))
    assert ids((await walk(connector, checkpoint=checkpoint))[0]) == ["1", "2"], "put there again rightly"


async def test_totals_with_a_decimal_comma_are_compared_exactly(here: Drop) -> None:
    content = "id;amount\n1;1.234,10\n2;-0,20\n"
    here.put("clients_1.csv", content)
    here.put("clients_1.csv.manifest.json", manifest_of(content, totals={"amount": "1233.90"}))
    assert ids((await walk(here.connector(of(**SUMMED, delimiter=";", decimal_comma=True))))[0]) == ["1", "2"]


TRAILED = {"delimiter": ";", "decimal_comma": True, "trailer": {"begins": "TRL", "rows": 2, "totals": {"amount": 3}}}


@pytest.mark.parametrize(
    ("trailer", "reason"),
    [
        ("TRL;3;1,20\n", "its trailer says rows 3, and it is 2"),
        ('"TRL";"2";"1,30"', "its trailer says that 'amount' sums up to 1.30, and it is 1.20"),
        ("TRL;two;1,20\n", "its trailer lacks a number"),
        ("TRL\n", "its trailer lacks a number"),
        ("", "its last line is not the trailer 'TRL': it was cut"),
        ("TRL;2;1,20\n3;1,00\n", "its last line is not the trailer 'TRL': it was cut, or more was added"),
    ],
)
async def test_nothing_of_a_file_is_taken_that_is_not_what_its_last_line_says(here: Drop, trailer: str, reason: str) -> None:
    content = "id;amount\n1;0,90\n2;0,30\n"
    here.put("clients_1.csv", content + trailer)
    found, checkpoint, _ = await walk(here.connector(of(**TRAILED)))
    assert ids(found) == [""] and reason in found[0].body.decode()
    here.put("clients_1.csv", content + "TRL;2;1,20\n\n")
    assert ids((await walk(here.connector(of(**TRAILED)), checkpoint=checkpoint))[0]) == ["1", "2"]
    assert here.told("clients_1.csv_ack.json", "archive")["rejected"] == 0


async def test_links_are_not_followed(here: Drop) -> None:
    (here.root / "secret").write_text("id\n1\n")
    (here.root / "in" / "clients_1.csv").symlink_to(here.root / "secret")
    assert (await walk(here.connector()))[0] == []


async def test_a_manifest_that_came_before_its_file_was_whole_is_waited_with(here: Drop) -> None:
    content = "id,name\n1,a\n2,b\n"
    here.put("clients_1.csv", content[:12])
    here.put("clients_1.csv.manifest.json", manifest_of(content))
    connector = here.connector(of(complete="manifest"), settled_after_s=3600)
    assert (await walk(connector))[0] == [] and here.names("error") == []
    here.put("clients_1.csv", content)
    assert ids((await walk(connector))[0]) == ["1", "2"]


async def test_a_file_that_may_not_be_moved_stops_the_poll_with_its_name_and_reason(here: Drop) -> None:
    here.put("clients_1.csv", "number,name\n1,a\n")
    connector = here.connector(archive=None, error=None)
    with pytest.raises(SchemaDriftError, match="clients_1.csv: the column 'id' is missing; there are number, name") as raised:
        await connector.poll("client", "")
    assert raised.value.object == "client" and raised.value.path == "clients_1.csv"


# order


async def test_a_gap_in_the_sequence_stops_the_lane_until_the_file_comes(drop: Drop) -> None:
    connector = drop.connector(of(sequence=r"_(\d+)\.csv$", complete="done"))

    def arrive(number: int) -> None:
        drop.put(f"clients_{number}.csv", f"id\n{number}\n")
        drop.put(f"clients_{number}.csv.done", "")

    arrive(9)
    arrive(10)
    found, checkpoint, _ = await walk(connector)
    assert ids(found) == ["9", "10"], "by number, not by name"
    arrive(12)
    with pytest.raises(SchemaDriftError, match="file 11 is missing before clients_12.csv"):
        await walk(connector, checkpoint=checkpoint)
    drop.put("clients_11.csv", "id\n11\n")
    assert (await walk(connector, checkpoint=checkpoint))[0] == [], "it is on its way"
    arrive(11)
    assert ids((await walk(connector, checkpoint=checkpoint))[0]) == ["11", "12"]


async def test_a_refused_file_is_a_gap_until_its_correction_comes(here: Drop) -> None:
    connector = here.connector(of(sequence=r"_(\d+)\.csv$"))
    here.put("clients_1.csv", "id\n1\n")
    here.put("clients_2.csv", "nr\n2\n")
    here.put("clients_3.csv", "id\n3\n")
    checkpoint, found = "", []
    with pytest.raises(SchemaDriftError, match="file 2 is missing before clients_3.csv"):
        while True:
            page = await connector.poll("client", checkpoint)
            found += page.messages
            checkpoint = page.checkpoint
            await connector.stored("client", checkpoint)
    assert ids(found) == ["1", ""] and here.names("error") == ["clients_2.csv", "clients_2.csv_ack.json"]
    here.put("clients_2.csv", "id\n2\n")
    assert ids((await walk(connector, checkpoint=checkpoint))[0]) == ["2", "3"]


async def test_another_content_under_a_name_is_a_correction_and_the_same_is_not_told_again(drop: Drop) -> None:
    connector = drop.connector()
    drop.put("clients_1.csv", "id,name\n1,a\n")
    first, checkpoint, _ = await walk(connector)
    _, checkpoint, _ = await walk(connector, checkpoint=checkpoint)
    drop.put("clients_1.csv", "id,name\n1,a\n")
    again, checkpoint, _ = await walk(connector, checkpoint=checkpoint)
    drop.put("clients_1.csv", "id,name\n1,corrected\n")
    corrected, checkpoint, _ = await walk(connector, checkpoint=checkpoint)
    assert {one.key for one in again} <= {one.key for one in first} and ids(corrected) == ["1"] and corrected[0].key != first[0].key
    assert drop.names("in") == [] and len([name for name in drop.names("archive") if name.endswith(".csv")]) == 3, "nothing is lost"


async def test_a_file_replaced_while_it_is_read_is_read_from_its_beginning_and_one_that_is_gone_is_told(drop: Drop) -> None:
    drop.put("clients_1.csv", "id\n" + "".join(f"{n}\n" for n in range(5)))
    connector = drop.connector()
    page = await connector.poll("client", "")
    assert ids(list(page.messages)) == ["0", "1", "2"] and page.has_more
    drop.put("clients_1.csv", "id\n" + "".join(f"{n}\n" for n in range(20, 26)))
    assert ids((await walk(connector, checkpoint=page.checkpoint))[0]) == ["20", "21", "22", "23", "24", "25"]
    assert drop.names("in") == []
    with pytest.raises(SchemaDriftError, match="clients_1.csv is gone before it was read to its end"):
        await drop.connector().poll("client", page.checkpoint)


# kinds


async def test_a_delta_tells_what_is_gone_and_the_same_lines_in_another_file_are_news(here: Drop) -> None:
    operations = {"column": "op", "present": ["N", "C"], "gone": ["X"]}
    connector = here.connector(of(kind="delta", operations=operations))
    here.put("clients_1.csv", "op,id,name\nN,1,a\nX,2,\n?,3,b\n")
    here.put("clients_2.csv", "op,id,name\nN,1,a\nX,2,\n?,3,b\n")
    found, _, _ = await walk(connector)
    assert ids(found) == ["1", "-2", "", "1", "-2", ""] and found[0].body == b'{"id":"1","name":"a"}'
    assert len({one.key for one in found}) == 6, "a value may return to what it was"


async def test_the_newest_snapshot_is_a_listing_of_all_and_stands_for_those_before(drop: Drop) -> None:
    connector = drop.connector(of(kind="snapshot", version="v"))
    for name in ("clients_1.csv", "clients_2.csv"):
        drop.put(name, "id,v\n" + "".join(f"{n},{name[8]}\n" for n in range(5)))
    found, checkpoint, pages = await walk(connector)
    assert {one.version for one in found} == {"2"} and [page.is_complete_listing for page in pages] == [False, True]
    drop.put("clients_3.csv", "id,v\n0,2\n1,3\n2,2\n3,2\n")
    later, _, pages = await walk(connector, checkpoint=checkpoint)
    assert [page.checkpoint for page in pages if not page.messages][-1] == "", "a listing of all begins"
    assert ids(later) == ["0", "1", "2", "3"] and pages[-1].is_complete_listing
    assert {one.key for one in later} - {one.key for one in found} == {later[1].key}, "only one has changed"
    assert drop.names("in") == [] and drop.told("clients_1.csv_ack.json", "archive")["superseded_by"] == "clients_2.csv"


async def test_a_snapshot_that_another_process_began_is_read_once_more_since_only_a_whole_listing_tells_what_is_gone(here: Drop) -> None:
    here.put("clients_1.csv", "id\n" + "".join(f"{n}\n" for n in range(5)))
    resources = of(kind="snapshot")
    begun = await here.connector(resources).poll("client", "")
    other = here.connector(resources)
    _, checkpoint, _ = await walk(other, checkpoint=begun.checkpoint)
    assert here.names("in") == ["clients_1.csv"], "not put away yet"
    found, checkpoint, pages = await walk(other, checkpoint=checkpoint)
    assert pages[0].checkpoint == "" and len(found) == 5 and pages[-1].is_complete_listing
    assert (await walk(other, checkpoint=checkpoint))[0] == [] and "clients_1.csv" in here.names("archive")


async def test_absence_in_a_snapshot_with_a_bad_line_means_nothing(here: Drop) -> None:
    here.put("clients_1.csv", "id,name\n1,a\n2,b,c\n")
    _, _, pages = await walk(here.connector(of(kind="snapshot")))
    assert not any(page.is_complete_listing for page in pages)


@pytest.mark.parametrize("folders", [{}, {"archive": None}], ids=["with an archive", "without one"])
async def test_a_snapshot_that_shrinks_too_much_is_refused(here: Drop, folders: dict[str, Any]) -> None:
    def lines(count: int) -> str:
        return "id\n" + "".join(f"{n}\n" for n in range(count))

    here.put("clients_1.csv", lines(10))
    connector = here.connector(of(kind="snapshot"), **folders)
    found, checkpoint, _ = await walk(connector)
    here.put("clients_2.csv", lines(7))
    refused, checkpoint, _ = await walk(connector, checkpoint=checkpoint)
    assert len(found) == 10 and ids(refused) == [""] and b"it lists 7 records where the one before listed 10" in refused[0].body
    assert here.names("error") == ["clients_2.csv", "clients_2.csv_ack.json"]
    here.put("clients_3.csv", lines(8))
    accepted, _, pages = await walk(connector, checkpoint=checkpoint)
    assert len(accepted) == 8 and pages[-1].is_complete_listing


# what is refused beforehand


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"archive": "in"}, "folders of their own"),
        ({"resources": of(sequence="(")}, "client.sequence: expected a regular expression"),
        ({"resources": of(sequence=r"\d+")}, "with one group"),
        ({"resources": of(totals=["x"])}, "client.totals: expected complete: manifest"),
        ({"resources": of(trailer={"begins": "T", "rows": 0})}, "trailer.rows: expected the number of a cell"),
        ({"resources": of(trailer={"begins": "T", "rows": 1, "totals": {"a": "b"}})}, "trailer.totals: expected the numbers of cells"),
        ({"resources": of(kind="all")}, "client.kind: expected one of append, delta, snapshot"),
        ({"resources": {"clients": CLIENTS | {"kind": "snapshot"}}}, "clients.object: expected clients, since"),
        ({"out": {"folder": "out", "objects": {"a": {"columns": ["x"], "required": ["y"]}}}}, "required: expected columns of the file, got 'y'"),
        ({"out": {"folder": "out", "objects": {"a": {}}}}, "columns: expected the columns of the file"),
        ({"out": {"folder": "out", "objects": {"a": {"columns": ["x"], "operations": {"add": "I"}}}}}, "operations: expected keys of create"),
        ({"out": {"folder": "out", "objects": {"a": {"columns": ["x"], "name": "n"}, "b": {"columns": ["x"], "name": "n"}}}}, "write files of one name"),
        ({"out": {"folder": "out", "objects": {"../a": {"columns": ["x"]}}}}, "an object of letters"),
        ({"out": {"folder": "/elsewhere", "objects": {"a": {"columns": ["x"]}}}}, "out.folder: HUB_FOLDERS does not name /elsewhere"),
        ({"folder": "/etc"}, "folder: HUB_FOLDERS does not name /etc"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_with_key_and_reason(here: Drop, document: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        files_connector(here.document() | document)
    assert reason in str(raised.value)


@pytest.mark.parametrize("name", ["files", "sftp"])
def test_the_example_of_the_page_is_a_document_that_can_be_used(name: str) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", (Path(connectors.__file__).parent / name / "README.md").read_text(), re.DOTALL)
    document = yaml.safe_load(example)
    if name == "sftp":
        document |= {"host_key": HOST_KEY.export_public_key().decode(), "key": USER_KEY.export_private_key().decode()}
    place.allow("/data/*")
    made = connect(name, document)
    assert made.capabilities.resources == tuple(document["resources"]) and set(made.capabilities.objects) == set(document["out"]["objects"])


async def test_a_folder_that_cannot_be_read_is_tried_again_later(here: Drop) -> None:
    (here.root / "in").rmdir()
    (here.root / "in").write_text("no folder")
    with pytest.raises(RetriableError, match="files of client cannot be read or moved now"):
        await here.connector().poll("client", "")
