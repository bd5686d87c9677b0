"""Many changes in one request. Fusion takes all of a batch or none of it, and names only what was wrong: that is told apart here, and
the rest is sent again without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.errors import ConnectorError, RejectedError, UnknownOutcomeError
from connectors.http import Answer
from connectors.oracle_fusion import errors, records
from connectors.port import Receipt, Write, one_by_one
from connectors.rest.answers import error_of
from connectors.rest.config import Resource

if TYPE_CHECKING:
    from connectors.oracle_fusion.connector import FusionConnector

JSON_BATCH = "application/vnd.oracle.adf.batch+json"
NOT_ENABLED = "enabled for batch execution"
ROUNDS = 3
"""So often a batch is sent again without what was refused; then each goes by itself."""


@dataclass(frozen=True, slots=True)
class Part:
    """One change of a batch: ``path`` from the root of the API's version."""

    place: int
    path: str
    operation: str
    payload: Mapping[str, Any]

    def told(self) -> dict[str, Any]:
        return {"id": f"p{self.place}", "path": self.path, "operation": self.operation, "payload": self.payload}


async def write_many(connector: FusionConnector, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
    answers: list[Receipt | ConnectorError | None] = [None] * len(writes)
    groups: dict[str, list[int]] = {}
    seen: set[str] = set()
    for place, write in enumerate(writes):
        name = write.external_id or write.intent_key
        api = "" if name in seen or not _fits(connector, write) else connector.fusion.objects[write.object].api
        seen.add(name)
        groups.setdefault(api, []).append(place)
    for api, places in sorted(groups.items(), reverse=True):
        size = connector.fusion.at_once if api else len(places)
        for start in range(0, len(places), size):
            some = places[start : start + size]
            told = [writes[place] for place in some]
            if api and len(some) > 1:
                done = await _together(connector, api, told)
            else:
                done = await one_by_one(connector, told, connector.config.http.concurrency)
            for place, receipt in zip(some, done, strict=True):
                answers[place] = receipt
    return [one if one is not None else UnknownOutcomeError("no answer", system=connector.config.system) for one in answers]


def _fits(connector: FusionConnector, write: Write) -> bool:
    """Whether a write may go in a batch: its address is known and nothing has to be compared before."""
    ours = connector.fusion.objects.get(write.object)
    if ours is None or ours.via != "rest" or not ours.can_batch or ours.name in connector.unbatched or connector.fusion.at_once < 2:
        return False
    if write.operation == "create":
        return True
    has_rows = any(isinstance(value, dict | list) for value in write.body.values())
    return write.operation == "update" and not (write.expected_version or ours.is_linked or ours.of or len(ours.id) > 1 or has_rows or ours.update_only)


async def _together(connector: FusionConnector, api: str, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
    answers: dict[int, Receipt | ConnectorError] = {}
    parts: dict[int, Part] = {}
    for place, write in enumerate(writes):
        try:
            parts[place] = await _part(connector, api, place, write)
        except ConnectorError as error:
            answers[place] = error
    for _ in range(ROUNDS):
        if not parts:
            break
        try:
            answer = await _send(connector, api, list(parts.values()))
        except ConnectorError as error:
            return _all(writes, answers, parts, error, connector)
        if answer.status < 400:
            return await _taken(connector, writes, answers, parts, answer)
        if answer.status >= 500:
            return _all(writes, answers, parts, error_of(connector.config, errors.plain(answer), "write a batch", is_read=False), connector)
        wrong = _wrong(answer)
        if not wrong.keys() & parts.keys() or any(NOT_ENABLED in errors.parts(told)[1] for told in wrong.values()):
            connector.unbatched |= {writes[place].object for place in wrong if place in parts}
            break
        for place, told in wrong.items():
            if place in parts:
                del parts[place]
                answers[place] = await _refused(connector, writes[place], answer, told)
    rest = sorted(parts)  # nothing of them was stored: a batch is refused as a whole
    for place, receipt in zip(rest, await one_by_one(connector, [writes[place] for place in rest], connector.config.http.concurrency), strict=True):
        answers[place] = receipt
    return [answers[place] for place in range(len(writes))]


async def _part(connector: FusionConnector, api: str, place: int, write: Write) -> Part:
    ours, one = connector.fusion.objects[write.object], connector.config.resources[write.object]
    if getattr(one, write.operation) is None:
        raise RejectedError(f"{connector.config.system} has no {write.operation} of {write.object}", cause="permission", system=connector.config.system)
    path, body = await connector.new(one, ours, write) if write.operation == "create" else await connector.changes(ours, write)
    return Part(place, path.removeprefix(connector.fusion.base(api)), write.operation, body)


async def _send(connector: FusionConnector, api: str, parts: Sequence[Part]) -> Answer:
    body = {"parts": [part.told() for part in parts]}
    return await connector.client.request("POST", f"{connector.fusion.base(api)}/", json=body, headers={**connector.headers, "content-type": JSON_BATCH})


def _wrong(answer: Answer) -> dict[int, dict[str, Any]]:
    """Place of a part → what is wrong with it, as far as the answer says."""
    try:
        told = answer.json()
    except ValueError:
        return {}
    found: dict[int, dict[str, Any]] = {}
    for part in (told.get("parts") if isinstance(told, dict) else None) or []:
        place = str(part.get("id", "")).removeprefix("p")
        payload = part.get("payload")
        if place.isdecimal():
            found[int(place)] = payload if isinstance(payload, dict) else part
    return found


async def _refused(connector: FusionConnector, write: Write, answer: Answer, told: dict[str, Any]) -> Receipt | ConnectorError:
    error = error_of(connector.config, errors.told_plainly(answer, told), f"{write.operation} {write.object}", is_read=False)
    if isinstance(error, RejectedError) and error.cause == "duplicate" and write.operation == "create" and connector.fusion.objects[write.object].key:
        try:
            return await connector.look_up(write) or error
        except ConnectorError as failed:
            return failed
    return error


async def _taken(
    connector: FusionConnector, writes: Sequence[Write], answers: dict[int, Receipt | ConnectorError], parts: Mapping[int, Part], answer: Answer
) -> list[Receipt | ConnectorError]:
    """What became of each part of a batch that was taken; one the answer says nothing of is open."""
    try:
        told = answer.json()
        given = {str(part["id"]): part.get("payload") for part in told["parts"]}
    except (ValueError, KeyError, TypeError):
        error = UnknownOutcomeError(f"{connector.config.system} answered a batch with something else", system=connector.config.system, status=answer.status)
        return _all(writes, answers, parts, error, connector)
    for place in parts:
        write = writes[place]
        try:
            answers[place] = connector.receipt(connector.config.resources[write.object], write, given.get(f"p{place}"), Answer(200, {}, b""))
        except ConnectorError as error:
            answers[place] = error
    return [answers[place] for place in range(len(writes))]


def _all(
    writes: Sequence[Write], answers: dict[int, Receipt | ConnectorError], parts: Mapping[int, Part], error: ConnectorError, connector: FusionConnector
) -> list[Receipt | ConnectorError]:
    if isinstance(error, UnknownOutcomeError):
        settles = max(connector.config.resources[writes[place].object].unknown_settles_after_s for place in parts)
        error.settles_after_s = error.settles_after_s or settles
    return [answers.get(place, error) for place in range(len(writes))]


async def with_children(
    connector: FusionConnector, one: Resource, write: Write, address: str, raw: Mapping[str, Any], body: Mapping[str, Any],
    children: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Receipt:  # fmt: skip
    """Change a record and rows of its child collections: rows that are there are changed, others are added; all or none."""
    ours = connector.fusion.objects[one.name]
    base = connector.fusion.base(ours.api)
    root = address.removeprefix(base)
    parts = [Part(0, root, "update", body)] if body else []
    for name, rows in children.items():
        inner = raw.get(name)
        known = list((inner.get("items") if isinstance(inner, Mapping) else inner) or [])
        flag = ours.first.get(name)
        if flag:
            known.sort(key=lambda row: row.get(flag) not in (True, "Y", "true"))
        for at, row in enumerate(rows):
            there = connector._link(records.link(known[at])).removeprefix(base) if at < len(known) else ""
            parts.append(Part(len(parts), there or f"{root}/child/{name}", "update" if there else "create", row))
    answer = await _send(connector, ours.api, parts)
    if answer.status >= 400:
        told = next(iter(_wrong(answer).values()), None)
        plain = errors.told_plainly(answer, told) if told else errors.plain(answer)
        raise error_of(connector.config, plain, f"{write.operation} {write.object}", is_read=False)
    return Receipt(write.external_id or "", response=f"{len(parts)} parts")
