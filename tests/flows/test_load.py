"""Files become messages: what arrives, what is set aside and why, and that loading again tells nothing new."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hub.errors import RequestError
from hub.files import read_records
from hub.flows.load import load
from hub.flows.load_plan import plan_of
from hub.flows.load_report import Loaded
from hub.settings import Settings
from tests.flows.conftest import Hub

ACCOUNTS: dict[str, Any] = {
    "kind": "crm",
    "mappings": [
        {
            "object": "account", "entity": "client", "id": "Id",
            "fields": {"name": "Name", "country": "Country", "duns": "DUNS", "blocked": "Blocked", "kind": "Kind"},
        }
    ],
}  # fmt: skip
PEOPLE = {
    "mappings": [
        {
            "object": "person", "entity": "contact", "id": "Id",
            "fields": {"family_name": "Name", "client": {"path": "Account", "reference": {"object": "account", "by": "name"}}},
        }
    ],
}  # fmt: skip


class Desk:
    """Writes files and mappings, and loads them."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub, self.folder = hub, folder

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    async def load(
        self, content: str | bytes, mapping: dict[str, Any] | None = None, *, name: str = "records.jsonl", system: str = "crm",
        entity: str = "", kind: str = "",
    ) -> Loaded:  # fmt: skip
        stated = self.file("mapping.yaml", json.dumps(mapping)) if mapping else None
        plan = plan_of(stated, system, entity, kind)
        return await load(self.hub.pool, self.hub.tenant, plan, self.file(name, content), read_records)

    async def clients(self) -> dict[str, Any]:
        rows = await self.hub.rows("SELECT name, country FROM golden.client ORDER BY name")
        return {row["name"]: row["country"] for row in rows}

    async def set_aside(self) -> list[tuple[str, bytes, str]]:
        """(external id, body, reason) of every quarantined message."""
        rows = await self.hub.rows(
            "SELECT i.external_id, i.body, o.detail FROM hub.inbox i JOIN hub.inbox_outcome o ON o.inbox_id = i.id "
            "WHERE o.outcome = 'quarantined' ORDER BY i.id"
        )
        return [(row["external_id"], row["body"], row["detail"][0]["reason"]) for row in rows]


@pytest.fixture
def desk(hub: Hub, tmp_path: Path) -> Desk:
    return Desk(hub, tmp_path)


def a_line(number: int, **more: Any) -> str:
    return json.dumps({"Id": f"A{number}", "Name": f"Firm {number}", "Country": "DE"} | more)


async def test_csv_and_json_lines_become_golden_records_through_a_mapping(desk: Desk) -> None:
    csv = 'Id,Name,Country,DUNS,Blocked,Kind\n1,"Acme, Ltd",GB,,no,\n2,Zeta,de,150483782,,\n'
    first = await desk.load(csv, ACCOUNTS, name="accounts.csv")
    second = await desk.load(a_line(3) + "\n" + a_line(4), ACCOUNTS)
    assert await desk.clients() == {"Acme, Ltd": "GB", "Firm 3": "DE", "Firm 4": "DE", "Zeta": "DE"}
    assert (first.read, first.stored, first.golden, first.quarantined) == (2, {("crm", "account"): 2}, {"client": 2}, 0)
    assert (second.stored, second.golden, second.adds_up) == ({("crm", "account"): 2}, {"client": 4}, True)


async def test_without_a_mapping_lines_speak_our_words_under_their_id(desk: Desk) -> None:
    await desk.load('{"$id": "1", "name": "Acme"}\n{"id": 2, "name": "Zeta", "country": "FR"}', entity="Client")
    assert await desk.clients() == {"Acme": None, "Zeta": "FR"}
    assert [row["external_id"] for row in await desk.hub.rows("SELECT external_id FROM hub.source_record ORDER BY 1")] == ["1", "2"]


async def test_loading_the_same_file_again_under_any_name_tells_nothing_new(desk: Desk) -> None:
    lines = "\n".join([a_line(1), "{broken", a_line(2)])
    first = await desk.load(lines, ACCOUNTS)
    changes = await desk.hub.rows("SELECT * FROM hub.change ORDER BY id")
    again = await desk.load(lines, ACCOUNTS, name="copy.jsonl")
    assert (again.stored, again.repeated, again.quarantined) == ({}, {("crm", "account"): 2}, 1)
    assert again.adds_up and first.adds_up
    assert await desk.hub.rows("SELECT * FROM hub.change ORDER BY id") == changes
    assert await desk.hub.tasks() == [("parse", "crm account: lines that cannot be read", 1)]


async def test_a_changed_mapping_reads_the_known_lines_again(desk: Desk) -> None:
    await desk.load(a_line(1, City="Ulm"), ACCOUNTS)
    changed = json.loads(json.dumps(ACCOUNTS))
    changed["mappings"][0]["fields"]["city"] = "City"
    again = await desk.load(a_line(1, City="Ulm"), changed)
    assert again.repeated == {("crm", "account"): 1}
    assert again.replaced == ("crm account",) and "crm account: read by this file's mapping from now on" in again.as_text()
    assert (await desk.load(a_line(1, City="Ulm"), changed)).replaced == ()
    assert await desk.hub.rows("SELECT name, city FROM golden.client") == [{"name": "Firm 1", "city": "Ulm"}]


async def test_a_mapping_may_declare_the_firms_own_fields(desk: Desk) -> None:
    [mapping] = ACCOUNTS["mappings"]
    own = {**mapping, "fields": {**mapping["fields"], "extra.floor": "Floor"}}
    await desk.load(a_line(1, Floor="12"), {**ACCOUNTS, "extension_fields": {"client": {"floor": "integer"}}, "mappings": [own]})
    assert await desk.hub.rows("SELECT extra FROM golden.client") == [{"extra": {"floor": 12}}]
    with pytest.raises(RequestError, match="there is no kind 'number'"):
        await desk.load(a_line(1), {**ACCOUNTS, "extension_fields": {"client": {"floor": "number"}}})


async def test_two_files_of_one_system_keep_each_others_mappings(desk: Desk) -> None:
    await desk.load(a_line(1), ACCOUNTS)
    await desk.load('{"Id": "P1", "Name": "Holm"}', PEOPLE, name="people.jsonl")
    await desk.load(a_line(2), ACCOUNTS)
    assert [row["version"] for row in await desk.hub.rows("SELECT version FROM hub.mapping ORDER BY 1")] == [1, 2]


BAD_LINES: list[tuple[bytes, str]] = [
    (b'{"Id": "1", "Name": }', "the line is not JSON"),
    (b'{"Id": "1", "Name": "cut', "the line is not JSON"),
    (b'["Id", "1"]', "expected an object, got list"),
    (b'"Acme"', "expected an object, got str"),
    (b'{"Id": "1", "Name": "a", "Name": "b"}', "the key 'Name' occurs twice in one object"),
    (b'{"Id": "1", "Name": "a", "Size": NaN}', "NaN is not a JSON number"),
    (b'{"Id": "1", "Name": "M\xfcller"}', "byte 0xFC at position 23 is not utf-8"),
    (b"\xff\xfe{\x00}\x00", "byte 0xFF at position 1 is not utf-8"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"Name": "nobody"}', "the record has no id"),
    (b'{"Id": "", "Name": "nobody"}', "the record has no id"),
    (b'{"Id": {"a": 1}, "Name": "nobody"}', "the record has no id"),
    (b'{"Id": "a\\u0000b", "Name": "NUL"}', "externalId is longer than 512 characters or holds characters that cannot be kept"),
    (b'{"Id": "a\\ud800b", "Name": "half"}', "externalId is longer than 512 characters or holds characters that cannot be kept"),
    (b'{"Id": "' + b"9" * 513 + b'", "Name": "long"}', "externalId is longer than 512 characters"),
]


async def test_every_bad_json_line_is_kept_verbatim_with_its_number_and_reason_and_the_good_ones_arrive(desk: Desk) -> None:
    lines: list[bytes] = []
    for number, (bad, _) in enumerate(BAD_LINES):
        lines += [a_line(number).encode(), bad]
    loaded = await desk.load(b"\n".join([*lines, a_line(99).encode()]), ACCOUNTS)
    kept = await desk.set_aside()
    assert [(name, body) for name, body, _ in kept] == [(f"line {2 * at + 2}", bad) for at, (bad, _) in enumerate(BAD_LINES)]
    assert [(expected, reason) for (_, _, reason), (_, expected) in zip(kept, BAD_LINES, strict=True) if expected not in reason] == []
    assert len(await desk.clients()) == len(BAD_LINES) + 1
    assert (loaded.quarantined, loaded.adds_up) == (len(BAD_LINES), True)
    assert f"line {2 * 4 + 2}: the key 'Name' occurs twice in one object" in loaded.as_text()
    by_cause = {(cause, subject.partition(": ")[2]): count for cause, subject, count in await desk.hub.tasks()}
    assert by_cause[("identity", "lines without an id")] == 3
    assert by_cause[("identity", "lines whose id cannot be kept")] == 3


async def test_every_bad_csv_line_is_told_by_its_number_and_the_good_ones_arrive(desk: Desk) -> None:
    content = b"\n".join([
        b"Id,Name,Country", b"1,Acme,DE", b"2,Zeta", b"3,M\xfcller,DE", b'4,"open,DE', b"5,Beta,DE", b"6,a,b,c", b",No id,DE",
        b"8,N\x00L,DE", b'9,"two', b'lines",DE', b"10,Gamma,DE",
    ])  # fmt: skip
    loaded = await desk.load(content, ACCOUNTS, name="accounts.csv")
    kept = [(name, reason) for name, _, reason in await desk.set_aside()]
    assert [name for name, _ in kept] == ["line 3", "line 4", "line 5", "line 7", "line 8", "line 9"]
    assert kept[0][1] == "expected 3 columns, found 2"
    assert "byte 0xFC" in kept[1][1] and "NUL" in kept[5][1]
    assert set(await desk.clients()) == {"Acme", "Beta", "Gamma", "two\nlines"}
    assert loaded.adds_up


async def test_a_field_that_cannot_be_read_is_left_out_and_named_and_the_record_arrives(desk: Desk) -> None:
    lines = [
        a_line(1, Blocked="perhaps"), a_line(2, Country="Atlantis"), a_line(3, Name={"a": 1}), a_line(4, DUNS=[1]),
        a_line(5, Country="x" * 5_000_000), a_line(6, Kind="platinum"), a_line(7, Country="D\0"), a_line(8, Country="\ud800"),
    ]  # fmt: skip
    loaded = await desk.load("\n".join(lines), ACCOUNTS)
    told = {(one["line"], one["field"]) for one in loaded.problems}
    assert told == {
        (1, "Blocked"), (2, "country"), (3, "Name"), (3, "name"), (4, "DUNS"), (5, "country"), (6, "kind"), (7, "country"), (8, "country"),
    }  # fmt: skip
    assert set(await desk.clients()) == {f"Firm {number}" for number in (1, 2, 4, 5, 6, 7, 8)}
    assert (loaded.outcomes["incomplete"], loaded.waiting, loaded.adds_up) == (8, {"client": 1}, True)


async def test_unknown_fields_are_tasks_in_our_words_and_named_columns_under_a_mapping(desk: Desk) -> None:
    ours = await desk.load('{"$id": "1", "name": "Acme", "colour": "red"}', entity="client")
    assert [(one["line"], one["field"], one["reason"]) for one in ours.problems] == [(1, "colour", "client has no field 'colour'")]
    mapped = await desk.load(a_line(1, Colour="red"), ACCOUNTS)
    assert mapped.unbound == {"Colour"} and "not read     Colour" in mapped.as_text()
    assert set(await desk.clients()) == {"Acme", "Firm 1"}


async def test_a_key_of_odd_characters_spoils_its_own_line_at_most(desk: Desk) -> None:
    odd = ['{"$id": "2", "name": "Odd", "NUL\\u0000": 1}', '{"$id": "3", "name": "Odd", "half\\ud800": 1}']
    loaded = await desk.load("\n".join(['{"$id": "1", "name": "Acme"}', *odd, '{"$id": "4", "name": "Zeta"}']), entity="client")
    assert {"Acme", "Zeta"} <= set(await desk.clients())
    assert [one["line"] for one in loaded.problems] == [2, 3]
    assert loaded.adds_up


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"entity": "Cliënt"}, "there is no entity 'Cliënt' in the model. Did you mean client"),
    ({"entity": "client", "system": "new", "kind": "mainframe"}, "'mainframe' is no kind of system (new). Kinds are crm, psa"),
    ({"entity": ""}, "what the records are is not said"),
    ({"entity": "client", "system": ""}, "whose records these are is not said"),
    ({"entity": "project", "mapping": ACCOUNTS}, "mapping.yaml maps client, not project"),
    ({"mapping": {"mappings": [{"entity": "client", "fields": {"nome": "N"}}]}}, "client has no field 'nome'"),
    ({"mapping": {"mappings": []}}, "mapping.yaml holds no mapping"),
    ({"mapping": {"system_column": "source", "mappings": ACCOUNTS["mappings"]}, "system": ""}, "kinds: expected the systems that source names"),
    ({"mapping": ACCOUNTS | {"repeats": ["order"]}}, "repeats: 'order' is no object mapped here"),
    ({"mapping": ACCOUNTS | {"dialect": {"colour": 1}}}, "dialect: expected a table of"),
    ({"entity": "client", "system": "crn"}, "no system 'crn' is connected; say what it is with --kind"),
    ({"entity": "client", "system": "crm", "kind": "erp"}, "system 'crm' is connected as crm, not as erp"),
    ({"mapping": ACCOUNTS | {"dialect": {"encoding": "utf-16"}}, "name": "a.csv"}, "cannot be read line by line"),
    ({"mapping": ACCOUNTS, "name": "a.csv", "content": "Id,Name,Name\n1,2,3"}, "a.csv cannot be read"),
]


async def test_a_load_that_cannot_start_says_why_and_stores_nothing(desk: Desk) -> None:
    for arguments, expected in REFUSED:
        with pytest.raises(RequestError, match=re.escape(expected)):
            await desk.load(**({"content": '{"$id": "1", "name": "Acme"}'} | arguments))
    assert await desk.hub.rows("SELECT * FROM hub.inbox") == []


async def test_a_new_system_is_connected_as_what_the_mapping_or_the_command_says(desk: Desk) -> None:
    await desk.load(a_line(1), ACCOUNTS, system="sugar")
    await desk.load('{"$id": "1", "name": "Zeta"}', entity="client", system="books", kind="erp")
    rows = await desk.hub.rows("SELECT name, kind FROM hub.system WHERE name IN ('sugar', 'books') ORDER BY name")
    assert [tuple(row.values()) for row in rows] == [("books", "erp"), ("sugar", "crm")]


SPLIT = {"system_column": "source", "kinds": {"crm": "crm", "bill": "bill"}, "mappings": ACCOUNTS["mappings"]}


async def test_a_column_may_name_the_system_of_each_line(desk: Desk) -> None:
    csv = "Id,Name,source\n1,Acme,crm\n2,Zeta,bill\n3,Beta,crn\n"
    loaded = await desk.load(csv, SPLIT, name="all.csv", system="")
    assert (loaded.stored, loaded.quarantined, loaded.unbound) == ({("crm", "account"): 1, ("bill", "account"): 1}, 1, set())
    assert [(name, reason) for name, _, reason in await desk.set_aside()] == [("line 4", "source says 'crn', which is no system we know")]
    alone = await desk.load(csv, SPLIT, name="all.csv", system="bill")
    assert (alone.skipped, alone.repeated, alone.adds_up) == (2, {("bill", "account"): 1}, True)


async def test_names_refer_where_one_record_bears_them_even_if_it_was_loaded_before(desk: Desk) -> None:
    await desk.load("\n".join([a_line(1), a_line(2, Name="Twin"), a_line(3, Name="twin ")]), ACCOUNTS)
    people = [("P1", "Firm  1"), ("P2", "Twin"), ("P3", "Nobody"), ("P4", None)]
    lines = "\n".join(json.dumps({"Id": id_, "Name": id_, "Account": account}) for id_, account in people)
    loaded = await desk.load(lines, PEOPLE, name="people.jsonl")
    rows = await desk.hub.rows(
        "SELECT p.family_name, c.name FROM golden.contact p LEFT JOIN golden.client c ON c.id = p.client_id ORDER BY 1"
    )
    assert [tuple(row.values()) for row in rows] == [("P1", "Firm 1"), ("P2", None), ("P3", None), ("P4", None)]
    assert loaded.awaited == {"contact.client": 2}


async def test_a_thing_that_many_lines_name_is_one_record_however_it_is_spelled(desk: Desk) -> None:
    plants = {
        "kind": "erp", "repeats": ["owner"],
        "mappings": [
            {"object": "plant", "entity": "project", "id": "Id",
             "fields": {"name": "Name", "client": {"path": "Owner", "reference": {"object": "owner", "by": "name"}}}},
            {"object": "owner", "entity": "client", "id": "Owner", "fields": {"name": "Owner"}, "ignored": ["Id", "Name"]},
        ],
    }  # fmt: skip
    csv = "Id,Name,Owner\n1,North,Acme Power\n2,South,ACME  power\n3,West,\n4,,Zeta\n"
    loaded = await desk.load(csv, plants, name="plants.csv", system="erp")
    rows = await desk.hub.rows("SELECT j.name, c.name AS owner FROM golden.project j LEFT JOIN golden.client c ON c.id = j.client_id ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [("North", "Acme Power"), ("South", "Acme Power"), ("West", None)]
    assert (loaded.read, loaded.stored, loaded.gathered) == (4, {("erp", "plant"): 4, ("erp", "owner"): 2}, 2)
    assert (loaded.golden, loaded.waiting, loaded.adds_up) == ({"client": 2, "project": 3}, {"client": 0, "project": 1}, True)


async def test_a_running_worker_shares_the_work(desk: Desk) -> None:
    stop, wake = asyncio.Event(), asyncio.Event()
    worker = asyncio.create_task(desk.hub.ingester.run(stop, wake))
    loaded = await desk.load("\n".join(a_line(number) for number in range(1500)), ACCOUNTS)
    assert (loaded.golden, loaded.still_open, loaded.adds_up) == ({"client": 1500}, 0, True)
    stop.set()
    wake.set()
    await worker


async def test_a_load_that_was_cut_off_goes_on_where_it_stopped(desk: Desk) -> None:
    lines = "\n".join(a_line(number) for number in range(3000))
    loading = asyncio.create_task(desk.load(lines, ACCOUNTS))
    while not await desk.hub.rows("SELECT 1 FROM golden.client LIMIT 1"):
        await asyncio.sleep(0.01)
    loading.cancel()
    await asyncio.gather(loading, return_exceptions=True)
    await desk.hub.pool.execute("UPDATE hub.claim SET lease_until = now()")
    loaded = await desk.load(lines, ACCOUNTS)
    assert (loaded.stored.total() + loaded.repeated.total(), loaded.golden, loaded.adds_up) == (3000, {"client": 3000}, True)
    assert await desk.hub.rows("SELECT 1 FROM hub.change WHERE version > 1") == []


def many_lines(count: int) -> bytes:
    """Every hundredth line is bad, in five ways."""
    bad = [b"{", b"[1]", b'{"Id": "x", "Id": "y"}', b'{"Name": "M\xfcller"}', b'{"Name": "no id"}']
    return b"\n".join(bad[number // 100 % 5] if number % 100 == 0 else a_line(number).encode() for number in range(count))


@pytest.mark.parametrize("count", [5_000, pytest.param(100_000, marks=pytest.mark.slow)])
async def test_among_many_lines_one_per_cent_of_bad_ones_is_set_aside_and_the_rest_arrives(desk: Desk, count: int) -> None:
    loaded = await desk.load(many_lines(count), ACCOUNTS)
    assert (loaded.read, loaded.quarantined, loaded.golden) == (count, count // 100, {"client": count - count // 100})
    assert loaded.adds_up
    assert sum(number for _, _, number in await desk.hub.tasks()) == count // 100
    assert len(await desk.hub.tasks()) == 5
    (kept,) = await desk.hub.rows("SELECT count(*) AS n, count(DISTINCT external_id) AS names FROM hub.inbox WHERE external_id LIKE 'line %'")
    assert kept == {"n": count // 100, "names": count // 100}


def test_the_command_processes_a_file_with_bad_lines_and_refuses_what_it_cannot_start(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "clients.jsonl").write_text('{"$id": "1", "name": "Acme"}\nbroken\n')

    def hub(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        command = [sys.executable, "-m", "hub", "load", str(tmp_path / "clients.jsonl"), *arguments]
        return subprocess.run(command, check=False, env=environment | settings.for_child(), capture_output=True, text=True, timeout=60)

    done = hub("--system", "crm", "--kind", "crm", "--entity", "Client")
    assert (done.returncode, "line 2: the line is not JSON" in done.stdout) == (0, True), done.stderr
    refused = hub("--system", "psa", "--entity", "Client")
    assert (refused.returncode, refused.stderr.strip()) == (
        2, "hub: no system 'psa' is connected; say what it is with --kind (crm, psa, erp, bill, hcm, tax, proc, plan)"
    )  # fmt: skip
