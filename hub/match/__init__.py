"""Matching at large: training, batches by the million, evaluation. Needs the extra ``match`` (numpy, DuckDB, Splink)."""
