"""The console's static files, under names that hold a hash of their bytes, so that a browser keeps them for ever."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, as it is and packed."""

    hashed: str
    plain: bytes
    packed: bytes
    media_type: str
    tag: str


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """Every static file by its plain name."""
    return {path.name: _read(path) for path in sorted(FOLDER.iterdir()) if path.is_file()}


@lru_cache(maxsize=1)
def _by_hash() -> dict[str, Asset]:
    return {one.hashed: one for one in assets().values()}


def _read(path: Path) -> Asset:
    plain = path.read_bytes()
    tag = sha256(plain).hexdigest()[:16]
    media_type = guess_type(path.name)[0] or "application/octet-stream"
    return Asset(f"{path.stem}.{tag}{path.suffix}", plain, gzip.compress(plain, 6, mtime=0), media_type, f'"{tag}"')


def address(name: str) -> str:
    """Where a static file is served, below the console's address; KeyError for one that is not there."""
    return f"/static/{assets()[name].hashed}"


async def serve(request: Request) -> Response:
    """``GET /static/{name}`` under the hashed name; a plain one is answered too, to be asked for again each time."""
    name = request.path_params["name"]
    hashed = _by_hash().get(name)
    found = hashed or assets().get(name)
    if found is None:
        raise HTTPException(404)
    lasting = "public, max-age=31536000, immutable" if hashed else "public, max-age=0, must-revalidate"
    headers = {"etag": found.tag, "cache-control": lasting, "vary": "accept-encoding", "x-content-type-options": "nosniff"}
    if request.headers.get("if-none-match") == found.tag:
        return Response(b"", 304, headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, headers=headers | {"content-encoding": "gzip"}, media_type=found.media_type)
    return Response(found.plain, headers=headers, media_type=found.media_type)
