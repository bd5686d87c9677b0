"""XML and SOAP 1.1: what an attacker sends is refused, what we send comes back as it was."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.xml import (
    NIL, SOAP_11, XSI, XSI_TYPE, Bounds, Element, Fault, XmlError, dump_xml, element_of, envelope, fault, opened, parse_xml, value_of,
)  # fmt: skip

calm = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
SMALL = Bounds(size=10_000, depth=8, elements=20, attributes=5, text=100)

legal = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(n) for n in range(32) if n not in (9, 10, 13)] + ["\ufffe", "\uffff"]))
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9._-]{0,8}", fullmatch=True).filter(lambda one: one.lower() != "xmlns")
tables = st.recursive(legal, lambda inner: st.dictionaries(names, inner, min_size=1, max_size=4), max_leaves=20)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r>&l9;</r>', "the document has a DTD, which we do not read"),
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', "the document has a DTD, which we do not read"),
        ('<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]><r/>', "the document has a DTD, which we do not read"),
        ('<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r/>', "the document has a DTD, which we do not read"),
        ("<!DOCTYPE html><html><body>Bad gateway</body></html>", "the document has a DTD, which we do not read"),
        ("<r>&secret;</r>", "undefined entity"),
        ("<r>" * 9 + "</r>" * 9, "nested deeper than 8 levels"),
        ("<r>" * 300 + "</r>" * 300, "nested deeper than 8 levels"),
        (f"<r><a>{'x' * 101}</a></r>", "a text is longer than 100 characters at r/a"),
        (f"<r>{'<![CDATA[xxxx]]>' * 26}</r>", "a text is longer than 100 characters at r"),
        (f"<r>{'<a/>' * 20}</r>", "more than 20 elements"),
        ("<r " + " ".join(f'a{n}="1"' for n in range(6)) + "/>", "more than 5 attributes"),
        (f"<r>{'<a/>' * 5000}</r>", "larger than 10000 bytes"),
        ("", "not well-formed: no element found"),
        ("no xml at all", "not well-formed: syntax error"),
        ("<r><a>1</a>", "not well-formed: no element found in line 1 at r"),
        ("<r><a></r></a>", "not well-formed: mismatched tag"),
        ("<r/><r/>", "not well-formed: junk after document element"),
        ("<r>&#0;</r>", "not well-formed: reference to invalid character number"),
        ("<r>\x0b</r>", "not well-formed"),
        ("<r a='1' a='2'/>", "not well-formed: duplicate attribute"),
        ("<x:r/>", "not well-formed: unbound prefix"),
    ],
)  # fmt: skip
def test_what_is_not_xml_we_take_is_refused_with_the_reason(raw: str, expected: str) -> None:
    with pytest.raises(XmlError) as refused:
        parse_xml(raw.encode(), SMALL)
    assert expected in str(refused.value)


@pytest.mark.parametrize(
    "raw",
    [
        b"<r>\xff</r>",
        b"<r>\xc3</r>",
        b"<r>\xed\xa0\x80</r>",
        '<?xml version="1.0" encoding="UTF-8"?><r>\u00fc</r>'.encode("latin-1"),
        b'<?xml version="1.0" encoding="utf-7"?><r/>',
        b'<?xml version="1.0" encoding="shift_jis"?><r/>',
        b'<?xml version="1.0" encoding="no-such-thing"?><r/>',
        b'<?xml version="1.0" encoding="UTF-16"?><r/>',
        "<r>\u00fc</r>".encode("utf-32"),
        "<r>\ud800</r>",
    ],
)
def test_a_document_that_is_not_in_its_encoding_is_refused(raw: bytes | str) -> None:
    with pytest.raises(XmlError):
        parse_xml(raw)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_document_is_read_in_the_encoding_it_declares(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    raw = f'<?xml version="1.0" encoding="{name}"?><r>M\u00fcller</r>'.encode(encoding)
    assert parse_xml(raw).text == "M\u00fcller"


@calm
@given(names, tables)
def test_what_is_written_reads_back(name: str, value: Any) -> None:
    for namespace in ("", "urn:x?a=1&b=\"2\""):
        made = element_of(name, value, namespace)
        again = parse_xml(dump_xml(made))
        assert again == made and value_of(again) == value


@calm
@given(st.text())
def test_any_text_is_carried_exactly_or_refused(text: str) -> None:
    try:
        raw = dump_xml(Element("r", text, attributes={"a": text}))
    except XmlError as refused:
        found = re.search(r"U\+([0-9A-F]{4,6}) at position (\d+)", str(refused))
        assert found is not None and ord(text[int(found[2])]) == int(found[1], 16) and refused.path == "r"
    else:
        assert parse_xml(raw) == Element("r", text, attributes={"a": text})


@calm
@given(st.binary(max_size=200), st.sampled_from(["", "<r>", '<?xml version="1.0"?><r a="', "<r><![CDATA[", "\ufeff<r>"]), st.sampled_from(["", "</r>", '"/>']))
def test_whatever_comes_is_a_document_or_refused(noise: bytes, before: str, after: str) -> None:
    raw = before.encode() + noise + after.encode()
    try:
        root = parse_xml(raw)
        written = dump_xml(root)
    except XmlError:
        return
    assert parse_xml(written) == root


def test_values_are_written_exactly() -> None:
    value = {"AMOUNT": Decimal("1E+3"), "RATE": Decimal("0.10"), "N": 2**70, "IS": True, "NOT": False, "NONE": None, "LINE": [{"A": "1"}, {"A": "2"}]}
    raw = dump_xml(element_of("R", value), declares=False).decode()
    assert raw == (
        "<R><AMOUNT>1000</AMOUNT><RATE>0.10</RATE><N>1180591620717411303424</N><IS>true</IS><NOT>false</NOT><NONE/>"
        "<LINE><A>1</A></LINE><LINE><A>2</A></LINE></R>"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"A": {"B": "x\x00"}}, "the character U+0000 at position 1 cannot be said in XML at R/A/B"),
        ({"A": "\ud83d"}, "the character U+D83D at position 0 cannot be said in XML at R/A"),
        ({"A": 1.1}, "float has no exact form in XML at R/A"),
        ({"A": Decimal("NaN")}, "Decimal has no exact form in XML at R/A"),
        ({"A": [[1]]}, "list has no exact form in XML at R/A"),
        ({"A><B": "1"}, "'A><B' is no name of an element"),
        ({"": "1"}, "'' is no name of an element"),
        ({"@a b": "1"}, "'a b' is no name of an element"),
        ({"xmlns": "1"}, "'xmlns' is no name of an element"),
    ],
)
def test_what_xml_cannot_say_is_refused_with_its_place(value: Any, expected: str) -> None:
    with pytest.raises(XmlError) as refused:
        dump_xml(element_of("R", value))
    assert expected in str(refused.value)


def test_a_value_nested_without_end_is_refused() -> None:
    value: Any = "x"
    for _ in range(5000):
        value = {"A": value}
    with pytest.raises(XmlError, match="nested deeper than 64 levels"):
        element_of("R", value)
    deep = Element("R")
    for _ in range(5000):
        deep = Element("R", children=(deep,))
    with pytest.raises(XmlError, match="nested deeper than 64 levels"):
        dump_xml(deep)


def test_one_element_of_a_declared_list_is_a_list_and_what_repeats_undeclared_is_an_error() -> None:
    one, two = parse_xml("<r><n><i>1</i></n></r>"), parse_xml("<r><n><i>1</i><i>2</i></n></r>")
    assert (value_of(one, ["i"]), value_of(two, ["i"])) == ({"n": {"i": ["1"]}}, {"n": {"i": ["1", "2"]}})
    assert value_of(two, ["n/i"]) == {"n": {"i": ["1", "2"]}}
    with pytest.raises(XmlError, match="the element i occurs more than once and is not declared a list at r/n"):
        value_of(two, ["other/i"])


def test_attributes_nil_and_text_beside_children_are_kept() -> None:
    raw = f'<r xmlns:xsi="{XSI}" a="1"><none xsi:nil="true"/><t xsi:type="d">x</t>\n <mixed>some <b>bold</b> text</mixed></r>'
    value = value_of(parse_xml(raw))
    assert value == {"@a": "1", "none": None, "t": {XSI_TYPE: "d", "#text": "x"}, "mixed": {"#text": "some  text", "b": "bold"}}
    assert b'<none xsi:nil="true"/>' in dump_xml(element_of("r", {"none": {NIL: "true"}}))


def test_namespaces_are_written_with_the_prefixes_given_or_as_the_default() -> None:
    inner = Element("{urn:b}inner", "1", attributes={XSI_TYPE[1:]: "b:Ticket"})
    raw = dump_xml(Element("{urn:a}outer", children=(inner, Element("bare"))), {"urn:b": "b"}, declares=False)
    assert raw == (
        f'<outer xmlns:xsi="{XSI}" xmlns:b="urn:b" xmlns="urn:a"><b:inner xsi:type="b:Ticket">1</b:inner><bare xmlns=""/></outer>'.encode()
    )
    assert parse_xml(raw) == Element("{urn:a}outer", children=(inner, Element("bare")))
    assert parse_xml('<p:outer xmlns:p="urn:a"/>') == parse_xml('<outer xmlns="urn:a"/>')


def test_elements_are_found_by_their_place() -> None:
    root = parse_xml('<response><control><status> success </status></control><operation><result n="1"/><result n="2"/></operation></response>')
    assert (root.said("control/status"), root.said("control/none/status"), root.find("operation/none")) == ("success", "", None)
    operation = root.find("operation")
    assert operation is not None and [one.attributes["n"] for one in operation.all("result")] == ["1", "2"]


def test_a_soap_message_carries_a_body_and_headers() -> None:
    body, header = element_of("query", {"queryXML": "<x/>"}, "urn:at"), Element("{urn:at}Integration", "key")
    raw = dump_xml(envelope(body, [header]))
    assert raw.startswith(f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{SOAP_11}"><soap:Header>'.encode())
    found = opened(parse_xml(raw))
    assert (found.headers, found.body, found.fault) == ((header,), body, None)


@pytest.mark.parametrize(("code", "is_ours"), [("Client", True), ("Server", False), ("Client.Authentication", True)])
def test_a_soap_fault_says_whose_it_is(code: str, is_ours: bool) -> None:
    detail = Element("why", "closed")
    found = opened(parse_xml(dump_xml(envelope(fault(code, "No & never", detail)))))
    assert (found.body, found.fault) == (None, Fault(f"soap:{code}", "No & never", "", detail))
    assert found.fault is not None and found.fault.is_ours is is_ours


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("<html/>", "expected a SOAP 1.1 envelope, got html"),
        ('<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"/>', "expected a SOAP 1.1 envelope"),
        (f'<e:Envelope xmlns:e="{SOAP_11}"/>', "a SOAP message has one body"),
        (f'<e:Envelope xmlns:e="{SOAP_11}"><e:Body/><e:Body/></e:Envelope>', "a SOAP message has one body"),
    ],
)
def test_what_is_no_soap_message_is_refused(raw: str, expected: str) -> None:
    with pytest.raises(XmlError, match=expected):
        opened(parse_xml(raw))
