"""Large reads: every row of an entity that a filter leaves, streamed as NDJSON, CSV, Arrow or Parquet.

Rows come in order of their id out of one snapshot, so an export that broke goes on after the last row that arrived.
"""
