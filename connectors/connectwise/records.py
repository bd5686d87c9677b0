"""Records as mappings want them, and back: what ConnectWise keeps in lists, in two fields for one thing, or in an instant for a day.

``shown`` adds fields to a record as it came and changes none; ``told`` turns them back into the vendor's own before a write. A derived
field that only repeats others is never written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.errors import RejectedError
from schema.codecs.codec import CodecError
from schema.codecs.numbers import exact_decimal
from schema.paths import ABSENT, flattened

START_OF_WORK = time(9)
"""Hours that come without a begin are entered from here on, by the clock of who worked."""
_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\dT00:00:00(\.0+)?Z")
CANONICAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
"""An instant as the hub has it."""
_CODE = re.compile(r"[A-Z]{3}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class About:
    """What a firm has said that records are read by."""

    hub_field: str = ""
    currency: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    zones: Mapping[str, ZoneInfo] = field(default_factory=dict)
    mobile_types: frozenset[str] = frozenset({"Cell", "Mobile"})

    def zone_of(self, record: Mapping[str, Any]) -> ZoneInfo:
        return self.zones.get(str(record.get("locationId")), self.zone)


Read = Callable[[Mapping[str, Any], About], dict[str, Any]]


def shown(record: Mapping[str, Any], derives: Sequence[str], about: About) -> dict[str, Any]:
    """A record with what it derives beside its own fields."""
    found = {key: _bare(value) for key, value in record.items()}
    if isinstance(record.get("_info"), Mapping):
        found["_info"] = {key: value for key, value in record["_info"].items() if key == "lastUpdated"}
    if isinstance(record.get("customFields"), list):
        found |= _custom(record["customFields"], about.hub_field)
    for name in derives:
        found |= DERIVED[name](record, about)
    return found


def _bare(value: Any) -> Any:
    """A reference without its address: that names the release, and would make every record another one with each release."""
    return {key: one for key, one in value.items() if key != "_info"} if isinstance(value, Mapping) and "_info" in value else value


def _custom(fields: list[Any], hub_field: str) -> dict[str, Any]:
    """Custom fields by their caption (without points, which separate steps of a path), and our key.

    >>> _custom([{"id": 3, "caption": "Hub id", "value": "cl_1"}, {"id": 4, "caption": "No. of sites", "value": 2}], "Hub id")
    {'hub_key': 'cl_1', 'custom': {'No of sites': 2}}
    """
    values = {str(one["caption"]): one.get("value") for one in fields if isinstance(one, dict) and one.get("caption")}
    key = {"hub_key": values.pop(hub_field)} if hub_field in values else {}
    return key | ({"custom": {caption.replace(".", ""): value for caption, value in values.items()}} if values else {})


def _points(record: Mapping[str, Any], about: About) -> dict[str, Any]:
    """The address, the telephone and the mobile of a contact: the default one of its kind, else the first."""
    items = record.get("communicationItems")
    if not isinstance(items, list):
        return {}
    found = {name: _point(items, name, about) for name in ("email", "phone", "mobile")}
    return {"points": {name: one["value"] if one else None for name, one in found.items()}}


def _point(items: Sequence[Any], name: str, about: About) -> dict[str, Any] | None:
    kind = "Email" if name == "email" else "Phone"
    fitting = [
        one for one in items
        if isinstance(one, dict) and one.get("communicationType") == kind and (kind == "Email" or _is_mobile(one, about) is (name == "mobile"))
    ]  # fmt: skip
    return next((one for one in fitting if one.get("defaultFlag") is True), fitting[0] if fitting else None)


def _is_mobile(item: Mapping[str, Any], about: About) -> bool:
    return (item.get("type") or {}).get("name") in about.mobile_types


def _hours(record: Mapping[str, Any], about: About) -> dict[str, Any]:
    """The day worked, by the clock of who worked; the begin, where there was one.

    An entry of mere hours stands at midnight UTC: its day is what it says and meets no zone.

    >>> about = About(zone=ZoneInfo("America/New_York"))
    >>> _hours({"timeStart": "2026-02-03T01:30:00Z", "timeEnd": "2026-02-03T02:30:00Z"}, about)["workDate"]
    '2026-02-02'
    >>> _hours({"timeStart": "2026-02-03T00:00:00Z"}, about)
    {'workDate': '2026-02-03', 'startedAt': None}
    """
    stated = record.get("timeStart")
    if not isinstance(stated, str):
        return {}
    if _MIDNIGHT.fullmatch(stated) and not record.get("timeEnd"):
        return {"workDate": stated[:10], "startedAt": None}
    try:
        local = datetime.fromisoformat(stated).astimezone(about.zone_of(record))
    except ValueError:
        return {}
    return {"workDate": local.date().isoformat(), "startedAt": stated if record.get("timeEnd") else None}


def _charge(record: Mapping[str, Any], about: About) -> dict[str, Any]:
    """The project's ticket it is charged to, where it is one: a ticket of the service desk is something else."""
    is_ours = record.get("chargeToType") == "ProjectTicket"
    return {"projectTicket": {"id": record.get("chargeToId")} if is_ours else None}


def _tax(record: Mapping[str, Any], about: About) -> dict[str, Any]:
    """The taxes of a receipt in one sum; nothing where one of them is no amount."""
    taxes = record.get("taxes")
    if not isinstance(taxes, list):
        return {}
    try:
        return {"taxAmount": sum((exact_decimal(one.get("amount", 0)) for one in taxes), Decimal(0)) if taxes else None}
    except (CodecError, AttributeError):
        return {}


def _document(record: Mapping[str, Any], about: About) -> dict[str, Any]:
    """The projects of a document, and the address printed on it."""
    project = record.get("project")
    lines = [record.get(f"billingSite{one}") for one in ("AddressLine1", "AddressLine2", "Zip", "City", "State", "Country")]
    address = ", ".join(str(one) for one in lines if one)
    return {"projects": [project] if isinstance(project, dict) else []} | ({"billToAddress": address} if address else {})


def _currency(record: Mapping[str, Any], about: About) -> dict[str, Any]:
    """Its currency under one name, the firm's own where it says none."""
    stated = record.get("currency")
    stated = stated if isinstance(stated, dict) else {}
    code = code_of(stated) or ("" if stated.get("id") else about.currency)
    return {"currency": {key: stated[key] for key in ("id",) if key in stated} | {"isoCode": code}} if code else {}


def _tax_id(record: Mapping[str, Any], about: About) -> dict[str, Any]:
    """The one tax number of a company as a list of them."""
    number = record.get("taxIdentifier")
    return {"taxRegistrations": [{"number": number}] if number else []}


def _code(record: Mapping[str, Any], about: About) -> dict[str, Any]:
    """The code of a currency's own record."""
    code = code_of(record)
    return {"isoCode": code} if code else {}


def code_of(currency: Mapping[str, Any]) -> str:
    """The ISO code of a currency, which stands under one of four names; "" where none of them holds one.

    >>> [code_of(one) for one in ({"isoCode": "EUR"}, {"currencyCode": {"id": 1, "name": "GBP"}, "currencyIdentifier": "Pound"}, {"id": 9})]
    ['EUR', 'GBP', '']
    """
    inner = currency.get("currencyCode")
    stated = (currency.get("isoCode"), inner, inner.get("name") if isinstance(inner, dict) else None, currency.get("currencyIdentifier"))
    return next((one for one in stated if isinstance(one, str) and _CODE.fullmatch(one)), "")


DERIVED: Mapping[str, Read] = {
    "points": _points, "hours": _hours, "charge": _charge, "tax": _tax, "document": _document, "currency": _currency,
    "code": _code, "tax_id": _tax_id,
}  # fmt: skip
"""What a resource may derive, by name."""
MADE = frozenset({"taxAmount", "taxRegistrations", "projects", "billToAddress"})
"""Derived fields that only repeat others."""


def told(body: Mapping[str, Any], about: About, known: Mapping[str, Any], types: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A body with derived fields turned back. ``known`` is the record as it stands (for a new one: what custom fields there are);
    ``types`` the firm's kinds of telephone and address."""
    found = {key: value for key, value in body.items() if key not in MADE and key not in ("custom", "hub_key", "points")}
    if custom := _told_custom(body, about, known):
        found["customFields"] = custom
    if isinstance(body.get("points"), Mapping):
        found["communicationItems"] = _told_points(body["points"], about, list(known.get("communicationItems") or []), types)
    _told_hours(found, about, known)
    if (charged := found.pop("projectTicket", ABSENT)) is not ABSENT and charged and charged.get("id") is not None:
        found |= {"chargeToId": _as_id(charged["id"]), "chargeToType": "ProjectTicket"}
    return found


def _told_custom(body: Mapping[str, Any], about: About, known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The whole list of custom fields with ours in it, since a list is replaced as one."""
    wanted: dict[str, Any] = dict(body.get("custom") or {})
    if "hub_key" in body and about.hub_field:
        wanted[about.hub_field.replace(".", "")] = body["hub_key"]
    if not wanted:
        return []
    there = [dict(one) for one in known.get("customFields") or []]
    captions = {str(one.get("caption", "")).replace(".", ""): one for one in there}
    for caption, value in wanted.items():
        if caption not in captions:
            remedy = f"Set up a custom field with the caption {caption!r} for this object in ConnectWise, or take it out of the document."
            raise RejectedError(f"there is no custom field {caption!r}", cause="validation", field="customFields", remedy=remedy)
        captions[caption]["value"] = value
    return there


def _told_points(wanted: Mapping[str, Any], about: About, items: list[Any], types: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The whole list of addresses and telephones with ours in it."""
    kept = [dict(one) if isinstance(one, dict) else one for one in items]
    for name, value in wanted.items():
        here = _point(kept, name, about)
        if value is None:
            kept = [one for one in kept if one is not here]
        elif here is not None:
            here["value"] = value
        else:
            kind = "Email" if name == "email" else "Phone"
            is_first = not any(one.get("communicationType") == kind for one in kept)
            kept.append({"type": {"id": _type_of(name, about, types)}, "value": value, "communicationType": kind, "defaultFlag": is_first})
    return kept


def _type_of(name: str, about: About, types: Sequence[Mapping[str, Any]]) -> int:
    """The firm's own kind for a new address or telephone: its default one of those that fit."""
    flag = "emailFlag" if name == "email" else "phoneFlag"
    fitting = [one for one in types if one.get(flag) is True and (name == "email" or (one.get("description") in about.mobile_types) is (name == "mobile"))]
    if not fitting:
        remedy = f"Set up a communication type for the {name} in ConnectWise, or take the line out of the mapping."
        raise RejectedError(f"there is no communication type for the {name}", cause="validation", field="communicationItems", remedy=remedy)
    return int(next((one for one in fitting if one.get("defaultFlag") is True), fitting[0])["id"])


def _told_hours(body: dict[str, Any], about: About, known: Mapping[str, Any]) -> None:
    """The begin of an entry: as stated, else the usual hour of its day where the work was done."""
    day, started = body.pop("workDate", ABSENT), body.pop("startedAt", ABSENT)
    if isinstance(started, str):
        body["timeStart"] = stamp(datetime.fromisoformat(started))
    elif isinstance(day, str):
        zone = about.zone_of({**known, **body})
        body["timeStart"] = stamp(datetime.combine(date.fromisoformat(day), START_OF_WORK, zone))


def stamp(moment: datetime) -> str:
    """An instant as ConnectWise has it: UTC, whole seconds.

    >>> stamp(datetime(2026, 2, 2, 9, tzinfo=ZoneInfo("Europe/Berlin")))
    '2026-02-02T08:00:00Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def with_days(body: Mapping[str, Any], dates: frozenset[str]) -> dict[str, Any]:
    """A body whose days and instants are told as ConnectWise has them: at midnight, and in whole seconds.

    >>> with_days({"startDate": "2026-05-01", "name": "2026-05-01", "timeEnd": "2026-05-01T09:30:00.000000Z"}, frozenset({"startDate"}))
    {'startDate': '2026-05-01T00:00:00Z', 'name': '2026-05-01', 'timeEnd': '2026-05-01T09:30:00Z'}
    """
    return {key: _told_time(value, key in dates) if isinstance(value, str) else value for key, value in body.items()}


def _told_time(value: str, is_day: bool) -> str:
    if is_day and _DAY.fullmatch(value):
        return f"{value}T00:00:00Z"
    return stamp(datetime.fromisoformat(value)) if CANONICAL.fullmatch(value) else value


def patch(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A body as JSON Patch. A reference is replaced as a whole: a step into it would be answered 200 and do nothing.

    >>> patch({"name": "Acme GmbH", "phoneNumber": None, "manager": {"id": None}})
    [{'op': 'replace', 'path': 'name', 'value': 'Acme GmbH'}, {'op': 'remove', 'path': 'phoneNumber'}, {'op': 'remove', 'path': 'manager'}]
    """
    return [{"op": "remove", "path": key} if _is_empty(value) else {"op": "replace", "path": key, "value": value} for key, value in body.items()]


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, Mapping) and bool(value) and all(one is None for one in flattened(value).values()))


def with_ids(body: Mapping[str, Any]) -> dict[str, Any]:
    """References with their ids as the numbers they are.

    >>> with_ids({"company": {"id": "250"}, "name": "7"})
    {'company': {'id': 250}, 'name': '7'}
    """
    return {key: {**value, "id": _as_id(value["id"])} if isinstance(value, Mapping) and "id" in value else value for key, value in body.items()}


def _as_id(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value


def mark_of(key: str) -> str:
    """Six letters and digits that stand for a key of ours."""
    number, letters = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]), ""
    for _ in range(6):
        number, place = divmod(number, 36)
        letters += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place]
    return letters


def identifier_of(name: str, key: str) -> str:
    """A unique text of at most thirty letters: the name as one reads it, then what stands for our key.

    >>> identifier_of("Nordwind Logistik GmbH & Co. KG", "cl_01H8")[:23], len(identifier_of("x" * 80, "k"))
    ('NORDWINDLOGISTIKGMBHCOK', 30)
    """
    plain = re.sub(r"[^A-Z0-9]", "", name.upper())[:23]
    return f"{plain}-{mark_of(key)}" if plain else mark_of(key)
