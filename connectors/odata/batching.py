"""Many writes as batches: each write a change set of its own, told apart one by one, and no record written twice in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from connectors.errors import ConnectorError, RejectedError, RetriableError, UnknownOutcomeError
from connectors.http import Answer
from connectors.odata.batch import Operation
from connectors.odata.client import ODataClient
from connectors.odata.config import EntitySet, ODataConfig
from connectors.port import Receipt, Write, one_by_one
from connectors.rest.config import Resource, WriteRule
from connectors.rest.connector import RestConnector


@dataclass
class Batching(RestConnector):
    """A connector that knows how one write is a request, and can therefore send many."""

    odata: ODataConfig = field(kw_only=True)

    def service_of(self, one: EntitySet) -> ODataClient:
        """The service a set belongs to."""
        raise NotImplementedError

    async def request_of(self, one: Resource, rule: WriteRule, write: Write) -> Operation:
        """One write as the request it is. Raises RejectedError when it cannot be one."""
        raise NotImplementedError

    def _settled(self, one: Resource, rule: WriteRule, write: Write, answer: Answer) -> Receipt:
        """What an answer to a write says."""
        raise NotImplementedError

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """Batches of requests that do not depend on each other, told apart one by one; a second write of a record waits for the first."""
        size = self.odata.bulk_size
        if size <= 1:
            return await one_by_one(self, writes, self.config.http.concurrency)
        answers: dict[int, Receipt | ConnectorError] = {}
        for service, waves in self._waves(writes).items():
            for places in waves:
                for start in range(0, len(places), size):
                    some = places[start : start + size]
                    done = await self._batch(service, [writes[place] for place in some])
                    answers |= dict(zip(some, done, strict=True))
        return [answers[place] for place in range(len(writes))]

    def _waves(self, writes: Sequence[Write]) -> dict[str, list[list[int]]]:
        """Places of writes by service, and there in waves: no wave writes a record twice."""
        found: dict[str, list[list[int]]] = {}
        times: dict[tuple[str, str], int] = {}
        for place, write in enumerate(writes):
            self._resource(write.object)
            one = write.object, write.external_id or write.intent_key
            turn = times[one] = times.get(one, -1) + 1
            waves = found.setdefault(self.odata.sets[self._resource(write.object).name].service, [])
            while len(waves) <= turn:
                waves.append([])
            waves[turn].append(place)
        return found

    async def _batch(self, service: str, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        answers: list[Receipt | ConnectorError | None] = [None] * len(writes)
        operations: list[Operation] = []
        sent: list[int] = []
        for place, write in enumerate(writes):
            one = self._resource(write.object)
            rule: WriteRule | None = getattr(one, write.operation)
            try:
                if rule is None:
                    answers[place] = await self.write(write)  # says why not
                else:
                    operation = await self.request_of(one, rule, write)
                    operations.append(replace(operation, path=self.in_batch(self.odata.sets[one.name], operation.path)))
                    sent.append(place)
            except ConnectorError as error:
                answers[place] = error
        if sent:
            done = await self._batched(self.odata.sets[self._resource(writes[sent[0]].object).name], operations, [writes[place] for place in sent])
            for place, answer in zip(sent, done, strict=True):
                answers[place] = answer
        return [one if one is not None else UnknownOutcomeError("no answer", system=self.config.system) for one in answers]

    def in_batch(self, one: EntitySet, path: str) -> str:
        """How a part of a batch names its address: relative to the service."""
        return path

    async def _batched(self, one: EntitySet, operations: Sequence[Operation], writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """Each operation is a change set of its own, so that a refused one takes no other with it."""
        settles_s = max(self._resource(write.object).unknown_settles_after_s for write in writes)
        try:
            parts = await self.service_of(one).batch([(operation,) for operation in operations], prefer=["odata.continue-on-error"])
            if isinstance(parts, Answer):
                raise self._error(parts, "take a batch", is_read=False)
        except ConnectorError as error:
            if isinstance(error, UnknownOutcomeError):
                error.settles_after_s = error.settles_after_s or settles_s
            return [error for _ in writes]
        stopped = RetriableError(f"{self.config.system} stopped before this part of the batch", system=self.config.system)
        return [await self._of_part(write, parts[place]) if place < len(parts) else stopped for place, write in enumerate(writes)]

    async def _of_part(self, write: Write, answer: Answer) -> Receipt | ConnectorError:
        """What became of one part; a create of what is there already is adopted."""
        one = self._resource(write.object)
        rule: WriteRule | None = getattr(one, write.operation)
        try:
            if rule is None:
                raise UnknownOutcomeError("no answer", system=self.config.system)
            return self._settled(one, rule, write, answer)
        except RejectedError as error:
            if not (error.cause == "duplicate" and write.operation == "create" and one.key_is_unique):
                return error
            try:
                return await self.look_up(write) or error
            except ConnectorError as failed:
                return failed
        except ConnectorError as error:
            if isinstance(error, UnknownOutcomeError):
                error.settles_after_s = error.settles_after_s or one.unknown_settles_after_s
            return error
