"""Tryton's records as mappings read them: parts of their lists, roles of parties, marks of ours, payments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.tryton.config import Model
from connectors.tryton.database import Record
from schema.paths import at_path, put_path

_OURS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_VAT = re.compile(r"([a-z]{2})_(?:vat|mva)\Z")
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
            found[name] = {kind: kinds.get(kind) for kind in part.kinds or kinds}
        else:
            found[name] = _only(listed[0], model.lists[part.of]) if listed else None
    if model.is_marked:
        found[model.key], found["hub_id"] = unmarked(found.get(model.key))
    elif model.key:
        found["hub_id"] = key if _OURS.match(key := str(found.get(model.key) or "")) else None
    if model.paid:
        lines = [one for one in found.get(model.paid) or () if isinstance(one, dict)]
        found["paid_on"] = max((str(one["date"]) for one in lines if one.get("date")), default=None) if found.get("state") == "paid" else None
    if "identifiers" in found:
        found["tax_numbers"] = [told for one in found["identifiers"] if isinstance(one, dict) and (told := tax_number(one))]
    if "total_amount" in found:
        found["is_credit"] = found["total_amount"] is not None and found["total_amount"] < 0
    if "invoice_payments" in found:
        paid = found["invoice_payments"] or [None]
        found |= {"invoice": paid[0], "amount": (found.get("credit") or 0) - (found.get("debit") or 0)}
    if model.named:
        given, _, family = str(at_path(found, model.named) or "").strip().rpartition(" ")
        found |= {"given_name": given or None, "family_name": family or None}
    return found


def tax_number(identifier: Record) -> Record | None:
    """An identifier as a tax number with its country; None for one of another kind.

    >>> tax_number({"type": "eu_vat", "code": "DE136695976"}), tax_number({"type": "no_mva", "code": "995525828MVA"}), tax_number({"type": "fr_siren", "code": "552008443"})
    ({'country': 'DE', 'scheme': 'vat', 'number': 'DE136695976'}, {'country': 'NO', 'scheme': 'vat', 'number': '995525828MVA'}, None)
    """
    found = _VAT.match(str(identifier.get("type") or ""))
    code = str(identifier.get("code") or "")
    if found is None or not code:
        return None
    country = (code[:2] if found[1] == "eu" else found[1]).upper()
    return {"country": "GR" if country == "EL" else country, "scheme": "vat", "number": code}


EU = frozenset(["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI"])
_OF_COUNTRY = {"NO": "no_mva"}


def identifier(number: Mapping[str, Any]) -> Record:
    """A tax number as an identifier: the Union's of one of its countries, else the country's own.

    >>> identifier({"country": "DE", "scheme": "vat", "number": "136695976"}), identifier({"country": "CH", "number": "CHE107787577IVA"})
    ({'type': 'eu_vat', 'code': 'DE136695976'}, {'type': 'ch_vat', 'code': 'CHE107787577IVA'})
    """
    country, code = str(number.get("country") or "").upper(), str(number.get("number") or "")
    if country not in EU:
        return {"type": _OF_COUNTRY.get(country, f"{country.lower()}_vat"), "code": code}
    prefix = "EL" if country == "GR" else country
    return {"type": "eu_vat", "code": code if code.upper().startswith(prefix) else prefix + code}


def of_numbers(current: Sequence[Record], wanted: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The commands that make a party's identifiers hold just these tax numbers; identifiers of other kinds stay."""
    held = {_bare(one["code"]): int(one["id"]) for one in current if tax_number(one)}
    told = [one for one in map(identifier, wanted) if one["code"]]
    gone = [id for code, id in held.items() if code not in {_bare(one["code"]) for one in told}]
    commands: list[Any] = [["delete", gone]] if gone else []
    new = [one for one in told if _bare(one["code"]) not in held]
    return [*commands, *([["create", new]] if new else [])]


def _bare(code: Any) -> str:
    return "".join(letter for letter in str(code).upper() if letter.isalnum())


def _only(record: Record, paths: Sequence[str]) -> Record:
    """What was asked of a child, without what it is known and locked by."""
    found: Record = {}
    for path in paths:
        put_path(found, path, at_path(record, path))
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
