"""The fields of the XML gateway by their names in the REST API (``rest.yaml``), and values in the forms of either."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from typing import Any, Literal, cast

import yaml

from connectors.sage_intacct.functions import STAMP
from schema.paths import ABSENT, at_path

Form = Literal["text", "date", "instant", "flag", "amount", "number", "words", "lower", "country"]


@dataclass(frozen=True, slots=True)
class Name:
    """Where a field lies in REST, and how its values are spelled there."""

    path: str
    form: Form = "text"

    @property
    def is_reference(self) -> bool:
        """Whether it names another record, which must not be named blank."""
        return self.path.endswith((".id", ".key"))


@dataclass(frozen=True, slots=True)
class Names:
    """One object in REST."""

    path: str
    fields: Mapping[str, Name]


def read() -> dict[str, Names]:
    """Every object that both APIs have."""
    document = yaml.safe_load((files("connectors.sage_intacct") / "rest.yaml").read_text(encoding="utf-8"))
    found: dict[str, Names] = {}
    for object, table in document.items():
        fields = {"RECORDNO": Name("key"), "WHENMODIFIED": Name("audit.modifiedDateTime", "instant")}
        for name, told in table["fields"].items():
            path, _, form = told.partition(":")
            fields[name] = Name(path, cast(Form, form or "text"))
        found[object] = Names(table["path"], fields)
    return found


NAMES: Mapping[str, Names] = read()


def text_of(value: Any, form: Form) -> str:
    """A value of REST as the gateway tells it.

    >>> [text_of(*one) for one in (("2026-02-28", "date"), ("2026-02-28T17:20:04Z", "instant"), ("partiallyPaid", "words"), (True, "flag"), (None, "text"))]
    ['02/28/2026', '02/28/2026 17:20:04', 'Partially Paid', 'true', '']
    """
    if value is None or value is ABSENT or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    told = f"{value:f}" if isinstance(value, Decimal) else str(value)
    match form:
        case "date":
            found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", told[:10])
            return f"{found[2]}/{found[3]}/{found[1]}" if found else told
        case "instant":
            try:
                return datetime.fromisoformat(told).astimezone(UTC).strftime(STAMP)
            except ValueError:
                return told
        case "words":
            spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", told).replace(" And ", " & ")
            return spaced[:1].upper() + spaced[1:]
        case "lower":
            return told.lower()
        case "country":
            return told.upper()
    return told


def value_of(told: Any, form: Form) -> Any:
    """A text of the gateway as REST wants it; None for an empty one.

    >>> [value_of(*one) for one in (("02/28/2026", "date"), ("02/28/2026 17:20:04", "instant"), ("Partially Paid", "words"), ("true", "flag"), ("7.50", "number"))]
    ['2026-02-28', '2026-02-28T17:20:04Z', 'partiallyPaid', True, Decimal('7.50')]
    """
    if told is None or told == "":
        return None
    match form:
        case "date":
            month, _, rest = told.partition("/")
            day, _, year = rest.partition("/")
            return f"{year}-{month}-{day}"
        case "instant":
            return datetime.strptime(told, STAMP).strftime("%Y-%m-%dT%H:%M:%SZ")
        case "flag":
            return str(told).lower() in ("true", "t", "1")
        case "number":
            try:
                return Decimal(told)
            except InvalidOperation:
                return told
        case "words":
            first, *others = told.replace(" & ", " And ").split(" ")
            return first[:1].lower() + first[1:] + "".join(one[:1].upper() + one[1:] for one in others)
        case "country":
            return told.lower()
    return told


def found_in(row: Mapping[str, Any], path: str) -> Any:
    """A field of a query's row, which names those of related records with dots; nested ones are found as well."""
    return row[path] if path in row else at_path(dict(row), path)
