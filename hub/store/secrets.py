"""Secrets at rest: AES-256-GCM under a key derived from HUB_SECRET_KEY, bound to the tenant and row they belong to.

Stored as one byte of form, four bytes naming the key, twelve of nonce, then ciphertext and tag. While the key is rotated
several can be read (HUB_SECRET_KEYS_FORMER) and one writes; ``hub rekey`` seals every row anew.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.errors import SecretError
from hub.store.statements import Connection, statements

SQL = statements("secrets")
_FORM = b"\x01"
_besides: tuple[str, ...] = ()


def read_also(keys: Sequence[str]) -> None:
    """Keys this process reads with besides the one it is given; told once, where the process begins."""
    global _besides
    _besides = tuple(keys)


def readable(key: str) -> tuple[str, ...]:
    """All keys that are read with, the given one first."""
    return (key, *(one for one in _besides if one != key))


def encrypt(key: str, plaintext: str, about: str) -> bytes:
    """Seal ``plaintext``; only the same ``about`` ("1/subscription/018f…") opens it again."""
    secret = _derived(key)
    nonce = os.urandom(12)
    return _FORM + _name(secret) + nonce + AESGCM(secret).encrypt(nonce, plaintext.encode(), about.encode())


def decrypt(key: str, sealed: bytes, about: str, formerly: str = "") -> str:
    """Open what :func:`encrypt` made, under this key or one that is read besides it.

    ``formerly``: what rows were bound to before they were bound to their tenant. Raises :class:`SecretError` that says
    which of key and row is wrong.

    >>> decrypt("k", encrypt("k", "whsec_…", "1/a"), "1/a")
    'whsec_…'
    """
    secret = next((one for one in map(_derived, readable(key)) if sealed[1:5] == _name(one)), None)
    if sealed[:1] != _FORM or secret is None:
        raise SecretError("was stored under another HUB_SECRET_KEY")
    for bound in (about, formerly) if formerly else (about,):
        try:
            return AESGCM(secret).decrypt(sealed[5:17], sealed[17:], bound.encode()).decode()
        except InvalidTag:
            continue
    raise SecretError("is damaged or belongs to something else")


def begins_with(key: str) -> bytes:
    """How everything sealed under a key begins."""
    return _FORM + _name(_derived(key))


def _derived(key: str) -> bytes:
    return hashlib.sha256(b"hub stored secrets\x00" + key.encode()).digest()


def _name(secret: bytes) -> bytes:
    return hashlib.sha256(b"name\x00" + secret).digest()[:4]


# every row that holds one


@dataclass(frozen=True, slots=True)
class Holder:
    """A table that keeps secrets: its statements in ``secrets.sql`` and what a row is bound to."""

    table: str
    column: str
    noun: str
    is_bound_to_tenant: bool = True
    """False: rows of former builds were bound to themselves alone."""

    def about(self, tenant_id: int, row_id: str) -> str:
        return f"{tenant_id}/{self.noun}/{row_id}"

    def formerly(self, row_id: str) -> str:
        return "" if self.is_bound_to_tenant else f"{self.noun}/{row_id}"


HOLDERS = (
    Holder("system", "secrets", "system"),
    Holder("subscription", "secret", "subscription", is_bound_to_tenant=False),
    Holder("seal_key", "secret", "seal_key"),
)
"""What ``hub rekey`` goes through; a test sees that no column of secrets is missing."""


async def others(tx: Connection, holder: Holder, begins: bytes, after: tuple[int, str], most: int) -> list[Any]:
    """The next rows (tenant_id, row_id, sealed) that do not begin so, locked; a beginning of ``b""``: all."""
    return await SQL[f"{holder.table}_others"].fetch(tx, begins=begins, tenant=after[0], row_id=after[1], most=most)


async def put_back(tx: Connection, holder: Holder, rows: Sequence[tuple[int, str, bytes]]) -> None:
    """Store rows sealed anew."""
    await SQL[f"{holder.table}_put"].run(
        tx, tenants=[row[0] for row in rows], row_ids=[row[1] for row in rows], sealed=[row[2] for row in rows]
    )
