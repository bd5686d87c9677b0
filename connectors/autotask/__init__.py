"""Autotask PSA: a zone to find, three headers to sign with, queries by id, picklists that each customer labels as it likes."""
