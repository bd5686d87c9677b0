"""Normal forms of addresses, telephones, mailboxes and web sites."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from hub.core.countries import country_code
from hub.core.identifiers import is_filler
from hub.core.match.naming import Parts, fold, words_of
from hub.core.match.words import FREE_MAIL, ROLE_MAILBOXES, STREET, WITHIN_BUILDING

_POSTAL = re.compile(r"[^a-z0-9]+")
_NUMBER = re.compile(r"\d+")
_STICKY = re.compile(r"(?<=\d)(?=[a-z]{2})")


def address(streets: Sequence[str], cities: Sequence[str], regions: Sequence[str], postcodes: Sequence[str], country: str) -> Parts:
    """One address; a whole address in one text counts as its street.

    >>> address(["12 Main Street, Suite 4"], ["St. Louis"], [], ["63101"], "US")["line"]
    'mainst'
    """
    parts: Parts = {}
    house, words = _street(" ".join(streets)) if streets else ("", [])
    if words:
        parts["line"], parts["words"], parts["street"] = "".join(words), list(dict.fromkeys(words)), " ".join(words)
    if house:
        parts["house"] = house
    for name, told in (("city", cities), ("region", regions)):
        text = "".join([_place(one) for one in told])
        if text:
            parts[name] = text
    if postcodes and (code := _POSTAL.sub("", fold("".join(postcodes)))):
        parts["postcode"] = code
    if country:
        parts["country"] = country
    return parts


@lru_cache(maxsize=65536)
def _place(text: str) -> str:
    """A town or a region: many records are of each."""
    return "".join([STREET.get(word, word) for word in words_of(fold(text))])


@lru_cache(maxsize=65536)
def _street(text: str) -> tuple[str, list[str]]:
    house, skip = "", False
    words: list[str] = []
    for word in words_of(_STICKY.sub(" ", fold(text))):
        number = _NUMBER.match(word)
        if skip:
            skip = False
            continue
        short = STREET.get(word, word)
        if short in WITHIN_BUILDING:
            skip = True
        elif number and not house:
            house = number[0].lstrip("0") or "0"
        elif not (number and house) or (short.isdigit() and not words):
            words.append(short)
    return house, words


def country_of(text: str) -> str:
    """
    >>> country_of("Deutschland"), country_of("Atlantis")
    ('DE', '')
    """
    return country_code(text.strip()) or ""


@lru_cache(maxsize=512)
def _calling_code(country: str) -> str:
    code = phonenumbers.country_code_for_region(country) if country else 0
    return str(code) if code else ""


def phone(texts: Sequence[str], country: str) -> Parts:
    """Telephone numbers without prefixes; the tail is what survives however a number is written.

    >>> phone(["+49 (0)30 1234567"], "")["tail"], phone(["030-1234567"], "DE")["tail"]
    ('301234567', '301234567')
    """
    numbers: list[str] = []
    for text in texts:
        number = _national(text, country)
        if number and number not in numbers:
            numbers.append(number)
    return {"number": numbers[0], "tail": numbers[0][-9:], "numbers": [one[-9:] for one in numbers]} if numbers else {}


@lru_cache(maxsize=65536)
def _national(text: str, country: str) -> str:
    said = text.strip().lower().removeprefix("tel:").split("ext")[0].split("x")[0].replace("(0)", "")
    digits = re.sub(r"\D", "", said)
    is_international = said.startswith("+") or digits.startswith("00")
    digits = digits.lstrip("0") if said.startswith("+") or digits.startswith("0") else digits
    if is_international:
        try:
            parsed = phonenumbers.parse("+" + digits)
            digits = str(parsed.national_number)
        except phonenumbers.NumberParseException:
            pass
    elif (code := _calling_code(country)) and len(digits) > 10 and digits.startswith(code):
        digits = digits[len(code) :]
    return digits if len(digits) >= 5 and not is_filler(digits) else ""


def email(texts: Sequence[str]) -> Parts:
    """A mailbox; one of an office (info@) has no person's name, one of a free provider no employer.

    >>> sorted(email(["Jo.Doe@ACME.example"]).items())
    [('address', 'jo.doe@acme.example'), ('host', 'acme.example'), ('local', 'jodoe')]
    >>> sorted(email(["info@acme.example"]))
    ['address', 'host']
    """
    for text in texts:
        local, at, host = text.strip().casefold().removeprefix("mailto:").rpartition("@")
        if at and local and host:
            break
    else:
        return {}
    host = host.strip(" .>")
    parts: Parts = {"address": f"{local}@{host}"}
    plain = re.sub(r"[^a-z0-9]", "", fold(local.split("+")[0]))
    if plain and not is_role_mailbox(plain):
        parts["local"] = plain
    if not is_free_mail(host):
        parts["host"] = host
    return parts


def is_role_mailbox(local: str) -> bool:
    return local in ROLE_MAILBOXES


def is_free_mail(host: str) -> bool:
    return host.split(".")[0] in FREE_MAIL


def is_mailbox(text: str) -> bool:
    """Whether a text is an e-mail address at all, by the rules of the RFC, without asking the network."""
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


_SCHEME = re.compile(r"^[a-z]+://")


def website(texts: Sequence[str]) -> Parts:
    """
    >>> website(["https://www.Acme-Group.co.uk/en/"])
    {'host': 'acme-group.co.uk', 'stem': 'acmegroup'}
    """
    for text in texts:
        host = _SCHEME.sub("", text.strip().casefold()).split("/")[0].split("@")[-1].split(":")[0].strip(".").removeprefix("www.")
        if "." in host:
            return {"host": host, "stem": re.sub(r"[^a-z0-9]", "", host.split(".")[0])}
    return {}
