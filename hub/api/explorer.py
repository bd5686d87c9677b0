"""The page a browser gets at ``/graphql``: one file, nothing loaded from elsewhere, its own script and style and no other."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

_PAGE = Path(__file__).parent / "explorer.html"


@lru_cache(maxsize=1)
def page() -> str:
    """The explorer: a query editor, variables, the key, the schema's documentation and the answer."""
    return _PAGE.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def headers() -> dict[str, str]:
    """What the browser may do with the page: run this script, use this style, ask this server, and nothing else."""
    policy = (
        f"default-src 'none'; script-src {_digest('script')}; style-src {_digest('style')}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }


def _digest(element: str) -> str:
    """The CSP source of the page's only element of this name."""
    [text] = re.findall(f"<{element}>(.*?)</{element}>", page(), re.DOTALL)
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
