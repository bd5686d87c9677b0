"""Reading a whole object by a bulk query job: one job, its result in pages of CSV, resumable at any of them.

The place in the walk is ``bulk:<job>:<locator>``. CSV knows texts only, so what the org describes as a number or a truth value
becomes one again: the record then reads as it would by REST.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.errors import RejectedError, RetriableError, SchemaDriftError
from connectors.http import Answer, HttpClient
from connectors.rest.answers import error_of, found_at, parsed
from connectors.rest.config import Resource, RestConfig
from connectors.rest.walk import Walk, clock_of
from schema.paths import put_path

ROWS = 5000
"""Records in one page."""
PATIENCE_S = 5.0
"""How long one poll waits for a job that is not done; the next goes on waiting."""
NUMBERS = frozenset({"double", "currency", "percent", "int", "long"})
_MARK = "bulk:"


@dataclass(frozen=True)
class Job:
    """What a job needs of its connector."""

    client: HttpClient
    config: RestConfig
    base: str
    resource: Resource
    query: str
    types: Callable[[], Awaitable[Mapping[str, str]]]
    clock: Callable[[], float]


def is_job(place: str) -> bool:
    return place.startswith(_MARK)


async def start(job: Job, walk: Walk) -> Walk:
    """Begin a job; the walk stands at its first page."""
    name = job.resource.name
    answer = await job.client.request("POST", f"{job.base}/jobs/query", json={"operation": "queryAll", "query": job.query}, is_read=True)
    _check(job, answer, f"start a job for {name}")
    id = found_at(job.config, parsed(job.config, answer, name), "id", name)
    return replace(walk, place=f"{_MARK}{id}:", began=walk.began or clock_of(answer.headers.get("date"), job.clock()))


async def page(job: Job, walk: Walk) -> tuple[list[dict[str, Any]], Walk, int | None]:
    """The next records of a job, the walk behind them, and how many the job found. No records while it is not done."""
    id, _, locator = walk.place.removeprefix(_MARK).partition(":")
    total = None
    if not locator:
        state, total = await _waited(job, id)
        if state == "Failed":
            remedy = "Look at the job in Salesforce's Setup, or read it without (initial_load: rest)."
            raise RejectedError(f"{job.config.system} failed to run the job of {job.resource.name}", remedy=remedy, system=job.config.system)
        if state in ("Aborted", "gone"):
            return [], replace(walk, place=""), None  # begun anew
        if state != "JobComplete":
            return [], walk, None
    params = {"maxRecords": str(ROWS)} | ({"locator": locator} if locator else {})
    answer = await job.client.request("GET", f"{job.base}/jobs/query/{id}/results", params=params, headers={"accept": "text/csv"})
    if answer.status == 404:
        return [], replace(walk, place=""), None
    _check(job, answer, f"read the job of {job.resource.name}")
    rows = list(records(answer.body, await job.types()))
    following = answer.headers.get("sforce-locator", "null")
    if following in ("", "null"):
        return rows, Walk(since=walk.began), total
    return rows, replace(walk, place=f"{_MARK}{id}:{following}"), total


async def _waited(job: Job, id: str) -> tuple[str, int | None]:
    """State of the job, waiting a little for it to be done, and how many records it found."""
    until = job.clock() + PATIENCE_S
    delay_s = 0.05
    while True:
        answer = await job.client.request("GET", f"{job.base}/jobs/query/{id}")
        if answer.status == 404:
            return "gone", None
        _check(job, answer, f"ask for the job of {job.resource.name}")
        told = parsed(job.config, answer, job.resource.name)
        state = str(found_at(job.config, told, "state", job.resource.name))
        if state in ("JobComplete", "Failed", "Aborted") or job.clock() >= until:
            return state, told.get("numberRecordsProcessed")
        await asyncio.sleep(delay_s)
        delay_s = min(delay_s * 2, 1.0)


def _check(job: Job, answer: Answer, what: str) -> None:
    if answer.status >= 400:
        raise error_of(job.config, answer, what, is_read=True)


def records(body: bytes, types: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of a result as REST would give them; a dotted column is a record inside.

    >>> records(b'"Id","IsDeleted","Amount","Order.ContractId"\\n"006","false","184000.5",""\\n', {"IsDeleted": "boolean", "Amount": "currency"})
    [{'Id': '006', 'IsDeleted': False, 'Amount': Decimal('184000.5'), 'Order': {'ContractId': None}}]
    """
    try:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise RetriableError("the result of a bulk job is cut or damaged") from error
    if not rows:
        return []
    header = rows[0]
    found = []
    for row in rows[1:]:
        if len(row) != len(header):
            raise RetriableError("the result of a bulk job is cut or damaged")
        record: dict[str, Any] = {}
        for column, text in zip(header, row, strict=True):
            put_path(record, column, _value(text, types.get(column, "string"), column))
        found.append(record)
    return found


def _value(text: str, kind: str, column: str) -> Any:
    if text == "":
        return None
    if kind == "boolean":
        return text == "true"
    if kind in NUMBERS:
        try:
            return int(text) if kind in ("int", "long") else Decimal(text)
        except (InvalidOperation, ValueError) as error:
            raise SchemaDriftError(f"a bulk job gives a {kind} at {column} that is no number", path=column) from error
    return text
