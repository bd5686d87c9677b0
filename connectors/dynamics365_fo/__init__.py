"""Microsoft Dynamics 365 Finance & Operations: customers, invoices, payments and the ledger by its data entities."""
