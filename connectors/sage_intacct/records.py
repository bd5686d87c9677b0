"""Records as the gateway tells them and as it wants them told.

A query tells the fields of a related record by dotted names (``DISPLAYCONTACT.MAILADDRESS.CITY``); they are nested here, as in what is
written. The instant of the last change becomes ISO 8601; all else stays the text it is.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

from connectors.sage_intacct.config import Derived, Entry
from connectors.sage_intacct.functions import instant
from connectors.xml import Element
from schema.paths import ABSENT, at_path, flattened, put_path

NUMBER_LENGTH = 12


def record(told: Element, modified: str) -> dict[str, Any]:
    """A record of an answer; also where related records come nested.

    >>> from connectors.xml import parse_xml
    >>> record(parse_xml("<C><NAME>A</NAME><X.CITY>Bern</X.CITY><X><ZIP>3011</ZIP></X><WHEN>01/31/2026 07:00:00</WHEN></C>"), "WHEN")
    {'NAME': 'A', 'X': {'CITY': 'Bern', 'ZIP': '3011'}, 'WHEN': '2026-01-31T07:00:00Z'}
    """
    found: dict[str, Any] = {}
    for path, text in _texts(told, ""):
        _put(found, path, instant(text) if path == modified else text)
    return found


def _texts(told: Element, prefix: str) -> Iterable[tuple[str, str]]:
    for one in told.children:
        if one.children:
            yield from _texts(one, f"{prefix}{one.name}.")
        else:
            yield prefix + one.name, one.text


def _put(found: dict[str, Any], path: str, text: str) -> None:
    """Set a path; a related record that is told as empty does not hide its fields."""
    *parents, last = path.split(".")
    for parent in parents:
        inner = found.get(parent)
        if not isinstance(inner, dict):
            inner = found[parent] = {}
        found = inner
    if not isinstance(found.get(last), dict):
        found[last] = text


def derive(found: dict[str, Any], derived: Iterable[Derived]) -> None:
    """Add what is made of other fields; what it is made of must all be there to be joined."""
    for one in derived:
        texts = [text(at_path(found, path)) for path in one.of]
        if one.keys:
            found[one.name] = [dict(zip(one.keys, texts, strict=True))] if texts[0] else []
        elif one.is_joined:
            found[one.name] = "|".join(texts) if all(texts) else ""
        else:
            found[one.name] = next((each for each in texts if each), one.otherwise)


def underived(body: Mapping[str, Any], derived: Iterable[Derived]) -> dict[str, Any]:
    """A body with the fields that a derived one is made of: its parts, or the last of its choices.

    >>> underived({"TASK": "P-1|7", "QTY": 1}, [Derived("TASK", ("PROJECTID", "TASKID"), True)])
    {'QTY': 1, 'PROJECTID': 'P-1', 'TASKID': '7'}
    """
    found = {key: value for key, value in body.items()}
    for one in derived:
        if one.name not in found:
            continue
        value = found.pop(one.name)
        if one.keys:
            first = value[0] if isinstance(value, list) and value else {}
            put_path(found, one.of[0], first.get(one.keys[0]))
            continue
        parts = str(value).split("|") if one.is_joined and value is not None else [value] * len(one.of)
        names = one.of if one.is_joined else one.of[-1:]
        for name, part in zip(names, parts, strict=False):
            if value is not None or found.get(name) is None:
                put_path(found, name, part)
    return found


def chosen_number(entry: Entry, intent_key: str) -> str:
    """The id of a new record, the same for the same intent; as short as the ids of people, for most have at most twenty characters.

    >>> chosen_number(Entry("CUSTOMER", (), number="C-"), "cl_01H9")
    'C-I4JMLMJEAFPR'
    """
    letters = b32encode(sha256(intent_key.encode()).digest()).decode()
    return f"{entry.number or ''}{letters[:NUMBER_LENGTH]}"


def text(value: Any) -> str:
    """A value as the gateway tells it, for comparing."""
    if value is None or value is ABSENT or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def same(theirs: Any, ours: Any) -> bool:
    """Whether two values are the same to the gateway: amounts by value, truth values in either spelling.

    >>> same("440", Decimal("440.00")), same("T", True), same("A", "a")
    (True, True, False)
    """
    one, other = text(theirs).strip(), text(ours).strip()
    if one == other:
        return True
    if isinstance(ours, bool):
        return one.lower() in (("true", "t", "1") if ours else ("false", "f", "0", ""))
    try:
        return Decimal(one) == Decimal(other) and not isinstance(ours, str)
    except InvalidOperation:
        return False


def agrees(found: Any, wanted: Mapping[str, Any]) -> bool:
    """Whether a record has all these values; paths may lead into it."""
    return all(same(at_path(found, path), value) for path, value in flattened(dict(wanted)).items())


@dataclass(frozen=True, slots=True)
class Day:
    """A day in the legacy functions, which want its parts as elements."""

    month: str
    day: str
    year: str

    @classmethod
    def of(cls, told: str) -> Day:
        month, _, rest = told.partition("/")
        day, _, year = rest.partition("/")
        return cls(month, day, year)

    def said(self) -> dict[str, str]:
        return {"year": self.year, "month": self.month, "day": self.day}
