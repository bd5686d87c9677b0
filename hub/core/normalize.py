"""Normal forms: every value that enters has one spelling, so equality of values is equality of things.

One table from :class:`FieldKind` to a function; :func:`normal_values` runs it over a record with everything compiled
once per entity. A placeholder ("n/a", 000000000, 1900-01-01) is empty; a value that cannot be read is a problem of its
field and leaves the others alone. An identifier whose check digit is wrong is *kept*: survivorship never lets it win.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import phonenumbers

from hub.core.countries import country_code
from hub.core.identifiers import is_filler
from hub.core.records import Values
from schema.kinds import FieldKind, Value, minor_units
from schema.language import EntityMeta, Field

TEXT_LIMIT_BYTES = 1_000_000
MAX_DIGITS = 38
_CONTEXT = Context(prec=MAX_DIGITS * 3, rounding=ROUND_HALF_EVEN)


class InvalidValueError(ValueError):
    """A value has no normal form; the field is reported, the record goes on without it. Holds no value."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.reason, self.path = reason, path


class Problem(NamedTuple):
    """Why one field of a record was left out."""

    field: str
    cause: str
    """``type`` (unreadable) or ``unknown_field``."""
    reason: str


class Ground(NamedTuple):
    """What a normal form may depend on beside the value itself."""

    country: str = ""
    """ISO-2 of the record, the hint for numbers without an international prefix."""
    limit_bytes: int = TEXT_LIMIT_BYTES


Normaliser = Callable[[Any, Ground], Value]
_PLAIN = Ground()


def normal(field: Field[Any], value: Any, *, country: str = "", limit_bytes: int = TEXT_LIMIT_BYTES) -> Value:
    """The normal form of one value; None for empty and placeholders. Raises :class:`InvalidValueError`."""
    if value is None:
        return None
    return normaliser(field)(value, Ground(country, limit_bytes))


def normal_values(
    entity: EntityMeta, raw: Mapping[str, Any], *, limit_bytes: int = TEXT_LIMIT_BYTES
) -> tuple[Values, tuple[Problem, ...]]:
    """Normal forms of a record's values, and what could not be read. Keys are fields or ``extra.<name>``."""
    compiled = _compiled(entity)
    country = raw.get("country")
    ground = _PLAIN
    if country or limit_bytes != TEXT_LIMIT_BYTES:
        ground = Ground(country_code(country) or "" if isinstance(country, str) else "", limit_bytes)
    values: Values = {}
    problems: list[Problem] = []
    for name, value in raw.items():
        function = compiled.get(name)
        if function is None:
            if not name.startswith("extra."):
                problems.append(Problem(name, "unknown_field", f"{entity.name} has no field '{name}'"))
                continue
            function = extra
        try:
            values[name] = None if value is None else function(value, ground)
        except InvalidValueError as error:
            problems.append(Problem(f"{name}.{error.path}" if error.path else name, "type", error.reason))
    return values, tuple(problems)


_BY_ENTITY: dict[int, tuple[EntityMeta, dict[str, Normaliser]]] = {}


def _compiled(entity: EntityMeta) -> dict[str, Normaliser]:
    held = _BY_ENTITY.get(id(entity))
    if held is None:
        held = (entity, {name: normaliser(field) for name, field in entity.fields.items()})
        _BY_ENTITY[id(entity)] = held
    return held[1]


def normaliser(field: Field[Any]) -> Normaliser:
    """The function for one field."""
    if field.kind is FieldKind.LISTING:
        return _listing(field)
    if field.kind is FieldKind.IDENTIFIER:
        return identifier if field.scheme else business_identifier
    return NORMALISERS[field.kind]


# ------------------------------------------------------------------------------------------------- text and its kin

TEXT_PLACEHOLDERS = frozenset({
    "", "n/a", "n.a.", "#n/a", "n/a.", "tbd", "t.b.d.", "tba", "-", "--", "---", ".", "?", "??", "???", "unknown",
    "not available", "not applicable", "not known", "to be determined", "to be defined",
})  # fmt: skip
_LONGEST_PLACEHOLDER = max(map(len, TEXT_PLACEHOLDERS))


def clean(value: Any, ground: Ground) -> str:
    """Trimmed text in NFC; NUL, lone surrogates and oversize are errors."""
    if not isinstance(value, str):
        value = _as_text(value)
    if len(value) * 4 > ground.limit_bytes and len(value.encode("utf-8", "replace")) > ground.limit_bytes:
        raise InvalidValueError(f"longer than {ground.limit_bytes} bytes")
    if "\x00" in value:
        raise InvalidValueError("contains a NUL character")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InvalidValueError("contains a lone surrogate, which is no character") from error
        value = unicodedata.normalize("NFC", value)
    text: str = value.strip()
    return text


def _as_text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise InvalidValueError(f"expected text, got {_kind_of(value)}")
    return format(_bounded(Decimal(value)), "f")


def _kind_of(value: Any) -> str:
    names = {bool: "true or false", dict: "an object", list: "a list", float: "a binary float", str: "text"}
    return names.get(type(value), "a number" if isinstance(value, int | Decimal) else type(value).__name__)


def text(value: Any, ground: Ground) -> Value:
    """Trimmed text in NFC, or None for a placeholder.

    >>> [text(value, Ground()) for value in ("  ACME ", "n/a", "TBD", "Unknown", "")]
    ['ACME', None, None, None, None]
    """
    said = clean(value, ground)
    if len(said) <= _LONGEST_PLACEHOLDER and said.lower() in TEXT_PLACEHOLDERS:
        return None
    return said


def code(value: Any, ground: Ground) -> Value:
    """A canonical code as it stands; only emptiness is a placeholder, since a set may well hold "unknown"."""
    return clean(value, ground) or None


def identifier(value: Any, ground: Ground) -> Value:
    """A registered identifier in upper case with single spaces; fillers such as 000000000 are empty.

    >>> [identifier(value, Ground()) for value in ("15-048-3782", "000000000", "529900t8bm49aursdo55")]
    ['150483782', None, '529900T8BM49AURSDO55']
    """
    said = text(value, ground)
    if not isinstance(said, str):
        return None
    tight = re.sub(r"[\s.\-]+", "", said).upper()
    return None if not tight or is_filler(tight) else tight


def business_identifier(value: Any, ground: Ground) -> Value:
    """A number somebody gave (contract number, code): kept as delivered, leading zeros and all."""
    said = text(value, ground)
    if not isinstance(said, str) or (len(said) >= 5 and not said.strip("0")):
        return None
    return said


_EMAIL = re.compile(r"[^@\s<>(),;:\\\"\[\]]{1,64}@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*")
_EMPTY_MAILBOXES = frozenset({"test", "noemail", "no-email", "none", "nomail", "na", "n/a", "xxx"})


@lru_cache(maxsize=65536)
def _email(said: str) -> str | None:
    said = said.removeprefix("mailto:")
    if not _EMAIL.fullmatch(said):
        raise InvalidValueError("is not an e-mail address")
    local, _, host = said.rpartition("@")
    return None if local.lower() in _EMPTY_MAILBOXES else f"{local}@{host.lower()}"


def email(value: Any, ground: Ground) -> Value:
    """
    >>> [email(value, Ground()) for value in ("Jo.Doe@ACME.Example", "test@acme.example", "-")]
    ['Jo.Doe@acme.example', None, None]
    """
    said = text(value, ground)
    return _email(said) if isinstance(said, str) else None


_E164 = re.compile(r"\+[1-9]\d{6,14}")


@lru_cache(maxsize=65536)
def _phone(said: str, country: str) -> str | None:
    said = said.removeprefix("tel:")
    digits = re.sub(r"\D", "", said)
    if len(digits) < 3 or is_filler(digits):
        return None if not said.strip("0123456789 +-/().") else said
    try:
        number = phonenumbers.parse(said, country or None)
    except phonenumbers.NumberParseException:
        return digits
    if not phonenumbers.is_possible_number(number):
        return digits
    if number.extension:
        return f"{phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)};ext={number.extension}"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone(value: Any, ground: Ground) -> Value:
    """E.164 when the number can be read with the record's country, else its digits.

    >>> phone("030 / 123 456", Ground("DE")), phone("+49 30 123456", Ground()), phone("555-0100", Ground())
    ('+4930123456', '+4930123456', '5550100')
    """
    said = text(value, ground)
    if not isinstance(said, str) or _E164.fullmatch(said) and not is_filler(said[1:]):
        return said
    return _phone(said, ground.country)


@lru_cache(maxsize=65536)
def _domain(said: str) -> str | None:
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", said.strip().lower())
    host = re.split(r"[/?#]", host, maxsplit=1)[0].rpartition("@")[2]
    host = re.sub(r":\d+$", "", host).removeprefix("www.").rstrip(".")
    if not host:
        return None
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise InvalidValueError("is not a domain") from error
    if not re.fullmatch(r"(?:[a-z0-9_](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]+", host):
        raise InvalidValueError("is not a domain")
    return host


def domain(value: Any, ground: Ground) -> Value:
    """The bare host of a domain or address.

    >>> domain("https://www.Acme.example/about?x=1", Ground())
    'acme.example'
    """
    said = text(value, ground)
    return _domain(said) if isinstance(said, str) else None


def country(value: Any, ground: Ground) -> Value:
    said = text(value, ground)
    if not isinstance(said, str):
        return None
    found = country_code(said)
    if found is None:
        raise InvalidValueError("is not a country we know by code or name")
    return found


_LANGUAGES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr", "spanish": "es", "español": "es",
    "italian": "it", "italiano": "it", "dutch": "nl", "nederlands": "nl", "portuguese": "pt", "português": "pt",
    "polish": "pl", "polski": "pl", "swedish": "sv", "danish": "da", "norwegian": "no", "finnish": "fi", "czech": "cs",
    "japanese": "ja", "chinese": "zh", "korean": "ko", "arabic": "ar", "turkish": "tr", "russian": "ru", "greek": "el",
    "hungarian": "hu", "romanian": "ro", "ukrainian": "uk", "hebrew": "he", "hindi": "hi",
}  # fmt: skip


@lru_cache(maxsize=4096)
def _language(said: str) -> str:
    named = _LANGUAGES.get(said.lower())
    if named:
        return named
    parts = re.split(r"[-_]", said)
    if not re.fullmatch(r"[A-Za-z]{2,3}", parts[0]) or not all(re.fullmatch(r"[A-Za-z0-9]{2,8}", part) for part in parts):
        raise InvalidValueError("is not a language tag")
    rest = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part for part in parts[1:]]
    return "-".join([parts[0].lower(), *rest])


def language(value: Any, ground: Ground) -> Value:
    """
    >>> [language(value, Ground()) for value in ("EN_us", "Deutsch", "zh-hant")]
    ['en-US', 'de', 'zh-Hant']
    """
    said = text(value, ground)
    return _language(said) if isinstance(said, str) else None


def timezone(value: Any, ground: Ground) -> Value:
    """An IANA name; its existence is the connector's matter, since the list of zones belongs to the machine."""
    said = text(value, ground)
    if isinstance(said, str) and not re.fullmatch(r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*", said):
        raise InvalidValueError("is not an IANA time zone name")
    return said


# ---------------------------------------------------------------------------------------------- numbers and instants

_NORMAL_DECIMAL = re.compile(r"(?:0|-?[1-9]\d{0,17}(?:\.\d{0,11}[1-9])?|-?0\.\d{0,11}[1-9])")
_DECIMAL = re.compile(r"[+-]?(?:\d{1,60}(?:\.\d{0,60})?|\.\d{1,60})(?:[eE][+-]?\d{1,3})?", re.ASCII)


def _bounded(number: Decimal) -> Decimal:
    """Refuse what is not a number or needs more than 38 digits when written out."""
    if not number.is_finite():
        raise InvalidValueError("is not a finite number")
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if not any(digits):
        return Decimal(0)
    if max(len(digits) + exponent, 0) > MAX_DIGITS or max(number.adjusted() + 1, 0) + max(-exponent, 0) > MAX_DIGITS + 60:
        raise InvalidValueError(f"has more than {MAX_DIGITS} digits")
    return number


def decimal(value: Any) -> Decimal:
    """Read a decimal; binary floats, NaN, infinities, other digits and exponent bombs are errors."""
    if isinstance(value, str):
        if not _DECIMAL.fullmatch(value.strip()):
            raise InvalidValueError("is not a decimal number")
        try:
            value = Decimal(value.strip())
        except InvalidOperation as error:  # pragma: no cover - the pattern admits only numbers
            raise InvalidValueError("is not a decimal number") from error
    elif isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= 10**MAX_DIGITS:
            raise InvalidValueError(f"has more than {MAX_DIGITS} digits")
        value = Decimal(value)
    elif not isinstance(value, Decimal):
        raise InvalidValueError(f"expected a decimal number, got {_kind_of(value)}")
    return _bounded(value)


def plain(number: Decimal) -> str:
    """The number without exponent, trailing zeros or negative zero; at most 38 digits.

    >>> [plain(Decimal(text)) for text in ("1.10", "1E+3", "-0.00", "100")]
    ['1.1', '1000', '0', '100']
    """
    if not number:
        return "0"
    written = format(number, "f")
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    if len(written) - written.count(".") - written.count("-") > MAX_DIGITS:
        raise InvalidValueError(f"has more than {MAX_DIGITS} digits")
    return written


def percent(value: Any, ground: Ground) -> Value:
    """
    >>> percent("12.50", Ground()), percent(Decimal("7"), Ground())
    ('12.5', '7')
    """
    if isinstance(value, str):
        if _NORMAL_DECIMAL.fullmatch(value):
            return value
        value = value.strip().removesuffix("%").strip()
        if value.lower() in TEXT_PLACEHOLDERS:
            return None
    return plain(decimal(value))


def _at_scale(number: Decimal, places: int, what: str) -> Decimal:
    scaled = number.quantize(Decimal(1).scaleb(-places), context=_CONTEXT)
    if scaled != number:
        raise InvalidValueError(f"{what} has at most {places} decimals")
    if scaled.adjusted() + 1 + places > MAX_DIGITS:
        raise InvalidValueError(f"has more than {MAX_DIGITS} digits")
    return abs(scaled) if not scaled else scaled


def _parts(value: Any, names: frozenset[str], what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        as_json = getattr(value, "json", None)
        if as_json is None:
            raise InvalidValueError(f"expected {what} as an object with {', '.join(sorted(names))}, got {_kind_of(value)}")
        value = as_json()
    for name in value:
        if name not in names:
            raise InvalidValueError(f"{what} has no part '{str(name)[:40]}'", str(name)[:40])
    parts: Mapping[str, Any] = value
    return parts


def _currency(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z]{3}", value.strip()):
        raise InvalidValueError("is not a three-letter currency code", "currency")
    return value.strip().upper()


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in TEXT_PLACEHOLDERS)


_MONEY = frozenset({"amount", "currency"})
_PRICE = frozenset({"amount", "currency", "per"})
_QUANTITY = frozenset({"value", "unit", "stated"})


def money(value: Any, ground: Ground) -> Value:
    """An amount at the minor units of its currency; further digits other than zero are an error, never rounded.

    >>> money({"amount": "1.1", "currency": "eur"}, Ground()), money({"amount": Decimal("500.00"), "currency": "JPY"}, Ground())
    ({'amount': '1.10', 'currency': 'EUR'}, {'amount': '500', 'currency': 'JPY'})
    """
    parts = _parts(value, _MONEY, "money")
    amount = parts.get("amount")
    if _is_empty(amount):
        return None
    currency = _currency(parts.get("currency"))
    return {"amount": format(_at_scale(decimal(amount), minor_units(currency), currency), "f"), "currency": currency}


def price(value: Any, ground: Ground) -> Value:
    """A price per unit with up to six decimals.

    >>> price({"amount": "95.00", "currency": "EUR", "per": "hr"}, Ground())
    {'amount': '95', 'currency': 'EUR', 'per': 'hour'}
    """
    parts = _parts(value, _PRICE, "price")
    amount = parts.get("amount")
    if _is_empty(amount):
        return None
    return {
        "amount": plain(_at_scale(decimal(amount), 6, "a price")),
        "currency": _currency(parts.get("currency")),
        "per": _unit(parts.get("per"), "per"),
    }


_UNITS = {
    "h": "hour", "hr": "hour", "hrs": "hour", "hours": "hour", "std": "hour", "d": "day", "days": "day", "months": "month",
    "items": "item", "each": "item", "ea": "item", "pcs": "item", "kilometre": "km", "kilometer": "km", "%": "percent",
    "min": "minute", "mins": "minute", "minutes": "minute",
}  # fmt: skip


def _unit(value: Any, path: str = "unit") -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidValueError("names no unit", path)
    unit = clean(value, _PLAIN).lower()
    return _UNITS.get(unit, unit)


def quantity(value: Any, ground: Ground) -> Value:
    """Hours and days to four decimals, others to six; the source's own figure is kept where it reads differently.

    >>> quantity({"value": "50", "unit": "min"}, Ground())
    {'value': '0.8333', 'unit': 'hour', 'stated': '50 min'}
    >>> quantity({"value": "7.50", "unit": "hours", "stated": "7.5"}, Ground())
    {'value': '7.5', 'unit': 'hour'}
    """
    parts = _parts(value, _QUANTITY, "quantity")
    amount = parts.get("value")
    if _is_empty(amount):
        return None
    number, unit = decimal(amount), _unit(parts.get("unit"))
    stated = clean(parts["stated"], ground) if parts.get("stated") is not None else ""
    if unit == "minute":
        stated = stated or f"{plain(number)} min"
        number, unit = (number / 60).quantize(Decimal("0.0001"), context=_CONTEXT), "hour"
    elif unit in ("hour", "day"):
        exact, number = number, number.quantize(Decimal("0.0001"), context=_CONTEXT)
        stated = stated or (plain(exact) if exact != number else "")
    figure = plain(_at_scale(number, 6, f"a quantity in {unit}"))
    normal_form = {"value": figure, "unit": unit}
    if stated and stated not in (figure, f"{figure} {unit}"):
        normal_form["stated"] = stated
    return normal_form


def integer(value: Any, ground: Ground) -> Value:
    """A whole number of at most 64 bits."""
    if _is_empty(value):
        return None
    number = value if type(value) is int else decimal(value)
    if number != int(number):
        raise InvalidValueError("is not a whole number")
    if not -(2**63) <= number < 2**63:
        raise InvalidValueError("needs more than 64 bits")
    return int(number)


_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False}


def boolean(value: Any, ground: Ground) -> Value:
    if isinstance(value, bool):
        return value
    if _is_empty(value):
        return None
    if isinstance(value, str) and value.strip().lower() in _BOOLEANS:
        return _BOOLEANS[value.strip().lower()]
    raise InvalidValueError(f"expected true or false, got {_kind_of(value)}")


_OPEN_DATES = frozenset({"1900-01-01", "1899-12-30", "1899-12-31", "9999-12-31", "0001-01-01", "0000-00-00"})


@lru_cache(maxsize=16384)
def _date(said: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", said, re.ASCII):
        raise InvalidValueError("is not a date in the form 2026-05-17")
    try:
        dt.date.fromisoformat(said)
    except ValueError as error:
        raise InvalidValueError("is not a day of the calendar") from error
    return said


def date(value: Any, ground: Ground) -> Value:
    """A calendar day; the dates systems use for "none" are empty.

    >>> date("2026-05-17", Ground()), date("1900-01-01", Ground()), date(dt.date(2026, 5, 17), Ground())
    ('2026-05-17', None, '2026-05-17')
    """
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = value.isoformat()
    said = text(value, ground)
    if said is None or said in _OPEN_DATES:
        return None
    return _date(str(said))


_NORMAL_INSTANT = re.compile(r"\d{4}-[01]\d-[0-3]\d[T][0-2]\d:[0-5]\d:[0-5]\d\.\d{6}Z", re.ASCII)


def instant_text(moment: dt.datetime) -> str:
    """The normal form of an aware instant.

    >>> instant_text(dt.datetime(2026, 5, 17, 8, 11, 52, tzinfo=dt.timezone.utc))
    '2026-05-17T08:11:52.000000Z'
    """
    if moment.tzinfo is not dt.UTC:
        moment = moment.astimezone(dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment.year >= 1000 else moment.isoformat(timespec="microseconds")[:26] + "Z"


def instant(value: Any, ground: Ground) -> Value:
    """An instant in UTC with six decimals; one without offset is an error, since no zone may be guessed.

    >>> instant("2026-05-17T10:11:52+02:00", Ground())
    '2026-05-17T08:11:52.000000Z'
    """
    if not isinstance(value, dt.datetime):
        said = text(value, ground)
        if said is None or str(said)[:10] in _OPEN_DATES:
            return None
        if not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", str(said), re.ASCII):
            raise InvalidValueError("is not an instant in the form 2026-05-17T08:11:52Z")
        try:
            value = dt.datetime.fromisoformat(str(said))
        except ValueError as error:
            raise InvalidValueError("is not an instant in the form 2026-05-17T08:11:52Z") from error
    if value.tzinfo is None:
        raise InvalidValueError("has no offset from UTC")
    try:
        return instant_text(value)
    except OverflowError as error:
        raise InvalidValueError("lies outside the calendar") from error


# ----------------------------------------------------------------------------------------------- references and lists

_REFERENCE = frozenset({"system", "object", "id", "name"})


def reference(value: Any, ground: Ground) -> Value:
    """A reference as contributed: a system's record by id or by name, or ours by its uuid.

    >>> reference({"system": "crm", "object": "account", "id": " 0014 "}, Ground())
    {'system': 'crm', 'object': 'account', 'id': '0014'}
    """
    if isinstance(value, str | UUID):
        return {"id": _uuid(value)} if str(value).strip() else None
    parts = _parts(value, _REFERENCE, "reference")
    key = "name" if parts.get("id") is None else "id"
    told = parts.get(key)
    if _is_empty(told):
        return None
    if not parts.get("system"):
        if key == "name":
            raise InvalidValueError("a reference by name needs the system whose name it is", "system")
        return {"id": _uuid(told)}
    return {"system": clean(parts["system"], ground), "object": clean(parts.get("object") or "", ground), key: clean(told, ground)}


def _uuid(value: Any) -> str:
    try:
        return str(UUID(str(value).strip()))
    except ValueError as error:
        raise InvalidValueError("is not the id of a golden record", "id") from error


def _listing(field: Field[Any]) -> Normaliser:
    if field.items:
        one = _structure({name: NORMALISERS[item_kind(item)] for name, item in field.items.items()})
    else:
        one = reference if field.target else code if field.codes else text

    def listing(value: Any, ground: Ground) -> Value:
        if not isinstance(value, list | tuple):
            raise InvalidValueError(f"expected a list, got {_kind_of(value)}")
        items = []
        for at, item in enumerate(value):
            try:
                normal_item = None if item is None else one(item, ground)
            except InvalidValueError as error:
                raise InvalidValueError(error.reason, f"{at}.{error.path}" if error.path else str(at)) from error
            if normal_item is not None:
                items.append(normal_item)
        return items or None

    return listing


def item_kind(item: Any) -> FieldKind:
    """The kind of one part of a listing's items, which is a kind or says its kind."""
    return item if isinstance(item, FieldKind) else FieldKind(item.kind)


def _structure(parts: Mapping[str, Normaliser]) -> Normaliser:
    names = frozenset(parts)

    def structure(value: Any, ground: Ground) -> Value:
        stated = _parts(value, names, "item")
        result: dict[str, Any] = {}
        for name, function in parts.items():  # the declared order, so that equal items look equal
            told = stated.get(name)
            if told is None:
                continue
            try:
                normal_part = function(told, ground)
            except InvalidValueError as error:
                raise InvalidValueError(error.reason, f"{name}.{error.path}" if error.path else name) from error
            if normal_part is not None:
                result[name] = normal_part
        return result or None

    return structure


def extra(value: Any, ground: Ground, depth: int = 0) -> Value:
    """A firm's own extension value: any JSON of sane size, numbers as whole numbers or decimal text."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return text(value, ground) if depth == 0 else clean(value, ground)
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, int | Decimal):
        return plain(decimal(value))
    if depth >= 8:
        raise InvalidValueError("is nested deeper than 8 levels")
    if isinstance(value, list | tuple):
        return [extra(item, ground, depth + 1) for item in value] or None
    if isinstance(value, Mapping):
        return {clean(str(name), ground): extra(item, ground, depth + 1) for name, item in value.items()} or None
    raise InvalidValueError(f"cannot keep {_kind_of(value)}")


def _any_listing(value: Any, ground: Ground) -> Value:
    if not isinstance(value, list | tuple):
        raise InvalidValueError(f"expected a list, got {_kind_of(value)}")
    return extra(value, ground, 1)


NORMALISERS: dict[FieldKind, Normaliser] = {
    FieldKind.TEXT: text,
    FieldKind.IDENTIFIER: business_identifier,
    FieldKind.EMAIL: email,
    FieldKind.PHONE: phone,
    FieldKind.DOMAIN: domain,
    FieldKind.COUNTRY: country,
    FieldKind.LANGUAGE: language,
    FieldKind.TIMEZONE: timezone,
    FieldKind.CODE: code,
    FieldKind.BOOLEAN: boolean,
    FieldKind.INTEGER: integer,
    FieldKind.DATE: date,
    FieldKind.INSTANT: instant,
    FieldKind.PERCENT: percent,
    FieldKind.QUANTITY: quantity,
    FieldKind.MONEY: money,
    FieldKind.PRICE: price,
    FieldKind.REFERENCE: reference,
    FieldKind.LISTING: _any_listing,
}
"""Normal form per kind; listings of declared items are compiled from it."""
