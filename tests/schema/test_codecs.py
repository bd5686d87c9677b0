"""The law of codecs: what is written reads back as the same value; and what each of them refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schema import codecs
from schema.codecs import Codec, CodecError, canonical_instant, plain
from schema.kinds import FieldKind, minor_units
from tests import test_arrows as arrows

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
words = st.text("abcXYZ0189 äß-", min_size=1).map(str.strip).filter(bool)
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4).map(plain)
days = st.dates().map(lambda day: day.isoformat())
instants = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2999, 1, 1), timezones=st.just(UTC)).map(canonical_instant)
currencies = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF"])


@st.composite
def moneys(draw: st.DrawFn, currency: str = "") -> dict[str, str]:
    unit = currency or draw(currencies)
    number = Decimal(draw(st.integers(-(10**14), 10**14))).scaleb(-minor_units(unit))
    return {"amount": format(number + 0, "f"), "currency": unit}


@st.composite
def prices(draw: st.DrawFn) -> dict[str, str]:
    number = Decimal(draw(st.integers(-(10**12), 10**12))).scaleb(-6)
    return {"amount": plain(number), "currency": draw(currencies), "per": "hour"}


hours = st.integers(-100_000, 100_000).map(lambda count: codecs.minutes().read(count))
clocks = st.integers(-100_000, 100_000).map(lambda count: codecs.clock_hours().read(codecs.clock(count)))
references = words.map(lambda id: {"system": "psa", "object": "client", "id": id})
whole_ms = instants.map(lambda moment: moment[:23] + "000Z")

LAWS: list[tuple[str, Codec, st.SearchStrategy[Any]]] = [
    ("text", codecs.text(), texts),
    ("trimmed", codecs.trimmed(), words),
    ("identifier", codecs.identifier(), words),
    ("identifier of fixed width", codecs.identifier(8), st.integers(0, 99_999_999).map(lambda n: str(n).zfill(8))),
    ("email", codecs.email(), words.map(lambda word: f"{word.replace(' ', '')}@example.org")),
    ("phone", codecs.phone(), words),
    ("country", codecs.country({"Germany": "DE", "Deutschland": "DE"}), st.sampled_from(["DE", "FR", "GB"])),
    ("boolean", codecs.boolean(), st.booleans()),
    ("boolean T/F", codecs.boolean("T", "F"), st.booleans()),
    ("boolean Y/N", codecs.boolean("Y", "N"), st.booleans()),
    ("boolean 1/0", codecs.boolean(1, 0), st.booleans()),
    ("boolean turned round", codecs.boolean("no", "yes"), st.booleans()),
    ("integer", codecs.integer(), st.integers(-(10**30), 10**30)),
    ("decimal", codecs.decimal(), decimals),
    ("decimal as text", codecs.decimal(as_text=True), decimals),
    ("decimal with comma", codecs.decimal(comma=True), decimals),
    ("percent", codecs.percent(), decimals),
    ("percent as fraction", codecs.percent(fraction=True), decimals),
    ("money", codecs.money(currency_path="currency"), moneys()),
    ("money in a constant currency", codecs.money("JPY"), moneys("JPY")),
    ("money in cents", codecs.money(currency_path="currency", subunits=True), moneys()),
    ("money as text with comma", codecs.money(currency_path="currency", comma=True), moneys()),
    ("price", codecs.price(per="hour", currency_path="currency"), prices()),
    ("price in cents", codecs.price(per="hour", currency_path="currency", subunits=True), prices()),
    ("quantity", codecs.quantity("day"), decimals.map(lambda one: {"value": one, "unit": "day"})),
    ("minutes", codecs.minutes(), hours),
    ("clock hours", codecs.clock_hours(), clocks),
    ("date", codecs.date(), days),
    ("date DD.MM.YYYY", codecs.date("DD.MM.YYYY"), days),
    ("date MM/DD/YYYY", codecs.date("MM/DD/YYYY"), days),
    ("date YYYYMMDD", codecs.date("YYYYMMDD"), days),
    ("instant", codecs.instant(), instants),
    ("epoch in microseconds", codecs.epoch("us"), instants),
    ("epoch in milliseconds", codecs.epoch("ms"), whole_ms),
    ("code of a table", codecs.code("", {"A": "open", "B": "closed", "a": "open"}), st.sampled_from(["open", "closed"])),
    ("code", codecs.code("TIER"), words),
    ("reference", codecs.reference("client", system="psa"), references),
    (
        "reference by name",
        codecs.reference("client", by="name", system="psa"),
        words.map(lambda name: {"system": "psa", "object": "client", "name": name}),
    ),
    ("items", codecs.items(codecs.trimmed()), st.lists(words)),
    ("separated", codecs.separated(), st.lists(words)),
    (
        "structures",
        codecs.items(codecs.structure({"country": ("land", codecs.country()), "number": ("nr", codecs.identifier())})),
        st.lists(st.fixed_dictionaries({"country": st.sampled_from(["DE", "FR"]), "number": words})),
    ),
    ("constant", codecs.constant("employee"), st.just("employee")),
]


@pytest.mark.parametrize(("codec", "values"), [law[1:] for law in LAWS], ids=[law[0] for law in LAWS])
def test_what_is_written_reads_back_as_the_same_value(codec: Codec, values: st.SearchStrategy[Any]) -> None:
    @settings(max_examples=40, deadline=None)
    @given(values)
    def law(value: Any) -> None:
        assert codec.read(codec.write(value)) == value

    law()


@given(instants, st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata"]))
def test_a_local_instant_reads_back_or_is_refused_in_the_repeated_hour(moment: str, zone: str) -> None:
    codec = codecs.local_instant(zone)
    try:
        written = codec.write(moment)
    except CodecError:
        assume(False)
    assert codec.read(written) == moment


def test_an_instant_of_the_repeated_hour_cannot_be_told_without_an_offset() -> None:
    berlin = codecs.local_instant("Europe/Berlin")
    assert berlin.write("2026-10-25T00:30:00.000000Z") == "2026-10-25T02:30:00"
    with pytest.raises(CodecError, match="repeated hour"):
        berlin.write("2026-10-25T01:30:00.000000Z")


def test_every_kind_has_a_default_spelling_or_must_say_one() -> None:
    assert set(codecs.DEFAULT_CODECS) == set(FieldKind)


@pytest.mark.parametrize(
    ("codec", "raw", "expected"),
    [
        (codecs.boolean(), "Y", True),
        (codecs.boolean("T", "F"), "F", False),
        (codecs.boolean(), 0, False),
        (codecs.integer(), "12", 12),
        (codecs.integer(), Decimal("12.0"), 12),
        (codecs.decimal(), "", None),
        (codecs.decimal(), Decimal("1E+3"), "1000"),
        (codecs.decimal(comma=True), "1.234,50", "1234.5"),
        (codecs.money("EUR"), Decimal("12.5"), {"amount": "12.50", "currency": "EUR"}),
        (codecs.money("EUR"), Decimal("12.5000"), {"amount": "12.50", "currency": "EUR"}),
        (codecs.money("EUR"), Decimal("-0.00"), {"amount": "0.00", "currency": "EUR"}),
        (codecs.money("JPY", subunits=True), 1250, {"amount": "1250", "currency": "JPY"}),
        (codecs.money("EUR", comma=True), "1.234,56", {"amount": "1234.56", "currency": "EUR"}),
        (codecs.money(currency_path="c"), (Decimal("1.10"), " eur "), {"amount": "1.10", "currency": "EUR"}),
        (codecs.minutes(), 450, {"value": "7.5", "unit": "hour", "stated": "450 min"}),
        (codecs.minutes(), 440, {"value": "7.3333", "unit": "hour", "stated": "440 min"}),
        (codecs.clock_hours(), "7:30", {"value": "7.5", "unit": "hour", "stated": "7:30"}),
        (codecs.date(), "2026-05-17T23:30:00+02:00", "2026-05-17"),
        (codecs.date("MM/DD/YYYY"), "5/7/2026", "2026-05-07"),
        (codecs.instant(), "2026-05-01T07:25:37.000+0000", "2026-05-01T07:25:37.000000Z"),
        (codecs.instant(), "2026-02-03T00:11:52-08:00", "2026-02-03T08:11:52.000000Z"),
        (codecs.local_instant("Europe/Berlin"), "2026-07-01T10:00:00", "2026-07-01T08:00:00.000000Z"),
        (codecs.epoch("ms"), 1788000000123, "2026-08-29T10:40:00.123000Z"),
        (codecs.reference("account", system="crm"), {"id": "7", "name": "A"}, {"system": "crm", "object": "account", "id": "7"}),
        (codecs.trimmed(), "  ", None),
        (codecs.email(), "Lena.Brandt@Nordlicht.Example", "Lena.Brandt@nordlicht.example"),
    ],
)  # fmt: skip
def test_a_vendors_spelling_reads_as_the_canonical_value(codec: Codec, raw: Any, expected: Any) -> None:
    assert codec.read(raw) == expected


@pytest.mark.parametrize(
    ("codec", "raw"),
    [
        (codecs.trimmed(), {"a": 1}),
        (codecs.trimmed(), True),
        (codecs.boolean(), "maybe"),
        (codecs.boolean(), 2),
        (codecs.integer(), "12.5"),
        (codecs.integer(), True),
        (codecs.decimal(), "NaN"),
        (codecs.decimal(), "1e999999999"),
        (codecs.decimal(), Decimal("Infinity")),
        (codecs.decimal(), 1.5),
        (codecs.decimal(), "1" * 39),
        (codecs.decimal(), "１２"),
        (codecs.money("EUR"), Decimal("1.234")),
        (codecs.money("EUR"), Decimal("1E+60")),
        (codecs.money(currency_path="c"), (Decimal(1), None)),
        (codecs.money(currency_path="c"), (Decimal(1), "EURO")),
        (codecs.minutes(), "7:30"),
        (codecs.clock_hours(), "7:60"),
        (codecs.clock_hours(), 7),
        (codecs.date(), "17.05.2026"),
        (codecs.date(), "2026-02-30"),
        (codecs.date("DD.MM.YYYY"), "2026-05-17"),
        (codecs.instant(), "2026-05-01T07:25:37"),
        (codecs.instant(), "yesterday"),
        (codecs.epoch(), "2026-05-01"),
        (codecs.epoch("s"), 10**15),
        (codecs.code("", {"A": "open"}), "B"),
        (codecs.items(codecs.trimmed()), "a"),
    ],
)
def test_what_is_not_such_a_value_is_refused_with_a_reason(codec: Codec, raw: Any) -> None:
    with pytest.raises(CodecError) as caught:
        codec.read(raw)
    assert caught.value.reason


@pytest.mark.parametrize(
    ("codec", "value"),
    [
        (codecs.money("EUR"), {"amount": "1.00", "currency": "USD"}),
        (codecs.price("EUR", per="hour"), {"amount": "1", "currency": "EUR", "per": "day"}),
        (codecs.minutes(), {"value": "1", "unit": "day"}),
        (codecs.epoch("s"), "2026-05-01T07:25:37.500000Z"),
        (codecs.code("", {"A": "open"}), "closed"),
        (codecs.reference("client", system="erp"), {"system": "crm", "object": "account", "id": "1"}),
    ],
)
def test_what_a_field_cannot_hold_is_not_written(codec: Codec, value: Any) -> None:
    with pytest.raises(CodecError):
        codec.write(value)


def test_an_hour_kept_to_four_decimals_gives_every_minute_back() -> None:
    codec = codecs.minutes()
    assert all(codec.write(codec.read(count)) == count for count in range(-1500, 1500))


def test_an_instant_outside_of_the_calendar_is_an_error_and_no_crash() -> None:
    edge = (datetime.max - timedelta(hours=1)).isoformat() + "-05:00"
    with pytest.raises(CodecError):
        codecs.instant().read(edge)


@pytest.mark.parametrize("name", arrows.of("schema.codecs"))
def test_no_codec_lets_a_binary_float_near_money(name: str) -> None:
    arrows.test_no_binary_float_comes_near_money(name)
