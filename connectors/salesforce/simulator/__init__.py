"""A small org that speaks Salesforce's REST and Bulk API 2.0: proved by clients that others wrote."""
