"""Tryton's records as mappings read them: parts of their lists, roles of parties, marks of ours, payments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.tryton.config import Model
from connectors.tryton.database import Record
from schema.paths import at_path

_OURS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_MARK = re.compile(r"\s*\[hub ([\w.:-]{1,60})\]\s*\Z", re.ASCII)


def shaped(record: Record, model: Model) -> Record:
    """A record with its parts beside it."""
    found = dict(record)
    for name, part in model.parts.items():
        listed = [one for one in found.get(part.of) or () if isinstance(one, dict) and one.get("active", True) is not False]
        if part.by:
            kinds: Record = {}
            for one in listed:
                kinds.setdefault(str(one.get(part.by)), one.get(part.value))
            found[name] = {**dict.fromkeys(part.kinds), **kinds}
        else:
            found[name] = listed[0] if listed else None
    if model.is_marked:
        found[model.key], found["hub_id"] = unmarked(found.get(model.key))
    elif model.key:
        found["hub_id"] = key if _OURS.match(key := str(found.get(model.key) or "")) else None
    if model.paid:
        lines = [one for one in found.get(model.paid) or () if isinstance(one, dict)]
        found["paid_on"] = max((str(one["date"]) for one in lines if one.get("date")), default=None) if found.get("state") == "paid" else None
    if "total_amount" in found:
        found["is_credit"] = found["total_amount"] is not None and found["total_amount"] < 0
    if "invoice_payments" in found:
        paid = found["invoice_payments"] or [None]
        found |= {"invoice": paid[0], "amount": (found.get("credit") or 0) - (found.get("debit") or 0)}
    if model.named:
        given, _, family = str(at_path(found, model.named) or "").strip().rpartition(" ")
        found |= {"given_name": given or None, "family_name": family or None}
    return found


def marked(text: Any, key: str) -> str:
    """A text with our key at its end, where people see whose it is."""
    said, _ = unmarked(text)
    return f"{said or ''} [hub {key}]".strip()


def unmarked(text: Any) -> tuple[str | None, str | None]:
    """A text without the mark, and the key in it.

    >>> unmarked("Workshop [hub 9f1c]"), unmarked("Workshop"), unmarked(None)
    (('Workshop', '9f1c'), ('Workshop', None), (None, None))
    """
    if not isinstance(text, str):
        return None, None
    found = _MARK.search(text)
    return (text[: found.start()] or None, found[1]) if found else (text or None, None)


def stamps(record: Record, model: Model, names: Mapping[str, str]) -> dict[str, str]:
    """What a write says it has seen: the record's own stamp and those of its children; ``names`` are the models of its lists."""
    seen = {f"{model.model},{record['id']}": str(record["_timestamp"])}
    for name, children in names.items():
        for one in record.get(name) or ():
            if isinstance(one, dict) and one.get("_timestamp"):
                seen[f"{children},{one['id']}"] = str(one["_timestamp"])
    return seen


def of_list(current: Sequence[Record], values: Record | None) -> list[Any]:
    """The command that makes the first of a list say ``values``; none where it says so already."""
    first = next((one for one in current if one.get("active", True) is not False), None)
    if values is None:
        return [["delete", [int(first["id"])]]] if first else []
    return [["write", [int(first["id"])], values]] if first else [["create", [values]]]


def of_kinds(current: Sequence[Record], by: str, value: str, wanted: Mapping[str, Any]) -> list[Any]:
    """The commands that make a list say one value of each kind; other kinds and further values stay.

    >>> of_kinds([{"id": 4, "type": "email", "value": "a@b.example"}], "type", "value", {"email": "c@d.example", "phone": None})
    [['write', [4], {'value': 'c@d.example'}]]
    """
    told: list[Any] = []
    for kind, said in wanted.items():
        first = next((one for one in current if one.get(by) == kind and one.get("active", True) is not False), None)
        if said in (None, ""):
            told += [["delete", [int(first["id"])]]] if first else []
        elif first is None:
            told.append(["create", [{by: kind, value: said}]])
        elif first.get(value) != said:
            told.append(["write", [int(first["id"])], {value: said}])
    return told
