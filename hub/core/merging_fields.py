"""Every reference of the model by name, and whether it follows a merge of what it names: a line an entity, ``field>target``.

Written by hand on purpose: whoever adds a reference says here what a merge does to it, and a test asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping

FOLLOWS: Mapping[str, str] = {
    "cost_centre": "manager>resource",
    "service_line": "manager>resource",
    "vendor": "same_party_as>client",
    "resource": "vendor>vendor manager>resource",
    "client": "account_manager>resource",
    "client_site": "client>client",
    "contact": "client>client same_person_as>contact",
    "client_relationship": "from_client>client to_client>client",
    "billing_account": "client>client bill_to_site>client_site bill_to_contact>contact",
    "opportunity": "client>client owner>resource",
    "contract": "parent>contract client>client payer>client opportunity>opportunity",
    "contract_line": "contract>contract rate_card>rate_card scope_projects>project scope_tasks>task funding.payer>client",
    "rate_card": "client>client contract>contract project>project",
    "rate_line": "rate_card>rate_card resource>resource",
    "client_purchase_order": "client>client contract>contract",
    "engagement": "client>client partner>resource contracts>contract projects>project",
    "project": (
        "client>client engagement>engagement contract>contract contract_lines>contract_line "
        "opportunity>opportunity manager>resource template>project_template parent>project"
    ),
    "project_financials": "project>project",
    "task": "project>project parent>task",
    "assignment": "resource>resource project>project task>task replaces>assignment",
    "contract_threshold": "contract>contract contract_line>contract_line project>project",
    "change_order": "contract>contract approver>resource",
    "time_entry": "resource>resource project>project task>task assignment>assignment approver>resource",
    "expense_report": "resource>resource approver>resource",
    "expense": "resource>resource project>project task>task approver>resource",
    "milestone": "project>project contract_line>contract_line approver>resource",
    "purchase_order": "vendor>vendor project>project",
    "purchase_order_line": "project>project task>task resource>resource",
    "cost_item": "project>project task>task resource>resource vendor>vendor",
    "billing_schedule": "contract_line>contract_line",
    "billing_hold": "client>client contract>contract contract_line>contract_line project>project",
    "billing_batch": "client>client approver>resource",
    "billable_item": "project>project contract_line>contract_line rate_line>rate_line client_po>client_purchase_order",
    "invoice": "client>client contract>contract projects>project client_po>client_purchase_order approver>resource",
    "credit_memo": "client>client contract>contract projects>project client_po>client_purchase_order approver>resource",
    "invoice_line": "project>project task>task contract_line>contract_line",
    "payment": "client>client",
    "collection_case": "owner>resource",
    "posting_line": "project>project",
    "revenue_schedule": "contract_line>contract_line project>project",
    "revenue_event": "contract_line>contract_line project>project",
    "wip_balance": "project>project contract_line>contract_line",
    "forecast": "project>project",
    "project_actuals": "project>project",
    "utilisation_snapshot": "resource>resource",
    "profitability_snapshot": "client>client project>project",
}
"""References to records that people merge: they mean the survivor, as one version of the referring record each."""

STAYS: Mapping[str, str] = {
    "legal_entity": "parent>legal_entity fiscal_calendar>fiscal_calendar",
    "region": "parent>region",
    "regional_policy": "region>region legal_entity>legal_entity",
    "cost_centre": "legal_entity>legal_entity parent>cost_centre",
    "ledger_account": "legal_entity>legal_entity parent>ledger_account",
    "service_line": "parent>service_line",
    "service_item": "service_line>service_line revenue_account>ledger_account",
    "account_map": "legal_entity>legal_entity service_item>service_item service_line>service_line account>ledger_account",
    "tax_code": "legal_entity>legal_entity account>ledger_account",
    "tax_rule": "legal_entity>legal_entity service_item>service_item tax_code>tax_code",
    "accounting_period": "legal_entity>legal_entity calendar>fiscal_calendar",
    "resource": "legal_entity>legal_entity service_line>service_line cost_centre>cost_centre region>region",
    "billing_account": "legal_entity>legal_entity receivable_account>ledger_account",
    "opportunity": "legal_entity>legal_entity service_line>service_line",
    "contract": "billing_account>billing_account legal_entity>legal_entity region>region",
    "contract_line": "service_item>service_item service_line>service_line billing_schedule>billing_schedule",
    "rate_card": "legal_entity>legal_entity region>region",
    "rate_line": "service_item>service_item region>region",
    "client_purchase_order": "billing_account>billing_account legal_entity>legal_entity",
    "engagement": "legal_entity>legal_entity",
    "project_template": "service_line>service_line",
    "project": "legal_entity>legal_entity delivery_region>region service_line>service_line",
    "project_financials": "legal_entity>legal_entity cost_centre>cost_centre revenue_account_map>account_map",
    "task": "service_item>service_item",
    "time_entry": (
        "service_item>service_item correction_of>time_entry billable_item>billable_item invoice_line>invoice_line "
        "legal_entity>legal_entity cost_centre>cost_centre period>accounting_period"
    ),
    "expense_report": "legal_entity>legal_entity",
    "expense": (
        "report>expense_report correction_of>expense billable_item>billable_item invoice_line>invoice_line "
        "legal_entity>legal_entity cost_centre>cost_centre period>accounting_period"
    ),
    "milestone": "billable_item>billable_item invoice>invoice",
    "purchase_order": "legal_entity>legal_entity",
    "purchase_order_line": "purchase_order>purchase_order",
    "cost_item": (
        "time_entry>time_entry expense>expense legal_entity>legal_entity cost_centre>cost_centre "
        "purchase_order>purchase_order intercompany_partner>legal_entity period>accounting_period"
    ),
    "billing_schedule_line": "schedule>billing_schedule milestone>milestone",
    "billing_hold": "billable_item>billable_item",
    "billing_batch": "legal_entity>legal_entity items>billable_item",
    "billable_item": (
        "time_entry>time_entry expense>expense milestone>milestone schedule_line>billing_schedule_line "
        "adjusts>billable_item hold>billing_hold batch>billing_batch invoice_line>invoice_line"
    ),
    "invoice": "corrects>invoice legal_entity>legal_entity billing_account>billing_account period>accounting_period",
    "credit_memo": "corrects>invoice legal_entity>legal_entity billing_account>billing_account period>accounting_period",
    "invoice_line": (
        "invoice>invoice credit_memo>credit_memo service_item>service_item tax_code>tax_code "
        "allocations.billable_item>billable_item"
    ),
    "payment": "legal_entity>legal_entity billing_account>billing_account",
    "payment_application": "payment>payment invoice>invoice credit_memo>credit_memo",
    "collection_case": "billing_account>billing_account documents>invoice",
    "posting": "legal_entity>legal_entity period>accounting_period reverses>posting",
    "posting_line": "posting>posting account>ledger_account cost_centre>cost_centre tax_code>tax_code",
    "revenue_schedule": "legal_entity>legal_entity",
    "revenue_schedule_line": "schedule>revenue_schedule accounting_period>accounting_period",
    "revenue_event": (
        "legal_entity>legal_entity time_entry>time_entry expense>expense milestone>milestone "
        "schedule_line>revenue_schedule_line hold>billing_hold period>accounting_period"
    ),
    "wip_balance": "legal_entity>legal_entity",
    "forecast": "legal_entity>legal_entity service_line>service_line",
    "forecast_line": "forecast>forecast",
    "project_actuals": "legal_entity>legal_entity",
    "utilisation_snapshot": "service_line>service_line region>region legal_entity>legal_entity",
    "profitability_snapshot": "service_line>service_line legal_entity>legal_entity",
}
"""References to records that are never merged: transactions, reference data, billing accounts, legal entities."""
