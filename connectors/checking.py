"""Whether a connected system can be used as its document says: signed in to, read, mapped, and asked for one record; told in words.

Nothing is written: what would be written is made and shown by its fields.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from connectors.errors import ConnectorError, CredentialsError, RateLimitedError, RejectedError
from connectors.port import Capabilities, Connector, Incoming, Write
from connectors.wire import parse_json
from schema.code_maps import CodeMaps
from schema.mapped import MappedPart, UnwritableError
from schema.mapping import Mapping as SystemMapping
from schema.mapping import unbound

State = Literal["good", "look", "bad"]
PATIENCE_S = 30.0
"""How long one question may take."""
NAMED = 8
"""Names shown of a list; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried. ``look``: usable, but a person should know."""

    about: str
    state: State
    says: str
    remedy: str = ""


async def findings(connector: Connector, mappings: Sequence[SystemMapping], codes: CodeMaps) -> AsyncIterator[Finding]:
    """Try everything, telling each finding when it is known; wrong credentials end it."""
    able = connector.capabilities
    if not able.resources:
        yield Finding("read", "look", "Nothing can be read from it.", "Name its resources in the document, or send its records to the hub.")
    signed_in = False
    for resource in able.resources:
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_S):
                page = await connector.poll(resource, "")
        except CredentialsError as error:
            yield Finding("sign in", "bad", f"{error}.", "Give it credentials that hold, and see what they may do there.")
            return
        except TimeoutError:
            yield Finding(f"read {resource}", "bad", f"No answer within {PATIENCE_S:.0f} s.", "See its address, and whether it can be reached from here.")
            continue
        except ConnectorError as error:
            yield _refused(f"read {resource}", error)
            continue
        if not signed_in:
            signed_in = True
            yield Finding("sign in", "good", "It accepts our credentials.")
        some = [one for one in page.messages if one.body and not one.is_delete]
        more = f" of {page.total:,}" if page.total is not None else " and more" if page.has_more else ""
        yield Finding(f"read {resource}", "good" if some else "look", f"{len(page.messages)} records{more} in {time.monotonic() - began:.1f} s.")
        if some:
            async for one in _read(connector, some, mappings, codes):
                yield one
    if not mappings:
        yield Finding("map", "look", "Nothing is mapped yet: what it tells is kept, and becomes no record.", "Say what its records are.")
    for object_ in sorted(able.objects):
        if able.of(object_).can_create:
            yield await _look_up(connector, object_, mappings)
    yield _limits(able)


async def _read(connector: Connector, some: Sequence[Incoming], mappings: Sequence[SystemMapping], codes: CodeMaps) -> AsyncIterator[Finding]:
    object_ = some[0].object
    its = [one for one in mappings if one.object == object_]
    if not its and not mappings:
        return
    if not its:
        yield Finding(f"map {object_}", "look", "No mapping reads it: it is kept, and becomes no record.", "Map it, or leave it out of the document.")
        return
    records = [parse_json(one.body) for one in some]
    parts = [(one, part) for record in records for one in its for part in one.read(record, codes)]
    yield _mapped(object_, len(records), [part for _, part in parts], sorted({key for record in records for key in unbound(its, record)}))
    yield await _one_record(connector, some[0])
    writers = [one for one in its if one.fields_out]
    if writers and connector.capabilities.of(object_).can_update:
        yield _written(object_, writers[0], [part for one, part in parts if one is writers[0]], codes)


def _mapped(object_: str, count: int, parts: Sequence[MappedPart], unmapped: Sequence[str]) -> Finding:
    problems = Counter(f"{problem.path}: {problem.reason}" for part in parts for problem in part.problems)
    raw = {f"{part.entity}.{name}: {code.text!r}" for part in parts for name, code in part.raw.items()}
    says = f"{count} records become {len(parts)} of {', '.join(sorted({part.entity for part in parts})) or 'nothing'}."
    if problems:
        return Finding(f"map {object_}", "bad", f"{says} Not readable: {_some(f'{what} ({times} times)' for what, times in problems.most_common())}.", "Mend the lines of the mapping.")
    if raw:
        return Finding(f"map {object_}", "look", f"{says} Codes without a meaning here: {_some(sorted(raw))}.", "Map them under code_maps.")
    if unmapped:
        return Finding(f"map {object_}", "look", f"{says} Not mapped: {_some(unmapped)}.", "Map them, or list them under ignored.")
    return Finding(f"map {object_}", "good", says)


async def _one_record(connector: Connector, one: Incoming) -> Finding:
    about = f"read one {one.object}"
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await connector.fetch(one.object, one.external_id)
    except TimeoutError:
        return Finding(about, "bad", f"No answer within {PATIENCE_S:.0f} s.")
    except ConnectorError as error:
        return _refused(about, error)
    if found is None:
        return Finding(about, "look", "A record that was just listed is not found by its id.", "See what the credentials may read, and the path of one record.")
    return Finding(about, "good", "A record is found by its id.")


def _written(object_: str, mapping: SystemMapping, parts: Iterable[MappedPart], codes: CodeMaps) -> Finding:
    """What a record that was read would be written back as."""
    about = f"write {object_}"
    part = max(parts, key=lambda one: len(one.values), default=None)
    if part is None:
        return Finding(about, "look", "No record to try it with.")
    try:
        body = mapping.write(part.values, codes)
    except UnwritableError as error:
        return Finding(about, "look", f"{error}.", "Map what it cannot be told for writing too, or say `mode: read`.")
    return Finding(about, "good", f"Would send {_some(sorted(body))}. Nothing was sent." if body else "Nothing of it is ours to write.")


async def _look_up(connector: Connector, object_: str, mappings: Sequence[SystemMapping]) -> Finding:
    """Whether a write whose answer was lost could be found again: asked for a key nobody has."""
    about, able = f"find {object_} by our key", connector.capabilities.of(object_)
    if not able.keeps_our_key:
        natural = next((one.natural_key for one in mappings if one.object == object_ and one.natural_key), ())
        if natural:
            return Finding(about, "look", f"It has no field for our key: after a lost answer a record is looked for by {', '.join(natural)}.")
        return Finding(about, "bad", "It has no field for our key, and no natural key is declared: a lost answer could make a second record.", "Declare natural_key in its mapping.")
    entity = next((one.entity for one in mappings if one.object == object_), object_)
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await connector.look_up(Write(f"check-{uuid4()}", "create", object_, entity, None, {}))
    except TimeoutError:
        return Finding(about, "bad", f"No answer within {PATIENCE_S:.0f} s.")
    except ConnectorError as error:
        return _refused(about, error)
    if found is not None:
        return Finding(about, "bad", "It finds a record for a key nobody has: it does not filter by it.", "See that the field of our key is there and can be filtered by.")
    return Finding(about, "good", "A key nobody has finds nothing." + (" The field is unique." if able.has_unique_external_id else " The field is not unique there."))


def _limits(able: Capabilities) -> Finding:
    parts = [f"{able.requests_per_s:g} requests a second"] if able.requests_per_s else []
    parts += [f"{able.requests_per_day:,} a day"] if able.requests_per_day else []
    parts += [f"{able.concurrency} at once", f"pages of {able.page_size}"]
    parts += [f"{able.bulk_size} writes in a request"] if able.bulk_size > 1 else []
    return Finding("limits", "good", f"It is asked {', '.join(parts)}.")


def _refused(about: str, error: ConnectorError) -> Finding:
    if isinstance(error, RateLimitedError):
        return Finding(about, "look", f"{error}.", f"Try again in {error.retry_after_s:.0f} s, or ask less with limits.")
    remedy = error.remedy if isinstance(error, RejectedError) else ""
    return Finding(about, "bad", f"{error}.", remedy or "See the document, and what the credentials may do there.")


def _some(names: Iterable[Any]) -> str:
    """The first of a list, and how many more.

    >>> _some(["a", "b"]), _some("abcdefghij")
    ('a, b', 'a, b, c, d, e, f, g, h and 2 more')
    """
    listed = [str(one) for one in names]
    more = len(listed) - NAMED
    return ", ".join(listed[:NAMED]) + (f" and {more} more" if more > 0 else "")
