"""Copies of the whole database, and ways back: base backups with the log of what changed since, and portable copies."""
