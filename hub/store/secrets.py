"""Secrets at rest: AES-256-GCM under a key derived from HUB_SECRET_KEY, bound to what they belong to.

Stored as one byte of form, four bytes naming the key, twelve of nonce, then ciphertext and tag.
"""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.errors import SecretError

_FORM = b"\x01"


def encrypt(key: str, plaintext: str, about: str) -> bytes:
    """Seal ``plaintext``; only the same ``about`` ("1/subscription/018f…") opens it again."""
    secret = _derived(key)
    nonce = os.urandom(12)
    return _FORM + _name(secret) + nonce + AESGCM(secret).encrypt(nonce, plaintext.encode(), about.encode())


def decrypt(key: str, sealed: bytes, about: str) -> str:
    """Open what :func:`encrypt` made. Raises :class:`SecretError` that says which of the two is wrong.

    >>> decrypt("k", encrypt("k", "whsec_…", "1/a"), "1/a")
    'whsec_…'
    """
    secret = _derived(key)
    if sealed[:1] != _FORM or sealed[1:5] != _name(secret):
        raise SecretError("was stored under another HUB_SECRET_KEY")
    try:
        return AESGCM(secret).decrypt(sealed[5:17], sealed[17:], about.encode()).decode()
    except InvalidTag:
        raise SecretError("is damaged or belongs to something else") from None


def _derived(key: str) -> bytes:
    return hashlib.sha256(b"hub stored secrets\x00" + key.encode()).digest()


def _name(secret: bytes) -> bytes:
    return hashlib.sha256(b"name\x00" + secret).digest()[:4]
