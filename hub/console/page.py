"""What a page of the console is: its routes, and its place in the navigation. Pages are listed in ``hub.console.contents``."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.routing import Route

from hub.api.access import Role

EVERYBODY = (Role.READER, Role.STEWARD, Role.ADMIN)
OPERATORS = (Role.STEWARD, Role.ADMIN)
ADMINS = (Role.ADMIN,)

SECTIONS = {"work": "Work", "records": "Records", "systems": "Systems", "rules": "Rules"}
"""The groups of the navigation, in their order."""


@dataclass(frozen=True)
class Page:
    """One subject of the console, in a module of ``hub.console.pages`` as ``PAGE``.

    ``path`` is where the navigation leads, below the console's own address; empty for a page one reaches from others.
    ``roles`` may open it (every route of it; what changes something is refused once more where it is done).
    """

    title: str
    path: str
    routes: tuple[Route, ...]
    section: str = "work"
    icon: str = "dot"
    roles: tuple[Role, ...] = EVERYBODY
    badge: str = ""
    """An address that answers a small text shown beside the title, or nothing; asked for by the browser."""
