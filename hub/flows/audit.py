"""Sealing what happened, and looking whether it is still as it was sealed.

A seal is a Merkle root over entries, the digest of the seal before and an Ed25519 signature, so that nobody changes, adds or takes
away an entry of the trail unseen, whoever may write to the database. Changes are taken by their position of the feed, below which
nothing appears; decisions, actions, proposals and votes as often as they change, as triggers noted them.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.core.audit import KINDS, covers, key_id, label, leaf, merkle_root, row_salt, seal_digest, seal_problems, split
from hub.store import audit, secrets
from hub.store.audit import SQL, Entry, Seal
from hub.store.configuration import tenants
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.telemetry import logger

log = logger("hub.flows.audit")
BATCH = 500
MOST_BATCHES = 40
"""Per tenant and round; the next round goes on."""
_LETTERS = {kind: letter for letter, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Key:
    """What seals: the public key's name, both keys, and the secret salt of what digests cover."""

    name: str
    public: bytes
    private: Ed25519PrivateKey
    salt: bytes


def _about(tenant_id: int, name: str) -> str:
    return f"{tenant_id}/seal_key/{name}"


def opened(secret_key: str, tenant_id: int, row: asyncpg.Record) -> Key:
    """A stored key. Raises :class:`hub.errors.SecretError` where it was stored under another HUB_SECRET_KEY."""
    told = orjson.loads(secrets.decrypt(secret_key, row["secret"], _about(tenant_id, row["key_id"])))
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(told["private"]))
    return Key(row["key_id"], row["public"], private, bytes.fromhex(told["salt"]))


async def key_in_use(tx: Connection, tenant_id: int, secret_key: str) -> Key:
    """The tenant's key, made when there is none."""
    row = await SQL["key"].row(tx, tenant=tenant_id)
    if row is None:
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        name = key_id(public)
        told = orjson.dumps({"private": private.private_bytes_raw().hex(), "salt": os.urandom(32).hex()}).decode()
        sealed = secrets.encrypt(secret_key, told, _about(tenant_id, name))
        await SQL["add_key"].run(tx, tenant=tenant_id, key_id=name, public=public, secret=sealed)
        row = await SQL["key"].row(tx, tenant=tenant_id)
        assert row is not None
    return opened(secret_key, tenant_id, row)


# sealing


async def seal_all(pool: Pool, secret_key: str, *, days: int = 0) -> int:
    """Seal what is due of every tenant, and give up entries older than ``days`` (0: none); answers how many entries were sealed."""
    done = 0
    async with pool.acquire() as connection:
        for tenant_id, _ in await tenants(connection):
            for _ in range(MOST_BATCHES):
                async with connection.transaction():
                    sealed = await seal_next(connection, tenant_id, secret_key)
                done += sealed
                if sealed < BATCH:
                    break
            if days:
                async with connection.transaction():
                    await SQL["thin"].value(connection, tenant=tenant_id, days=days)
    return done


async def seal_next(tx: Connection, tenant_id: int, secret_key: str, at: datetime | None = None) -> int:
    """Put what is due, at most a batch of each kind of source, under one seal; answers how many entries."""
    head = await audit.lock_head(tx, tenant_id)
    if head is None:
        return 0
    placed = await SQL["next_changes"].fetch(tx, tenant=tenant_id, after=head["position"], most=BATCH)
    noted = await SQL["next_rows"].fetch(tx, tenant=tenant_id, most=BATCH)
    if not placed and not noted:
        return 0
    key = await key_in_use(tx, tenant_id, secret_key)
    entries = await _standing(tx, tenant_id, [("change", row["change_id"]) for row in placed] + [(row["kind"], row["row_id"]) for row in noted])
    digests = [covers(row_salt(key.salt, one.kind, one.row_id), one.covered) for one in entries]
    leaves = [leaf(one.kind, one.row_id, one.open, covered) for one, covered in zip(entries, digests, strict=True)]
    seal = _sealed(tenant_id, key, head, entries, leaves, at or datetime.now(UTC))
    states = [
        {"place": place, "kind": one.kind, "row_id": one.row_id, "open": one.open, "covered": covered}
        for place, (one, covered) in enumerate(zip(entries, digests, strict=True)) if one.kind != "change"
    ]  # fmt: skip
    await audit.add(tx, tenant_id, seal, states, placed[-1]["position"] if placed else head["position"])
    return len(entries)


async def _standing(tx: Connection, tenant_id: int, wanted: Sequence[tuple[str, int]]) -> list[Entry]:
    """These rows as they stand, in the order they were asked for."""
    found: dict[tuple[str, int], Entry] = {}
    for kind in KINDS.values():
        ids = [row_id for named, row_id in wanted if named == kind]
        found |= {(kind, row_id): one for row_id, one in (await audit.read(tx, tenant_id, kind, ids)).items()}
    return [found[one] for one in wanted]


def _sealed(tenant_id: int, key: Key, head: asyncpg.Record, entries: Sequence[Entry], leaves: Sequence[bytes], at: datetime) -> Seal:
    seal = Seal(
        head["seal_id"] + 1, at, len(entries), merkle_root(leaves), head["digest"], b"", key.name, b"",
        "".join(_LETTERS[one.kind] for one in entries), [one.row_id for one in entries], b"".join(leaves),
    )  # fmt: skip
    digest = seal_digest(told(tenant_id, seal))
    return replace(seal, digest=digest, signature=key.private.sign(digest))


def told(tenant_id: int, seal: Seal, *, with_entries: bool = True) -> dict[str, Any]:
    """A seal as packs tell it: digests in hexadecimal, the instant to the microsecond."""
    head = {
        "tenant": tenant_id, "seal": seal.id, "made_at": seal.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "count": seal.count,
        "root": seal.root.hex(), "previous": seal.previous.hex(), "digest": seal.digest.hex(), "key": seal.key_id, "signature": seal.signature.hex(),
    }  # fmt: skip
    if with_entries and seal.leaves is not None:
        head |= {"kinds": seal.kinds, "ids": list(seal.ids or ()), "leaves": seal.leaves.hex()}
    return head


# verifying


@dataclass
class Verified:
    """What looking through came to: ``problems`` in words, each naming the seal or row; ``head`` is what to note down elsewhere."""

    seals: int = 0
    entries: int = 0
    given_up: int = 0
    problems: list[str] = field(default_factory=list)
    head_seal: int = 0
    head_digest: str = ""
    unsealed: int = 0


async def verify(tx: Connection, tenant_id: int, secret_key: str, *, at_a_time: int = 20) -> Verified:
    """Recompute every entry from its row, every root, the chain and every signature.

    In REPEATABLE READ where somebody may seal meanwhile: what is compared must have stood at one instant.
    """
    head = await SQL["head"].row(tx, tenant=tenant_id)
    found = Verified()
    if head is None:
        return found
    found.head_seal, found.head_digest, found.unsealed = head["seal_id"], head["digest"].hex(), head["due"] + (head["behind"] or 0)
    keys = {row["key_id"]: opened(secret_key, tenant_id, row) for row in await SQL["keys"].fetch(tx, tenant=tenant_id)}
    previous: dict[str, Any] | None = {"seal": 0, "digest": ""}
    async for batch in _in_order(tx, tenant_id, head["seal_id"], at_a_time):
        states = await SQL["states"].fetch(tx, tenant=tenant_id, seals=[seal.id for seal in batch])
        kept = {(row["seal_id"], row["place"]): row for row in states}
        rows = await _rows_of(tx, tenant_id, batch)
        for seal in batch:
            one = told(tenant_id, seal)
            key = keys.get(seal.key_id)
            found.problems += seal_problems(one, previous, key.public if key else None, verify=_is_signed)
            found.problems += _entry_problems(seal, kept, rows, key)
            found.seals, found.entries, found.given_up = found.seals + 1, found.entries + seal.count, found.given_up + (seal.ids is None)
            previous = one
    if previous is not None and previous["seal"] != head["seal_id"]:
        found.problems.append(f"seals {previous['seal'] + 1} to {head['seal_id']} are missing")
    elif previous is not None and previous["digest"] != head["digest"].hex():
        found.problems.append(f"seal {previous['seal']}: it is not the one the head names")
    found.problems += [f"change {row['id']}: no seal holds it" for row in await SQL["unsealed"].fetch(tx, tenant=tenant_id)]
    found.problems += [problem async for problem in _newest_problems(tx, tenant_id, keys)]
    return found


def _is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


async def _in_order(tx: Connection, tenant_id: int, upto: int, at_a_time: int) -> AsyncIterator[list[Seal]]:
    after = 0
    while batch := await audit.seals(tx, tenant_id, after, upto, at_a_time):
        yield batch
        after = batch[-1].id


@dataclass(frozen=True, slots=True)
class _Rows:
    changes: Mapping[int, Entry]
    erased: Mapping[int, Mapping[str, str]]


async def _rows_of(tx: Connection, tenant_id: int, batch: Sequence[Seal]) -> _Rows:
    ids = [one for seal in batch for letter, one in zip(seal.kinds or "", seal.ids or (), strict=False) if letter == "c"]
    return _Rows(await audit.read(tx, tenant_id, "change", ids), await audit.erased(tx, tenant_id, "change", ids))


def _entry_problems(seal: Seal, kept: Mapping[tuple[int, int], asyncpg.Record], rows: _Rows, key: Key | None) -> Iterable[str]:
    """Entries that are not what they were: changes against their rows, the others against their states as they were sealed."""
    if seal.ids is None or key is None:
        return
    for place, (letter, row_id, sealed) in enumerate(zip(seal.kinds or "", seal.ids, split(seal.leaves or b""), strict=False)):
        kind = KINDS.get(letter, letter)
        if kind == "change":
            one = rows.changes[row_id]
            covered = covers(row_salt(key.salt, kind, row_id), one.covered) | dict(rows.erased.get(row_id, {}))
            if one.open.get("gone"):
                yield f"change {row_id}: the row is gone; seal {seal.id} holds it"
            elif leaf(kind, row_id, one.open, covered) != sealed:
                yield f"{label(kind, row_id, one.open)}: it is not as it was when seal {seal.id} was made"
            continue
        state = kept.get((seal.id, place))
        if state is None:
            yield f"{kind} {row_id}: its state as of seal {seal.id} is gone"
        elif leaf(state["kind"], state["row_id"], state["open"], state["covered"]) != sealed:
            yield f"{label(kind, row_id, state['open'])}: its state is not as it was when seal {seal.id} was made"


async def _newest_problems(tx: Connection, tenant_id: int, keys: Mapping[str, Key]) -> AsyncIterator[str]:
    """Rows other than changes that are not what they were when they were sealed last, and do not wait to be sealed anew."""
    for kind in KINDS.values():
        if kind == "change":
            continue
        after = 0
        while rows := await tx.fetch(_NEWEST, tenant_id, kind, after, BATCH):
            after = rows[-1]["row_id"]
            ids = [row["row_id"] for row in rows]
            stand = await audit.read(tx, tenant_id, kind, ids)
            waiting = {row["row_id"] for row in await SQL["waiting"].fetch(tx, tenant=tenant_id, kind=kind, ids=ids)}
            erased = await audit.erased(tx, tenant_id, kind, ids)
            for row in rows:
                one, key = stand[row["row_id"]], keys.get(row["key_id"])
                if row["row_id"] in waiting or key is None:
                    continue
                covered = covers(row_salt(key.salt, kind, one.row_id), one.covered) | dict(erased.get(one.row_id, {}))
                if (dict(one.open), covered) != (row["open"], row["covered"]):
                    yield f"{label(kind, one.row_id, row['open'])}: it is not as it was when seal {row['seal_id']} was made"


_NEWEST = """
    SELECT DISTINCT ON (t.row_id) t.row_id, t.seal_id, t.open, t.covered, s.key_id
      FROM hub.seal_state t JOIN hub.seal s ON s.tenant_id = t.tenant_id AND s.id = t.seal_id
     WHERE t.tenant_id = $1 AND t.kind = $2 AND t.row_id > $3
     ORDER BY t.row_id, t.seal_id DESC
     LIMIT $4
"""


async def looked_through(tx: Connection, tenant_id: int, problems: Sequence[str]) -> None:
    """Keep when the trail was looked through and what came of it; something wrong is an alert."""
    await SQL["looked_through"].run(tx, tenant=tenant_id, finding="; ".join(problems[:10])[:2000])


async def before_erasing(tx: Connection, tenant_id: int, secret_key: str, kind: str, ids: Sequence[int], names: Sequence[str]) -> None:
    """Keep the digests of values that are about to be erased from these rows, so that their seals stay valid.

    ``names``: such as ``after.email``, ``before.email`` of a change, ``reason`` of a decision.
    """
    key = await key_in_use(tx, tenant_id, secret_key)
    rows = []
    for row_id, one in (await audit.read(tx, tenant_id, kind, ids)).items():
        gone = {name: text for name, text in one.covered.items() if name in names}
        if gone:
            rows.append({"row_id": row_id, "covered": covers(row_salt(key.salt, kind, row_id), gone)})
    if rows:
        await SQL["keep_erased"].run(tx, tenant=tenant_id, kind=kind, rows=rows)
