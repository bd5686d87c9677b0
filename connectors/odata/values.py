"""Values as OData spells them: literals in an address by EDM type and version, and what version 2 does to JSON.

A *plain* value is what version 4 has in JSON: a day "2026-05-01", an instant "2026-05-01T08:00:00Z", a local time without the Z, a
``Decimal``. Version 2 writes times as ``/Date(…)/`` and large or exact numbers as texts; both ways lose nothing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

Version = Literal[2, 4]

STRING, GUID, BOOLEAN, DECIMAL, INT32, INT64 = "Edm.String", "Edm.Guid", "Edm.Boolean", "Edm.Decimal", "Edm.Int32", "Edm.Int64"
DOUBLE, DATE, DATETIME, INSTANT, TIME = "Edm.Double", "Edm.Date", "Edm.DateTime", "Edm.DateTimeOffset", "Edm.Time"
_SUFFIX = {DECIMAL: "M", INT64: "L", DOUBLE: "d", "Edm.Single": "f"}
_NUMBERS = frozenset({DECIMAL, DOUBLE, INT32, INT64, "Edm.Int16", "Edm.Byte", "Edm.SByte", "Edm.Single"})
_AS_TEXT = frozenset({DECIMAL, INT64, DOUBLE, "Edm.Single"})
"""Numbers that version 2 writes as texts."""
_WIRE_DATE = re.compile(r"/Date\((-?\d+)([+-]\d{1,4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}(/[A-Za-z_][A-Za-z0-9_]{0,127}){0,5}")


def name(text: str) -> str:
    """A property, along references too, as it may stand in an address; raises ValueError for anything else."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no property of an OData service")
    return text


def literal(value: Any, type: str = "", version: Version = 4) -> str:
    """A plain value as it stands in ``$filter`` and in keys, not yet percent-encoded. Raises ValueError when it is not of its type.

    Without a type the value decides: texts are strings. Any other type with a point is an enumeration's.

    >>> [literal("O'Hara"), literal(True), literal(None), literal(Decimal("12.50")), literal(Decimal("12.50"), DECIMAL, 2)]
    ["'O''Hara'", 'true', 'null', '12.50', '12.50M']
    >>> literal("7D577253-3EF0-4A0A-BB7F-8335C2596E70", GUID, 2), literal("7d577253-3ef0-4a0a-bb7f-8335c2596e70", GUID)
    ("guid'7d577253-3ef0-4a0a-bb7f-8335c2596e70'", '7d577253-3ef0-4a0a-bb7f-8335c2596e70')
    >>> literal("2026-05-01T08:00:00Z", INSTANT), literal("2026-05-01T08:00:00Z", INSTANT, 2), literal("2026-05-01", DATETIME, 2)
    ('2026-05-01T08:00:00Z', "datetimeoffset'2026-05-01T08:00:00Z'", "datetime'2026-05-01T00:00:00'")
    >>> literal("Yes", "Microsoft.Dynamics.DataEntities.NoYes")
    "Microsoft.Dynamics.DataEntities.NoYes'Yes'"
    """
    if value is None:
        return "null"
    kind = type or _kind_of(value)
    if kind == STRING:
        return "'" + str(value).replace("'", "''") + "'"
    if kind == BOOLEAN:
        if not isinstance(value, bool):
            raise ValueError(f"{value!r} is no {kind}")
        return "true" if value else "false"
    if kind in _NUMBERS:
        return _number(value, kind) + (_SUFFIX.get(kind, "") if version == 2 else "")
    text = _checked(str(value), kind)
    if version == 4:
        return text if kind.startswith("Edm.") else f"{kind}'{text}'"
    prefix = {GUID: "guid", DATETIME: "datetime", DATE: "datetime", INSTANT: "datetimeoffset", TIME: "time"}.get(kind)
    return f"{prefix}'{text}'" if prefix else f"'{text}'"


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return BOOLEAN
    return INT32 if isinstance(value, int) else DECIMAL if isinstance(value, Decimal) else STRING


def _number(value: Any, kind: str) -> str:
    try:
        number = Decimal(value) if isinstance(value, int | str | Decimal) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise ValueError(f"{value!r} is no {kind}")
    return f"{number:f}"


def _checked(text: str, kind: str) -> str:
    """The text of a literal that stands without quotes, so that nothing else can come along with it."""
    match kind:
        case "Edm.Guid":
            return str(UUID(text))
        case "Edm.Date":
            return datetime.fromisoformat(text).date().isoformat()
        case "Edm.DateTime":
            return _cut(datetime.fromisoformat(text).replace(tzinfo=None).isoformat())
        case "Edm.DateTimeOffset":
            moment = datetime.fromisoformat(text)
            return _cut((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()[:-6]) + "Z"
    if not re.fullmatch(r"[\w .:+-]+", text):
        raise ValueError(f"{text!r} is no {kind}")
    return text


def _cut(text: str) -> str:
    """Without decimals that say nothing.

    >>> _cut("2026-05-01T08:00:00.250000")
    '2026-05-01T08:00:00.25'
    """
    return text.rstrip("0").rstrip(".") if "." in text else text


def key(values: dict[str, Any], types: dict[str, str] | None = None, version: Version = 4) -> str:
    """The predicate of a key, percent-encoded: one property by its value, several by their names.

    >>> key({"accountid": "7d577253-3ef0-4a0a-bb7f-8335c2596e70"}, {"accountid": GUID})
    '(7d577253-3ef0-4a0a-bb7f-8335c2596e70)'
    >>> key({"dataAreaId": "usmf", "CustomerAccount": "C/1001"})
    "(dataAreaId='usmf',CustomerAccount='C%2F1001')"
    """
    said = {name(one): literal(value, (types or {}).get(one, ""), version) for one, value in values.items()}
    listed = next(iter(said.values())) if len(said) == 1 else ",".join(f"{one}={text}" for one, text in said.items())
    return f"({quote(listed, safe=chr(39) + ',=')})"


def alternate_key(values: dict[str, Any], types: dict[str, str] | None = None) -> str:
    """The predicate of a key that is not the first one: its properties are always named.

    >>> alternate_key({"accountnumber": "C-1001"})
    "(accountnumber='C-1001')"
    """
    listed = ",".join(f"{name(one)}={literal(value, (types or {}).get(one, ''))}" for one, value in values.items())
    return f"({quote(listed, safe=chr(39) + ',=')})"


def plain(value: Any) -> Any:
    """What version 2 has in JSON, as version 4 would have it: dates as ISO texts, lists bare, what is deferred left out.

    >>> plain({"__metadata": {"etag": "W/1"}, "Day": "/Date(1777593600000)/", "At": "/Date(1779049500000+0000)/", "to_X": {"__deferred": {}}})
    {'@odata.etag': 'W/1', 'Day': '2026-05-01T00:00:00', 'At': '2026-05-17T20:25:00Z'}
    """
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        if set(value) <= {"results", "__count", "__next"} and isinstance(value.get("results"), list):
            return plain(value["results"])
        about = value.get("__metadata")
        etag = about.get("etag") if isinstance(about, dict) else None
        found: dict[str, Any] = {"@odata.etag": etag} if etag else {}
        for name_, one in value.items():
            if name_ != "__metadata" and not (isinstance(one, dict) and "__deferred" in one):
                found[name_] = plain(one)
        return found
    return _moment(value) if isinstance(value, str) and value.startswith("/Date(") else value


def _moment(text: str) -> str:
    found = _WIRE_DATE.fullmatch(text)
    if found is None:
        return text
    try:
        moment = _EPOCH + timedelta(milliseconds=int(found[1]))
    except OverflowError:
        return text
    return _cut(moment.replace(tzinfo=None).isoformat()) + ("Z" if found[2] else "")


def wire(value: Any, type: str = "", version: Version = 4) -> Any:
    """A plain value as it stands in the JSON of a write.

    >>> wire("2026-05-01", DATETIME, 2), wire("2026-05-17T20:25:00Z", INSTANT, 2), wire(Decimal("7.50"), DECIMAL, 2), wire(7, INT64, 2)
    ('/Date(1777593600000)/', '/Date(1779049500000+0000)/', '7.50', '7')
    """
    if version == 4 or value is None or isinstance(value, bool):
        return value
    if isinstance(value, Decimal) or (type in _AS_TEXT and isinstance(value, int)):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, str) and type in (DATETIME, INSTANT, DATE):
        moment = datetime.fromisoformat(value)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return f"/Date({(moment - _EPOCH) // timedelta(milliseconds=1)}{'+0000' if type == INSTANT else ''})/"
    if isinstance(value, dict):
        return {one: wire(inner, "", version) for one, inner in value.items()}
    return [wire(one, type, version) for one in value] if isinstance(value, list) else value


def typed(value: Any, type: str) -> Any:
    """A plain value as its type has it: version 2 brings numbers as texts.

    >>> typed("4023.75", DECIMAL), typed("12", INT64), typed("12", STRING)
    (Decimal('4023.75'), 12, '12')
    """
    if isinstance(value, str) and type in _AS_TEXT:
        try:
            return int(value) if type == INT64 else Decimal(value)
        except (ValueError, InvalidOperation):
            return value
    return value
