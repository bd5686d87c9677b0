"""Home: what waits for the team one works for, what changed since one was here, and how the systems are."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import Page
from hub.console.shell import ask, render

HOME = "query Home { health { tasksOpen inboxOpen deliveriesDue deliveriesParked feedPosition } }"


async def home(request: Request) -> Response:
    data = await ask(request, HOME)
    return render(request, "home/home.html", title="Home", **data)


PAGE = Page("Home", "/", (Route("/", home),), icon="home")
