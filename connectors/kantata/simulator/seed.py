"""The records Northbeam's account starts with: its clients, people, projects and their work, as a Kantata account tells the same story."""

from __future__ import annotations

from connectors.kantata.simulator.account import Account
from connectors.kantata.simulator.kinds import STATUSES
from connectors.simulator.seed import CONTACTS, FIRMS, PROJECTS, STAFF

CURRENCY = {"GB": ("GBP", "£"), "CH": ("CHF", "CHF"), "SE": ("SEK", "kr")}
HOURS = (("Workshop", 450), ("Interfaces", 480), ("Review", 240), ("Data model", 390), ("Testing", 440), ("Cut-over", 480), ("Steering", 90), ("Training", 300))
WORKED_ON = (0, 2, 3, 5, 6, 8, 9, 10)
"""Places of the projects that the hours are on."""
TITLES = tuple(dict.fromkeys(title for *_, title, _ in STAFF))


def seed(account: Account) -> None:
    """Fill an empty account."""
    put = account.put
    department = put("organizations", None, {"name": "Delivery", "type": "Department"}).id
    put("organizations", None, {"name": "ERP practice", "type": "Department", "parent_id": department, "ancestor_ids": [department]})
    put("organizations", None, {"name": "DACH", "type": "Geography"})
    roles = {title: put("roles", None, {"name": title}).id for title in TITLES}
    users: list[str] = []
    for number, (given, family, _, title, _) in enumerate(STAFF):
        id = str(number + 1)
        member = put("account_memberships", None, {"user_id": id, "default_role_id": roles[title], "permission": "collaborator", "manager_id": "1" if number else None,
                                                   "bill_rate_in_cents": 14000, "cost_rate_in_cents": 6200 + 100 * number}).id  # fmt: skip
        users.append(put("users", id, {"full_name": f"{given} {family}", "email_address": f"{given}.{family}@northbeam.example".lower(), "headline": title,
                                       "role_id": roles[title], "account_membership_id": member, "account_id": "1"}).id)  # fmt: skip
    contacts = {place: f"{given} {family}" for place, given, family, _ in reversed(CONTACTS)}
    clients = {
        place: put("workspace_groups", None, {"name": firm.psa, "company": True, "contact_name": contacts.get(place), "email": f"info@{firm.domain}",
                                              "website": f"http://{firm.domain}", "address": f"{firm.street}\n{firm.postcode} {firm.city}"}).id
        for place, firm in enumerate(FIRMS) if firm.psa
    }  # fmt: skip
    rates = put("rate_card_sets", None, {"title": "Standard 2026"}).id
    version = put("rate_card_set_versions", None, {"rate_card_set_id": rates, "effective_date": "2026-01-01"}).id
    card = put("rate_cards", None, {"currency": "EUR", "rate_card_set_id": rates}).id
    priced = put("rate_card_versions", None, {"rate_card_id": card, "rate_card_set_version_id": version, "default_rate": 12000}).id
    for number, title in enumerate(TITLES):
        put("rate_card_roles", None, {"rate_card_version_id": priced, "role_id": roles[title], "rate": 13000 + 1000 * number})
    projects: list[str] = []
    for number, (place, _, title, state, _) in enumerate(PROJECTS):
        key = 300 if state == "active" else 100
        currency, symbol = CURRENCY.get(FIRMS[place].country, ("EUR", "€"))
        projects.append(put("workspaces", None, {
            "title": title, "primary_workspace_group_id": clients[place], "workspace_group_ids": [clients[place]], "primary_maven_id": users[number % len(users)],
            "currency": currency, "currency_symbol": symbol, "start_date": "2026-03-02", "due_date": "2026-12-18", "price_in_cents": 4_000_000 + 250_000 * number,
            "participant_ids": users[:2],
            "rate_card_id": card if currency == "EUR" else None, "percentage_complete": 10,
            "status": {"color": STATUSES[key][0], "key": key, "message": STATUSES[key][1]},
        }).id)  # fmt: skip
    region = put("custom_field_values", None, {"custom_field_id": "1", "custom_field_name": "Region", "type": "single", "value": ["11"], "display_value": "DACH",
                                               "subject_type": "Workspace", "subject_id": projects[0]}).id  # fmt: skip
    put("workspaces", projects[0], {"custom_field_value_ids": [region]})
    _work(account, projects, users)


def _work(account: Account, projects: list[str], users: list[str]) -> None:
    """Tasks, time, expenses and bills of the first projects."""
    put, here = account.put, {"workspace_id": projects[0]}
    phase = put("stories", None, {**here, "title": "Blueprint", "story_type": "milestone", "start_date": "2026-03-02", "due_date": "2026-05-29"}).id
    task = put("stories", None, {
        **here, "parent_id": phase, "title": "Process workshops", "state": "started", "start_date": "2026-03-09", "due_date": "2026-04-30",
        "time_estimate_in_minutes": 7200,
    }).id  # fmt: skip
    put("stories", None, {**here, "parent_id": phase, "title": "Blueprint document", "story_type": "deliverable", "due_date": "2026-05-22"})
    put("assignments", None, {"story_id": task, "assignee_id": users[0], "estimated_minutes": 4800})
    entries = [
        put("time_entries", None, {
            "workspace_id": projects[WORKED_ON[number]], "user_id": users[number % len(users)], "date_performed": f"2026-05-{4 + number:02d}",
            "time_in_minutes": minutes, "notes": note, "story_id": None if number else task, "rate_in_cents": 14000, "cost_rate_in_cents": 6200,
        }).id
        for number, (note, minutes) in enumerate(HOURS)
    ]  # fmt: skip
    approved = put("timesheet_submissions", None, {
        **here, "user_id": users[0], "title": "Week 19", "time_entry_ids": entries[:1], "status": "approved", "current_resolution_creator_id": users[2],
        "current_resolution_description": "As agreed",
    }).id  # fmt: skip
    put("time_entries", entries[0], {"approved": True, "active_submission_id": approved, "recent_submission_id": approved})
    waiting = put("timesheet_submissions", None, {"user_id": users[1], "workspace_id": projects[2], "title": "Week 19", "time_entry_ids": entries[1:2]}).id
    put("time_entries", entries[1], {"active_submission_id": waiting, "recent_submission_id": waiting})
    put("time_adjustments", None, {
        **here, "user_id": users[0], "story_id": task, "original_date": "2026-04-30", "posted_on_date": "2026-05-04", "time": -30,
        "notes": "Travel was booked twice",
    })  # fmt: skip
    hotel = put("vendors", None, {"name": "Hotel Hafen"}).id
    spent = {**here, "user_id": users[0], "date": "2026-05-04", "category": "Lodging", "amount_in_cents": 14900, "notes": "One night", "vendor_id": hotel}
    expense = put("expenses", None, spent).id
    report = put("expense_report_submissions", None, {
        **here, "user_id": users[0], "title": "May", "expense_ids": [expense], "line_item_total_in_cents": 14900,
    }).id  # fmt: skip
    put("expenses", expense, {"active_submission_id": report, "recent_submission_id": report})
    put("billing_milestones", None, {
        **here, "story_id": phase, "title": "Blueprint accepted", "date_to_invoice": "2026-05-29", "amount_in_cents": 1_800_000,
    })  # fmt: skip
    bill = {"payment_schedule": 30, "user_id": users[2]}
    invoice = put("invoices", None, {
        **bill, "title": "Invoice #20417", "invoice_date": "2026-05-31", "due_date": "2026-06-30", "user_invoice_number": "20417",
        "balance_in_cents": 105000, "tax_rate": 19, "workspace_ids": [projects[0]],
    }).id  # fmt: skip
    put("invoices", None, {**bill, "title": "Draft invoice", "draft": True, "balance_in_cents": 80000, "workspace_ids": [projects[2]]})
    put("external_payments", None, {**here, "invoice_id": invoice, "amount_in_cents": 45000, "message": "Part payment", "user_id": users[2]})
    put("line_item_locks", None, {"locked_to": "2026-01-31", "account_id": "1"})
