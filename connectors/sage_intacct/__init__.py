"""Sage Intacct over its XML gateway: sessions, queries, functions with a result each, and deletes told by the audit trail."""
