"""Jobs of the simulated account: requests done in the background, one task each, and what became of their records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Jobs:
    """``waits`` is how often a job is asked for before it is done."""

    waits: int = 1
    _results: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _left: dict[str, int] = field(default_factory=dict)
    _by_key: dict[str, str] = field(default_factory=dict)

    def begun(self, results: list[dict[str, Any]], key: str) -> str:
        id = str(len(self._results) + 1)
        self._results[id], self._left[id], self._by_key[key] = results, self.waits, id
        return id

    def of_key(self, key: str) -> str:
        return self._by_key.get(key, "") if key else ""

    def told(self, id: str, path: str, href: str) -> dict[str, Any] | None:
        """The state of a job, its tasks, or what became of its records; None when there is no such job."""
        if id not in self._results:
            return None
        results = self._results[id]
        if path.endswith("/result"):
            return {"links": [], "count": len(results), "items": results} if len(results) > 1 else results[0] | {"items": results}
        if self._left[id] > 0 and not path.endswith("/task"):
            self._left[id] -= 1
            return {"completed": False, "id": id, "progress": "pending", "task": {"links": [{"rel": "self", "href": f"{href}/task/"}]}}
        if "/task" in path:
            return {
                "links": [],
                "items": [{"links": [{"rel": "self", "href": f"{href}/task/1"}], "id": "1", "completed": True, "progress": "succeeded"}],
            }
        return {"completed": True, "id": id, "progress": "succeeded", "task": {"links": [{"rel": "self", "href": f"{href}/task/"}]}}
