"""Any Singer tap as a source, and the hub as a Singer target."""
