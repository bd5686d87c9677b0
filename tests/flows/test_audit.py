"""The sealed trail: whoever changes, adds or takes away anything of it is found, row by row, online and on an auditor's machine."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.core.audit import named, pack_problems
from hub.flows import audit, evidence
from hub.flows.evidence import Wish
from hub.store import feed
from hub.store.pool import open_worker_pool
from tests.conftest import Database
from tests.flows.conftest import Hub

KEY = "a secret key of tests"
LONG_AGO, FAR = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


async def sealed(hub: Hub) -> int:
    async with hub.pool.acquire() as tx:
        async with tx.transaction():
            await feed.sequence(tx, hub.tenant)
        async with tx.transaction():
            return await audit.seal_next(tx, hub.tenant, KEY)


async def problems(hub: Hub) -> list[str]:
    async with hub.pool.acquire() as tx, tx.transaction():
        return (await audit.verify(tx, hub.tenant, KEY)).problems


async def decided(hub: Hub, golden_id: UUID, reason: str = "said by telephone") -> int:
    found: int = await hub.pool.fetchval(
        """INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, field, value, reason, actor)
           VALUES ($1, 'override', 'client', $2, 'legal_name', '"ACME"', $3, 'steward:ann') RETURNING id""",
        hub.tenant, golden_id, reason,
    )  # fmt: skip
    return found


@pytest.fixture
async def client(hub: Hub) -> UUID:
    """A client with three versions in two seals, and a decision that was withdrawn after its first seal."""
    golden_id = await hub.told("crm", "client", "1", {"name": "ACME Ltd", "phone": "+493012345678"})
    assert golden_id is not None
    decision = await decided(hub, golden_id)
    await sealed(hub)
    await hub.pool.fetchval("SELECT nextval(pg_get_serial_sequence('hub.change', 'id'))")  # as a transaction that is rolled back leaves it
    await hub.told("crm", "client", "1", {"name": "ACME Limited", "phone": "+493012345678"})
    await hub.told("crm", "client", "2", {"name": "Globex", "phone": "+493076543210"})
    await hub.pool.execute("UPDATE hub.decision SET withdrawn_at = now(), withdrawn_by = 'steward:bob' WHERE id = $1", decision)
    await sealed(hub)
    return golden_id


async def test_what_happened_is_sealed_once_and_whole(hub: Hub, client: UUID) -> None:
    async with hub.pool.acquire() as tx, tx.transaction():
        found = await audit.verify(tx, hub.tenant, KEY)
    assert (found.problems, found.seals, found.entries, found.unsealed) == ([], 2, 5, 0)
    assert await sealed(hub) == 0


TAMPERING = {
    "a changed value": ("""UPDATE hub.change SET after = after || '{"name": "ACMF Ltd"}' WHERE version = 1 AND entity = 'client'""", "it is not as it was when seal 1"),
    "another actor": ("UPDATE hub.change SET actor = 'nobody' WHERE id = (SELECT min(id) FROM hub.change)", "it is not as it was when seal 1"),
    "a change gone": ("DELETE FROM hub.change WHERE id = (SELECT min(id) FROM hub.change)", "the row is gone; seal 1 holds it"),
    "a reason": ("UPDATE hub.decision SET reason = 'said by fax'", "decision 1 (client"),
    "who withdrew": ("UPDATE hub.decision SET withdrawn_by = 'steward:ann'", "decision 1 (client"),
    "a decision gone": ("DELETE FROM hub.decision", "decision 1 (client"),
    "a state": ("""UPDATE hub.seal_state SET open = open || '{"actor": "x"}' WHERE seal_id = 1""", "its state is not as it was when seal 1"),
    "a covered state": ("UPDATE hub.seal_state SET covered = covered - 'reason' WHERE seal_id = 1", "its state is not as it was when seal 1"),
    "a state gone": ("DELETE FROM hub.seal_state WHERE seal_id = 1", "its state as of seal 1 is gone"),
    "a leaf": ("UPDATE hub.seal SET leaves = set_byte(leaves, 3, get_byte(leaves, 3) # 1) WHERE id = 2", "seal 2: its entries do not fit its root"),
    "an id": ("UPDATE hub.seal SET ids[1] = ids[1] + 100 WHERE id = 2", "the row is gone; seal 2 holds it"),
    "a root": ("UPDATE hub.seal SET root = set_byte(root, 3, get_byte(root, 3) # 1) WHERE id = 2", "seal 2: its head does not fit its digest"),
    "an instant": ("UPDATE hub.seal SET made_at = made_at + interval '1 s' WHERE id = 1", "seal 1: its head does not fit its digest"),
    "a signature": ("UPDATE hub.seal SET signature = set_byte(signature, 3, get_byte(signature, 3) # 1) WHERE id = 1", "seal 1: its signature is wrong"),
    "the chain": ("UPDATE hub.seal SET previous = digest WHERE id = 2", "seal 2: it does not continue seal 1"),
    "the first seal": ("DELETE FROM hub.seal WHERE id = 1", "seal 2: seals 1 to 1 are missing"),
    "the last seal": ("DELETE FROM hub.seal WHERE id = 2", "seals 2 to 2 are missing"),
    "another key": ("UPDATE hub.seal_key SET public = set_byte(public, 3, get_byte(public, 3) # 1)", "its signature is wrong"),
    "a change put in": (
        """INSERT INTO hub.change (tenant_id, id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, at)
           OVERRIDING SYSTEM VALUE SELECT tenant_id, 2, entity, gen_random_uuid(), 1, op, before, after, cause, actor, '', at - interval '1 day'
             FROM hub.change ORDER BY id LIMIT 1""", "change 2: no seal holds it",
    ),
}  # fmt: skip


async def test_every_tampering_past_the_hub_is_named(hub: Hub, client: UUID, database: Database) -> None:
    """The owner of the database, with triggers off, is the strongest attacker there is; each attack is taken back."""
    owners = await open_worker_pool(database.owner_url, size=1)
    missed = {}
    async with owners.acquire() as owner:
        for what, (statement, told) in TAMPERING.items():
            undone = owner.transaction()
            await undone.start()
            await owner.execute("SET LOCAL session_replication_role = replica")
            await owner.execute(statement)
            found = (await audit.verify(owner, hub.tenant, KEY)).problems
            await undone.rollback()
            if not any(told in one for one in found):
                missed[what] = found
    await owners.close()
    assert missed == {}
    assert await problems(hub) == []


async def test_what_changes_through_the_hub_is_sealed_anew_and_its_earlier_state_stays(hub: Hub, client: UUID) -> None:
    await hub.pool.execute("UPDATE hub.decision SET reason = 'said by fax'")
    assert await problems(hub) == []
    assert await sealed(hub) == 1
    assert await problems(hub) == []
    rows = await hub.rows("SELECT seal_id, open ->> 'withdrawn_by' AS who FROM hub.seal_state ORDER BY seal_id")
    assert rows == [{"seal_id": 1, "who": None}, {"seal_id": 2, "who": "steward:bob"}, {"seal_id": 3, "who": "steward:bob"}]


async def test_an_erased_value_leaves_every_seal_valid(hub: Hub, client: UUID, database: Database) -> None:
    changes = [row["id"] for row in await hub.rows("SELECT id FROM hub.change WHERE golden_id = $1", client)]
    async with hub.transaction() as (tx, _):
        await audit.before_erasing(tx, hub.tenant, KEY, "change", changes, ["before.phone", "after.phone"])
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("UPDATE hub.change SET after = after - 'phone' WHERE golden_id = $1", client)
    assert await problems(hub) == []
    files = members(await packed(hub, client))
    assert (named(pack_problems(files)), b"3012345678" in b"".join(files.values())) == ([], False)
    await owner.execute("UPDATE hub.change SET after = after - 'name' WHERE golden_id = $1", client)
    await owner.close()
    assert len(await problems(hub)) == 2


async def test_retention_gives_up_entries_and_keeps_the_chain(hub: Hub, client: UUID, database: Database) -> None:
    owner = await asyncpg.connect(database.owner_url)
    assert await audit.seal_all(hub.pool, KEY, days=30) == 0
    async with hub.transaction() as (tx, _):
        assert (await audit.verify(tx, hub.tenant, KEY)).given_up == 0
    await owner.execute("UPDATE hub.seal SET kinds = NULL, ids = NULL, leaves = NULL WHERE id = 1; DELETE FROM hub.seal_state WHERE seal_id = 1")
    await owner.close()
    async with hub.transaction() as (tx, _):
        found = await audit.verify(tx, hub.tenant, KEY)
    assert (found.problems, found.given_up) == ([], 1)


async def test_the_worker_cannot_rewrite_a_seal(hub: Hub, client: UUID) -> None:
    for statement in ("UPDATE hub.seal SET root = ''", "DELETE FROM hub.seal", "UPDATE hub.seal_state SET kind = ''", "UPDATE hub.change SET actor = ''"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await hub.pool.execute(statement)


async def test_a_stolen_row_of_the_key_is_of_no_use_elsewhere(hub: Hub, client: UUID) -> None:
    row = (await hub.rows("SELECT secret FROM hub.seal_key"))[0]
    assert b"private" not in row["secret"]


# evidence packs


async def packed(hub: Hub, record: UUID | None = None) -> bytes:
    async with hub.transaction() as (tx, _):
        wish = Wish(LONG_AGO, FAR, "client" if record else "", record)
        return (await evidence.pack(tx, hub.tenant, "north", KEY, wish, datetime(2026, 5, 17, tzinfo=UTC))).content


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def run_verifier(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """With nothing but the standard library: isolated, without site packages."""
    return subprocess.run([sys.executable, "-I", "-S", str(folder / "verify.py"), *arguments], capture_output=True, text=True, timeout=60, check=False)


async def test_a_pack_proves_itself_on_a_machine_with_nothing_but_python(hub: Hub, client: UUID, tmp_path: Path) -> None:
    content = await packed(hub, client)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    done = run_verifier(tmp_path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "OK: 4 rows in 2 seals are as they were sealed.")
    (tmp_path / "pack.zip").write_bytes(content)
    assert run_verifier(tmp_path, str(tmp_path / "pack.zip")).returncode == 0
    records = [json.loads(line) for line in (tmp_path / "records.ndjson").read_text().splitlines()]
    records[0]["covered"]["after.name"] = '"ACMF Ltd"'
    (tmp_path / "records.ndjson").write_text("".join(json.dumps(one) + "\n" for one in records))
    done = run_verifier(tmp_path)
    assert done.returncode == 1
    assert f"change 1 (client {client} version 1): it is not as it was when seal 1 was made" in done.stdout


async def test_a_pack_holds_the_client_asked_for_and_not_the_others(hub: Hub, client: UUID) -> None:
    text = members(await packed(hub, client))["records.ndjson"].decode()
    assert ("ACME Limited" in text, "said by telephone" in text, "Globex" in text) == (True, True, False)
    assert "Globex" in members(await packed(hub))["records.ndjson"].decode()


async def test_one_byte_flipped_anywhere_in_a_pack_is_found_and_its_file_named(hub: Hub, client: UUID) -> None:
    files = members(await packed(hub, client))
    assert named(pack_problems(files)) == []
    for name, content in files.items():
        for at in range(0, len(content), max(len(content) // 20, 1)):
            flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
            found = " ".join(named(pack_problems({**files, name: flipped})))
            assert name in found, (name, at, found)


@pytest.mark.parametrize("where", ["open", "covered", "salt", "erased", "place", "seal", "id"])
async def test_an_altered_record_is_named_by_its_row_even_if_the_manifest_were_made_anew(hub: Hub, client: UUID, where: str) -> None:
    files = members(await packed(hub, client))
    records = [json.loads(line) for line in files["records.ndjson"].splitlines()]
    one = records[0]
    one[where] = altered(one[where])
    files["records.ndjson"] = "\n".join(map(json.dumps, records)).encode()
    assert [problem for problem in pack_problems(files) if problem.startswith(f"{one['kind']} {one['id']}")] != []


def altered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {**value, "more": "x"}
    return value + 1 if isinstance(value, int) else ("1" if value[0] == "0" else "0") + value[1:]


async def test_what_was_there_before_anything_was_sealed_is_sealed_too(hub: Hub, database: Database) -> None:
    owner = await asyncpg.connect(database.owner_url)
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")  # as before there were triggers
        await owner.execute("INSERT INTO hub.action (tenant_id, kind, actor) VALUES ($1, 'merge', 'steward:ann')", hub.tenant)
        await owner.execute("INSERT INTO hub.decision (tenant_id, kind, entity, actor) VALUES ($1, 'same', 'client', 'steward:ann')", hub.tenant)
    await owner.close()
    assert (await sealed(hub), await sealed(hub), await problems(hub)) == (2, 0, [])


async def test_two_tenants_have_chains_and_keys_of_their_own(hub: Hub, client: UUID) -> None:
    other = await hub.pool.fetchval("INSERT INTO hub.tenant (slug, name) VALUES ('south', 'south') RETURNING id")
    await hub.pool.execute("INSERT INTO hub.decision (tenant_id, kind, entity, actor) VALUES ($1, 'same', 'client', 'x')", other)
    assert await audit.seal_all(hub.pool, KEY) == 1
    rows = await hub.rows("SELECT tenant_id, count(*) AS seals, count(DISTINCT key_id) AS keys FROM hub.seal GROUP BY 1 ORDER BY 1")
    assert rows == [{"tenant_id": hub.tenant, "seals": 2, "keys": 1}, {"tenant_id": other, "seals": 1, "keys": 1}]
    assert await hub.pool.fetchval("SELECT count(DISTINCT key_id) FROM hub.seal_key") == 2


