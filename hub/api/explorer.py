"""The page a browser gets at ``/graphql``: GraphiQL with example queries, the docs pane and a field for the key.

GraphiQL and React are files of this package (``assets``), so the page works without any other host. GraphiQL's dialogs
write style elements of their own; they carry a nonce that is new in every answer.
"""

from __future__ import annotations

from functools import lru_cache
from secrets import token_urlsafe

from hub.api.pages import HERE, policy


def page() -> tuple[str, dict[str, str]]:
    """The page and its headers."""
    nonce = token_urlsafe(16)
    return _template().replace("{nonce}", nonce), policy(styles=f"'nonce-{nonce}'")


@lru_cache(maxsize=1)
def _template() -> str:
    return (HERE / "explorer.html").read_text(encoding="utf-8")
