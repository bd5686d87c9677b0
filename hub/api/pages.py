"""What the pages for people share: a strict policy, and the files they are made of, nothing of it from elsewhere."""

from __future__ import annotations

import gzip
from functools import lru_cache
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
NAMES = frozenset(path.name for path in ASSETS.iterdir() if path.is_file())


def policy(styles: str = "") -> dict[str, str]:
    """Headers of a page: scripts, styles, fonts and requests of its own server, and no other; never in a frame."""
    parts = (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' {styles}".rstrip(),
        "font-src 'self' data:",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    return {
        "content-security-policy": "; ".join(parts),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }


async def asset(request: Request) -> Response:
    """``GET /assets/{name}``: a script, style or licence of the pages. Names carry no version, so browsers ask again by tag."""
    name = request.path_params["name"]
    if name not in NAMES:
        raise HTTPException(404)
    plain, packed, tag = _file(name)
    headers = {"etag": tag, "cache-control": "public, max-age=0, must-revalidate", "vary": "accept-encoding", "x-content-type-options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", 304, headers)
    media_type = guess_type(name)[0] or "application/octet-stream"
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, headers=headers | {"content-encoding": "gzip"}, media_type=media_type)
    return Response(plain, headers=headers, media_type=media_type)


@lru_cache(maxsize=16)
def _file(name: str) -> tuple[bytes, bytes, str]:
    """A file, packed, and its tag."""
    plain = (ASSETS / name).read_bytes()
    return plain, gzip.compress(plain, 6), f'"{sha256(plain).hexdigest()[:20]}"'
