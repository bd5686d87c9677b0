"""A small Template to talk to, for tests and the demo."""
