"""The calls themselves, and what came of each: taken, adopted, again, parked (law 7 and errors cut by what happens next).

A call is made only with a slot and a time of the system's quota, under a lease that is still ours, and outside of windows
that close it. Between these checks and the call there is no waiting.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.errors import (
    ConfigurationError, ConnectorError, CredentialsError, RateLimitedError, RejectedError, RetriableError,
    UnknownOutcomeError,
)  # fmt: skip
from connectors.port import Connector, Receipt, Write
from hub.core.postings import POSTED
from hub.core.quota import Quota
from hub.core.retry import is_exhausted, retry_delay_s
from hub.faults import point
from hub.flows.delivery_breakers import Breakers
from hub.flows.delivery_controls import Controls
from hub.flows.delivery_quota import Budget
from hub.flows.gates import Gate
from hub.flows.settle import Outcome
from hub.flows.traced import delivering
from hub.flows.write_outcomes import (
    Job, again, credentials_task, double_task, error_told, failed_task, later, parked, rejected_task, rest_of,
)  # fmt: skip
from hub.store.attempts import Finished
from hub.store.crosswalk import Written
from hub.store.lanes import Lane
from hub.telemetry import logger

log = logger("hub.calls")
CREDENTIALS_PAUSE_S = 60.0
CONFLICT_DELAY_S = 1.0


@dataclass(frozen=True)
class Target:
    """The system one batch is written to, and what its calls heed."""

    tenant_id: int
    system: str
    connector: Connector
    quota: Quota
    budget: Budget
    gate: Gate
    is_ours: Callable[[Lane], bool]
    tells: Mapping[str, tuple[str, ...]]
    """Entity → systems whose records are told the ids of this one's."""

    def settle_s(self, object: str) -> float:
        """After an ambiguous answer nothing can still happen once this long has passed."""
        return self.connector.capabilities.of(object).unknown_settles_after_s


def operation_of(write: Write) -> str:
    """What a breaker is about: "create invoice"."""
    return f"{write.operation} {write.object}"


@dataclass
class Caller:
    """Makes calls of one worker. ``jitter`` gives numbers in [0, 1)."""

    controls: Controls
    breakers: Breakers
    jitter: Callable[[], float]
    call_timeout_s: float

    async def carry_out(self, target: Target, jobs: Sequence[Job]) -> list[Outcome]:
        """Make the call that carries these jobs, in one request where there are several; an outcome for each."""
        wait_s = await target.budget.enter(min(job.lane.priority for job in jobs))
        if wait_s > 0:
            return [self._not_sent(job, wait_s, "The day's requests of the system are used up.") for job in jobs]
        try:
            ready, outcomes = self._ready(target, jobs)
            if ready:
                outcomes += await self._call(target, ready)
            return outcomes
        finally:
            target.budget.leave()

    def _ready(self, target: Target, jobs: Sequence[Job]) -> tuple[list[Job], list[Outcome]]:
        """The last look before the call: whose lease, gate and windows still allow it, and what becomes of the others."""
        pause_s = target.gate.opens_in_s(time.monotonic())
        ready: list[Job] = []
        outcomes: list[Outcome] = []
        for job in jobs:
            is_posting = job.lane.entity in POSTED
            closed_s = self.controls.closed_s(target.tenant_id, target.system, is_posting=is_posting)
            if pause_s > 0 or closed_s > 0 or not target.is_ours(job.lane):
                outcomes.append(self._not_sent(job, max(pause_s, min(closed_s, 1.0))))
            else:
                ready.append(job)
        return ready, outcomes

    def _not_sent(self, job: Job, delay_s: float, reason: str | None = None) -> Outcome:
        """Nothing was asked."""
        told = Finished(job.attempt_id, "abandoned", error={"class": "not_sent", "reason": reason or "Not sent."})
        return replace(later(job.lane, delay_s, reason), finished=[told])

    async def _call(self, target: Target, jobs: Sequence[Job]) -> list[Outcome]:
        answers = [await self._write(target, jobs[0])] if len(jobs) == 1 else list(await self._write_many(target, jobs))
        judged: set[int] = set()
        outcomes: list[Outcome] = []
        for job, answer in zip(jobs, answers, strict=True):
            outcomes.append(await self._understood(target, job, answer, is_news=id(answer) not in judged))
            judged.add(id(answer))  # one request that failed for all it carried is one failure
        return outcomes

    async def _write(self, target: Target, job: Job) -> Receipt | ConnectorError:
        try:
            async with asyncio.timeout(self.call_timeout_s):
                with delivering(target.tenant_id, job.lane, operation=job.write.operation):
                    receipt = await target.connector.write(job.write)
                point("deliver.after_call")
                return receipt
        except ConnectorError as error:
            return error
        except TimeoutError:
            return UnknownOutcomeError(f"no answer within {self.call_timeout_s:.0f} s")
        except Exception:
            log.exception("a connector failed in a way it should not")
            return UnknownOutcomeError("the connector failed")

    async def _write_many(self, target: Target, jobs: Sequence[Job]) -> Sequence[Receipt | ConnectorError]:
        """One request for many; an answer that is missing is nobody's success."""
        problem: ConnectorError
        try:
            async with asyncio.timeout(self.call_timeout_s):
                with delivering(target.tenant_id, jobs[0].lane, operation=jobs[0].write.operation, count=len(jobs)):
                    answers = await target.connector.write_many([job.write for job in jobs])
                point("deliver.after_call")
            if len(answers) == len(jobs):
                return answers
            problem = UnknownOutcomeError(f"{target.system} answered {len(answers)} of {len(jobs)} writes")
        except ConnectorError as error:
            problem = error
        except TimeoutError:
            problem = UnknownOutcomeError(f"no answer within {self.call_timeout_s:.0f} s")
        except Exception:
            log.exception("a connector failed in a way it should not")
            problem = UnknownOutcomeError("the connector failed")
        return [problem] * len(jobs)

    async def _understood(self, target: Target, job: Job, answer: Receipt | ConnectorError, *, is_news: bool = True) -> Outcome:
        if isinstance(answer, RejectedError) and answer.cause == "duplicate" and job.write.operation == "create":
            return await self._adopt_duplicate(target, job, answer)
        if isinstance(answer, ConnectorError):
            return await self.not_taken(target, job, answer, is_news=is_news)
        target.gate.succeeded()
        self.breakers.tell(target.tenant_id, target.system, operation_of(job.write), None)
        outcome = self.taken(target, job, answer)
        if job.is_doubtful and job.write.operation == "create":
            return await self._look_again(target, job, answer, outcome)
        return outcome

    # looking

    async def look_up(self, target: Target, write: Write) -> Receipt | None:
        """Ask the target for a record; counts as a request. Raises ConnectorError and TimeoutError."""
        target.budget.spend()
        async with asyncio.timeout(self.call_timeout_s):
            return await target.connector.look_up(write)

    async def _adopt_duplicate(self, target: Target, job: Job, error: RejectedError) -> Outcome:
        """The target says it holds our record already: it does, or a person must look."""
        try:
            found = await self.look_up(target, job.write)
        except (ConnectorError, TimeoutError):
            found = None
        self.breakers.tell(target.tenant_id, target.system, operation_of(job.write), None)
        return self.taken(target, job, replace(found, was_adopted=True)) if found else await self.not_taken(target, job, error)

    async def _look_again(self, target: Target, job: Job, receipt: Receipt, outcome: Outcome) -> Outcome:
        """After a repeated create: is there only the one, now and once everything has settled?"""
        outcome = replace(outcome, look_again_s=max(target.settle_s(job.write.object), 1.0))
        try:
            found = await self.look_up(target, job.write)
        except RejectedError as error:
            return replace(outcome, tasks=[double_task(job, receipt.external_id, str(error))])
        except (ConnectorError, TimeoutError):
            return outcome
        if found is None or found.external_id == receipt.external_id:
            return outcome
        return replace(outcome, tasks=[double_task(job, receipt.external_id, found.external_id)])

    async def find(self, target: Target, job: Job, asked: Write | None = None) -> Outcome | None:
        """The outcome when the target holds the record (as ``asked``) or cannot be asked; None when it does not hold it."""
        try:
            found = await self.look_up(target, asked or job.write)
        except RejectedError as error:
            outcome = await self.not_taken(replace(target, gate=Gate()), job, error)
            return replace(outcome, tasks=[double_task(job, "", str(error))])
        except ConnectorError as error:
            delay_s = max(getattr(error, "retry_after_s", 0.0), 1.0)
            target.gate.failed(time.monotonic())
            return later(job.lane, delay_s, "The target could not be asked whether it holds the record.")
        except TimeoutError:
            return later(job.lane, 1.0, "The target could not be asked whether it holds the record.")
        target.gate.succeeded()  # it answers: whether writes go through is the breaker's matter
        if found is None:
            return None
        self.breakers.tell(target.tenant_id, target.system, operation_of(job.write), None)
        return self.taken(target, job, replace(found, was_adopted=True))

    # outcomes

    def taken(self, target: Target, job: Job, receipt: Receipt) -> Outcome:
        lane, write = job.lane, job.write
        state = "adopted" if receipt.was_adopted else "done"
        response = {"external_id": receipt.external_id, "version": receipt.version, "response": receipt.response[:500]}
        written = Written(
            target.system, write.object, receipt.external_id, lane.entity, lane.golden_id, job.plan.values,
            write.operation == "create", receipt.version, lane.correlation_id,
        )  # fmt: skip
        return Outcome(
            rest_of(job.plan, job.plan.version), finished=[Finished(job.attempt_id, state, response)], decided=[write.intent_key],
            written=written, echo_s=self.controls.of(target.tenant_id, target.system).ledger.echo_s, told_back=job.plan.told_back,
            tells=target.tells.get(lane.entity, ()),
        )  # fmt: skip

    async def not_taken(self, target: Target, job: Job, error: ConnectorError, *, is_news: bool = True) -> Outcome:
        """Errors cut by what happens next. ``is_news``: gate and breaker have not heard of this request yet."""
        lane, gate, now = job.lane, target.gate, time.monotonic()
        told = error_told(error)
        count = lane.attempts + 1
        if isinstance(error, RateLimitedError):
            if is_news:
                gate.wait(now, error.retry_after_s)
                await target.budget.pause(error.retry_after_s)
            return again(job, "rate_limited", told, lane.attempts, error.retry_after_s)
        if isinstance(error, CredentialsError):
            gate.wait(now, CREDENTIALS_PAUSE_S)
            outcome = again(job, "retriable", told, lane.attempts, CREDENTIALS_PAUSE_S)
            return replace(outcome, tasks=[credentials_task(lane)])
        has_answered = isinstance(error, (RejectedError, ConfigurationError))
        if is_news:
            self.breakers.tell(target.tenant_id, target.system, operation_of(job.write), None if has_answered else str(error))
        if isinstance(error, RejectedError) and error.cause == "conflict" and not is_exhausted(count):
            return again(job, "retriable", told, count, CONFLICT_DELAY_S)
        if has_answered:
            assert isinstance(error, (RejectedError, ConfigurationError))
            return parked(job, "rejected", told, count, rejected_task(job, error))
        if is_news:
            gate.failed(now)
        if isinstance(error, RetriableError):
            if is_exhausted(count):
                return parked(job, "retriable", told, count, failed_task(job, "unreachable"))
            return again(job, "retriable", told, count, retry_delay_s(count, error.retry_after_s, self.jitter()))
        if is_exhausted(count):
            return parked(job, "unknown", told, count, failed_task(job, "unknown_outcome"))
        return again(job, "unknown", told, count, getattr(error, "settles_after_s", 0.0))
