"""Template: say in a sentence which product this is, and which version of its API."""
