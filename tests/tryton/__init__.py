"""Tryton itself, installed from PyPI beside the repository's own environment and spoken to over HTTP: ``make test-tryton``."""
