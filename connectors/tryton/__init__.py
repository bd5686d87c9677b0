"""Tryton 8.2 over JSON-RPC: parties, projects, hours, invoices and payments of one database."""
