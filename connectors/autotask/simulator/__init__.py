"""A small Autotask database as a server."""
