"""Two-way value codecs: how one system spells a canonical value, and back. ``read(write(x)) == x`` holds for each.

A codec reads what ``json.loads(..., parse_float=Decimal)`` gave (or the text of a CSV cell) and writes what the JSON
encoder of the connector takes; a ``Decimal`` it writes leaves as an exact JSON number. ``None`` never reaches a codec:
the mapping passes "stated empty" through in both directions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date as Date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schema.kinds import FieldKind, minor_units

Read = Callable[[Any], Any]
Write = Callable[[Any], Any]


class CodecError(ValueError):
    """A value is not what the mapping says it is; the field is left out and the message reports ``path``."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path, self.reason = path, reason


@dataclass(frozen=True, slots=True)
class Codec:
    """One way of spelling a value.

    With ``beside`` (paths of sibling fields: the currency of an amount) ``read`` takes and ``write`` gives a tuple, the
    line's own value first. ``codes`` names the governed set whose code map translates; ``for_system`` completes a
    codec that must know whose ids it reads.
    """

    name: str
    read: Read
    write: Write
    beside: tuple[str, ...] = ()
    codes: str = ""
    is_open: bool = False
    """A code nobody mapped is taken as it is instead of waiting for a steward."""
    for_system: Callable[[str], Codec] | None = None


EXACT = Context(prec=80, traps=[Inexact, InvalidOperation])
ROUNDING = Context(prec=80, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
MAX_DIGITS = 38
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)


def _shown(value: Any) -> str:
    """A value for an error message: short, without its content when it is long."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"


def exact_decimal(value: Any, *, comma: bool = False) -> Decimal:
    """The exact number behind an int, a Decimal or its text; a float is refused, its digits are already lost.

    >>> exact_decimal("1.234,50", comma=True)
    Decimal('1234.50')
    """
    if isinstance(value, str):
        text = value.strip().replace("\u00a0", "").replace(" ", "")
        text = text.replace(".", "").replace(",", ".") if comma else text
        if not _NUMBER.fullmatch(text):
            raise CodecError("", f"expected a number, got {_shown(value)}")
        number = Decimal(text)
    elif isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise CodecError("", f"expected a number, got {type(value).__name__} {_shown(value)}")
    else:
        number = Decimal(value)
    if not number.is_finite() or number.adjusted() >= MAX_DIGITS or _digits(number) > MAX_DIGITS:
        raise CodecError("", f"expected a number of at most {MAX_DIGITS} digits, got {_shown(value)}")
    return number


def _digits(number: Decimal) -> int:
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    return max(len(digits), len(digits) + exponent, -exponent)


def plain(number: Decimal) -> str:
    """Decimal text in normal form: no exponent, no trailing zeros, no negative zero.

    >>> [plain(Decimal(text)) for text in ("1.50", "1E+3", "-0.0")]
    ['1.5', '1000', '0']
    """
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def at_scale(number: Decimal, digits: int, what: str) -> Decimal:
    """``number`` with exactly ``digits`` decimals; digits that would be cut are an error, never rounded away."""
    try:
        return number.quantize(Decimal(1).scaleb(-digits), context=EXACT) + 0
    except (Inexact, InvalidOperation):
        raise CodecError("", f"{plain(number)} has more decimals than {what} allows ({digits})") from None


# --- texts -----------------------------------------------------------------------------------------------------------


def _text(value: Any) -> str | None:
    if type(value) is str:
        return value or None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise CodecError("", f"expected text, got {type(value).__name__}")
    return str(value) if isinstance(value, str | int) else format(value, "f")


def _trimmed(value: Any) -> str | None:
    if type(value) is str:
        return value.strip() or None
    return _text(value)


def _same(value: Any) -> Any:
    return value


def text() -> Codec:
    """Text exactly as delivered; an empty text is "stated empty"."""
    return Codec("text", _text, _same)


def trimmed() -> Codec:
    """Text without spaces around it: the default of every textual kind."""
    return Codec("trimmed", _trimmed, _same)


def identifier(width: int = 0) -> Codec:
    """An identifier as text; ``width`` restores leading zeros that a system drops (and drops them on writing)."""
    if not width:
        return Codec("identifier", _trimmed, _same)

    def read(value: Any) -> Any:
        found = _trimmed(value)
        return found.zfill(width) if found else None

    return Codec("identifier", read, lambda value: value.lstrip("0") or "0")


def email() -> Codec:
    """An address; the domain is folded to lower case, since only there case has no meaning."""

    def read(value: Any) -> Any:
        found = _trimmed(value)
        if found is None or "@" not in found:
            return found
        local, _, host = found.rpartition("@")
        return f"{local}@{host.lower()}"

    return Codec("email", read, _same)


def phone() -> Codec:
    """A telephone number as text; the core brings it to E.164."""
    return Codec("phone", _trimmed, _same)


def country(names: Mapping[str, str] | None = None) -> Codec:
    """ISO 3166 two-letter codes, or a system's own ``names`` of them (their name → code); the first name is written.

    >>> germany = country({"Germany": "DE", "Deutschland": "DE"})
    >>> germany.read("Deutschland"), germany.read("fr"), germany.write("DE"), germany.write("FR")
    ('DE', 'FR', 'Germany', 'FR')
    """
    inward = {name.casefold(): code for name, code in (names or {}).items()}
    outward: dict[str, str] = {}
    for name, code in (names or {}).items():
        outward.setdefault(code, name)

    def read(value: Any) -> Any:
        found = _trimmed(value)
        if found is None:
            return None
        known = inward.get(found.casefold())
        return known or (found.upper() if len(found) == 2 else found)

    return Codec("country", read, lambda value: outward.get(value, value))


# --- truth, numbers, money -------------------------------------------------------------------------------------------

_TRUE = frozenset(("true", "t", "yes", "y", "1", "on", "x"))
_FALSE = frozenset(("false", "f", "no", "n", "0", "off", ""))


def boolean(true: Any = True, false: Any = False) -> Codec:
    """Truth in the form a system uses (``true``, ``"T"``, ``"Y"``, 1); all usual forms are read.

    >>> [boolean("T", "F").read(form) for form in ("T", "no", 1, True)], boolean("T", "F").write(False)
    ([True, False, True, True], 'F')
    """
    own_true, own_false = str(true).casefold(), str(false).casefold()

    def read(value: Any) -> Any:
        if value is True or value is False:
            return value
        form = str(value).strip().casefold() if isinstance(value, str | int | Decimal) else None
        if form == own_true or (form in _TRUE and form != own_false):
            return True
        if form == own_false or form in _FALSE:
            return False
        raise CodecError("", f"expected true or false, got {_shown(value)}")

    return Codec("boolean", read, lambda value: true if value else false)


def integer() -> Codec:
    """A whole number, also when it comes as text or as 12.0."""

    def read(value: Any) -> Any:
        if type(value) is int:
            return value
        if value == "":
            return None
        number = exact_decimal(value)
        if number != number.to_integral_value():
            raise CodecError("", f"expected a whole number, got {_shown(value)}")
        return int(number)

    return Codec("integer", read, _same)


def _number_form(as_text: bool, comma: bool) -> Write:
    if comma:
        return lambda number: format(number, "f").replace(".", ",")
    return (lambda number: format(number, "f")) if as_text else _same


def decimal(*, factor: str = "1", as_text: bool = False, comma: bool = False) -> Codec:
    """A decimal number; theirs times ``factor`` is ours (0.19 with factor 100 is "19" per cent)."""
    times, form = Decimal(factor), _number_form(as_text, comma)

    def read(value: Any) -> Any:
        if value == "":
            return None
        return plain(EXACT.multiply(exact_decimal(value, comma=comma), times))

    def write(value: Any) -> Any:
        return form(Decimal(plain(EXACT.divide(exact_decimal(value), times))))

    return Codec("decimal", read, write)


def percent(*, fraction: bool = False, comma: bool = False) -> Codec:
    """A percentage ("12.5"), or the fraction 0.125 of it."""
    return replace(decimal(factor="100" if fraction else "1", comma=comma), name="percent")


def _currency(value: Any) -> str:
    found = value.strip().upper() if isinstance(value, str) else ""
    if len(found) != 3 or not found.isalpha():
        raise CodecError("", f"expected a currency of three letters beside the amount, got {_shown(value)}")
    return found


def _with_currency(
    name: str, read: Callable[[Any, str], Any], write: Callable[[Any], Any], currency: str, currency_path: str
) -> Codec:
    """A codec of an amount whose currency is a constant or stands in a field beside it."""
    if bool(currency) == bool(currency_path):
        raise ValueError(f"{name} takes either a constant currency or the path of the field that holds it")
    if currency:

        def write_constant(value: Any) -> Any:
            if value["currency"] != currency:
                raise CodecError("", f"this field holds {currency} only, not {value['currency']}")
            return write(value)

        return Codec(name, lambda value: None if value == "" else read(value, currency), write_constant)

    def read_pair(pair: Any) -> Any:
        amount, unit = pair
        return None if amount is None or amount == "" else read(amount, _currency(unit))

    return Codec(name, read_pair, lambda value: (write(value), value["currency"]), beside=(currency_path,))


def money(
    currency: str = "", *, currency_path: str = "", subunits: bool = False, as_text: bool = False, comma: bool = False
) -> Codec:
    """An amount in ``currency`` (constant), or in the currency found at ``currency_path``.

    ``subunits``: the system counts cents (the currency's minor units) in whole numbers.

    >>> money("JPY").read(12), money(currency_path="cur", subunits=True).read((1250, "EUR"))
    ({'amount': '12', 'currency': 'JPY'}, {'amount': '12.50', 'currency': 'EUR'})
    """
    form = _number_form(as_text, comma)

    def read(value: Any, unit: str) -> Any:
        number, digits = exact_decimal(value, comma=comma), minor_units(unit)
        number = number.scaleb(-digits, context=EXACT) if subunits else number
        return {"amount": format(at_scale(number, digits, unit), "f"), "currency": unit}

    def write(value: Any) -> Any:
        digits = minor_units(value["currency"])
        number = at_scale(exact_decimal(value["amount"]), digits, value["currency"])
        return int(number.scaleb(digits, context=EXACT)) if subunits else form(number)

    return _with_currency("money", read, write, currency, currency_path)


def price(
    currency: str = "", *, per: str, currency_path: str = "", subunits: bool = False, as_text: bool = False, comma: bool = False
) -> Codec:
    """A price per unit with up to six decimals; ``subunits`` counts cents, possibly broken ones."""
    form = _number_form(as_text, comma)

    def read(value: Any, unit: str) -> Any:
        number = exact_decimal(value, comma=comma)
        number = number.scaleb(-minor_units(unit), context=EXACT) if subunits else number
        return {"amount": plain(at_scale(number, 6, "a price")), "currency": unit, "per": per}

    def write(value: Any) -> Any:
        if value["per"] != per:
            raise CodecError("", f"this field holds prices per {per}, not per {value['per']}")
        number = exact_decimal(value["amount"])
        number = number.scaleb(minor_units(value["currency"]), context=EXACT) if subunits else number
        return form(Decimal(plain(number)))

    return _with_currency("price", read, write, currency, currency_path)


# --- quantities ------------------------------------------------------------------------------------------------------

HOUR_DIGITS = 4
"""An hour is kept to four decimals, so that every whole minute comes back as the same minute."""


def quantity(unit: str, *, as_text: bool = False, comma: bool = False) -> Codec:
    """A decimal number of ``unit`` (hour, day, item, km)."""
    form = _number_form(as_text, comma)

    def read(value: Any) -> Any:
        return None if value == "" else {"value": plain(exact_decimal(value, comma=comma)), "unit": unit}

    return Codec("quantity", read, lambda value: form(exact_decimal(_in(value, unit))))


def _in(value: Any, unit: str) -> Any:
    if value["unit"] != unit:
        raise CodecError("", f"this field counts in {unit}, not in {value['unit']}")
    return value["value"]


def _hours(minutes: Decimal, stated: str) -> dict[str, str]:
    hours = ROUNDING.divide(minutes, Decimal(60)).quantize(Decimal(1).scaleb(-HOUR_DIGITS), context=ROUNDING)
    return {"value": plain(hours), "unit": "hour", "stated": stated}


def _whole_minutes(value: Any) -> int:
    return int((exact_decimal(_in(value, "hour")) * 60).to_integral_value(context=ROUNDING))


def minutes() -> Codec:
    """Hours that a system counts in whole minutes; the minutes stay visible as ``stated``.

    >>> minutes().read(450), minutes().write({"value": "7.3333", "unit": "hour"})
    ({'value': '7.5', 'unit': 'hour', 'stated': '450 min'}, 440)
    """

    def read(value: Any) -> Any:
        if value == "":
            return None
        number = exact_decimal(value)
        return _hours(number, f"{plain(number)} min")

    return Codec("minutes", read, _whole_minutes)


_CLOCK = re.compile(r"(-?)(\d{1,6}):([0-5]\d)", re.ASCII)


def clock_hours() -> Codec:
    """Hours written as "7:30" (minus in front for a reversal).

    >>> clock_hours().read("-7:20"), clock_hours().write({"value": "-7.3333", "unit": "hour"})
    ({'value': '-7.3333', 'unit': 'hour', 'stated': '-7:20'}, '-7:20')
    """

    def read(value: Any) -> Any:
        if value == "":
            return None
        found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None:
            raise CodecError("", f'expected hours like "7:30", got {_shown(value)}')
        sign, hours, rest = found.groups()
        total = Decimal(int(hours) * 60 + int(rest))
        return _hours(-total if sign else total, clock(int(-total if sign else total)))

    return Codec("clock_hours", read, lambda value: clock(_whole_minutes(value)))


def clock(minutes: int) -> str:
    """Minutes as "h:mm"."""
    return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


# --- days and instants -----------------------------------------------------------------------------------------------

_DATE_PARTS = {"YYYY": r"(?P<year>\d{4})", "MM": r"(?P<month>\d{1,2})", "DD": r"(?P<day>\d{1,2})"}
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _is_day(year: int, month: int, day: int) -> str:
    try:
        return Date(year, month, day).isoformat()
    except ValueError as error:
        raise CodecError("", f"expected a day of the calendar: {error}") from None


def date(pattern: str = "YYYY-MM-DD") -> Codec:
    """A calendar day in a ``pattern`` of YYYY, MM and DD; a time after an ISO date is cut off, never converted.

    >>> date("DD.MM.YYYY").read("5.3.2026"), date("YYYYMMDD").write("2026-03-05")
    ('2026-03-05', '20260305')
    """
    if pattern == "YYYY-MM-DD":
        return Codec("date", _read_iso_date, _same)
    shape = re.escape(pattern)
    for part, expression in _DATE_PARTS.items():
        if pattern.count(part) != 1:
            raise ValueError(f"a date pattern names YYYY, MM and DD once each, not {pattern!r}")
        fixed = expression if re.search(r"[^YMD]", pattern) else expression.replace("{1,2}", "{2}")
        shape = shape.replace(part, fixed)
    compiled = re.compile(shape, re.ASCII)

    def read(value: Any) -> Any:
        if value == "":
            return None
        found = compiled.fullmatch(_trimmed(value) or "")
        if found is None:
            raise CodecError("", f"expected a date like {pattern}, got {_shown(value)}")
        return _is_day(int(found["year"]), int(found["month"]), int(found["day"]))

    def write(value: Any) -> Any:
        year, month, day = value.split("-")
        return pattern.replace("YYYY", year).replace("MM", month).replace("DD", day)

    return Codec("date", read, write)


def _read_iso_date(value: Any) -> Any:
    if value == "":
        return None
    text = value.strip() if isinstance(value, str) else ""
    day = text[:10] if len(text) > 10 and text[10] in "T " else text
    if not _ISO_DATE.fullmatch(day):
        raise CodecError("", f"expected a date like YYYY-MM-DD, got {_shown(value)}")
    return _is_day(int(day[:4]), int(day[5:7]), int(day[8:]))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def canonical_instant(moment: datetime) -> str:
    """An aware instant in normal form: UTC, six decimals, Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z" if moment.year >= 1000 else _refuse_year(moment)


def _refuse_year(moment: datetime) -> str:
    raise CodecError("", f"the year {moment.year} is no business date")


_ISO_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def _parse_iso(value: Any) -> datetime:
    text = value.strip() if isinstance(value, str) else ""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise CodecError("", f"expected an instant like 2026-05-17T08:11:52Z, got {_shown(value)}") from None


def instant() -> Codec:
    """An ISO 8601 instant with offset or Z. One without an offset is refused: declare its zone with ``local_instant``."""

    def read(value: Any) -> Any:
        if value == "":
            return None
        moment = _parse_iso(value)
        if moment.tzinfo is None:
            raise CodecError("", f"expected an offset or Z at the end of {_shown(value)}; declare the zone it is meant in")
        return _in_utc(moment)

    return Codec("instant", read, _same)


def _in_utc(moment: datetime) -> str:
    try:
        return canonical_instant(moment)
    except OverflowError:
        raise CodecError("", "the instant lies outside of the calendar") from None


def local_instant(zone: str) -> Codec:
    """An instant without offset, meant in ``zone``.

    The hour that a change of the clocks repeats is read as its first pass; an instant of its second pass cannot be
    written and is refused, since it would come back as another one.
    """
    try:
        tz = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"no such time zone: {zone!r}") from None

    def read(value: Any) -> Any:
        if value == "":
            return None
        moment = _parse_iso(value)
        return _in_utc(moment if moment.tzinfo else moment.replace(tzinfo=tz))

    def write(value: Any) -> Any:
        local = datetime.fromisoformat(value).astimezone(tz)
        if local.fold:
            raise CodecError("", f"{value} falls into the repeated hour of {zone} and cannot be told there")
        return local.replace(tzinfo=None).isoformat()

    return Codec("local_instant", read, write)


def epoch(unit: str = "ms") -> Codec:
    """An instant as a count of ``s``, ``ms`` or ``us`` since 1970.

    >>> epoch("s").read("1788000000")
    '2026-08-29T10:40:00.000000Z'
    """
    micro = {"s": 1_000_000, "ms": 1_000, "us": 1}[unit]

    def read(value: Any) -> Any:
        if value == "":
            return None
        count = exact_decimal(value) * micro
        if count != count.to_integral_value():
            raise CodecError("", f"expected whole {unit} since 1970, got {_shown(value)}")
        try:
            return canonical_instant(EPOCH + timedelta(microseconds=int(count)))
        except OverflowError:
            raise CodecError("", "the instant lies outside of the calendar") from None

    def write(value: Any) -> Any:
        count, rest = divmod((datetime.fromisoformat(value) - EPOCH) // timedelta(microseconds=1), micro)
        if rest:
            raise CodecError("", f"{value} is finer than this field's {unit}")
        return count

    return Codec("epoch", read, write)


# --- codes, references, structures -----------------------------------------------------------------------------------


def code(codes: str, table: Mapping[Any, str] | None = None, *, is_open: bool = False) -> Codec:
    """A value of the governed set ``codes``, translated by the tenant's code map, or by a fixed ``table`` (theirs → ours).

    With a table, several of theirs may mean one of ours; the first is written.
    """
    if table is None:
        return Codec("code", _trimmed, _same, codes=codes, is_open=is_open)
    inward = {str(theirs): ours for theirs, ours in table.items()}
    outward: dict[str, Any] = {}
    for theirs, ours in table.items():
        outward.setdefault(ours, theirs)

    def read(value: Any) -> Any:
        found = _trimmed(str(value).lower() if isinstance(value, bool) else value)
        if found is None or found in inward:
            return found and inward[found]
        raise CodecError("", f"{_shown(value)} is none of {', '.join(map(repr, inward))}")

    def write(value: Any) -> Any:
        if value not in outward:
            raise CodecError("", f"there is no code for {value!r} here")
        return outward[value]

    return Codec("code", read, write, is_open=is_open)


def reference(object: str, *, by: str = "id", system: str = "") -> Codec:
    """A reference to a record of the same system (or of ``system``), by its id or, where it has none, by its name.

    >>> reference("client", system="psa").read(10)
    {'system': 'psa', 'object': 'client', 'id': '10'}
    """
    if by not in ("id", "name"):
        raise ValueError(f"a reference is by id or by name, not by {by!r}")

    def of(owner: str) -> Codec:
        def read(value: Any) -> Any:
            if isinstance(value, dict):
                value = value.get(by)
            found = None if value is None else _trimmed(value)
            return None if found is None else {"system": owner, "object": object, by: found}

        def write(value: Any) -> Any:
            found = value if isinstance(value, str) else value.get(by)
            if found is None or (isinstance(value, dict) and value.get("system", owner) != owner):
                raise CodecError("", f"expected a {by} of {object} in {owner}")
            return found

        return Codec("reference", read, write)

    return of(system) if system else replace(of(""), for_system=of)


def items(codec: Codec) -> Codec:
    """A list of values of one codec; ``None`` and empty items are left out.

    >>> items(trimmed()).read([" a ", ""])
    ['a']
    """

    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise CodecError("", f"expected a list, got {type(value).__name__}")
        found = [codec.read(one) for one in value if one is not None]
        return [one for one in found if one is not None]

    inner = codec.for_system
    return Codec(
        "items", read, lambda value: [codec.write(one) for one in value],
        for_system=(lambda system: items(inner(system))) if inner else None,
    )  # fmt: skip


def separated(mark: str = ";") -> Codec:
    """A list of texts in one text, separated by ``mark``."""

    def read(value: Any) -> Any:
        return [part.strip() for part in (_text(value) or "").split(mark) if part.strip()]

    return Codec("separated", read, lambda value: mark.join(value))


def structure(fields: Mapping[str, tuple[str, Codec]]) -> Codec:
    """An object with our key → (their key, codec); with ``items`` around it, a list of structures."""
    bound = tuple((ours, theirs, codec) for ours, (theirs, codec) in fields.items())

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise CodecError("", f"expected an object, got {type(value).__name__}")
        found: dict[str, Any] = {}
        for ours, theirs, codec in bound:
            if theirs in value:
                try:
                    found[ours] = None if value[theirs] is None else codec.read(value[theirs])
                except CodecError as error:
                    raise CodecError(theirs, error.reason) from None
        return found

    def write(value: Any) -> Any:
        return {
            theirs: None if value[ours] is None else codec.write(value[ours]) for ours, theirs, codec in bound if ours in value
        }

    return Codec("structure", read, write)


def constant(value: Any) -> Codec:
    """Always ``value``, whatever the record says; what is written is the same constant."""
    return Codec("constant", lambda _: value, lambda _: value)


DEFAULT_CODECS: Mapping[FieldKind, Codec | None] = {
    FieldKind.TEXT: trimmed(),
    FieldKind.IDENTIFIER: identifier(),
    FieldKind.EMAIL: email(),
    FieldKind.PHONE: phone(),
    FieldKind.DOMAIN: trimmed(),
    FieldKind.COUNTRY: country(),
    FieldKind.LANGUAGE: trimmed(),
    FieldKind.TIMEZONE: trimmed(),
    FieldKind.CODE: None,
    FieldKind.BOOLEAN: boolean(),
    FieldKind.INTEGER: integer(),
    FieldKind.DATE: date(),
    FieldKind.INSTANT: instant(),
    FieldKind.PERCENT: percent(),
    FieldKind.QUANTITY: None,
    FieldKind.MONEY: None,
    FieldKind.PRICE: None,
    FieldKind.REFERENCE: None,
    FieldKind.LISTING: items(trimmed()),
}
"""The codec of a line that names none; ``None``: the spelling must be said (a code falls back to its field's set)."""
