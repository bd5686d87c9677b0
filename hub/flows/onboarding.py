"""Add a system step by step: connect, look at a sample, map fields, map codes, try, observe, write.

Every step can be left and resumed, by whoever comes next; nothing of the firm's changes before *observe*. What is kept is kept by
the flows that do it otherwise: :mod:`hub.flows.connect`, :mod:`hub.flows.load`, :mod:`hub.flows.subscriptions`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import yaml

from connectors.errors import ConfigurationError
from connectors.port import Incoming
from hub.core.onboarding import Draft, Onboarding, checked, placed, unmapped, variables_in
from hub.errors import RequestError
from hub.flows import connect as connecting
from hub.flows import load_setup, staging, subscriptions
from hub.flows.load import Read, load
from hub.flows.load_plan import CONNECTED, FilePlan
from hub.flows.load_progress import Progress
from hub.flows.load_report import Loaded, refusal_of
from hub.flows.onboarding_samples import columns_of, files, on_disk, records_of
from hub.flows.onboarding_step import Place, Tools, look, step
from hub.settings import Settings
from hub.store import configuration, loads, onboarding, sources
from hub.store.inbox import NewMessage
from hub.store.onboarding import File
from hub.store.statements import Connection
from hub.telemetry import logger
from schema import CODE_SETS, ENTITIES
from schema.code_maps import CodeEntry, CodeMaps
from schema.mapping_lines import MappingError
from schema.systems import SystemKind

log = logger("hub.flows.onboarding")


# connect


async def begin(at: Place, kind: str) -> None:
    """Begin to add a system, or to change how a connected one is mapped. Beginning again goes on where it was left."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", at.system) or at.system in ("hub", "portal", "steward"):
        raise RequestError("INVALID_VALUE", f"{at.system[:60]!r} cannot name a system", field="system", remedy="Use small letters, digits and _.")
    async with at.pool.acquire() as connection, connection.transaction():
        known = (await sources.read(connection, at.tenant_id, at.system)).get(at.system)
        kind = known.kind if known else kind
        if kind not in CONNECTED:
            raise RequestError("INVALID_VALUE", f"{kind!r} is no kind of system", field="kind", remedy="Choose one of: " + ", ".join(CONNECTED))
        one = Onboarding(at.system, kind)
        if known:
            one.connector = known.connector
            one.document = await sources.config(connection, at.tenant_id, at.system)
            one.objects = _drafts(await loads.newest_mapping(connection, at.tenant_id, at.system))
        await onboarding.begin(connection, at.tenant_id, one, at.by.actor)


def _drafts(document: Mapping[str, Any]) -> dict[str, Draft]:
    """What a connected system's mapping says, to be changed by hand."""
    found: dict[str, Draft] = {}
    for one in document.get("mappings", [document] if document else []):
        name = str(one.get("object") or one.get("entity"))
        draft = found.setdefault(name, Draft(name, str(one.get("entity")), by_hand={"mappings": []}))
        assert draft.by_hand is not None
        draft.by_hand["mappings"].append({key: value for key, value in one.items() if key != "object"})
    return found


async def connect(at: Place, settings: Settings, tools: Tools, connector: str, text: str, variables: Mapping[str, str]) -> tuple[str, ...]:
    """Store how a system is reached; answers what its connector can be asked for. Nothing is polled yet.

    A variable that is left empty keeps its value; none is ever shown. Raises :class:`RequestError` that names the key.
    """
    document = _document(text)
    connector = str(document.pop("extends", connector))
    async with step(at, "profile" if connector else "connect") as now:
        tx, one = now.tx, now.one
        known = await _variables(tx, at, settings)
        told = known | {name: value for name, value in variables.items() if value}
        try:
            given = _whole(tools, {**document, "system": at.system, "kind": one.kind, "loading": True}, connector)
            resources = tools.resources_of(given, told)
            unmapped = {key: value for key, value in given.items() if key != "mappings"}
            await connecting.connect(tx, at.tenant_id, unmapped, told, settings.need("secret_key"))
        except (ConfigurationError, MappingError, ValueError, TypeError, AttributeError, KeyError) as error:
            if isinstance(error, RequestError):
                raise
            missing = [name for name in variables_in(document) if name not in told]
            remedy = f"Give {', '.join(missing)} a value." if missing else "Mend the document."
            raise RequestError("BAD_CONNECTION", str(error), field="document", remedy=remedy) from error
        one.connector, one.document = connector, document
        for name, draft in _drafts(given).items() if connector in tools.vendors else ():
            one.objects.setdefault(name, draft)
    return resources


def _whole(tools: Tools, document: Mapping[str, Any], connector: str) -> dict[str, Any]:
    """The document with its connector; a vendor's with the objects, mappings and codes that come with it."""
    if connector in tools.vendors:
        return dict(tools.extended({**document, "extends": connector}))
    return {**document, **({"connector": connector} if connector else {})}


def _document(text: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text) if text.strip() else {}
        found = json.loads(json.dumps(found, default=str))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise RequestError("BAD_CONNECTION", f"this is not YAML: {' '.join(str(error).split())[:200]}", field="document", remedy="Mend the line it names.") from error
    if not isinstance(found, dict):
        raise RequestError("BAD_CONNECTION", "expected a table of keys and values", field="document", remedy="Write key: value, a line each.")
    return {key: value for key, value in found.items() if key not in ("system", "kind", "connector", "mappings", "code_maps", "loading")}


async def _variables(tx: Connection, at: Place, settings: Settings) -> dict[str, str]:
    """The secrets that are kept already; they are sealed again beside new ones and go nowhere else."""
    sealed = await tx.fetchval("SELECT secrets FROM hub.system WHERE tenant_id = $1 AND name = $2", at.tenant_id, at.system)
    return connecting.opened_variables(settings.need("secret_key"), sealed, at.tenant_id, at.system)


async def held_variables(at: Place, settings: Settings) -> frozenset[str]:
    """The names of the secrets that are kept, never their values."""
    async with at.pool.acquire() as connection:
        return frozenset(await _variables(connection, at, settings))


# fields and codes


async def put_fields(at: Place, draft: Draft) -> None:
    """Keep what a person says of one object, also what is not right yet; then raises :class:`RequestError` that names it."""
    if draft.entity not in ENTITIES:
        raise RequestError("INVALID_VALUE", f"there is no entity {draft.entity!r}", field="entity", remedy="Choose one of the list.")
    problem: MappingError | None = None
    async with step(at, "fields") as now:
        now.one.objects[draft.object] = draft
        now.one.trial = None
        try:
            checked(now.one)
            now.reaches = "codes"
        except MappingError as error:
            problem = error
    if problem is not None:
        raise RequestError("BAD_MAPPING", str(problem), field=draft.object, remedy="Mend this line; everything is kept as you typed it.") from problem


async def place_again(at: Place, tools: Tools, object_: str, entity: str) -> None:
    """Another entity for an object: what was placed for the former one is suggested anew."""
    async with at.pool.acquire() as connection:
        file = await onboarding.file(connection, at.tenant_id, at.system, object_)
    columns = await asyncio.to_thread(columns_of, file, tools.read) if file else {}
    async with step(at, "fields") as now:
        one = now.one
        draft = one.objects[object_] = Draft(object_, entity)
        placed(draft, columns, one.objects.values())
        one.trial = None


async def unmapped_codes(at: Place, tools: Tools) -> list[dict[str, Any]]:
    """Codes of the samples that nobody has mapped: set, theirs, count, and whether the set is open; most frequent first."""
    one = (await look(at)).state
    try:
        mappings = checked(one)
    except MappingError as error:
        raise RequestError("BAD_MAPPING", str(error), remedy="Go back to the fields.") from error
    async with at.pool.acquire() as connection:
        held = await _codes(connection, at)
    codes = CodeMaps([*held, *one.code_entries({entry.set for entry in held})], configuration.is_canonical)
    records = [(file.object, record) for file in await files(at) for record in await asyncio.to_thread(records_of, file, tools.read, staging.MOST_RECORDS)]
    return unmapped(mappings, records, codes)


async def _codes(tx: Connection, at: Place) -> list[CodeEntry]:
    """What is known of the system's codes already."""
    rows = await configuration.SQL["code_maps"].fetch(tx, tenant=at.tenant_id)
    return [CodeEntry(*row) for row in rows if row["system"] == at.system]


async def put_codes(at: Place, pairs: Iterable[tuple[str, str, str]]) -> int:
    """Keep what codes mean, (set, theirs, ours) each; an empty ``ours`` leaves it open. Raises for what is no code of ours."""
    async with step(at, "try") as now:
        one = now.one
        count = 0
        for name, theirs, ours in pairs:
            if not ours:
                one.codes.get(name, {}).pop(theirs, None)
                continue
            if name not in CODE_SETS or not CODE_SETS[name].allows(ours):
                raise RequestError("INVALID_VALUE", f"{ours!r} is not a value of {name}", field=f"{name} {theirs}", remedy="Choose one of the set's values.")
            one.codes.setdefault(name, {})[theirs] = ours
            count += 1
        one.trial = None
    return count


# try


async def try_out(at: Place, tools: Tools) -> staging.Trial:
    """Run the samples through everything and store nothing but what was seen."""
    one = (await look(at)).state
    try:
        mappings = checked(one)
    except MappingError as error:
        raise RequestError("BAD_MAPPING", str(error), remedy="Go back to the fields.") from error
    if not mappings:
        raise RequestError("NOTHING_MAPPED", "no object is mapped yet", remedy="Say what the records are, and map their fields.")
    samples = {file.object: file for file in await files(at)}
    messages: list[NewMessage] = []
    aside: list[tuple[NewMessage, str]] = []
    for draft in one.in_order():
        if draft.object in samples:
            mapping = next(each for each in mappings if each.object == draft.object)
            read = await asyncio.to_thread(_messages, at.system, samples[draft.object], mapping.record_id, tools.read)
            messages += [message for message, reason in read if not reason]
            aside += [(message, reason) for message, reason in read if reason]
    if not messages and not aside:
        raise RequestError("NOTHING_THERE", "there are no records to try", remedy="Send a file, or fetch a sample.")

    async def prepare(tx: Connection) -> None:
        await _configure(tx, at, one)

    trial = await staging.try_out(at.pool, at.tenant_id, prepare, messages, [(one, refusal_of(one, reason)) for one, reason in aside])
    async with step(at, "observe") as now:
        now.one.trial = trial.as_json() | {"at": datetime.now(UTC).isoformat(), "by": at.by.actor}
    return trial


def _messages(system: str, file: File, identify: Callable[[Mapping[str, Any]], str | None], read: Read) -> list[tuple[NewMessage, str]]:
    """The file's records as messages; of a line that is no record also why."""
    run, found = uuid4(), list[tuple[NewMessage, str]]()
    one: Any
    with on_disk(file) as path:
        for one, _ in read(path, file.object, identify, file.dialect):
            is_record = isinstance(one, Incoming)
            number = one.line if is_record else one.number
            name, body = (one.external_id, one.body or b"null") if is_record else (f"line {number}", one.raw)
            message = NewMessage(system, file.object, name, body, f"{run}:{file.object}:{number}", f"{file.name} line {number}")
            found.append((message, "" if is_record else one.reason))
            if len(found) >= staging.MOST_RECORDS:
                break
    return found


async def _configure(tx: Connection, at: Place, one: Onboarding) -> None:
    """The mappings, beside those of objects that are not touched here, and the codes."""
    ours = one.mappings()
    newest = await loads.newest_mapping(tx, at.tenant_id, at.system)
    merged = load_setup.merge(newest, ours, frozenset(one.objects))
    if merged != newest:
        await configuration.put_mapping(tx, at.tenant_id, at.system, merged)
    mapped = {entry.set for entry in await _codes(tx, at)}
    if entries := one.code_entries(mapped):
        await configuration.put_codes(tx, at.tenant_id, entries)


# observe and write


async def observe(at: Place, settings: Settings, tools: Tools) -> tuple[str, ...]:
    """Let the system in: its mapping and codes hold from now on, what it has is polled; answers the objects whose file is to be loaded.

    Nothing is written to it: it has no mode but observe, and while its first load runs nothing is even planned for it.
    """
    async with step(at, "write") as now:
        tx, one = now.tx, now.one
        if one.trial is None:
            raise RequestError("NOT_TRIED", "nobody has tried this mapping", remedy="Try it first: it takes some seconds and changes nothing.")
        await _configure(tx, at, one)
        for resource in await _resources(tx, at, settings, tools, one):
            await tx.execute(
                "INSERT INTO hub.checkpoint (tenant_id, system, resource) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", at.tenant_id, at.system, resource
            )
        rows = await onboarding.files(tx, at.tenant_id, at.system)
        waiting = tuple(draft.object for draft in one.in_order() for row in rows if row["object"] == draft.object and not row["is_sample"])
        for object_ in waiting:
            one.loads[object_] = {"state": "waiting"}
    return waiting


async def _resources(tx: Connection, at: Place, settings: Settings, tools: Tools, one: Onboarding) -> tuple[str, ...]:
    if not one.connector:
        return ()
    known = await _variables(tx, at, settings)
    return tools.resources_of(_whole(tools, {**one.document, "system": at.system, "kind": one.kind}, one.connector), known)


async def load_files(at: Place, tools: Tools, objects: Sequence[str]) -> None:
    """Load the files of these objects, parents first, saying how far it is. What was loaded before is not loaded twice."""
    one = (await look(at)).state
    mappings = checked(one)
    for object_ in objects:
        async with at.pool.acquire() as connection:
            file = await onboarding.file(connection, at.tenant_id, at.system, object_)
        if file is None or file.is_sample:
            continue
        several = tuple(each for each in mappings if each.object == object_)
        plan = FilePlan(
            (object_,), {object_: several}, {"mappings": one.objects[object_].mappings()}, at.system,
            kinds={at.system: SystemKind(one.kind)}, dialect=file.dialect,
        )  # fmt: skip
        await _note(at, object_, {"state": "loading"})
        try:
            with on_disk(file) as path:
                done: Loaded = await load(at.pool, at.tenant_id, plan, path, tools.read, Progress(), name=file.name)
        except RequestError as error:
            await _note(at, object_, {"state": "failed", "reason": str(error), "remedy": error.remedy})
            return
        except Exception as error:
            log.error("onboarding_load_failed", system=at.system, object=object_, exc_info=error)
            await _note(at, object_, {"state": "failed", "reason": f"it broke off ({type(error).__name__})", "remedy": "Load it again: it goes on where it stopped."})
            raise
        await _note(at, object_, {"state": "done", **done.as_json(), "problems": done.problems})


async def _note(at: Place, object_: str, told: Mapping[str, Any]) -> None:
    async with at.pool.acquire() as connection, connection.transaction():
        await onboarding.note_load(connection, at.tenant_id, at.system, object_, told)


async def end_first_load(at: Place, settings: Settings, new_id: Callable[[], UUID]) -> bool:
    """The system has told what it has: from now on it is compared with what stands, and what it would be sent is planned.

    Answers whether it can be written to at all. Its mode stays what it is: observe, unless somebody has set another.
    """
    async with step(at, "write") as now:
        tx, one = now.tx, now.one
        await tx.execute("UPDATE hub.system SET loading = false WHERE tenant_id = $1 AND name = $2", at.tenant_id, at.system)
        await configuration.bump(tx, at.tenant_id)
        writes = any(each.fields_out for each in checked(one)) and bool(one.connector)
        has = await tx.fetchval("SELECT true FROM hub.subscription WHERE tenant_id = $1 AND system = $2 AND kind = 'connector'", at.tenant_id, at.system)
        entities = list(one.entities())
    if writes and not has:
        await subscriptions.create_subscription(
            at.pool, settings, at.tenant_id, subscription_id=new_id(), name=at.system, kind="connector", system=at.system,
            filter={"entities": entities}, with_snapshot=True, created_by=at.by.actor,
        )  # fmt: skip
    return writes


async def finish(at: Place) -> None:
    """Forget the wizard and its files; the system stays connected."""
    async with at.pool.acquire() as connection, connection.transaction():
        await onboarding.end(connection, at.tenant_id, at.system)
