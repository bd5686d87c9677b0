"""New identifiers: UUID version 7, so that keys made together lie together in their indexes."""

from __future__ import annotations

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """A fresh golden id: 48 bits of milliseconds, then randomness (RFC 9562).

    >>> new_id().version
    7
    """
    value = int.from_bytes(os.urandom(10), "big")
    stamp = time.time_ns() // 1_000_000
    high = (stamp << 16) | 0x7000 | (value >> 68 & 0x0FFF)
    low = (0b10 << 62) | (value & 0x3FFF_FFFF_FFFF_FFFF)
    return UUID(int=(high << 64) | low)
