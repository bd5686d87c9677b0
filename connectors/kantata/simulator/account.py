"""What the simulated account holds: records with stamps of whole seconds in its own zone, their events, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kantata.simulator.kinds import EVENTFUL, KINDS, STATUSES, SUBJECTS, Kind
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store

ZONE = ZoneInfo("America/Los_Angeles")
Fields = dict[str, Any]


@dataclass
class Account:
    """The records of one account; ids are numbers as text, one sequence for all."""

    store: Store
    _numbers: count[int] = field(default_factory=lambda: count(10))

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        """Store a state of a record; no two states of one record share a stamp."""
        kind, known = KINDS[object], self.store.rows.get(object, {}).get(id) if id else None
        stamp = self.store.clock().astimezone(ZONE).replace(microsecond=0)
        if known is not None:
            stamp = max(stamp, datetime.fromisoformat(known.fields["updated_at"]) + timedelta(seconds=1))
        whole: Fields = dict(known.fields) if known else {**kind.template, "created_at": stamp.isoformat()}
        whole |= {name: value for name, value in fields.items() if name != "id"}
        whole["updated_at"] = fields.get("updated_at", stamp.isoformat())
        if is_deleted and "deleted_at" in kind.template:
            whole["deleted_at"] = stamp.isoformat()
        row = self.store.put(object, id or str(next(self._numbers)), whole, key=key, is_deleted=is_deleted)
        if kind.name in EVENTFUL:
            what = "deleted" if is_deleted else "updated" if known else "created"
            subject = {"subject_type": EVENTFUL[kind.name], "subject_id": row.id, "subject_changed_at": stamp.isoformat()}
            self.put("subscribed_events", None, {"event_type": f"{kind.event}:{what}", "account_id": "1", **subject})
        return row

    def keep(self, kind: Kind, id: str | None, given: Mapping[str, Any]) -> Row | Refusal:
        """Store what a request states, or say why not."""
        known = self.store.get(kind.name, id) if id else None
        fields = dict(given)
        reference = fields.pop("external_reference", None)
        if unknown := sorted(set(fields) - set(kind.takes)) or (["external_reference"] if reference is not None and not kind.subject else []):
            return Refusal("syntax", "", f"Unknown parameter: {unknown[0]}")
        refusal = self._refusal(kind, known, fields) or (_invalid_reference(reference) if reference is not None else None)
        if refusal is not None:
            return refusal
        row = self.put(kind.name, id, self._filled(kind, known, fields), key=_key(kind, fields, reference) if known is None else "")
        if reference is not None:
            self.refer({**reference, "subject_type": kind.subject, "subject_id": row.id})
        return row

    def _filled(self, kind: Kind, known: Row | None, fields: Fields) -> Fields:
        """What Kantata makes of what is stated: texts of ids, currencies of projects, words of statuses."""
        found = {name: str(value) if name.endswith("_id") and value is not None else value for name, value in fields.items()}
        if "billable" in found and "is_billable" in kind.template:
            found["is_billable"] = found.pop("billable")
        if "workspace_group_ids" in found:
            ids = [str(one) for one in found["workspace_group_ids"]]
            found |= {"workspace_group_ids": ids, "primary_workspace_group_id": ids[0] if ids else None}
        if "status_key" in found:
            key = int(found.pop("status_key"))
            found["status"] = {"color": STATUSES[key][0], "key": key, "message": STATUSES[key][1]}
        project = self.store.get("workspaces", str(found.get("workspace_id")))
        if project is not None and "currency" in kind.template and known is None:
            found |= {name: project.fields[name] for name in ("currency", "currency_symbol", "currency_base_unit")}
        found.pop("creator_role", None)
        if known is None and "user_id" in kind.template:
            found.setdefault("user_id", "1")
        return found

    def _refusal(self, kind: Kind, known: Row | None, fields: Fields) -> Refusal | None:
        for name, text in kind.required.items():
            if fields.get(name, known.fields.get(name) if known else None) in (None, ""):
                return Refusal("validation", name, text, 422)
        for association, collection in kind.refers.items():
            id = fields.get(f"{association}_id")
            if id is not None and self.store.get(collection, str(id)) is None:
                return Refusal("validation", f"{association}_id", f"{association.replace('_', ' ').capitalize()} must exist", 422)
        if any(self.store.get("workspace_groups", str(id)) is None for id in fields.get("workspace_group_ids") or ()):
            return Refusal("validation", "workspace_group_ids", "Workspace groups could not be found", 422)
        for name, value in fields.items():
            if name.endswith(("_in_cents", "_in_minutes")) and value is not None and (isinstance(value, bool) or not isinstance(value, int)):
                return Refusal("validation", name, f"{name.replace('_', ' ').capitalize()} is not a number", 422)
        if isinstance(fields.get("title"), str) and len(fields["title"]) > 200:
            return Refusal("validation", "title", "Title is too long (maximum is 200 characters)", 422)
        return self._of_its_kind(kind, known, fields)

    def _of_its_kind(self, kind: Kind, known: Row | None, fields: Fields) -> Refusal | None:
        if kind.name == "workspaces" and known is None and fields.get("creator_role") not in ("maven", "buyer"):
            return Refusal("validation", "creator_role", "Please select a role for this project", 422)
        if kind.name == "workspaces" and fields.get("status_key", 100) not in STATUSES:
            return Refusal("validation", "status_key", "Status key is not included in the list", 422)
        if kind.name == "stories" and fields.get("story_type", "task") not in ("task", "deliverable", "milestone", "issue"):
            return Refusal("validation", "story_type", "Story type is not included in the list", 422)
        if kind.name in ("time_entries", "expenses"):
            return self.line_lock(kind, known) or self._date_lock(kind, known, fields)
        if kind.name == "invoices" and known is None and not (fields.get("time_entry_ids") or fields.get("expense_ids")):
            return Refusal("validation", "base", "An invoice needs at least one line item", 422)
        return None

    def line_lock(self, kind: Kind, known: Row | None) -> Refusal | None:
        if known is not None and known.fields.get("is_invoiced"):
            return Refusal("validation", "base", "It has been invoiced and cannot be changed", 422)
        if known is not None and known.fields.get("approved"):
            return Refusal("validation", "base", "It has been approved and cannot be changed", 422)
        return None

    def _date_lock(self, kind: Kind, known: Row | None, fields: Fields) -> Refusal | None:
        locked_to = max((str(row.fields["locked_to"]) for row in self.store.table("line_item_locks")), default="")
        day = fields.get("date_performed") or (known.fields.get("date_performed") if known else None)
        if kind.name == "time_entries" and day and str(day) < locked_to:
            return Refusal("validation", "date_performed", f"Date performed is locked before {locked_to}", 422)
        return None

    def refer(self, given: Mapping[str, Any]) -> Row | Refusal:
        """Create or update an external reference: a service knows a record by one id."""
        kind = KINDS["external_references"]
        about = {name: str(value) if name == "subject_id" else value for name, value in given.items()}
        if unknown := sorted(set(about) - set(kind.takes)):
            return Refusal("syntax", "", f"Unknown parameter: {unknown[0]}")
        for name, text in kind.required.items():
            if not about.get(name):
                return Refusal("validation", name, text, 422)
        if self.store.get(SUBJECTS.get(about["subject_type"], ""), about["subject_id"]) is None:
            return Refusal("validation", "subject", "Subject must exist", 422)
        known = self._references(about["subject_type"], about["subject_id"])
        same = next((row.id for row in known if row.fields["service_name"] == about["service_name"]), None)
        return self.put("external_references", same, about)

    def references(self, kind: Kind, id: str) -> list[Row]:
        return self._references(kind.subject, id)

    def _references(self, subject: str, id: str) -> list[Row]:
        rows = self.store.table("external_references")
        return [row for row in rows if (row.fields["subject_type"], row.fields["subject_id"]) == (subject, id)]


def _invalid_reference(reference: Any) -> Refusal | None:
    stated = reference if isinstance(reference, Mapping) else {}
    missing = [name for name in ("service_name", "service_model", "service_model_ref") if not stated.get(name)]
    return Refusal("validation", "external_reference", f"External reference {missing[0]} can't be blank", 422) if missing else None


def _key(kind: Kind, fields: Fields, reference: Any) -> str:
    return str((reference or {}).get("service_model_ref") or f"{kind.name} without a key")
