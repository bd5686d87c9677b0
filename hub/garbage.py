"""Looking for cyclic garbage seldom, in processes that hold much from the start and make no cycles afterwards."""

from __future__ import annotations

import gc


def collect_rarely() -> None:
    """Look once in 200,000 new objects instead of 700, and never among what is there now.

    Ingest: a batch holds some 30,000 small values; collecting at the default pace was a third of all Python (259 → 169 µs a
    record, measured; 50,000 still cost 6 µs of 154). The api: its schema is half a million objects, and each full look at
    them stopped every request for a third of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)
