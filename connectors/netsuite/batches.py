"""Many new records in one request, done by NetSuite in the background.

What became of each is asked of the account, by our keys: those that are there were made, and each of the others is written alone and
tells by itself what is wrong with it. So nothing depends on how a job tells its results.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from connectors.errors import UnknownOutcomeError
from connectors.http import Answer, HttpClient
from connectors.wire import dump_json
from schema.paths import at_path

MOST = 100
"""Records in one request."""
WORTH_IT = 20
"""From so many new records of one object on."""
PATIENCE_S = 120.0
COLLECTION = "application/vnd.oracle.resource+json; type=collection"


@dataclass(frozen=True)
class Batches:
    """Jobs of one account. ``first_wait_s`` is how long the first look at a job waits; each later one waits twice as long."""

    client: HttpClient
    system: str
    first_wait_s: float = 0.5

    async def submitted(self, path: str, bodies: Sequence[Mapping[str, Any]], headers: Mapping[str, str]) -> Answer:
        """Ask for an upsert of these records, each with its ``externalId``. The key of the request is that of what it asks, so that the
        same request after a lost answer leads to the same job."""
        sent = dump_json({"items": list(bodies)}, is_sorted=True)
        about = {"content-type": COLLECTION, "prefer": "respond-async", "x-netsuite-idempotency-key": str(uuid5(NAMESPACE_URL, sent.decode()))}
        return await self.client.request("PUT", path, content=sent, headers={**headers, **about})

    async def done(self, job: str) -> None:
        """Wait for a job. Raises UnknownOutcomeError when it takes too long."""
        wait_s, waited_s = self.first_wait_s, 0.0
        while waited_s < PATIENCE_S:
            await asyncio.sleep(wait_s)
            waited_s, wait_s = waited_s + wait_s, min(wait_s * 2, 10.0)
            answer = await self.client.request("GET", job)
            if answer.status >= 400:
                break
            try:
                if at_path(answer.json(), "completed") is True:
                    return
            except ValueError:
                continue
        raise UnknownOutcomeError(f"{self.system} has not said what became of a batch", system=self.system)


def job_of(answer: Answer) -> str:
    """The address of the job that an answer names, also of one that the same request began before; "" when it names none."""
    is_taken = answer.status == 202 or (answer.status == 400 and b"IDEMPOTENCY_ERROR" in answer.body)
    found = answer.headers.get("location", "") if is_taken else ""
    return found if "/async/" in found else ""
