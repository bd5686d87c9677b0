"""Mappings: one vendor record as canonical parts, canonical values as a vendor's body, and what is told about the rest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from schema.client import Client
from schema.code_maps import CodeEntry, CodeMaps, RawCode
from schema.codecs import boolean, code, country, money, reference
from schema.mapped import Link, MappedPart, Problem, UnwritableError
from schema.mapping import Mapping, load_mapping, mapping, unbound
from schema.mapping_file import load_code_maps, load_mappings
from schema.mapping_lines import MappingError, line, link, when

CODES = CodeMaps([CodeEntry("crm", "INDUSTRY", "IT", "technology"), CodeEntry("crm", "INDUSTRY", "Tech", "technology", is_default=True)])


def an_account(*lines: Any, **options: Any) -> Mapping:
    return mapping("crm", "account", Client, *lines, **{"id": "Id"} | options)


def only(parts: list[MappedPart]) -> MappedPart:
    (part,) = parts
    return part


def test_a_table_of_lines_reads_a_record() -> None:
    table = an_account(
        line(Client.name, "Name"),
        line(Client.country, "Address.Country", country({"Germany": "DE"})),
        line(Client.blocked, "Blocked", boolean("Y", "N")),
        line(Client.industry, "Industry"),
        line(Client.account_manager, "OwnerId", reference("user")),
        line("extra.floor", "Floor__c"),
        link("Hub_Id__c", to="hub"),
        link("Erp__c", to=("erp", "customer")),
    )
    record = {
        "Id": "001", "Name": " ACME ", "Address": {"Country": "Germany"}, "Blocked": "N", "Industry": "IT", "OwnerId": "005",
        "Floor__c": "3", "Hub_Id__c": None, "Erp__c": 10023,
    }  # fmt: skip
    assert table.read(record, CODES) == [
        MappedPart(
            "client",
            "",
            {
                "name": "ACME", "country": "DE", "blocked": False, "industry": "technology",
                "account_manager": {"system": "crm", "object": "user", "id": "005"}, "extra.floor": "3",
            },
            links=(Link("erp", "customer", "10023"),),
        )
    ]  # fmt: skip
    assert table.record_id(record) == "001"


def test_absent_is_not_stated_and_null_is_stated_empty() -> None:
    table = an_account(line(Client.name, "Name"), line(Client.city, "A.City"), line(Client.phone, "Phone"), line(Client.tier, "T", default="C"))
    assert only(table.read({"Name": None, "A": None})).values == {"name": None, "city": None, "tier": "C"}


def test_an_unknown_code_keeps_its_raw_text_and_states_nothing() -> None:
    part = only(an_account(line(Client.name, "Name"), line(Client.industry, "Industry")).read({"Name": "A", "Industry": "Space"}, CODES))
    assert part.values == {"name": "A"}
    assert part.raw == {"industry": RawCode("INDUSTRY", "Space")}


def test_a_system_without_a_map_of_a_set_may_speak_our_codes() -> None:
    codes = CodeMaps([CodeEntry("crm", "TIER", "1", "A")], is_known=lambda name, value: value in ("A", "B"))
    assert [codes.ours("erp", "TIER", "A"), codes.ours("erp", "TIER", "Z"), codes.ours("crm", "TIER", "B")] == ["A", None, None]
    assert [codes.theirs("erp", "TIER", "A"), codes.theirs("crm", "TIER", "A"), codes.theirs("crm", "TIER", "B")] == ["A", "1", None]


def test_code_maps_have_directions_and_a_default() -> None:
    codes = CodeMaps(
        [
            CodeEntry("erp", "TIER", "old", "A", "in"), CodeEntry("erp", "TIER", "one", "A"), CodeEntry("erp", "TIER", "two", "A", is_default=True),
            CodeEntry("erp", "TIER", "out", "B", "out"),
        ]
    )  # fmt: skip
    assert [codes.ours("erp", "TIER", one) for one in ("old", "one", "two", "out")] == ["A", "A", "A", None]
    assert [codes.theirs("erp", "TIER", one) for one in ("A", "B")] == ["two", "out"]


def test_a_bad_value_leaves_its_field_out_and_says_where() -> None:
    part = only(an_account(line(Client.name, "Name"), line(Client.blocked, "Flags.Blocked", boolean())).read({"Name": "A", "Flags": {"Blocked": "?"}}))
    assert part.values == {"name": "A"}
    assert part.problems == [Problem("Flags.Blocked", "type", "expected true or false, got '?'", False, "blocked")]


@pytest.mark.parametrize("record", [None, [], "text", 3])
def test_what_is_no_object_is_refused_whole(record: Any) -> None:
    assert [one.fatal for one in only(an_account(line(Client.name, "Name")).read(record)).problems] == [True]


def test_a_condition_decides_what_the_record_is() -> None:
    staff = an_account(line(Client.name, "Name"), only=when("Is_Resource", is_=True))
    others = an_account(line(Client.name, "Name"), only=when("Is_Resource", is_not=True))
    for value, expected in ((True, (1, 0)), (False, (0, 1)), (None, (0, 1)), ("true", (1, 0))):
        record = {"Name": "A", "Is_Resource": value}
        assert (len(staff.read(record)), len(others.read(record))) == expected


def test_the_items_of_a_record_are_parts_with_stable_names() -> None:
    table = mapping(
        "erp", "invoice", "invoice_line",
        line("line_no", "no"), line("net", "amount", money(currency_path="^currency")), line("invoice", "^number", reference("invoice")),
        id="number", items="lines[]", part="no",
    )  # fmt: skip
    record = {"number": "INV-1", "currency": "EUR", "lines": [{"no": 1, "amount": Decimal(10)}, {"no": 2, "amount": Decimal("2.5")}]}
    assert [(one.part, one.values) for one in table.read(record)] == [
        (
            str(number),
            {
                "line_no": str(number), "net": {"amount": amount, "currency": "EUR"},
                "invoice": {"system": "erp", "object": "invoice", "id": "INV-1"},
            },
        )
        for number, amount in ((1, "10.00"), (2, "2.50"))
    ]  # fmt: skip
    assert table.fields_out == frozenset()


def test_an_item_without_a_name_or_with_anothers_is_refused_alone() -> None:
    table = mapping("erp", "invoice", "invoice_line", line("description", "text"), items="lines", part="no")
    parts = table.read({"lines": [{"no": 1, "text": "a"}, {"text": "b"}, {"no": 1, "text": "c"}, 7]})
    assert [(one.part, one.values) for one in parts if not one.problems] == [("1", {"description": "a"})]
    assert [one.problems[0].path for one in parts if one.problems] == ["lines[1].no", "lines[2].no", "lines[3].no"]


def test_what_is_neither_bound_nor_ignored_is_told_with_its_path() -> None:
    client = an_account(line(Client.name, "Name"), line(Client.city, "Address.City"), ignored=["attributes"])
    other = an_account(line(Client.phone, "Phone"), ignored=["New.inner"])
    record = {"Id": "1", "Name": "A", "Phone": "1", "Address": {"City": "B", "Lat": 1}, "attributes": {"x": 1}, "New": {"inner": 1, "more": 2}}
    assert client.unbound(record) == {"Phone", "Address.Lat", "New"}
    assert unbound([client, other], record) == {"Address.Lat"} & other.unbound(record) | {"New"} & other.unbound(record)


def test_a_mapping_writes_a_nested_body_with_the_systems_spellings() -> None:
    table = an_account(
        line(Client.name, "Name"),
        line(Client.country, "Address.Country", country({"Germany": "DE"})),
        line(Client.city, "Address.City"),
        line(Client.industry, "Industry"),
        line(Client.domain, "Website", mode="read"),
        line(Client.website, "Website"),
        on_create={"Type": "Customer"},
        natural_key=[Client.name, Client.country],
    )
    values = {"name": "A", "country": "DE", "city": None, "industry": "technology", "domain": "a.example", "duns": "1"}
    assert table.write(values, CODES) == {"Name": "A", "Address": {"Country": "Germany", "City": None}, "Industry": "Tech"}
    assert table.write({"name": "A"}, is_new=True) == {"Name": "A", "Type": "Customer"}
    assert table.key_of(values, CODES) == {"Name": "A", "Address.Country": "Germany"}
    assert table.key_of({"name": "A"}, CODES) == {}
    assert table.fields_out == {"name", "country", "city", "industry", "website"}


def test_money_writes_its_currency_beside_it_and_empty_leaves_the_currency() -> None:
    table = mapping("erp", "customer", "billing_account", line("credit_limit", "limit.amount", money(currency_path="limit.currency", subunits=True)))
    assert table.write({"credit_limit": {"amount": "12.50", "currency": "EUR"}}) == {"limit": {"amount": 1250, "currency": "EUR"}}
    assert table.write({"credit_limit": None}) == {"limit": {"amount": None}}


def test_what_cannot_be_told_to_a_system_names_field_and_reason() -> None:
    table = an_account(line(Client.industry, "Industry"), line(Client.tier, "T", code("", {"1": "A"})))
    with pytest.raises(UnwritableError) as caught:
        table.write({"industry": "space", "tier": "B"}, CODES)
    assert [(one.field, one.path) for one in caught.value.problems] == [("industry", "Industry"), ("tier", "T")]
    assert "crm has no code for INDUSTRY 'space'" in str(caught.value)


def test_a_mapping_serves_another_system_of_the_same_make() -> None:
    table = an_account(line(Client.account_manager, "OwnerId", reference("user"))).for_system("crm2")
    assert only(table.read({"OwnerId": "5"})).values == {"account_manager": {"system": "crm2", "object": "user", "id": "5"}}


def test_ids_may_be_composite_and_missing() -> None:
    table = an_account(line(Client.name, "Name"), id=("company", "number"))
    assert table.record_id({"company": "DE", "number": 7}) == "DE|7"
    assert table.record_id({"company": "DE", "number": ""}) is None


YAML_FORM: dict[str, Any] = {
    "object": "account", "entity": "client", "id": "Id", "version": {"path": "Stamp", "as": "instant"}, "modified": "Stamp",
    "deleted": "IsDeleted", "when": {"path": "Type", "is": ["Customer"]}, "natural_key": ["name"],
    "fields": {
        "name": "Name",
        "country": {"path": "Country", "as": "country", "names": {"Germany": "DE"}},
        "account_manager": {"path": "Owner", "reference": {"object": "user", "by": "name"}},
        "kind": {"constant": "organisation"},
        "tier": {"path": "Tier", "codes": {1: "A", 2: "B"}},
        "extra.floor": "Floor",
    },
    "links": [{"path": "Hub", "to": "hub"}, {"path": "Erp", "to": {"system": "erp", "object": "customer"}}],
    "ignored": ["attributes"],
}  # fmt: skip


def test_the_yaml_form_reads_like_the_table() -> None:
    table = load_mapping(YAML_FORM, system="crm")
    record = {"Id": "1", "Stamp": "2026-05-01T09:25:37+02:00", "IsDeleted": True, "Type": "Customer", "Name": "A", "Country": "Germany",
              "Owner": "Ida Holm", "Tier": "2", "Floor": "3", "Hub": "g-1", "attributes": {}}  # fmt: skip
    part = only(table.read(record))
    assert part.values == {
        "name": "A", "country": "DE", "account_manager": {"system": "crm", "object": "user", "name": "Ida Holm"}, "kind": "organisation",
        "tier": "B", "extra.floor": "3",
    }  # fmt: skip
    assert part.links == (Link("hub", "", "g-1"),)
    assert (table.version(record), table.modified_at(record), table.is_deleted(record)) == (
        "2026-05-01T07:25:37.000000Z", "2026-05-01T07:25:37.000000Z", True,
    )  # fmt: skip
    assert table.unbound(record) == set()
    assert table.read(record | {"Type": "Partner"}) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"entity": "klient"}, "m.yaml: entity: the model has no entity 'klient'"),
        ({"entity": None}, "m.yaml: entity: expected a text, got nothing"),
        ({"fields": ["Name"]}, "m.yaml: fields: expected a table of keys and values, got list"),
        ({"fields": {"nam": "Name"}}, "m.yaml: fields.nam: client has no field 'nam'"),
        ({"fields": {"name": {"as": "text"}}}, "m.yaml: fields.name.path: expected the path of the field in the record"),
        ({"fields": {"name": {"path": "N", "as": "txt"}}}, "m.yaml: fields.name.as: expected one of boolean"),
        ({"fields": {"name": {"path": "N", "sa": "text"}}}, "m.yaml: fields.name: unknown key 'sa'"),
        ({"fields": {"name": {"path": "N", "as": "date", "patern": "x"}}}, "m.yaml: fields.name.patern: unknown key; known are pattern"),
        ({"fields": {"name": {"path": "N", "as": "date", "pattern": "YY"}}}, "m.yaml: fields.name: a date pattern names YYYY"),
        ({"fields": {"account_manager": "Owner"}}, "m.yaml: fields.account_manager: Client.account_manager is a reference: say how"),
        ({"links": [{"path": "x", "to": "erp"}]}, "m.yaml: links[0].to: expected hub, or {system: …, object: …}"),
        ({"when": {"path": "x"}}, "m.yaml: when: expected either is or is_not"),
        ({"natural_key": ["nme"]}, "m.yaml: natural_key: client has no field 'nme'"),
        ({"items": "lines"}, "m.yaml: part: expected the path"),
        ({"field": {}}, "m.yaml: field: unknown key; known are"),
    ],
)
def test_a_mistake_in_a_mapping_file_is_told_with_file_key_and_what_is_expected(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(MappingError) as caught:
        load_mapping(YAML_FORM | change, file="m.yaml", system="crm")
    assert expected in str(caught.value)


def test_a_file_holds_several_mappings_and_its_code_maps() -> None:
    document = {"system": "crm", "mappings": [YAML_FORM, YAML_FORM | {"entity": "contact", "fields": {"email": "Mail"}, "natural_key": []}],
                "code_maps": {"TIER": {"A1": "A"}}}  # fmt: skip
    assert [(one.system, one.entity) for one in load_mappings(document)] == [("crm", "client"), ("crm", "contact")]
    assert load_code_maps(document) == (CodeEntry("crm", "TIER", "A1", "A"),)
    with pytest.raises(MappingError, match=r"m.yaml: mappings\[0\].entity: the model has no entity 'x'"):
        load_mappings({"system": "crm", "mappings": [{"entity": "x"}]}, file="m.yaml")


def test_a_reference_may_be_required_by_a_system_though_not_by_the_model() -> None:
    needs = {"path": "Owner", "reference": "user", "required": True}
    assert load_mapping(YAML_FORM | {"fields": {"name": "Name", "account_manager": needs}}, system="crm").fields_required == {"account_manager"}
    assert load_mapping(YAML_FORM, system="crm").fields_required == frozenset()
    with pytest.raises(MappingError, match="m.yaml: fields.name.required: expected true or false"):
        load_mapping(YAML_FORM | {"fields": {"name": {"path": "Name", "required": "yes"}}}, file="m.yaml", system="crm")
