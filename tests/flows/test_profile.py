"""What a profile says of a file before it is loaded, and of a system afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hub.errors import RequestError
from hub.files import read_records
from hub.flows.load_plan import plan_of
from hub.flows.profile import of_file, of_system
from hub.flows.profile_report import show
from tests.flows.conftest import Hub

CSV = """\
id,name,email,country,phone,lei,website
1,Acme GmbH,info@acme.example,DE,030 123456,5493001KJTIIGC8Y1R12,acme.example
2,ACME,info@acme.example,DE,+49 30 123456,5493001KJTIIGC8Y1R13,
3,Zeta,not an address,FR,1234,5493001KJTIIGC8Y1R12,n/a
3,Beta,,XX,,,
cut,off
"""

MAPPING = {
    "mappings": [
        {"object": "firm", "entity": "client", "id": "id",
         "fields": {"name": "name", "email": "email", "country": "country", "lei": "lei", "extra.tax": "tax_no"}},
        {"object": "desk", "entity": "contact", "id": "desk",
         "fields": {"family_name": "desk", "client": {"path": "of", "reference": {"object": "firm", "by": "name"}},
                    "same_person_as": {"path": "same", "reference": "person"}}},
    ],
}  # fmt: skip


def a_file(folder: Path, content: str, name: str = "firms.csv") -> Path:
    path = folder / name
    path.write_text(content)
    return path


def columns_of(part: dict[str, Any]) -> dict[str, tuple[int, int, int | None]]:
    """Column → (filled, distinct, invalid)."""
    return {one["name"]: (one["filled"], one["distinct"], one["invalid"]) for one in part["columns"]}


def test_a_file_without_a_mapping_is_judged_by_the_names_of_its_columns(tmp_path: Path) -> None:
    profile = of_file(a_file(tmp_path, CSV), None, read_records).as_json()
    (part,) = profile["parts"]
    assert columns_of(part) == {
        "id": (4, 3, None), "name": (4, 4, None), "email": (3, 2, 1), "country": (4, 3, 1), "phone": (3, 3, 1), "lei": (3, 2, 1),
        "website": (2, 2, 0),
    }  # fmt: skip
    assert (profile["records"], profile["bad_lines"], profile["bad"]) == (4, 1, ["line 6: expected 7 columns, found 2"])
    by_name = {one["name"]: one for one in part["columns"]}
    assert by_name["email"]["invalid_examples"] == ["not an address (line 4)"]
    assert by_name["email"]["top"][0] == ["info@acme.example", 2]
    assert by_name["website"]["placeholders"] == 1


def test_duplicates_inside_one_source_are_found_by_name_identifier_and_mailbox(tmp_path: Path) -> None:
    (part,) = of_file(a_file(tmp_path, CSV), None, read_records).as_json()["parts"]
    assert {one["what"]: (one["groups"], one["records"], one["examples"]) for one in part["duplicates"]} == {
        "same email": (1, 2, ["info@acme.example (line 2, line 3)"]),
        "same lei": (1, 2, ["5493001KJTIIGC8Y1R12 (line 2, line 4)"]),
        "same name, spelling and legal form aside": (1, 2, ["ACME (line 2, line 3)"]),
    }


def test_with_a_mapping_ids_references_and_unread_columns_are_checked_too(tmp_path: Path) -> None:
    mapping = a_file(tmp_path, json.dumps(MAPPING), "mapping.yaml")
    rows = [
        {"id": "1", "name": "Acme", "tax_no": "DE136695976", "desk": "a", "of": "ACME", "colour": "red"},
        {"id": "2", "name": "Zeta", "tax_no": "DE136695977", "desk": "b", "of": "Beta", "same": "77"},
        {"id": "2", "name": "Eta", "desk": "c", "of": "Beta"},
        {"name": "Theta", "desk": "d", "of": "Gamma"},
    ]
    file = a_file(tmp_path, "\n".join(map(json.dumps, rows)), "firms.jsonl")
    profile = of_file(file, plan_of(mapping, is_only_read=True), read_records).as_json()
    (part,) = profile["parts"]
    assert profile["not_read"] == ["colour"]
    assert part["without_id"] == 1
    assert [(one["what"], one["examples"]) for one in part["duplicates"]] == [("same id", ["2 (line 2, line 3)"])]
    assert part["orphans"] == [
        {"column": "of", "to": "firm by name", "records": 3, "distinct": 2, "examples": ["beta ×2", "gamma ×1"], "is_checked": True},
        {"column": "same", "to": "person by id", "records": 1, "distinct": 1, "examples": ["77 ×1"], "is_checked": False},
    ]
    assert columns_of(part)["tax_no"] == (2, 2, 1)


def test_a_file_of_several_systems_is_profiled_for_each(tmp_path: Path) -> None:
    mapping = a_file(tmp_path, json.dumps({"system_column": "source", "kinds": {"crm": "crm", "erp": "erp"}} | {"mappings": MAPPING["mappings"][:1]}), "m.yaml")
    profile = of_file(a_file(tmp_path, "id,name,source\n1,Acme,crm\n2,Acme,erp\n3,Acme,erp\n"), plan_of(mapping), read_records)
    assert [(one.title, one.records, len(one.as_json()["duplicates"])) for one in profile.figures] == [("firms.csv crm", 1, 0), ("firms.csv erp", 2, 1)]


async def test_a_system_in_the_hub_is_profiled_by_what_it_contributes_and_what_it_leaves_open(hub: Hub) -> None:
    await hub.tell("crm", "client", "1", {"name": "Acme GmbH", "country": "DE", "duns": "150483782"})
    await hub.tell("crm", "client", "2", {"name": "ACME", "lei": "529900T8BM49AURSDO56"})
    for id_, parent in (("a", "1"), ("b", "9"), ("c", "9")):
        client = {"system": "crm", "object": "client", "id": parent}
        await hub.tell("crm", "contact", id_, {"family_name": "Holm", "email": f"{id_}@acme.example", "client": client})
    await hub.settle()
    clients, contacts = (await of_system(hub.pool, hub.tenant, "crm")).as_json()["parts"]
    assert (clients["title"], clients["records"], contacts["title"], contacts["records"]) == ("crm client", 2, "crm contact", 3)
    assert columns_of(clients) == {"name": (2, 2, None), "country": (1, 1, 0), "duns": (1, 1, 0), "lei": (1, 1, 1)}
    assert [one["what"] for one in clients["duplicates"]] == ["same name, spelling and legal form aside"]
    assert [(one["what"], one["records"]) for one in contacts["duplicates"]] == [("same given_name and family_name, spelling and legal form aside", 3)]
    assert contacts["orphans"] == [
        {"column": "client", "to": "client by id", "records": 2, "distinct": 1, "examples": ["9 ×2"], "is_checked": True}
    ]


async def test_what_is_neither_a_file_nor_a_system_is_said_to_be_so(hub: Hub) -> None:
    with pytest.raises(RequestError, match="'crn' is neither a file nor a connected system; systems are bill, crm, erp, psa"):
        await of_system(hub.pool, hub.tenant, "crn")


def test_the_tables_tell_what_the_figures_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(of_file(a_file(tmp_path, CSV), None, read_records), as_json=False)
    told = capsys.readouterr().out
    for said in ("firms.csv: 4 records", "email [email]", "75.0 %", "info@acme.example ×2", "not an address (line 4)", "1 lines are no records"):
        assert said in told


def test_the_command_needs_no_database_for_a_file(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    command = [sys.executable, "-m", "hub", "profile", str(a_file(tmp_path, CSV)), "--json", "--data", str(tmp_path / "data")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["records"] == 4
    assert not (tmp_path / "data").exists()
