"""A small environment that speaks the data entities of Finance & Operations."""
