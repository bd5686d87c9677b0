"""What people did with tasks like this one, as a suggestion with the share of those who did so. Pure; never applied by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

FEWEST = 3
"""Fewer resolved tasks teach nothing."""


class Habits:
    """Resolved tasks by cause, system and field, widened step by step where there are too few."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._seen: dict[tuple[str, ...], dict[tuple[str, str], int]] = {}
        for row in rows:
            answer = (row["kind"], " ".join(str(row["resolution"]).split())[:200])
            for key in _keys(row["cause"], row["system"] or "", row["field"] or ""):
                counts = self._seen.setdefault(key, {})
                counts[answer] = counts.get(answer, 0) + int(row["tasks"])

    def suggestion(self, cause: str, system: str | None, field: str | None) -> dict[str, Any] | None:
        """``{action, resolution, confidence, of, like}``, or None when too few are known or they disagree too much.

        The confidence is the share of the commonest answer, one unknown case counted against it.

        >>> told = {"cause": "locked", "system": "crm", "field": "name", "kind": "accept", "resolution": "agreed", "tasks": 9}
        >>> Habits([told]).suggestion("locked", "crm", "name")
        {'action': 'accept', 'resolution': 'agreed', 'confidence': 0.9, 'of': 9, 'like': 'cause, system and field'}
        """
        for key, like in zip(_keys(cause, system or "", field or ""), ("cause, system and field", "cause and system", "cause"), strict=True):
            counts = self._seen.get(key, {})
            total = sum(counts.values())
            if total >= FEWEST:
                (action, resolution), most = max(counts.items(), key=lambda one: (one[1], one[0]))
                share = round(most / (total + 1), 3)
                return {"action": action, "resolution": resolution, "confidence": share, "of": total, "like": like} if share >= 0.5 else None
        return None


def _keys(cause: str, system: str, field: str) -> tuple[tuple[str, ...], ...]:
    return (cause, system, field), (cause, system), (cause,)
