"""Add a system: connect, look at a sample, map fields, map codes, try, observe, write. Left at any step, resumed by anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, cast

import yaml
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import ADMINS, Page
from hub.console.pages.add_system_fields import as_typed, table_of, typed_draft
from hub.console.shell import Trouble, configuration, correlation_id, field, fields, form, part, person, redirect, render, shell, tell, tenant_id
from hub.core.onboarding import STEPS, variables_in
from hub.core.suggesting import suggest_code
from hub.errors import RequestError
from hub.flows import onboarding, onboarding_samples
from hub.flows.actions import By
from hub.flows.load_plan import CONNECTED
from hub.flows.onboarding_step import Place, Tools, look
from hub.flows.staging import CLASSES
from hub.store import onboarding as stored
from hub.store import sources
from hub.store.onboarding import Held
from schema import CODE_SETS, ENTITIES

TITLES = {
    "connect": "Connect", "profile": "Look", "fields": "Fields", "codes": "Codes", "try": "Try", "observe": "Observe", "write": "Write",
}  # fmt: skip
CONNECTORS = {
    "": "No connector: files and pushed records",
    "rest": "REST: a JSON API, described in the document",
    "files": "Files: a folder the system writes into",
    "sql": "SQL: a database that is only read",
    "singer": "Singer: a tap, run as a program",
    "airbyte": "Airbyte: a declarative manifest, or any source",
}
EXAMPLES = {
    "rest": "base_url: https://crm.example\nauth: {kind: bearer, token: \"${CRM_TOKEN}\"}\nresources:\n  account:\n    list: {path: v1/accounts, items: data}\n    paging: {kind: page, param: page, size_param: per_page, size: 100}\n    id: id\n",
    "files": "folder: /data/crm/in\nresources:\n  account: {pattern: \"accounts_*.csv\", id: [id]}\n",
    "sql": "url: postgresql://replica.example/crm\nuser: reader\npassword: \"${CRM_PASSWORD}\"\nzone: Europe/Berlin\nresources:\n  account: {table: sales.account, id: [id], watermark: updated_at}\n",
    "singer": "command: [tap-crm]\nconfig: {start_date: \"2026-01-01T00:00:00Z\", token: \"${CRM_TOKEN}\"}\nresources:\n  account: {stream: accounts}\n",
    "airbyte": "command: [source-declarative-manifest]\nmanifest_file: /etc/hub/crm.yaml\nconfig: {base_url: \"https://crm.example\", token: \"${CRM_TOKEN}\"}\nresources:\n  account: {stream: accounts}\n",
    "": "",
}  # fmt: skip
SET_MODE = """
mutation SetMode($system: String!, $entity: String!, $mode: String!) {
  setMode(system: $system, entity: $entity, mode: $mode) { done errors { code message field remedy } } }
"""
_UNDER_WAY: set[asyncio.Task[None]] = set()
"""Loads of this process; a task nobody holds may be collected."""


def place(request: Request, system: str = "") -> Place:
    """Which system, whose hub, who."""
    name = system or request.path_params["system"]
    return Place(shell(request).pool, tenant_id(request), name, By(person(request).actor, correlation_id(request)))


def tools(request: Request) -> Tools:
    return cast(Tools, request.app.state.tools)


async def begun(request: Request) -> Response:
    """What is under way, and the form to begin."""
    async with shell(request).pool.acquire() as connection:
        rows = await stored.every(connection, tenant_id(request))
    return render(request, "add_system/begin.html", title="Add a system", crumbs=(("Sources", "/sources"), ("Add a system", "")), rows=rows, kinds=CONNECTED, titles=TITLES)


async def begin(request: Request) -> Response:
    name = (await field(request, "system")).lower()
    await onboarding.begin(place(request, name or "?"), await field(request, "kind"))
    return redirect(request, f"/add-system/{name}")


async def go_on(request: Request) -> Response:
    """Where it was left. A connected system that nobody is changing begins anew, from its mapping."""
    at = place(request)
    try:
        held = await look(at)
    except RequestError:
        await onboarding.begin(at, "")
        held = await look(at)
    return redirect(request, f"/add-system/{at.system}/{held.step}")


async def show(request: Request) -> Response:
    name = request.path_params["step"]
    if name not in STEPS:
        raise RequestError("NOT_FOUND", f"there is no step {name[:40]!r}", remedy="Go on where it was left.")
    return await _page(request, name)


async def _page(request: Request, name: str, troubles: Sequence[RequestError] = (), **more: Any) -> Response:
    """One step, with what went wrong above it and everything kept."""
    at = place(request)
    held = await look(at)
    told = [Trouble(one.code, str(one), one.field, one.remedy) for one in troubles]
    data = await SHOWN[name](request, at, held)
    return render(
        request, f"add_system/{name}.html", status=422 if troubles else 200, title=f"Add {at.system}",
        crumbs=(("Sources", "/sources"), ("Add a system", "/add-system"), (at.system, "")), steps=STEPS, titles=TITLES, step=name, held=held,
        one=held.state, troubles=told, reached=STEPS.index(held.step), **data, **more,
    )  # fmt: skip


async def _attempted(request: Request, step: str, then: str, work: Any, toast: str = "") -> Response:
    """Do a step and go on; what the hub refuses is shown where it was typed."""
    try:
        said = await work
    except RequestError as error:
        return await _page(request, step, (error,))
    return redirect(request, f"/add-system/{request.path_params['system']}/{then}", said if isinstance(said, str) else toast)


# connect


async def _connect_data(request: Request, at: Place, held: Held) -> dict[str, Any]:
    known = await onboarding.held_variables(at, shell(request).settings)
    document = held.state.document
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True) if document else ""
    named = dict.fromkeys((*variables_in(document), *sorted(known)))
    vendors = tools(request).vendors
    connectors = {**CONNECTORS, **{name: f"{title}: comes with objects, mappings and codes" for name, (title, _) in vendors.items()}}
    examples = {**{name: _connection_of(example) for name, (_, example) in vendors.items()}, **EXAMPLES}
    return {"connectors": connectors, "examples": examples, "document": text, "variables": {name: name in known for name in named}}


def _connection_of(example: str) -> str:
    """What is typed here of the document a firm would write: name and connector were chosen."""
    return "".join(line for line in example.splitlines(keepends=True) if not line.startswith(("system:", "extends:")))


async def connect(request: Request) -> Response:
    """Keep the connection. Variables of the document without a value yet are asked for next."""
    data = await form(request)
    given = {name.removeprefix("var_"): value.strip() for name, value in data.items() if name.startswith("var_") and isinstance(value, str)}
    if await field(request, "new_name"):
        given[(await field(request, "new_name")).upper()] = await field(request, "new_value")
    connector, text = await field(request, "connector"), str(data.get("document") or "")

    async def work() -> str:
        resources = await onboarding.connect(place(request), shell(request).settings, tools(request), connector, text, given)
        return f"Connected: {', '.join(resources)}." if resources else "Kept. Send a file of its records next."

    try:
        said = await work()
    except RequestError as error:
        return await _page(request, "connect", (error,), typed={"connector": connector, "document": text, "missing": _missing(text, given)})
    return redirect(request, f"/add-system/{request.path_params['system']}/profile", said)


def _missing(text: str, given: Mapping[str, str]) -> list[str]:
    return [name for name in variables_in(text) if not given.get(name)]


# look


async def _profile_data(request: Request, at: Place, held: Held) -> dict[str, Any]:
    async with at.pool.acquire() as connection:
        return {"files": await stored.files(connection, at.tenant_id, at.system)}


async def send_file(request: Request) -> Response:
    """Keep a file of records; its columns are placed by suggestion."""
    given = (await form(request)).get("file")
    object_ = await field(request, "object")

    async def work() -> str:
        if not isinstance(given, UploadFile) or not given.filename:
            raise RequestError("BAD_FILE", "no file was chosen", field="file", remedy="Choose a CSV or NDJSON file.")
        content = await given.read(onboarding_samples.LARGEST_FILE_BYTES + 1)
        draft = await onboarding_samples.take_file(place(request), tools(request), object_ or given.filename.partition(".")[0], given.filename, content)
        return f"{given.filename}: {len(draft.columns)} columns." if draft.columns else f"{given.filename} is kept."

    return await _attempted(request, "profile", "profile", work())


async def fetch(request: Request) -> Response:
    """Ask the system for some records of everything it has."""

    async def work() -> str:
        found = await onboarding_samples.fetch_samples(place(request), tools(request))
        return "Fetched " + ", ".join(f"{count} {name}" for name, count in found.items()) + "."

    return await _attempted(request, "profile", "profile", work())


async def figures(request: Request) -> Response:
    """Fill rates and frequent values of one object's sample, as they are ready."""
    try:
        found = await onboarding_samples.profiled(place(request), tools(request), request.path_params["object"])
    except RequestError as error:
        return part(request, "add_system/profile.html", "figures", parts=[], bad=[], bad_lines=0, problem=str(error))
    return part(
        request, "add_system/profile.html", "figures", parts=[each.as_json() for each in found.figures], bad=found.bad, bad_lines=found.bad_lines, problem=""
    )


# fields


async def _fields_data(request: Request, at: Place, held: Held) -> dict[str, Any]:
    """Each object's table: columns with samples, the field they are, how their values are spelt."""
    config = await configuration(request)
    shown: dict[str, dict[str, Any]] = {}
    for file in await onboarding_samples.files(at):
        draft = held.state.objects.get(file.object)
        if draft is not None:
            columns = await asyncio.to_thread(onboarding_samples.columns_of, file, tools(request).read)
            shown[file.object] = table_of(draft, columns, held.state)
    for draft in held.state.objects.values():
        shown.setdefault(draft.object, table_of(draft, {}, held.state))
    return {"objects": shown, "entities": [name for name in ENTITIES], "extensions": config.extensions, "options_of": as_typed}


async def put_entity(request: Request) -> Response:
    """Say what an object's records are; its columns are placed anew."""
    object_, entity = await field(request, "object"), await field(request, "entity")

    async def work() -> str:
        if entity not in ENTITIES:
            raise RequestError("INVALID_VALUE", "choose what the records are", field="entity", remedy="Choose one of the list.")
        await onboarding.place_again(place(request), tools(request), object_, entity)
        return f"{object_}: columns are placed by suggestion."

    return await _attempted(request, "fields", "fields", work())


async def put_fields(request: Request) -> Response:
    """Keep one object's table, or its mapping written by hand."""
    at, object_ = place(request), await field(request, "object")
    held = await look(at)
    former = held.state.objects.get(object_)
    if former is None:
        raise RequestError("NOT_FOUND", f"there is no object {object_[:60]!r}", remedy="Send a file of it first.")

    async def work() -> str:
        draft = await typed_draft(request, former)
        await onboarding.put_fields(at, draft)
        left = len(draft.undecided)
        return f"{object_} is mapped" + (f"; {left} columns are undecided and will be reported." if left else ".")

    return await _attempted(request, "fields", "codes" if await field(request, "then") == "codes" else "fields", work())


# codes


async def _codes_data(request: Request, at: Place, held: Held) -> dict[str, Any]:
    """Every code nobody has mapped, with what it probably means; and those that are mapped here."""
    try:
        open_ones = await onboarding.unmapped_codes(at, tools(request))
        problem = ""
    except RequestError as error:
        open_ones, problem = [], f"{error}. {error.remedy}"
    rows = []
    for each in open_ones:
        ours, likeness = suggest_code(each["theirs"], CODE_SETS[each["set"]])
        rows.append(each | {"suggestion": ours, "likeness": round(100 * likeness), "codes": CODE_SETS[each["set"]]})
    return {"rows": rows, "problem": problem, "sets": CODE_SETS}


async def put_codes(request: Request) -> Response:
    """Keep what codes mean: those chosen, or every suggestion that is likely enough."""
    at = place(request)
    if await field(request, "how") == "suggested":
        held = await look(at)
        rows = (await _codes_data(request, at, held))["rows"]
        pairs = [(row["set"], row["theirs"], row["suggestion"]) for row in rows if row["suggestion"] and row["likeness"] >= 80]
    else:
        pairs = list(zip(await fields(request, "set"), await fields(request, "theirs"), await fields(request, "ours"), strict=True))

    async def work() -> str:
        return f"{await onboarding.put_codes(at, pairs)} codes are mapped."

    return await _attempted(request, "codes", "codes", work())


# try


async def _try_data(request: Request, at: Place, held: Held) -> dict[str, Any]:
    return {"trial": held.state.trial, "classes": CLASSES}


async def try_out(request: Request) -> Response:
    """Run the samples through everything; nothing is stored."""

    async def work() -> str:
        trial = await onboarding.try_out(place(request), tools(request))
        return f"{trial.records:,} records tried in {trial.seconds:.1f} s; nothing was stored."

    return await _attempted(request, "try", "try", work())


# observe and write


async def _observe_data(request: Request, at: Place, held: Held) -> dict[str, Any]:
    return {"trial": held.state.trial}


async def observe(request: Request) -> Response:
    """Let the system in, and load its files in the background."""
    at = place(request)
    try:
        objects = await onboarding.observe(at, shell(request).settings, tools(request))
    except RequestError as error:
        return await _page(request, "observe", (error,))
    _load(request, at, objects)
    return redirect(request, f"/add-system/{at.system}/write", f"{at.system} is let in.")


def _load(request: Request, at: Place, objects: Sequence[str]) -> None:
    if objects:
        task = asyncio.create_task(onboarding.load_files(at, tools(request), objects))
        _UNDER_WAY.add(task)
        task.add_done_callback(_UNDER_WAY.discard)


async def load_again(request: Request) -> Response:
    """Load files again; what is there already is not loaded twice."""
    at = place(request)
    held = await look(at)
    _load(request, at, [draft.object for draft in held.state.in_order() if draft.object in held.state.loads])
    return redirect(request, f"/add-system/{at.system}/write", "The files are loaded again; they go on where they stopped.")


async def _write_data(request: Request, at: Place, held: Held) -> dict[str, Any]:
    async with at.pool.acquire() as connection:
        source = (await sources.read(connection, at.tenant_id, at.system)).get(at.system)
        entities = held.state.entities()
        told = {name: await sources.consequences(connection, at.tenant_id, at.system, name, None, "write", 3) for name in entities} if source else {}
    modes = {each["entity"]: each["mode"] for each in source.modes if each["field_group"] == "*"} if source else {}
    return {
        "source": source, "told": told, "modes": {name: modes.get(name, modes.get("*", "observe")) for name in entities},
        "is_loading": any(load["state"] in ("waiting", "loading") for load in held.state.loads.values()),
    }  # fmt: skip


async def loading(request: Request) -> Response:
    """How far the files are; asked for again and again while they load."""
    at = place(request)
    held = await look(at)
    data = await _write_data(request, at, held)
    answer = part(request, "add_system/write.html", "loads", one=held.state, **data)
    if not data["is_loading"]:
        answer.headers["hx-refresh"] = "true"  # what comes next is offered by the rest of the page
    return answer


async def end_first_load(request: Request) -> Response:
    at = place(request)

    async def work() -> str:
        writes = await onboarding.end_first_load(at, shell(request).settings, shell(request).new_id)
        return "What it would be sent is planned now; nothing is sent." if writes else f"{at.system} is complete. It only tells: nothing can be written to it."

    return await _attempted(request, "write", "write", work())


async def write(request: Request) -> Response:
    """Set one entity's mode, having seen what that sends."""
    at, entity, mode = place(request), await field(request, "entity"), await field(request, "mode")

    async def work() -> str:
        await tell(request, SET_MODE, system=at.system, entity=entity, mode=mode)
        return f"{entity.replace('_', ' ')}: {mode}."

    return await _attempted(request, "write", "write", work())


async def finish(request: Request) -> Response:
    at = place(request)
    await onboarding.finish(at)
    return redirect(request, f"/sources/{at.system}", f"{at.system} is added. The samples are forgotten.")


async def forget(request: Request) -> Response:
    """Leave it for good; what is connected stays connected."""
    at = place(request)
    await onboarding.finish(at)
    return redirect(request, "/add-system", f"Adding {at.system} is given up.")


SHOWN: Mapping[str, Any] = {
    "connect": _connect_data, "profile": _profile_data, "fields": _fields_data, "codes": _codes_data, "try": _try_data, "observe": _observe_data,
    "write": _write_data,
}  # fmt: skip
"""Step → what its page shows."""

_AT = "/add-system/{system}"
PAGE = Page(
    "Add a system",
    "/add-system",
    (
        Route("/add-system", begun),
        Route("/add-system", begin, methods=["POST"]),
        Route(_AT, go_on),
        Route(f"{_AT}/forget", forget, methods=["POST"]),
        Route(f"{_AT}/connect", connect, methods=["POST"]),
        Route(f"{_AT}/file", send_file, methods=["POST"]),
        Route(f"{_AT}/fetch", fetch, methods=["POST"]),
        Route(f"{_AT}/figures/{{object}}", figures),
        Route(f"{_AT}/entity", put_entity, methods=["POST"]),
        Route(f"{_AT}/fields", put_fields, methods=["POST"]),
        Route(f"{_AT}/codes", put_codes, methods=["POST"]),
        Route(f"{_AT}/try", try_out, methods=["POST"]),
        Route(f"{_AT}/observe", observe, methods=["POST"]),
        Route(f"{_AT}/load", load_again, methods=["POST"]),
        Route(f"{_AT}/loads", loading),
        Route(f"{_AT}/loaded", end_first_load, methods=["POST"]),
        Route(f"{_AT}/write", write, methods=["POST"]),
        Route(f"{_AT}/finish", finish, methods=["POST"]),
        Route(f"{_AT}/{{step}}", show),
    ),
    section="systems",
    icon="plus",
    roles=ADMINS,
)
