"""The page a browser gets at ``/graphql``: one file, nothing loaded from elsewhere."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def page() -> str:
    """The explorer: a query editor, variables, the key, the schema's documentation and the answer."""
    return (Path(__file__).parent / "explorer.html").read_text(encoding="utf-8")
