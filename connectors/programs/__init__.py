"""Programs that others wrote, run as child processes that print JSON lines: Singer taps and Airbyte sources."""
