"""The first stage of a first load: lines become contributions, normal forms and keys, in processes beside the loader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import orjson
import pyarrow as pa

from hub.core.configuration import Configuration
from hub.core.fold import fold
from hub.core.match.forms import Form, normal_form
from hub.core.match.keys import blocking_keys
from hub.core.match.model import Model
from hub.core.match.spec import Spec
from hub.core.reading import Read, read_message
from hub.core.records import Contribution, Message
from hub.match import sql
from hub.match.engine import tables_of

SEPARATOR = "\x1f"
CONTRIBUTIONS = pa.schema(
    [("id", pa.int32()), ("system", pa.string()), ("object", pa.string()), ("external_id", pa.string()), ("part", pa.string()),
     ("body", pa.binary()), ("form", pa.binary()), ("blocked", pa.list_(pa.int64())), ("links", pa.list_(pa.string()))]
)  # fmt: skip
"""``body``: what it says, ``form``: its normal form, both as JSON; ``blocked``: its blocking keys; ``links``: records it names as itself."""


class Line(NamedTuple):
    """A record of the file, verbatim."""

    number: int
    system: str
    object: str
    external_id: str
    body: bytes


@dataclass(frozen=True)
class Ground:
    """What all chunks of a load have in common."""

    config: Configuration
    entity: str
    model: Model
    at: datetime


class ReadChunk(NamedTuple):
    """A chunk read; ids count from 0. ``refused`` are (line, reason) of what no contribution came from."""

    contributions: pa.Table
    forms: pa.Table
    keys: pa.Table
    refused: list[tuple[int, str]]


def contributions_of(ground: Ground, lines: Sequence[Line]) -> tuple[list[Contribution], list[tuple[int, str]]]:
    """What the lines contribute to the entity, and the lines that contribute nothing with the reason."""
    found: list[Contribution] = []
    refused: list[tuple[int, str]] = []
    ranks = ground.config.ranks
    for line in lines:
        read = Read()
        message = Message(line.number, line.system, line.object, line.external_id, line.body, False, "", ground.at, "", "file", "first load", True)
        read_message(message, ground.config, read)
        kind, rank = ranks[line.system]
        mine = [one for one in read.readings if one.key.entity == ground.entity]
        found += (fold(None, one, kind, rank).contribution for one in mine)
        if not mine:
            refused.append((line.number, read.refusals[0].reason if read.refusals else f"it says nothing of {ground.entity}"))
    return found, refused


def form_of(ground: Ground, spec: Spec, one: Contribution) -> Form:
    """The normal form of a contribution; generic values are no evidence."""
    values = ground.config.generic.without(ground.entity, one.values)
    return normal_form(spec, values, None, one.key.system)


def forms_of_lines(ground: Ground, lines: Sequence[Line]) -> list[Form]:
    """In a process beside: the normal forms of a sample."""
    return [form_of(ground, ground.model.spec, one) for one in contributions_of(ground, lines)[0]]


def read_chunk(ground: Ground, lines: Sequence[Line]) -> ReadChunk:
    """In a process beside: read, normalise, and find the keys of a chunk."""
    spec = ground.model.spec
    contributions, refused = contributions_of(ground, lines)
    forms = [form_of(ground, spec, one) for one in contributions]
    keys = [blocking_keys(spec, form, ground.model.frequencies) for form in forms]
    named = [one.key for one in contributions]
    columns = [
        range(len(named)), [key.system for key in named], [key.object for key in named], [key.external_id for key in named], [key.part for key in named],
        [packed(one) for one in contributions], [orjson.dumps(form) for form in forms], keys,
        [[SEPARATOR.join((key.system, key.object, key.external_id, key.part)) for key in one.links if key.entity == ground.entity] for one in contributions],
    ]  # fmt: skip
    table = pa.Table.from_arrays([pa.array(column, one.type) for column, one in zip(columns, CONTRIBUTIONS, strict=True)], schema=CONTRIBUTIONS)
    return ReadChunk(table, *tables_of(pa.schema(list(sql.columns_of(spec).items())), 0, forms, keys), refused)


def packed(one: Contribution) -> bytes:
    """A contribution but for its key, as JSON."""
    return orjson.dumps([one.values, one.raw, one.stated, one.since, [list(link) for link in one.links], one.mapping_version])

