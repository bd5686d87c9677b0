"""How a system is written to: its state as a target, breakers, the day's requests, windows, and its limits as a document."""

from __future__ import annotations

from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import ADMINS, OPERATORS, Page
from hub.console.pages.sources import source_of, titled
from hub.console.shell import AskError, Trouble, ask, field, person, redirect, render, tell

ERRORS = "errors { code message field remedy retryable }"
STANDING = """query Standing($system: String!) { systemStanding(system: $system) { system state limits requestsToday slots closedUntil postingsClosedUntil setBy setAt
    breakers { operation state successes failures trips failingSince retryAt error } } }"""
LIMITS = f"mutation Limits($system: String!, $limits: JSON!) {{ setSystemLimits(system: $system, limits: $limits) {{ done {ERRORS} }} }}"
DEEDS = {
    "drain": (f"mutation Drain($system: String!) {{ drainSystem(system: $system) {{ done {ERRORS} }} }}", "is sent what is queued, and takes no more."),
    "go-on": (f"mutation Resume($system: String!) {{ resumeSystem(system: $system) {{ done {ERRORS} }} }}", "goes on."),
}
EXAMPLE = """quota: {requests_per_s: 5, concurrency: 4, requests_per_day: 20000, reserve: 0.2}
breaker: {failure_threshold: 70, minimum_requests: 10, error_timeout_s: 30}
windows:
  - {kind: maintenance, days: [sat], from: "22:00", to: "04:00", zone: Europe/Berlin, reason: patch day}
  - {kind: posting, days: [mon, tue, wed, thu, fri], from: "06:00", to: "20:00", zone: Europe/Berlin}
"""


async def shown(request: Request) -> Response:
    return await _page(request, await _standing(request))


async def _standing(request: Request) -> Any:
    return (await ask(request, STANDING, system=request.path_params["system"]))["systemStanding"]


async def _page(request: Request, standing: Any, typed: str | None = None, troubles: Any = ()) -> Response:
    source = await source_of(request)
    limits = yaml.safe_dump(standing["limits"], sort_keys=False, allow_unicode=True) if standing["limits"] else ""
    return render(
        request, "sources/sending.html", **titled(source, ("Sending", "")), tab="sending", source=source, standing=standing, troubles=troubles,
        limits=limits if typed is None else typed, example=EXAMPLE, may_change=person(request).may(*ADMINS), status=422 if troubles else 200,
    )  # fmt: skip


async def set_limits(request: Request) -> Response:
    """Store the document; what cannot be read is said beside what was typed."""
    name, typed = request.path_params["system"], await field(request, "limits")
    try:
        document = yaml.safe_load(typed) if typed.strip() else {}
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())[:200]
        return await _page(request, await _standing(request), typed, [Trouble("BAD_INPUT", f"this is not YAML: {said}", "limits", "Mend the line it names.")])
    try:
        await tell(request, LIMITS, system=name, limits=document)
    except AskError as error:
        return await _page(request, await _standing(request), typed, error.troubles)
    return redirect(request, f"/sources/{name}/sending", f"The limits of {name} are set.")


async def do(request: Request) -> Response:
    name, what = request.path_params["system"], request.url.path.rpartition("/")[2]
    document, said = DEEDS[what]
    await tell(request, document, system=name)
    return redirect(request, f"/sources/{name}/sending", f"{name} {said}")


PAGE = Page(
    "Sending", "",
    (
        Route("/sources/{system}/sending", shown),
        Route("/sources/{system}/sending", set_limits, methods=["POST"]),
        *(Route(f"/sources/{{system}}/sending/{what}", do, methods=["POST"], name=what) for what in DEEDS),
    ),
    section="systems", icon="plug", roles=OPERATORS,
)  # fmt: skip
