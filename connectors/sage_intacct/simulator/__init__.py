"""A small Sage Intacct company as a server, for tests and the demo."""
