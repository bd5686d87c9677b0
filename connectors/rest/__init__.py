"""A connector for systems with a JSON API, configured without code."""
