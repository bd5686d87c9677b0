"""The kinds of record of the simulated account: their fields, what may be asked of them, what came along, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """One collection. ``required``: field → what is said when it is missing. ``filters``: parameter → the field it compares, "~x" by words,
    "x," against a list, "x:" between two days. ``hides``: field → the parameter without which records that have it true are hidden.
    ``with_include`` are ids told only with their association, ``optional`` fields only with ``optional_fields``."""

    name: str
    wrap: str = ""
    subject: str = ""
    template: Mapping[str, Any] = field(default_factory=dict)
    required: Mapping[str, str] = field(default_factory=dict)
    takes: tuple[str, ...] = ()
    refers: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, str] = field(default_factory=dict)
    with_include: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    hides: Mapping[str, str] = field(default_factory=dict)
    orders: tuple[str, ...] = ("created_at", "updated_at")
    default_order: str = "updated_at:desc"
    has_changes: bool = True
    has_stamps: bool = True
    money: bool = False

    @property
    def event(self) -> str:
        return self.name.removesuffix("ies") + "y" if self.name.endswith("ies") else self.name.removesuffix("s")


def _none(names: str, **stated: Any) -> dict[str, Any]:
    return dict.fromkeys(names.split()) | stated


_LINE: dict[str, Any] = {"currency": "EUR", "currency_symbol": "€", "currency_base_unit": 100}
_SUBMISSION = {
    "status": "new", "comment": None, "title": None, "current_resolution_description": None, "current_resolution_creator_id": None,
    "line_item_total_in_cents": 0, **_LINE,
}  # fmt: skip

KINDS: Mapping[str, Kind] = {
    one.name: one
    for one in (
        Kind("roles", "role", "Role", {"name": None}, {"name": "Name can't be blank"}, ("name",), orders=("created_at", "name"), default_order="name:asc"),
        Kind(
            "users", "user", "User", _none("full_name photo_path email_address headline account_id role_id account_membership_id manager_id", disabled=False, generic=False, custom_field_value_ids=[]),
            many={"custom_field_values": "custom_field_values"},
            refers={"role": "roles", "account_membership": "account_memberships", "manager": "users"}, with_include=("role_id", "account_membership_id", "manager_id", "custom_field_value_ids"),
            filters={"by_email_address": "email_address", "on_my_account": "", "participant_in": "", "search": "~full_name"}, hides={"disabled": "show_disabled"},
            orders=("alphabetical",), default_order="alphabetical:asc", has_stamps=False,
        ),
        Kind("account_memberships", template=_none("user_id default_role_id manager_id disabled_at permission bill_rate_in_cents cost_rate_in_cents"), refers={"user": "users", "default_role": "roles"},
             filters={"only_active": "", "only_inactive": ""}),
        Kind(
            "workspace_groups", "workspace_group", "WorkspaceGroup", _none("name contact_name email phone_number address website notes", company=False, custom_field_value_ids=[]),
            {"name": "Name can't be blank"}, ("name", "company", "contact_name", "email", "phone_number", "address", "website", "notes"),
            many={"custom_field_values": "custom_field_values"}, with_include=("custom_field_value_ids",),
            filters={"companies_only": "company", "matching": "~name"}, orders=("created_at", "name", "updated_at"), default_order="name:asc",
        ),
        Kind(
            "workspaces", "workspace", "Workspace",
            _none("title description start_date due_date effective_due_date price price_in_cents rate_card_id primary_workspace_group_id primary_maven_id primary_counterpart_id percentage_complete",
                  budgeted=True, archived=False, change_orders_enabled=False, stage="project", workspace_group_ids=[], participant_ids=[], participation_ids=[], custom_field_value_ids=[],
                  status={"color": "grey", "key": 100, "message": "Not Started"}, **_LINE),
            {"title": "Please give your project a title"},
            ("title", "description", "start_date", "due_date", "currency", "budgeted", "price", "archived", "status_key", "rate_card_id", "creator_role", "workspace_group_ids"),
            refers={"primary_workspace_group": "workspace_groups", "primary_maven": "users", "rate_card": "rate_cards"}, many={"workspace_groups": "workspace_groups", "custom_field_values": "custom_field_values", "participants": "users", "participations": "participations"},
            with_include=("primary_maven_id", "workspace_group_ids", "custom_field_value_ids", "participant_ids", "participation_ids"), optional=("stage",),
            filters={"matching": "~title", "search": "~title", "workspace_groups": "primary_workspace_group_id,"}, hides={"archived": "include_archived"},
            orders=("created_at", "due_date", "start_date", "title", "updated_at"), money=True,
        ),
        Kind(
            "stories", "story", "Story",
            _none("workspace_id parent_id title description start_date due_date time_estimate_in_minutes budget_estimate_in_cents deleted_at",
                  story_type="task", state="not started", billable=True, archived=False, position=1, custom_field_value_ids=[]),
            {"title": "Title can't be blank", "workspace_id": "Workspace can't be blank"},
            ("workspace_id", "parent_id", "title", "description", "story_type", "state", "start_date", "due_date", "time_estimate_in_minutes", "budget_estimate_in_cents", "billable", "archived"),
            refers={"workspace": "workspaces", "parent": "stories"}, many={"custom_field_values": "custom_field_values"}, with_include=("custom_field_value_ids",),
            filters={"workspace_id": "workspace_id", "all_on_account": "", "search": "~title", "story_type": "story_type", "show_deleted": "",
                     "show_from_archived_workspaces": ""}, hides={"archived": "show_archived"},
            orders=("created_at", "due_date", "position", "start_date", "updated_at"),
        ),
        Kind("assignments", template=_none("story_id assignee_id estimated_minutes resource_id", current=True, allocated_minutes=0), refers={"story": "stories", "assignee": "users"},
             filters={"in_unarchived_workspaces": "", "in_unarchived_stories": ""}),
        Kind("rate_card_sets", template=_none("title", account_default=True), orders=("created_at",)),
        Kind("rate_card_set_versions", template=_none("rate_card_set_id effective_date", active=True), orders=("created_at",)),
        Kind("rate_cards", template=_none("currency rate_card_set_id"), refers={"rate_card_set": "rate_card_sets"}, with_include=("rate_card_set_id",), orders=("created_at",)),
        Kind(
            "rate_card_versions", template=_none("rate_card_id rate_card_set_version_id default_rate"),
            refers={"rate_card": "rate_cards", "rate_card_set_version": "rate_card_set_versions"}, with_include=("rate_card_id", "rate_card_set_version_id"), orders=("created_at",),
        ),
        Kind(
            "rate_card_roles", template=_none("rate_card_version_id role_id rate"), refers={"rate_card_version": "rate_card_versions", "role": "roles"},
            with_include=("rate_card_version_id", "role_id"), orders=("created_at",),
        ),
        Kind(
            "time_entries", "time_entry", "TimeEntry",
            _none("workspace_id user_id story_id role_id date_performed time_in_minutes notes rate_in_cents cost_rate_in_cents active_submission_id recent_submission_id invoice_id",
                  billable=True, approved=False, is_invoiced=False, taxable=False, user_can_edit=True, **_LINE),
            {"workspace_id": "Workspace can't be blank", "date_performed": "Date performed can't be blank", "time_in_minutes": "Time in minutes can't be blank"},
            ("workspace_id", "user_id", "story_id", "date_performed", "time_in_minutes", "billable", "notes", "rate_in_cents", "cost_rate_in_cents"),
            refers={"workspace": "workspaces", "user": "users", "story": "stories", "role": "roles", "active_submission": "timesheet_submissions",
                    "recent_submission": "timesheet_submissions", "invoice": "invoices"},
            with_include=("recent_submission_id",), optional=("user_can_edit",),
            filters={"workspace_id": "workspace_id", "with_user_ids": "user_id,", "date_performed_between": "date_performed:", "on_my_account": "", "from_archived_workspaces": "",
                     "approved": "approved", "billable": "billable", "invoiced": "is_invoiced"},
            orders=("created_at", "date_performed", "updated_at"), default_order="date_performed:desc",
        ),
        Kind("timesheet_submissions", template={**_SUBMISSION, "user_id": None, "workspace_id": None, "time_entry_ids": []}, refers={"user": "users", "workspace": "workspaces"},
             many={"time_entries": "time_entries"}, with_include=("time_entry_ids",), filters={"statuses": "status,", "workspace_id": "workspace_id"}, orders=("date",), default_order="date:desc"),
        Kind("time_adjustments", template=_none("workspace_id user_id story_id creator_id original_date posted_on_date time notes bill_rate_in_cents cost_rate_in_cents",
                                                billable=True, is_invoiced=False, taxable=False, **_LINE),
             refers={"workspace": "workspaces", "user": "users", "story": "stories"}, orders=("created_at",)),
        Kind("expense_report_submissions", template={**_SUBMISSION, "user_id": None, "workspace_id": None, "expense_ids": []}, refers={"user": "users", "workspace": "workspaces"},
             many={"expenses": "expenses"}, with_include=("expense_ids",), filters={"all_on_account": "", "statuses": "status,"}, orders=("created_at", "date", "status")),
        Kind("vendors", "vendor", "Vendor", {"name": None, "in_use": True}, {"name": "Name can't be blank"}, ("name",)),
        Kind(
            "expenses", "expense", "Expense",
            _none("workspace_id user_id story_id date category amount_in_cents notes vendor_id receipt_id expense_category_id active_submission_id recent_submission_id invoice_id role_id",
                  is_billable=True, reimbursable=True, is_invoiced=False, taxable=False, user_can_edit=True, **_LINE),
            {"workspace_id": "Workspace can't be blank", "date": "Date can't be blank", "category": "Category can't be blank", "amount_in_cents": "Amount can't be blank"},
            ("workspace_id", "user_id", "story_id", "date", "category", "amount_in_cents", "notes", "billable", "reimbursable", "vendor_id", "receipt_id", "expense_category_id"),
            refers={"workspace": "workspaces", "user": "users", "story": "stories", "vendor": "vendors", "active_submission": "expense_report_submissions",
                    "recent_submission": "expense_report_submissions"},
            with_include=("recent_submission_id",), optional=("user_can_edit",),
            filters={"workspace_id": "workspace_id", "date_expensed_between": "date:", "on_my_account": "", "from_archived_workspaces": "", "invoiced": "is_invoiced"},
            orders=("amount", "category", "created_at", "date", "notes"), default_order="date:desc", money=True,
        ),
        Kind(
            "billing_milestones", "billing_milestone", "BillingMilestone",
            _none("title amount_in_cents date_to_invoice workspace_id story_id", billing_type="fixed_date", invoice_ids=[], **_LINE),
            {"title": "Title can't be blank", "workspace_id": "Workspace can't be blank"}, ("title", "amount_in_cents", "date_to_invoice", "workspace_id", "story_id", "billing_type"),
            refers={"workspace": "workspaces", "story": "stories"}, many={"invoices": "invoices"}, with_include=("invoice_ids",),
            filters={"workspace_ids": "workspace_id,", "story_ids": "story_id,"}, orders=("created_at",), default_order="created_at:desc", has_changes=False,
        ),
        Kind(
            "invoices", "invoice", "Invoice",
            _none("title invoice_date due_date message balance_in_cents payment_schedule user_invoice_number user_invoice_title tax_rate purchase_order project_code recipient_id user_id",
                  draft=False, status="new", workspace_ids=[], time_entry_ids=[], expense_ids=[], **_LINE),
            takes=("payment_schedule", "invoice_date", "user_invoice_number", "draft", "message", "time_entry_ids", "expense_ids", "workspace_id", "tax_rate", "purchase_order"),
            many={"workspaces": "workspaces", "time_entries": "time_entries", "expenses": "expenses"}, filters={"user_invoice_number": "user_invoice_number,"},
            orders=("created_at", "id", "invoice_date", "updated_at"), default_order="created_at:desc",
        ),
        Kind(
            "external_payments", "external_payment", "", _none("workspace_id invoice_id user_id amount_in_cents message"), {"workspace_id": "Workspace can't be blank"},
            ("workspace_id", "invoice_id", "amount_in_cents", "message"), refers={"workspace": "workspaces", "invoice": "invoices", "user": "users"},
            filters={"invoice_id": "invoice_id", "workspace_id": "workspace_id"}, orders=("created_at", "id", "updated_at"), default_order="created_at:desc",
        ),
        Kind("organizations", template=_none("name type parent_id", ancestor_ids=[]), filters={"type": "type"}, orders=("created_at",)),
        Kind("custom_field_values", "", "", _none("custom_field_id custom_field_name display_value value subject_type subject_id type setter_id account_id", can_edit=True)),
        Kind("participations", template=_none("user_id workspace_id", role="maven"), refers={"user": "users", "workspace": "workspaces"}),
        Kind("line_item_locks", template=_none("locked_to account_id"), orders=("created_at",)),
        Kind("external_references", "external_reference", "",
             _none("service_name service_model service_model_ref subject_type subject_id external_link external_message last_synced_at", status="successful", locked=False),
             {one: f"{one.replace('_', ' ').capitalize()} can't be blank" for one in ("service_name", "service_model", "service_model_ref", "subject_type", "subject_id")},
             ("service_name", "service_model", "service_model_ref", "subject_type", "subject_id", "status", "external_link", "external_message", "locked", "external_status"),
             filters={"subject_type": "subject_type", "subject_id": "subject_id", "service_name": "service_name", "service_model_ref": "service_model_ref"},
             orders=("created_at", "last_synced_at"), default_order="last_synced_at:desc"),
        Kind("subscribed_events", template=_none("event_type subject_type subject_id user_id account_id subject_changed_at", previous_payload={}, current_payload={}, payload_changes={}),
             optional=("previous_payload", "current_payload", "payload_changes"), filters={"event_types": "event_type,", "subject_type": "subject_type", "subject_id": "subject_id,"},
             orders=("created_at",), default_order="created_at:desc"),
    )
}  # fmt: skip
SUBJECTS = {one.subject: one.name for one in KINDS.values() if one.subject}
STATUSES = {100: ("grey", "Not Started"), 300: ("green", "In Progress"), 400: ("yellow", "At Risk"), 500: ("grey", "On Hold"), 600: ("grey", "Completed")}
"""The firm's statuses of a project, by key."""
