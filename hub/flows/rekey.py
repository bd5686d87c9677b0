"""Seal every stored secret under the key in use, a batch a transaction, beside everything that reads them.

A row that no readable key opens is left as it is and counted: whoever has its key runs this again.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.errors import SecretError
from hub.store import secrets
from hub.store.pool import Pool
from hub.store.secrets import HOLDERS, Holder

BATCH = 200


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """Rows sealed anew, and rows that no key we have opens, as "system 1/erp"."""

    done: int
    closed: tuple[str, ...]


async def rekey(pool: Pool, key: str, *, every: bool = False, batch: int = BATCH) -> Rekeyed:
    """Seal what lies under another key anew; ``every``: also what lies under this one (bound to its tenant from then on)."""
    done, closed = 0, []
    for holder in HOLDERS:
        after = (0, "")
        while True:
            async with pool.acquire() as connection, connection.transaction():
                rows = await secrets.others(connection, holder, b"" if every else secrets.begins_with(key), after, batch)
                sealed = [(row["tenant_id"], row["row_id"], _again(key, holder, row)) for row in rows]
                good = [(tenant_id, row_id, one) for tenant_id, row_id, one in sealed if one is not None]
                if good:
                    await secrets.put_back(connection, holder, good)
            done += len(good)
            closed += [f"{holder.noun} {tenant_id}/{row_id}" for tenant_id, row_id, one in sealed if one is None]
            if len(rows) < batch:
                break
            after = (rows[-1]["tenant_id"], rows[-1]["row_id"])
    return Rekeyed(done, tuple(closed))


def _again(key: str, holder: Holder, row: dict[str, object]) -> bytes | None:
    """The row's secret under the key in use; None when it cannot be opened."""
    tenant_id, row_id, sealed = row["tenant_id"], str(row["row_id"]), row["sealed"]
    assert isinstance(tenant_id, int) and isinstance(sealed, bytes)
    about = holder.about(tenant_id, row_id)
    try:
        return secrets.encrypt(key, secrets.decrypt(key, sealed, about, holder.formerly(row_id)), about)
    except SecretError:
        return None
