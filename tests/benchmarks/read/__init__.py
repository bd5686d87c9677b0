"""``make bench-read``: the hub's server beside others that answer the same questions from the same rows."""
