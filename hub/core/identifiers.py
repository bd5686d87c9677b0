"""Which identifiers can be checked, and how: one table from scheme to check. Nothing here raises."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from types import ModuleType

_SEPARATORS = re.compile(r"[\s.\-/·]+")
_VAT_PREFIX = {"GR": "EL"}

_BY_COUNTRY: dict[str, dict[str, str]] = {
    "registration": {
        "FR": "fr.siren", "NO": "no.orgnr", "SE": "se.orgnr", "FI": "fi.ytunnus", "DK": "dk.cvr", "CH": "ch.uid",
        "PL": "pl.regon", "BE": "be.vat", "EE": "ee.registrikood", "BR": "br.cnpj", "AU": "au.acn", "CZ": "cz.dic",
        "IT": "it.iva", "ES": "es.cif",
    },
    "tax": {
        "US": "us.tin", "AU": "au.abn", "NZ": "nz.ird", "CA": "ca.bn", "IN": "in_.gstin", "BR": "br.cnpj",
        "NO": "no.mva", "CH": "ch.vat", "GB": "gb.vat", "DE": "de.stnr",
    },
}  # fmt: skip
"""python-stdnum's module per scheme and country; a country that is not listed cannot be checked."""

_WORLDWIDE: dict[str, str] = {"lei": "lei", "iban": "iban", "bic": "bic", "isin": "isin", "ein": "us.ein", "siren": "fr.siren",
                              "siret": "fr.siret", "abn": "au.abn", "uid": "ch.uid", "cusip": "cusip"}  # fmt: skip

COUNTRY_CHECKED: frozenset[str] = frozenset({"vat", "registration", "tax", "gst"})
"""Schemes whose check needs the country."""

REGISTERED: frozenset[str] = frozenset({"duns", *COUNTRY_CHECKED, *_WORLDWIDE})
"""Schemes of public registers, whose separators mean nothing. A firm's own numbers (documents, codes, accounts) are kept as
delivered: A-B1 and AB-1 are two projects, and 12345 is an account."""


def compact(number: str) -> str:
    """The identifier without separators, in upper case; zeros are kept.

    >>> compact("de 136.695-976")
    'DE136695976'
    """
    return (number if number.isalnum() else _SEPARATORS.sub("", number)).upper()


@lru_cache(maxsize=65536)
def is_valid_identifier(scheme: str, value: str, country: str = "") -> bool | None:
    """Whether the check of ``scheme`` holds; None when the scheme (in that country) has no check.

    A D-U-N-S number has had no check digit since 2006, so there the form is all that can be judged.

    >>> is_valid_identifier("lei", "529900T8BM49AURSDO55"), is_valid_identifier("lei", "529900T8BM49AURSDO56")
    (True, False)
    >>> is_valid_identifier("vat", "DE 136 695 976"), is_valid_identifier("duns", "15-048-3782")
    (True, True)
    >>> is_valid_identifier("registration", "HRB 1234", "DE") is None
    True
    """
    number = compact(value)
    check = _CHECKS.get(scheme)
    if check is not None:
        return check(number, country)
    module = _WORLDWIDE.get(scheme) or _BY_COUNTRY.get("tax" if scheme == "gst" else scheme, {}).get(country)
    return _holds(module, number) if module else None


def _duns(number: str, country: str) -> bool | None:
    return number.isascii() and number.isdigit() and len(number) == 9 and not is_filler(number)


def _vat(number: str, country: str) -> bool | None:
    prefix = _VAT_PREFIX.get(country, country)
    if prefix and not number.startswith(prefix):
        number = prefix + number
    if not re.match(r"[A-Z]{2}", number):
        return None
    if number[:2] in ("CH", "NO", "AU", "NZ", "US", "CA", "IN", "BR"):
        return _holds(_BY_COUNTRY["tax"][number[:2]], number if number[:2] == "CH" else number[2:])
    return _holds("vatin", number)


_CHECKS: dict[str, Callable[[str, str], bool | None]] = {"duns": _duns, "vat": _vat}


def _holds(module: str, number: str) -> bool | None:
    try:
        return bool(_module(module).is_valid(number))
    except Exception:  # noqa: BLE001 - a check that trips over odd input has not confirmed it
        return False


@lru_cache(maxsize=64)
def _module(name: str) -> ModuleType:
    return import_module(f"stdnum.{name}")


def is_filler(number: str) -> bool:
    """Whether the number is what people type to get past a form: one repeated digit, or counting up.

    >>> [is_filler(number) for number in ("000000000", "999999999", "123456789", "150483782", "0")]
    [True, True, True, False, False]
    """
    return len(number) >= 5 and (number.count(number[0]) == len(number) or number in "1234567890")
