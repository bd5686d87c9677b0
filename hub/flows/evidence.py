"""Evidence packs: what happened to some records in a time, with the seals over it and a verifier, in one file for an auditor.

A pack is a zip that proves itself: records, the chain of seals that holds them, public keys, a signed manifest, and ``verify.py``,
which needs nothing but Python and says OK or which row is not as it was sealed. It holds personal values: it is for whoever may see them.
"""

from __future__ import annotations

import hashlib
import io
import inspect
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from hub.core import audit as rules
from hub.core.audit import KINDS, canonical, covers, row_salt
from hub.errors import RequestError
from hub.flows.audit import Key, key_in_use, opened, told
from hub.store import audit, referrers
from hub.store.audit import SQL, Entry, Seal
from hub.store.statements import Connection
from schema import ENTITIES

MOST = 200_000
DEPTH = 3
"""How far down the records that hang on a client are followed: client → project → time entry → billable item."""
MAIN = Path(__file__).with_name("evidence_main.txt")
README = """Evidence of what happened to records of a hub.

Run      python3 verify.py            (Python 3.9 or later, nothing else)
It says  OK, or which file, seal or row is not as it was sealed.

records.ndjson  one row a line: what is open as it is, values by name as JSON text, with the salt of their digests.
                "erased" holds the digests of values that were erased since, as the law asks: the row stays proven without them.
seals.ndjson    the chain of seals that holds the rows. A seal is a Merkle root over the digests of its entries, the digest
                of the seal before and an Ed25519 signature. The digests of entries that are not in this pack tell nothing.
keys.json       the public keys. Compare their names with what the firm told you on another way.
manifest.json   what the pack is about and the digest of each file; manifest.sig signs it.

Rows newer than the newest seal are not in the pack. A row that stands in several seals (a decision that was withdrawn later)
is there once per seal, as it was then; of values that changed since, the digest.
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a pack is about: everything, or records and what hangs on them, in a time (``until`` not included)."""

    since: datetime
    until: datetime
    entity: str = ""
    record: UUID | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """A finished pack and what is in it."""

    content: bytes
    records: int
    seals: int
    unsealed: int
    """Rows of the time that no seal holds yet."""


async def pack(tx: Connection, tenant_id: int, tenant: str, secret_key: str, wish: Wish, at: datetime) -> Pack:
    """Put a pack together. Raises :class:`RequestError` when it would hold more than 200,000 rows."""
    key = await key_in_use(tx, tenant_id, secret_key)
    wanted = await audit.entries(tx, tenant_id, await _records(tx, tenant_id, wish), wish.since, wish.until, MOST + 1)
    if len(wanted) > MOST:
        raise RequestError("TOO_LARGE", f"a pack holds at most {MOST} rows", field="from", remedy="Ask for a shorter time, or for one client.")
    stored = {row["key_id"]: row for row in await SQL["keys"].fetch(tx, tenant=tenant_id)}
    keys = {name: opened(secret_key, tenant_id, row) for name, row in stored.items()}
    records, numbers, unsealed = await _proven(tx, tenant_id, keys, wanted)
    chain = await _chain(tx, tenant_id, numbers)
    files = {
        "README.txt": README.encode(),
        "verify.py": verifier().encode(),
        "keys.json": _json([{"key": name, "public": one.public.hex(), "made_at": str(stored[name]["made_at"])} for name, one in keys.items()]),
        "seals.ndjson": _lines(told(tenant_id, seal, with_entries=seal.id in numbers) for seal in chain),
        "records.ndjson": _lines(records),
    }
    about = {
        "tenant": tenant, "from": wish.since.isoformat(), "to": wish.until.isoformat(), "entity": wish.entity, "record": str(wish.record or ""),
        "made_at": at.astimezone(UTC).isoformat(), "records": len(records), "seals": len(chain), "unsealed": unsealed,
        "head": {"seal": chain[-1].id, "digest": chain[-1].digest.hex()} if chain else None,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }  # fmt: skip
    manifest = _json(about)
    signature = key.private.sign(hashlib.sha256(manifest).digest())
    files |= {"manifest.json": manifest, "manifest.sig": _json({"key": key.name, "signature": signature.hex()})}
    return Pack(_zipped(files, at), len(records), len(chain), unsealed)


async def _records(tx: Connection, tenant_id: int, wish: Wish) -> list[UUID] | None:
    """The record and what hangs on it; None for all there are."""
    if wish.record is None:
        return None
    level: Mapping[str, set[UUID]] = {wish.entity: {wish.record}}
    known: dict[str, set[UUID]] = {wish.entity: {wish.record}}
    for _ in range(DEPTH):
        deeper: dict[str, set[UUID]] = {}
        for entity, ids in level.items():
            for name, several in (await referrers.of(tx, tenant_id, entity, ids)).items():
                if fresh := several - known.get(name, set()):
                    deeper.setdefault(name, set()).update(fresh)
                    known.setdefault(name, set()).update(fresh)
        level = deeper
    return sorted(one for several in known.values() for one in several)


async def _proven(
    tx: Connection, tenant_id: int, keys: Mapping[str, Key], wanted: Sequence[tuple[str, int]]
) -> tuple[list[dict[str, Any]], set[int], int]:
    """Each row as it is sealed, the seals that hold them, and how many rows none holds yet."""
    records: list[dict[str, Any]] = []
    numbers: set[int] = set()
    unsealed = 0
    for kind in KINDS.values():
        ids = [row_id for named, row_id in wanted if named == kind]
        for at in range(0, len(ids), 1_000):
            some = ids[at : at + 1_000]
            sealed = await audit.sealed_in(tx, tenant_id, kind, some)
            standing = await audit.read(tx, tenant_id, kind, some)
            erased = await audit.erased(tx, tenant_id, kind, some)
            seals = {one.id: one for one in await _some(tx, tenant_id, {number for numbers_ in sealed.values() for number in numbers_})}
            states = {(row["seal_id"], row["kind"], row["row_id"]): row for row in await SQL["states"].fetch(tx, tenant=tenant_id, seals=list(seals))}
            for row_id in some:
                for number in sealed.get(row_id, ()):
                    record = _record(standing[row_id], seals[number], erased.get(row_id, {}), states, keys)
                    records.append(record)
                    numbers.add(number)
                unsealed += row_id not in sealed
    return records, numbers, unsealed


def _record(
    one: Entry, seal: Seal, erased: Mapping[str, str], states: Mapping[tuple[int, str, int], Any], keys: Mapping[str, Key]
) -> dict[str, Any]:  # fmt: skip
    letter = next(letter for letter, kind in KINDS.items() if kind == one.kind)
    places = [at for at, (named, row_id) in enumerate(zip(seal.kinds or "", seal.ids or (), strict=True)) if (named, row_id) == (letter, one.row_id)]
    salt = row_salt(keys[seal.key_id].salt, one.kind, one.row_id)
    state = states.get((seal.id, one.kind, one.row_id))
    open_, covered, hidden = one.open, dict(one.covered), dict(erased)
    if state is not None:  # as it was then: what changed since is shown by its digest
        open_, same = state["open"], covers(salt, covered)
        covered = {name: text for name, text in covered.items() if same[name] == state["covered"].get(name)}
        hidden = {name: digest for name, digest in state["covered"].items() if name not in covered}
    covered = {name: text for name, text in covered.items() if name not in hidden}
    return {
        "kind": one.kind, "id": one.row_id, "seal": seal.id, "place": places[0] if places else -1, "open": open_, "covered": covered,
        "salt": salt.hex(), "erased": hidden,
    }  # fmt: skip


async def _some(tx: Connection, tenant_id: int, numbers: Iterable[int]) -> list[Seal]:
    found: list[Seal] = []
    for first, last in _runs(sorted(numbers)):
        found += await audit.seals(tx, tenant_id, first - 1, last, last - first + 1)
    return found


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """
    >>> _runs([1, 2, 3, 7])
    [(1, 3), (7, 7)]
    """
    runs: list[tuple[int, int]] = []
    for one in numbers:
        if runs and runs[-1][1] == one - 1:
            runs[-1] = (runs[-1][0], one)
        else:
            runs.append((one, one))
    return runs


async def _chain(tx: Connection, tenant_id: int, numbers: set[int]) -> list[Seal]:
    """Every seal from the first that holds a row to the last, without a gap."""
    if not numbers:
        return []
    return await audit.seals(tx, tenant_id, min(numbers) - 1, max(numbers), max(numbers))


def verifier() -> str:
    """The one file an auditor runs: the very rules the hub seals by, and a main."""
    return "#!/usr/bin/env python3\n" + inspect.getsource(rules) + MAIN.read_text()


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(canonical(row) + b"\n" for row in rows)


def _zipped(files: Mapping[str, bytes], at: datetime) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, at.astimezone(UTC).timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def need_entity(name: str) -> str:
    """An entity's name as the model has it."""
    if name not in ENTITIES:
        raise RequestError("UNKNOWN_ENTITY", f"{name[:60]!r} is not an entity", field="entity", remedy="Use names like client.")
    return name
