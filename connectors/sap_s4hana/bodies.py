"""Bodies of writes compared with what is stored, and brought to the requests they are: plain functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.odata.batch import Operation
from connectors.odata.config import EntitySet
from connectors.odata.values import STRING, key
from connectors.sap_s4hana.config import Child
from connectors.sap_s4hana.shapes import bare


def emptied(value: Any, type: str) -> Any:
    """A text that is emptied is told as "": SAP's texts are never null. Rows and structures hold texts."""
    if isinstance(value, Mapping):
        return {name: emptied(one, STRING) for name, one in value.items()}
    if isinstance(value, list):
        return [emptied(one, STRING) for one in value]
    return "" if value is None and type == STRING else value


def of_rows(name: str, child: Child, place: str, one: EntitySet, record: Mapping[str, Any], wanted: list[dict[str, Any]]) -> list[Operation]:
    """The requests that bring the rows below a record to what they should be: by their keys where stated, else by their places."""
    held = [row for row in record.get(name) or () if isinstance(row, dict)]
    own = [part for part in child.key if part not in one.key]
    found = []
    for at, row in enumerate(wanted):
        is_named = all(row.get(part) for part in own)
        there = next((each for each in held if all(each.get(part) == row[part] for part in own)), None) if is_named else held[at] if at < len(held) else None
        if there is None:
            found.append(Operation("POST", f"{place}/{name}", row))
        else:
            said = {part: there[part] for part in child.key}
            sent = {part: value for part, value in row.items() if part not in child.key}
            found.append(Operation("PATCH", f"{child.set}{key(said, None, 2)}", sent, {"if-match": "*"}))
    return found


def says(stored: Any, wanted: Any) -> bool:
    """Whether a stored value is the wanted one: numbers come as texts, days with a time, numbers of partners with or without zeros."""
    if stored is None or wanted is None or stored == "" or wanted == "":
        return stored in (None, "") and wanted in (None, "")
    if isinstance(wanted, bool) or isinstance(stored, bool):
        return bool(stored is wanted)
    if isinstance(stored, str) and len(str(wanted)) == 10 and stored[10:11] == "T":
        return stored[:10] == str(wanted)
    return bool(bare(_number(stored)) == bare(_number(wanted)))


def _number(value: Any) -> str:
    text = f"{value:f}" if hasattr(value, "as_tuple") else str(value)
    return text.rstrip("0").rstrip(".") if "." in text and text.replace(".", "", 1).replace("-", "", 1).isdecimal() else text


def put(body: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for parent in parents:
        body = body.setdefault(parent, {})
    body[last] = value
