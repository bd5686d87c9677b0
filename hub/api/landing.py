"""``GET /``: what is here. A page for browsers, the same as JSON for programs; it tells strangers nothing they could not try."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from hub import __version__
from hub.api.pages import HERE, policy


class Door(NamedTuple):
    """An address, how it is used, and what for; ``page`` is where a browser may go."""

    path: str
    methods: str
    doc: str
    page: str = ""


DOORS = (
    Door("/console", "GET, POST", "The workplace of stewards and operations: tasks, records, systems, money.", "console/"),
    Door("/graphql", "GET, POST, websocket", "Everything, by GraphQL; a browser gets GraphiQL with examples and the docs.", "graphql"),
    Door("/graphql/stream", "GET, POST", "Subscriptions as server-sent events."),
    Door("/export/{entities}", "GET, POST", "Large reads as JSON lines, CSV, Arrow or Parquet, with the filters of GraphQL."),
    Door("/ingest/{system}", "POST", "Records of a connected system as JSON lines."),
    Door("/hooks/{tenant}/{system}", "POST", "Webhooks of connected systems, verified by their signature."),
    Door("/health", "GET", "Up or down, and how far work lags.", "health"),
    Door("/metrics", "GET", "Counters for Prometheus; for an admin's key or from the same machine."),
)
DOCS = (
    ("README.md", "what the hub is, and how to start it"),
    ("hub/README.md", "commands, settings, jobs"),
    ("hub/api/GUIDE.md", "the API in use: lists, filters, instants, errors, limits; subscriptions and exports have pages beside it"),
    ("schema/published/MODEL.md", "the data dictionary: every entity and field with its owner"),
    ("schema/published/schema.graphql", "the schema; schema/published/CHANGES.md tells what changed"),
)


async def home(request: Request) -> Response:
    """The page for whoever prefers HTML, else JSON."""
    headers = policy() | {"vary": "accept"}
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(page(), headers=headers)
    return Response(described(), headers=headers, media_type="application/json")


def described() -> bytes:
    """Name, version and doors."""
    doors = [{"path": door.path, "methods": door.methods.split(", "), "description": door.doc} for door in DOORS]
    return orjson.dumps({"name": "services-hub", "version": __version__, "doors": doors})


@lru_cache(maxsize=1)
def page() -> str:
    """The page for people."""
    text = (HERE / "landing.html").read_text(encoding="utf-8")
    doors = "\n".join(f"<tr><td>{_linked(door)}</td><td>{door.methods}</td><td>{escape(door.doc)}</td></tr>" for door in DOORS)
    docs = "\n".join(f"<li><code>{name}</code> {escape(doc)}</li>" for name, doc in DOCS)
    return text.replace("{version}", __version__).replace("{doors}", doors).replace("{docs}", docs)


def _linked(door: Door) -> str:
    path = f"<code>{escape(door.path)}</code>"
    return f'<a href="{door.page}">{path}</a>' if door.page else path
