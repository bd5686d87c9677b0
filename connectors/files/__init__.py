"""Records from files: CSV in any dialect, and JSON lines."""
