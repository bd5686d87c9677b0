"""Kantata OX, formerly Mavenlink: projects, people, time, expenses, invoices."""
