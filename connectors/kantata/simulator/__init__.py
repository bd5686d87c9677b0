"""A small Kantata account as a server."""
