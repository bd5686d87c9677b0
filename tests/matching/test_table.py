"""Reading a table to be matched: what is compared, and every mistake told with its place and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import RequestError
from hub.match.guess import guess_kinds
from hub.match.table import Table, read_kinds, read_table, read_truth
from schema.comparing import MatchKind

NAME = {"name": MatchKind.ORGANISATION}


def a_file(folder: Path, text: str | bytes) -> Path:
    file = folder / "records.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_records_are_read_in_order_without_what_is_empty_or_not_named(tmp_path: Path) -> None:
    file = a_file(tmp_path, '\ufeffrecord_id,name,note,source,zip\n1,"Acme, Inc.",x,crm, 123\n\n2,,y,erp,\n')
    kinds = NAME | {"zip": MatchKind.POSTCODE, "note": MatchKind.IGNORE}
    assert read_table(file, kinds, "source") == Table(
        ["1", "2"], NAME | {"zip": MatchKind.POSTCODE}, [{"name": "Acme, Inc.", "zip": "123"}, {}], ["crm", "erp"]
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("record_id,title\n1,a\n", "records.csv has no column 'name'. Its columns are: record_id, title."),
        ("record_id,name\n1,a\n2,b,c\n", "line 3 of records.csv has 3 cells, but the header 2. Mend the line, or quote its commas."),
        ('record_id,name\n1,a\n2,"b\nstill b"\n3,"c"d\n', "line 5 of records.csv is no CSV: ',' expected after '\"'. Mend the line."),
        ("record_id,name\n1,a\n1,b\n", "line 3 of records.csv repeats the id of line 2. Give every record an id of its own."),
        ("record_id,name\n,b\n", "line 2 of records.csv has no record_id. Give every record an id of its own."),
        (b"record_id,name\n1,M\xfcller\n", "records.csv is not UTF-8. Save it as UTF-8."),
        ("", "records.csv is empty. The first line names the columns."),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_line(tmp_path: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_table(a_file(tmp_path, text), NAME)
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("name=firm", ("there is no kind 'firm' for column 'name'. Choose one of: organisation, person, given_name, family_name, address, street, "
         "city, region, postcode, country, phone, email, website, tax_id, identifier, date, number, text, ignore.")),
        ("name", "'name' is not like name=organisation. Write --fields column=kind,column=kind."),
        ("a=text,a=date", "column 'a' is named twice. Name each column once."),
        ("a=ignore", "no column is compared. Name at least one column and its kind, or say --guess to be shown what it may be."),
    ],
)  # fmt: skip
def test_fields_that_cannot_be_used_are_told(fields: str, told: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_kinds(fields)
    assert str(caught.value) == told


def test_the_truth_gives_each_record_its_cluster_in_the_order_asked(tmp_path: Path) -> None:
    file = a_file(tmp_path, "record_id,cluster_id\na,1\nb,2\nc,1\n")
    assert read_truth(file, ["c", "a"]) == ["1", "1"]
    with pytest.raises(RequestError, match="says nothing about record 'd'"):
        read_truth(file, ["d"])


def test_kinds_are_guessed_by_the_name_of_a_column_and_else_by_what_stands_in_it() -> None:
    rows = [{"x1": "12.03.1980", "x2": "Germany", "x3": "free words here", "x4": "7"}] * 3
    header = ["clientName", "surname", "zip_code", "tax_id", "crm_id", "x1", "x2", "x3", "x4"]
    assert [kind.value for kind in guess_kinds(header, rows).values()] == [
        "organisation", "family_name", "postcode", "tax_id", "ignore", "date", "country", "text", "ignore",
    ]  # fmt: skip
