"""Normal forms of registered numbers, business identifiers, dates and amounts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from hub.core.identifiers import REGISTERED, compact, is_filler, is_valid_identifier
from hub.core.match.naming import Parts

_NOT_ALNUM = re.compile(r"[^A-Z0-9]+")


def tax_ids(told: Sequence[Any], country: str) -> Parts:
    """Tax numbers; ``strong`` are those that two different firms cannot share: ``vat|DE|136695976``.

    A number whose check digit fails is compared like any text, but contradicts nothing. A group's number is left out: sister
    companies share it, so it neither links them nor sets them apart.
    """
    numbers: list[str] = []
    strong: list[str] = []
    for one in told:
        item: Mapping[str, Any] = one if isinstance(one, Mapping) else {"number": one}
        number = _NOT_ALNUM.sub("", compact(str(item.get("number") or "")))
        if item.get("group_registration") or len(number) < 4 or is_filler(number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")):
            continue
        where = str(item.get("country") or country or (number[:2] if number[:2].isalpha() else ""))
        bare = number[len(where) :] if where and number.startswith(where) else number
        if bare in numbers:
            continue
        numbers.append(bare)
        scheme = str(item.get("scheme") or "vat")
        if is_valid_identifier(scheme, number, where) is not False:
            strong.append(f"{scheme}|{where}|{bare}")
    if not numbers:
        return {}
    parts: Parts = {"number": numbers[0], "numbers": numbers}
    return parts | {"strong": strong} if strong else parts


def identifier(told: Sequence[Any], scheme: str, country: str) -> Parts:
    """
    >>> identifier(["15-048-3782"], "duns", "US")
    {'number': '150483782', 'strong': ['duns||150483782']}
    """
    for one in told:
        number = _NOT_ALNUM.sub("", str(one).upper())
        if not number or (len(number) > 4 and is_filler(number)):
            continue
        parts: Parts = {"number": number}
        where = country if scheme == "registration" else ""
        if scheme in REGISTERED and is_valid_identifier(scheme, number, country) is not False:
            parts["strong"] = [f"{scheme}|{where}|{number}"]
        return parts
    return {}


_ISO = re.compile(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2,4})")
_MONTHS = {name: at for at, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
_WORDED = re.compile(r"(\d{1,2})?[ \-.]*([a-z]{3})[a-z]*[ \-.]*(\d{1,2})?,?[ \-.]*(\d{4})")


@lru_cache(maxsize=65536)
def _day(text: str) -> tuple[str, str, str] | None:
    """Year, month, day; of 3/4/2020 the month comes first unless it cannot."""
    said = text.strip().casefold()
    if (found := _ISO.match(said)) is not None:
        return found[1], found[2].zfill(2), found[3].zfill(2)
    if (found := _DAY_FIRST.match(said)) is not None:
        a, b, year = int(found[1]), int(found[2]), found[3]
        if len(year) == 2:
            year = ("19" if int(year) > 30 else "20") + year
        month, day = (b, a) if a > 12 or "." in said else (a, b)
        return year, str(month).zfill(2), str(day).zfill(2)
    if (found := _WORDED.match(said)) is not None and found[2] in _MONTHS:
        return found[4], str(_MONTHS[found[2]]).zfill(2), (found[1] or found[3] or "1").zfill(2)
    return None


def day(told: Sequence[Any]) -> Parts:
    """
    >>> day(["2020-03-09"])["swapped"], day(["9 March 2020"])["day"], day(["n/a"])
    ('20200903', '20200309', {})
    """
    for one in told:
        found = _day(str(one))
        if found is None:
            continue
        year, month, of_month = found
        parts: Parts = {"day": year + month + of_month, "month_day": month + of_month, "year_month": year + month, "year": year}
        if of_month != month:
            parts["swapped"] = year + of_month + month
        try:
            parts["ordinal"] = float(date(int(year), int(month), int(of_month)).toordinal())
        except ValueError:
            pass
        return parts
    return {}


def number(told: Sequence[Any]) -> Parts:
    """
    >>> number(["EUR 1,250.50"]), number([{"amount": "12.50", "currency": "EUR"}]), number(["0"])
    ({'value': 1250.5}, {'value': 12.5}, {})
    """
    for one in told:
        if isinstance(one, Mapping):
            one = one.get("amount", one.get("value"))
        said = re.sub(r"[^0-9.,\-]", "", str(one))
        if said.count(",") == 1 and "." not in said and len(said) - said.index(",") != 4:
            said = said.replace(",", ".")
        try:
            value = float(said.replace(",", ""))
        except ValueError:
            continue
        if value:
            return {"value": value}
    return {}
