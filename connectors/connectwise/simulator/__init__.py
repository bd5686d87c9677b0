"""A small ConnectWise PSA: conditions, pages both ways, JSON Patch, custom fields, callbacks with keys, locks and limits."""
