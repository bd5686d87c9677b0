"""Hours as time cards of Time and Labor: told as events, of which it is said only that they were accepted, and read back once processed.

There is no key of ours on a time record. Whether an event became one is found by person, day, quantity and attributes, all compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.errors import RejectedError, UnknownOutcomeError
from connectors.oracle_fusion import query, records
from connectors.oracle_fusion.config import FusionObject
from connectors.port import Receipt, Write
from connectors.rest.answers import found_at, parsed
from connectors.rest.config import Resource
from schema.paths import at_path

if TYPE_CHECKING:
    from connectors.oracle_fusion.connector import FusionConnector

NOON = "T12:00:00.000+00:00"
"""An hour without a time of day lies at noon, which is the same day nearly everywhere."""
PATIENCE_S = 5.0
OPERATIONS = {"create": "ADD", "update": "UPDATE", "deactivate": "DELETE"}


def plain(record: Mapping[str, Any], attributes: Mapping[str, str]) -> dict[str, Any]:
    """A time record with its day, and with its attributes (path → their name) by the paths they are mapped at."""
    found = dict(record)
    start = found.get("startTime")
    if isinstance(start, str):
        found["day"] = start[:10]
    told = {str(one.get("attributeName")): one.get("attributeValue") for one in found.get("timeAttributes") or [] if isinstance(one, dict)}
    return {**found, **{path: told[name] for path, name in attributes.items() if name in told}}


@dataclass
class TimeCards:
    """The time records of one pod."""

    connector: FusionConnector

    async def write(self, one: Resource, write: Write) -> Receipt:
        ours = self.connector.fusion.objects[one.name]
        known: Mapping[str, Any] = {}
        if write.operation != "create":
            known = await self.connector._record(one, write.external_id or "") or {}
            if not known:
                raise RejectedError(f"{self.connector.config.system} has no {one.name} of this id any more", cause="not_found", system=self.connector.config.system)
            if write.expected_version and self.connector._incoming(one, known).version != write.expected_version:
                raise RejectedError(f"{self.connector.config.system} changed the {one.name} meanwhile", cause="conflict", system=self.connector.config.system)
        event = await self._event(ours, write, known)
        body = {"processInline": "Y", "processMode": "TIME_SUBMIT", "timeRecordEvent": [event]}
        address = f"{self.connector.fusion.base(ours.api)}/timeRecordEventRequests"
        answer = await self.connector.client.request("POST", address, json=body, headers=self.connector.headers)
        if answer.status >= 400:
            raise self.connector._error(answer, f"{write.operation} {write.object}", is_read=False)
        self._refused(self.connector._told(answer), one)
        if write.operation != "create":
            return Receipt(write.external_id or "", response="accepted")
        until = self.connector.clock() + PATIENCE_S
        while True:
            rows = await self._of_day(ours, {**write.body})
            found = [row for row in rows if _agrees(row, write.body)]
            if found:
                newest = max(found, key=lambda row: int(row["timeRecordId"]))
                return Receipt(str(newest["timeRecordId"]), response="processed")
            if self.connector.clock() >= until:
                raise UnknownOutcomeError(f"{self.connector.config.system} accepted the hours and has not processed them yet", system=self.connector.config.system)
            await asyncio.sleep(0.2)

    def _refused(self, told: Any, one: Resource) -> None:
        """Raise what the answer says is wrong with the event, where processing came so far."""
        for event in records.listed(at_path(told, "timeRecordEvent")) or [] if isinstance(told, dict) else []:
            if isinstance(event, dict) and "ERROR" in str(event.get("eventStatus") or "").upper():
                message = str(event.get("message") or "refused")
                raise RejectedError(
                    f"{self.connector.config.system} refuses the hours", detail=message, field="measure",
                    remedy="Correct the hours at their source; the message says what is wrong.", system=self.connector.config.system,
                )  # fmt: skip

    async def _event(self, ours: FusionObject, write: Write, known: Mapping[str, Any]) -> dict[str, Any]:
        body = {**known, **write.body}
        person = await self.connector._attribute("workers", str(body.get("personId") or ""), "PersonNumber")
        attributes = [
            {"attributeName": name, "attributeValue": str(body[path])}
            for path, name in self.connector.fusion.time_attributes.items() if body.get(path) is not None
        ]  # fmt: skip
        at = f"{body['day']}{NOON}" if body.get("day") else None
        event: dict[str, Any] = {
            "operationType": OPERATIONS[write.operation], "reporterIdType": "PERSON", "reporterId": str(person), "startTime": body.get("startTime", at),
            "stopTime": body.get("stopTime", at), "measure": body.get("measure"), "comment": body.get("comment"),
            "timeRecordEventAttribute": attributes,
        }  # fmt: skip
        if known:
            event |= {"timeRecordId": known["timeRecordId"], "timeRecordVersion": known["timeRecordVersion"]}
        return {key: value for key, value in event.items() if value is not None}

    async def candidates(self, ours: FusionObject, write: Write) -> list[Any]:
        wanted = write.natural_key or write.body
        return [row for row in await self._of_day(ours, wanted) if _agrees(row, wanted)]

    async def _of_day(self, ours: FusionObject, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The processed records of a person's day."""
        person = await self.connector._attribute("workers", str(wanted.get("personId") or ""), "PersonNumber")
        day = str(wanted.get("day") or "")
        if query.literal(day) is None or query.literal(str(person)) is None:
            return []
        finder = f"filterByPerNumTimeGrp;personNumber={person},startTime={day},stopTime={day},groupType=ProcessedTimecard"
        params = {"finder": finder, "expand": "timeRecords,timeRecords.timeAttributes", "limit": "500", "links": "self,child"}
        address = f"{self.connector.fusion.base(ours.api)}/timeRecordGroups"
        answer = await self.connector.client.request("GET", address, params=params, headers=self.connector.headers)
        if answer.status >= 400:
            raise self.connector._error(answer, "read back hours", is_read=True)
        found: list[dict[str, Any]] = []
        for group in found_at(self.connector.config, parsed(self.connector.config, answer, ours.name), "items", ours.name):
            await self.connector._completed(self.connector._resource(ours.name), group)
            found.extend(row for row in records.plain(ours, group).get("timeRecords") or [] if isinstance(row, dict))
        return [plain(row, self.connector.fusion.time_attributes) for row in found]


def _agrees(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a record is the one wanted, in everything that is told of it."""
    for path, value in wanted.items():
        there = row.get(path)
        if path == "comment" or value is None:
            continue
        if isinstance(value, int | Decimal) and isinstance(there, int | Decimal):
            if Decimal(value) != Decimal(there):
                return False
        elif str(there) != str(value):
            return False
    return True
