"""What is sent for a write: the functions that make or change a record, and the ids we choose for new ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.sage_intacct import functions
from connectors.sage_intacct.config import Entry
from connectors.sage_intacct.legacy import FORMS
from connectors.sage_intacct.records import chosen_number, text, underived
from connectors.xml import Element, element_of
from schema.paths import at_path, put_path

CONTACT = "CONTACT"


def numbered(entry: Entry, intent_key: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with the id of the new record: its own, else one made of our key."""
    if entry.number is None or text(at_path(body, entry.id[-1])):
        return dict(body)
    return {entry.id[-1]: chosen_number(entry, intent_key), **body}


def creates(entry: Entry, intent_key: str, body: Mapping[str, Any], key_field: str = "", hour: int = 0) -> list[tuple[str, Element]]:
    """The functions that make a record, each with a control id made of our key, so that a repeat is refused.

    The id holds for an hour: whether a function that was refused uses its id up is not documented, and what was looked for since and not
    found must be asked for again in the end.
    """
    told = numbered(entry, intent_key, underived(body, entry.derived))
    for name, value in entry.on_create.items():
        if not text(at_path(told, name)):
            put_path(told, name, value)
    if key_field:
        put_path(told, key_field, intent_key)
    if entry.object == CONTACT:
        told.setdefault("PRINTAS", print_as(told) or told[entry.id[-1]])
    shown = told.get("DISPLAYCONTACT")
    if isinstance(shown, dict) and not text(shown.get("PRINTAS")):
        told["DISPLAYCONTACT"] = {**shown, "PRINTAS": told.get("NAME")}
    made: list[Element] = []
    if entry.contact:
        contact = told.pop(CONTACT, None) or {}
        name = text(at_path(told, f"{entry.contact}.CONTACTNAME")) or contact_name(contact, intent_key)
        put_path(told, f"{entry.contact}.CONTACTNAME", name)
        made.append(functions.stored("create", CONTACT, {"CONTACTNAME": name, "PRINTAS": print_as(contact) or name, **contact}))
    made.append(_create(entry, told, intent_key))
    ids = [f"{object}:{intent_key}:{hour}" for object in (CONTACT, entry.object)][-len(made) :]
    return list(zip(ids, made, strict=True))


def _create(entry: Entry, body: dict[str, Any], key: str) -> Element:
    """One function. A line makes a document of its own around itself."""
    header = entry.header
    if header is None:
        return FORMS[entry.create].element(body, key) if entry.create in FORMS else functions.stored("create", entry.object, body)
    about = body.pop(header.object, None) or {}
    if entry.create in FORMS:
        return FORMS[entry.create].element({"WHENCREATED": body.get("ENTRY_DATE"), **about, "LINE": body}, key)
    sheet = element_of(header.object, {"BEGINDATE": body.get("ENTRYDATE"), **about})
    entries = element_of("TIMESHEETENTRIES", {entry.object: [body]})
    return Element("create", children=(replace(sheet, children=(*sheet.children, entries)),))


def updates(entry: Entry, external_id: str, body: Mapping[str, Any], known: Mapping[str, Any] | None) -> list[Element]:
    """The functions that change a record, as it is ``known`` where that matters: a person's name is a contact's."""
    told = underived(body, entry.derived)
    key = {"RECORDNO": text(known.get("RECORDNO"))} if known is not None and len(entry.id) > 1 else {entry.id[0]: external_id}
    made: list[Element] = []
    contact = told.pop(CONTACT, None) if entry.contact else None
    if contact:
        made.append(functions.stored("update", CONTACT, {"CONTACTNAME": text(at_path(known or {}, f"{CONTACT}.CONTACTNAME")), **contact}))
    if entry.header is not None:
        told.pop(entry.header.object, None)
    rest = {name: value for name, value in told.items() if name not in key and name not in entry.id}
    if rest or not made:
        made.append(functions.stored("update", entry.object, {**key, **rest}))
    return made


def needs_known(entry: Entry, expected_version: str) -> bool:
    """Whether an update must read the record first."""
    return bool(expected_version or len(entry.id) > 1 or entry.contact)


def print_as(contact: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (text(contact.get("FIRSTNAME")), text(contact.get("LASTNAME")))))


def contact_name(contact: Mapping[str, Any], intent_key: str) -> str:
    """A name no other contact has: names are unique there, and people's are not.

    >>> contact_name({"FIRSTNAME": "Ida", "LASTNAME": "Holm"}, "re_01H9")
    'Ida Holm (BIZC7W)'
    """
    return f"{print_as(contact) or 'Contact'} ({chosen_number(Entry(CONTACT, ()), intent_key)[:6]})"
