"""Looking for cyclic garbage: never among what a process holds from its start, and seldom where work makes no cycles."""

from __future__ import annotations

import gc


def spare_what_is_there() -> None:
    """Look no more among the objects there are now.

    The api: its schema is half a million objects, and each full look at them stopped every request for a third of a
    second. The pace stays the default one: uvicorn leaves cycles with every request, and 200,000 of them at once are out
    of the processor's caches (10 % of the process, measured; 1 % at the default pace).
    """
    gc.collect()
    gc.freeze()


def collect_rarely() -> None:
    """The same, and look once in 200,000 new objects instead of 700.

    Ingest: a batch holds some 30,000 small values; collecting at the default pace was a third of all Python (259 → 169 µs a
    record, measured; 50,000 still cost 6 µs of 154).
    """
    spare_what_is_there()
    gc.set_threshold(200_000, 20, 20)
