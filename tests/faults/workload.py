"""What the firms of a run do, by public interfaces only: webhooks, bulk lines, files, polled systems, stewards.

Two tenants use the same external ids. Messages come twice, late, out of order, bent, under used keys; records are deleted,
merged, un-merged, fixed by hand. Whatever was acknowledged is written down, as is what was refused.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from random import Random
from typing import Any

from connectors.signatures import Signature
from tests.faults.evidence import Ack, Book, KeyUse, Look, Override, Refused, UndoneMerge, canonical
from tests.faults.setting import crm_secret
from tests.faults.stage import Api, HubError, Stage, Tenant

INGEST = """
    mutation ($records: [RecordInput!]!, $system: String!) { ingest(records: $records, system: $system) {
        results { messageId status outcome recordId errors { code message } } errors { code message } } }
"""
CLIENT = "query ($id: ID!) { client(id: $id) { id name phone country version recordState sources { system externalId role } } }"
OVERRIDE = """
    mutation ($id: ID!, $field: String!, $value: JSON, $key: String!) {
        override(entity: "client", id: $id, field: $field, value: $value, reason: "seen on paper", idempotencyKey: $key) {
            decisionId record { id version } errors { code message } } }
"""
WITHDRAW = "mutation ($id: Long!) { withdraw(decisionId: $id) { record { id version } errors { code message } } }"
MERGE = """
    mutation ($survivor: ID!, $loser: ID!, $key: String!) {
        merge(entity: "client", survivor: $survivor, losers: [$loser], reason: "one firm", idempotencyKey: $key) {
            actionId proposal { id } record { version } errors { code message } } }
"""
UNDO = "mutation ($id: Long!) { undo(actionId: $id) { actionId conflicts { kind } errors { code message } } }"


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


@dataclass
class Firm:
    """One tenant's people and programs. ``pace`` stretches every pause between two acts."""

    here: Stage
    tenant: Tenant
    book: Book
    chance: Random
    pace: float = 1.0
    clients: int = 60
    people: int = 40
    versions: dict[str, int] = field(default_factory=dict)
    """Record of a source system → its newest version there."""
    deleted: set[str] = field(default_factory=set)
    sent: int = 0
    _numbers: int = 0

    @property
    def slug(self) -> str:
        return self.tenant.slug

    def number(self) -> int:
        self._numbers += 1
        return self._numbers

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(self.chance.expovariate(1 / (seconds * self.pace)))

    # the CRM sends webhooks

    async def crm(self, stop: asyncio.Event) -> None:
        """New and changed clients, in pairs that may arrive the wrong way round; some twice; some deleted; some bent."""
        while not stop.is_set():
            dice = self.chance.random()
            if dice < 0.03:
                await self.bent_webhook()
            elif dice < 0.05 and self.versions:
                await self.delete_client(stop)
            else:
                name = f"C{self.chance.randrange(self.clients)}"
                if name not in self.deleted:
                    steps = [self.next_client(name) for _ in range(2 if self.chance.random() < 0.15 else 1)]
                    if self.chance.random() < 0.5:
                        steps.reverse()
                    for record in steps:
                        await self.send_webhook(record, stop)
                        if self.chance.random() < 0.1:
                            await self.send_webhook(record, stop)
            await self.pause(0.02)

    def next_client(self, name: str) -> dict[str, Any]:
        version = self.versions[name] = self.versions.get(name, 0) + 1
        values = {
            "name": f"{self.slug} Client {name[1:]} v{version}", "country": "DE",
            "phone": f"+4930{1_000_000 + int(name[1:]) * 1000 + version % 1000}",
        }  # fmt: skip
        return dict(self.tenant.crm.put("account", name, version, values))

    async def delete_client(self, stop: asyncio.Event) -> None:
        """A client that nobody else speaks of is gone for good; late news of it must not bring it back."""
        name = f"C{self.chance.randrange(self.clients)}"
        if name in self.deleted or name not in self.versions or int(name[1:]) % 10:
            return
        self.deleted.add(name)
        late = self.next_client(name)
        version = self.versions[name] = self.versions[name] + 1
        gone = dict(self.tenant.crm.put("account", name, version, {}, deleted=True))
        await self.send_webhook(gone, stop)
        await self.send_webhook(late, stop)

    async def send_webhook(self, record: dict[str, Any], stop: asyncio.Event) -> None:
        """Until it is taken, as vendors do; the id stays, the timestamp is new each time."""
        body = json.dumps({"type": "account", "id": record["id"], "record": record, "deleted": record["deleted"]})
        name = f"msg-{record['id']}-{record['rev']}"
        while True:
            status, told = await self._posted(body, name, crm_secret(self.tenant))
            if status == 202:
                break
            if status and status < 500 and status != 429:
                self.book.during.append(f"{self.slug}: a good webhook was answered {status} {str(told)[:200]}")
                return
            await asyncio.sleep(0.2)
        self.sent += 1
        self.book.acks.append(
            Ack(self.slug, "crm", "", int(told["ids"][0]), "account", record["id"], record["rev"], digest(canonical(json.dumps(record).encode())))
        )

    async def _posted(self, body: str, name: str, secret: str) -> tuple[int, dict[str, Any]]:
        headers = Signature("standard-webhooks", (secret,)).sign(body.encode(), name, int(time.time()))
        try:
            return await self.here.api(self.tenant).post(f"/hooks/{self.slug}/crm", body, "application/json", **headers)
        except HubError:
            return 0, {}

    async def bent_webhook(self) -> None:
        """A wrong signature, a body that is no JSON, a record without its type: refused, and nothing stays of it."""
        name = f"BAD-{self.number()}"
        record = {"id": name, "rev": 1, "name": f"{self.slug} Bad v1", "deleted": False, "changed": ""}
        good = json.dumps({"type": "account", "id": name, "record": record, "deleted": False})
        why, body, secret = self.chance.choice(
            [("bad signature", good, "whsec_" + "QUJD" * 8), ("no json", good[:-1], crm_secret(self.tenant)),
             ("no type", json.dumps({"record": record}), crm_secret(self.tenant))]
        )  # fmt: skip
        status, _ = await self._posted(body, f"msg-{name}", secret)
        if 400 <= status < 500:
            self.book.refused.append(Refused(self.slug, name, why))
        elif status == 202:
            self.book.during.append(f"{self.slug}: a webhook with {why} was taken")

    # billing sends lines

    async def billing(self, stop: asyncio.Event) -> None:
        """Invoices in bulk, each under a key of its own; now and then a key is used again, with the same body or another."""
        while not stop.is_set():
            batch = [self.invoice() for _ in range(self.chance.randrange(1, 12))]
            if not await self.send_lines("bill", batch, stop):
                continue
            for one in batch:
                self._posted_invoice(one)
            dice = self.chance.random()
            if dice < 0.2:
                await self.send_lines("bill", batch[:2], stop)
            elif dice < 0.35:
                await self.reuse_key(batch[0])
            elif dice < 0.45:
                await self.bent_line()
            await self.pause(0.5)

    def invoice(self, source: str = "B") -> dict[str, Any]:
        number = f"{self.slug[0].upper()}{source}-{self.number():06d}"
        net = Decimal(self.chance.randrange(1, 10_000_000)) / 100
        tax = (net * Decimal("0.19")).quantize(Decimal("0.01"))
        values: dict[str, Any] = {
            "number": number, "issue_date": "2026-03-31", "currency": "EUR", "state": "issued",
            "net": {"amount": str(net), "currency": "EUR"}, "tax": {"amount": str(tax), "currency": "EUR"},
            "gross": {"amount": str(net + tax), "currency": "EUR"},
        }  # fmt: skip
        if self.chance.random() < 0.3:  # for a client that may not be known yet
            values["client"] = {"system": "crm", "object": "account", "id": f"C{self.chance.randrange(self.clients)}"}
        return {"object": "invoice", "externalId": number, "version": "1", "idempotencyKey": f"k-{number}", "body": values}

    def _posted_invoice(self, line: dict[str, Any]) -> None:
        self.book.invoices[self.slug, line["body"]["number"]] = Decimal(line["body"]["gross"]["amount"])

    async def send_lines(self, system: str, batch: Sequence[dict[str, Any]], stop: asyncio.Event) -> bool:
        """Until all are taken; False when the run ended first (what was sent may be there or not)."""
        body = "\n".join(json.dumps(line) for line in batch)
        while True:
            try:
                status, told = await self.here.api(self.tenant, "system").post(f"/ingest/{system}", body, "application/x-ndjson")
            except HubError:
                status, told = 0, {}
            if status == 202 and told["accepted"] == len(batch):
                break
            if status and status < 500 and status != 429:
                self.book.during.append(f"{self.slug}: good lines were answered {status} {str(told)[:200]}")
                return False
            if stop.is_set() and status == 0:
                return False
            await asyncio.sleep(0.2)
        self.sent += len(batch)
        for line in batch:
            body_digest = digest(canonical(json.dumps(line["body"]).encode()))
            self.book.acks.append(Ack(self.slug, system, line["idempotencyKey"], None, line["object"], line["externalId"], int(line["version"]), body_digest))
            self.book.keys.append(KeyUse(self.slug, system, line["idempotencyKey"], body_digest, taken=True))
        return True

    async def reuse_key(self, line: dict[str, Any]) -> None:
        """The same key with another amount: refused, whenever the first was taken."""
        other = line | {"body": line["body"] | {"gross": {"amount": "0.01", "currency": "EUR"}}}
        with suppress(HubError):
            status, told = await self.here.api(self.tenant).post("/ingest/bill", json.dumps(other), "application/x-ndjson")
            if status < 500:
                is_taken = bool(told.get("accepted"))
                body_digest = digest(canonical(json.dumps(other["body"]).encode()))
                self.book.keys.append(KeyUse(self.slug, "bill", line["idempotencyKey"], body_digest, taken=is_taken))

    async def bent_line(self) -> None:
        name = f"BADLINE-{self.number()}"
        line = self.chance.choice(
            [json.dumps({"object": "invoice", "externalId": name}) + "}", json.dumps({"externalId": name, "body": {}}),
             json.dumps({"object": "invoice", "externalId": name, "body": {}, "surprise": 1})]
        )  # fmt: skip
        with suppress(HubError):
            status, told = await self.here.api(self.tenant).post("/ingest/bill", line, "application/x-ndjson")
            if 400 <= status < 500:
                self.book.refused.append(Refused(self.slug, name, "bent line"))
            elif status == 202 and told.get("accepted"):
                self.book.during.append(f"{self.slug}: a bent line was taken")

    # the PSA is polled

    async def psa(self, stop: asyncio.Event) -> None:
        """Its users write; the hub comes and asks."""
        while not stop.is_set():
            name = f"P{self.chance.randrange(self.people)}"
            version = self.versions[name] = self.versions.get(name, 0) + 1
            self.tenant.psa.put("person", name, version, {"first": f"Bo v{version}", "last": f"{self.slug} Ek {name[1:]}"})
            self.sent += 1
            await self.pause(0.05)

    # files

    async def file(self, count: int, faults: str = "") -> bool:
        """A file of invoices by the command line; a load that breaks off is run again. Answers whether one broke off."""
        lines = [self.invoice("F") for _ in range(count)]
        path = self.here.folder / f"{self.slug}-{self.number()}.jsonl"
        path.write_text("".join(json.dumps({"id": one["externalId"], **one["body"]}) + "\n" for one in lines))
        for attempt in range(8):
            with suppress(TimeoutError):
                words = ("load", str(path), "--system", "bill", "--entity", "invoice", "--tenant", self.slug)
                code, told = await self.here.command(*words, timeout_s=120, faults="" if attempt else faults)
                if code == 0:
                    break
                if code < 2 and "Traceback" in told:
                    self.book.during.append(f"{self.slug}: loading a file failed: {told[-300:]}")
            await asyncio.sleep(0.5)
        else:
            self.book.during.append(f"{self.slug}: a file could not be loaded in eight tries")
            return False
        for one in lines:
            self._posted_invoice(one)
        self.sent += count
        return attempt > 0

    # people

    async def portal(self, caller: str, stop: asyncio.Event) -> None:
        """One who writes and waits for the answer, then reads what was written."""
        api = self.here.api(self.tenant, "admin")
        known: dict[str, str] = {}
        while not stop.is_set():
            name = f"D{caller}{self.chance.randrange(12)}"
            version = self.versions[name] = self.versions.get(name, 0) + 1
            key = f"{name}-{version}"
            body = {"id": name, "rev": version, "name": f"{self.slug} Client {name} v{version}", "phone": "", "country": "AT", "deleted": False, "changed": ""}
            self.tenant.crm.put("account", name, version, body)
            line = {"object": "account", "externalId": name, "version": str(version), "idempotencyKey": key, "body": body}
            while (told := await self._ingested(api, line)) is None:
                await asyncio.sleep(0.2)
            body_digest = digest(canonical(json.dumps(body).encode()))
            self.sent += 1
            self.book.acks.append(Ack(self.slug, "crm", key, int(told["messageId"]), "account", name, version, body_digest))
            self.book.keys.append(KeyUse(self.slug, "crm", key, body_digest, taken=True))
            if told["recordId"]:
                known[name] = told["recordId"]
                await self._look(api, caller, told["recordId"], version if told["outcome"] in ("applied", "unchanged") else 0)
            if self.chance.random() < 0.3 and known:
                await self._look(api, caller, self.chance.choice(list(known.values())), 0)
            await self.pause(0.15)

    async def _ingested(self, api: Api, line: dict[str, Any]) -> dict[str, Any] | None:
        """What became of one record; None when that is not known."""
        try:
            result = (await api.do(INGEST, records=[line], system="crm"))["results"][0]
        except HubError as error:
            if error.is_certain and error.code not in ("RATE_LIMITED", "CONFLICT", "OVERLOADED"):
                self.book.during.append(f"{self.slug}: a good record was refused: {error}")
            return None
        if result["errors"]:
            self.book.during.append(f"{self.slug}: a good record was refused: {result['errors'][0]}")
            return None
        found: dict[str, Any] = result
        return found

    async def _look(self, api: Api, caller: str, record: str, wrote: int) -> None:
        """Read a record; ``wrote`` is the version of the source that must be seen at least."""
        with suppress(HubError):
            found = (await api.ask(CLIENT, id=record))["client"]
            if found is None:
                self.book.during.append(f"{self.slug} {caller}: {record} was written and cannot be read")
                return
            self.book.looks.append(Look(f"{self.slug} {caller}", record, found["version"], is_write=False))
            seen = int(found["name"].rpartition(" v")[2])
            if wrote and seen < wrote:
                self.book.during.append(f"{self.slug} {caller}: wrote v{wrote} of {record} and read v{seen}")

    async def steward(self, stop: asyncio.Event) -> None:
        """Fixes values, takes some back; joins records and takes that back too."""
        api = self.here.api(self.tenant, "admin")
        while not stop.is_set():
            await self.pause(1.0)
            await (self.fix(api, stop) if self.chance.random() < 0.5 else self.join_and_part(api, stop))

    async def fix(self, api: Api, stop: asyncio.Event) -> None:
        """A value fixed by hand outlives whatever its source says next."""
        record = await self.new_client(api, "O", stop)
        if record is None:
            return
        value = f"+4940{2_000_000 + self.number()}"
        made = await again(lambda: api.do(OVERRIDE, id=record, field="phone", value=value, key=f"fix-{record}"), stop)
        if made is None:
            return
        self.book.looks.append(Look(f"{self.slug} steward", record, made["record"]["version"], is_write=True))
        if self.chance.random() < 0.4:
            await again(lambda: api.do(WITHDRAW, id=made["decisionId"]), stop, is_done=("NOT_FOUND", "NOT_IN_FORCE", "UNDONE_ALREADY"))
        else:
            self.book.overrides.append(Override(self.slug, record, "phone", value))

    async def join_and_part(self, api: Api, stop: asyncio.Event) -> None:
        """Two new records of nobody else's, joined; mostly parted again, after which they must be as they were."""
        pair = [await self.new_client(api, "M", stop) for _ in range(2)]
        if None in pair:
            return
        survivor, loser = (str(one) for one in pair)
        self.book.merged |= {survivor, loser}
        before = [await self.seen(api, one, stop) for one in (survivor, loser)]
        made = await again(lambda: api.do(MERGE, survivor=survivor, loser=loser, key=f"merge-{survivor}"), stop, is_done=("ALREADY_ONE",))
        if made is None or made.get("actionId") is None or None in before or self.chance.random() < 0.25:
            return
        undone = await again(lambda: api.do(UNDO, id=made["actionId"]), stop, is_done=("UNDONE_ALREADY",))
        if undone is None:
            return
        after = [await self.seen(api, one, stop) for one in (survivor, loser)]
        for one, other in zip(before, after, strict=True):
            if one is not None and other is not None:
                self.book.undone.append(UndoneMerge(self.slug, _shown(one), _shown(other)))

    async def seen(self, api: Api, record: str, stop: asyncio.Event) -> dict[str, Any] | None:
        return await again(lambda: api.ask(CLIENT, id=record), stop)

    async def new_client(self, api: Api, letter: str, stop: asyncio.Event) -> str | None:
        """A client of the CRM that the webhooks do not speak of; its golden id."""
        name = f"{letter}{self.number()}"
        body = {
            "id": name, "rev": 1, "name": f"{self.slug} Client {name} v1", "phone": f"+4989{3_000_000 + self.number()}", "country": "CH",
            "deleted": False, "changed": "",
        }  # fmt: skip
        self.tenant.crm.put("account", name, 1, body)
        line = {"object": "account", "externalId": name, "version": "1", "idempotencyKey": f"{name}-1", "body": body}
        while (told := await self._ingested(api, line)) is None or not told["recordId"]:
            if stop.is_set():
                return None
            await asyncio.sleep(0.2)
        self.sent += 1
        self.book.acks.append(
            Ack(self.slug, "crm", f"{name}-1", int(told["messageId"]), "account", name, 1, digest(canonical(json.dumps(body).encode())))
        )
        return str(told["recordId"])


def _shown(asked: dict[str, Any]) -> dict[str, Any]:
    """What must be as before: everything but how many versions it took. Which systems hold copies is not ours to undo."""
    client = asked["client"] or {}
    sources = sorted((one["system"], one["externalId"], one["role"]) for one in client.get("sources", ()) if one["system"] == "crm")
    return {name: value for name, value in client.items() if name not in ("version", "sources")} | {"sources": sources}


async def again(
    ask: Callable[[], Any], stop: asyncio.Event, *, is_done: tuple[str, ...] = ()
) -> dict[str, Any] | None:
    """Ask until there is an answer. None when it was refused for good, or the run ended; {} when an earlier try had done it."""
    is_repeated = False
    while True:
        try:
            found: dict[str, Any] = await ask()
            return found
        except HubError as error:
            if is_repeated and error.code in is_done:
                return {}
            if error.is_certain and error.code not in ("RATE_LIMITED", "OVERLOADED", "CONFLICT"):
                return None
            is_repeated = True
            if stop.is_set():
                return None
            await asyncio.sleep(0.2)


@asynccontextmanager
async def running(firms: Sequence[Firm], stop: asyncio.Event) -> AsyncIterator[None]:
    """Everybody at work until ``stop``; what fails in the harness itself fails the run."""
    tasks = [
        asyncio.create_task(work)
        for firm in firms
        for work in (firm.crm(stop), firm.billing(stop), firm.psa(stop), firm.portal("a", stop), firm.portal("b", stop), firm.steward(stop))
    ]
    try:
        yield
        stop.set()
        async with asyncio.timeout(120):  # each brings what it has begun to an acknowledged end
            await asyncio.gather(*tasks)
    finally:
        stop.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
