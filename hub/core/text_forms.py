"""Normal forms of text and its kin: identifiers, addresses, countries, languages. Also what all forms share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import phonenumbers

from hub.core.countries import country_code
from hub.core.identifiers import is_filler
from schema.kinds import Value

TEXT_LIMIT_BYTES = 1_000_000
MAX_DIGITS = 38


class InvalidValueError(ValueError):
    """A value has no normal form; the field is reported, the record goes on without it. Holds no value."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.reason, self.path = reason, path


class Ground(NamedTuple):
    """What a normal form may depend on beside the value itself."""

    country: str = ""
    """ISO-2 of the record, the hint for numbers without an international prefix."""
    limit_bytes: int = TEXT_LIMIT_BYTES


Normaliser = Callable[[Any, Ground], Value]
PLAIN = Ground()


TEXT_PLACEHOLDERS = frozenset({
    "", "n/a", "n.a.", "#n/a", "n/a.", "tbd", "t.b.d.", "tba", "-", "--", "---", ".", "?", "??", "???", "unknown",
    "not available", "not applicable", "not known", "to be determined", "to be defined",
})  # fmt: skip
_LONGEST_PLACEHOLDER = max(map(len, TEXT_PLACEHOLDERS))


def clean(value: Any, ground: Ground) -> str:
    """Trimmed text in NFC; NUL, lone surrogates and oversize are errors."""
    if type(value) is str and value.isascii() and len(value) <= ground.limit_bytes and "\x00" not in value:
        return value.strip()  # most texts
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
        raise InvalidValueError(f"expected text, got {kind_of(value)}")
    return format(bounded(Decimal(value)), "f")


def kind_of(value: Any) -> str:
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
    tight = (said if said.isalnum() else re.sub(r"[\s.\-]+", "", said)).upper()
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
    if not digits:
        raise InvalidValueError("is not a phone number")
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


_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]+")


@lru_cache(maxsize=65536)
def _domain(said: str) -> str | None:
    if _HOST.fullmatch(said) and not said.startswith("www."):
        return said
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", said.strip().lower())
    host = re.split(r"[/?#]", host, maxsplit=1)[0].rpartition("@")[2]
    host = re.sub(r":\d+$", "", host).removeprefix("www.").rstrip(".")
    if not host:
        return None
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise InvalidValueError("is not a domain") from error
    if not _HOST.fullmatch(host):
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


def bounded(number: Decimal) -> Decimal:
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


def is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in TEXT_PLACEHOLDERS)
