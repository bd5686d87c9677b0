"""Bulk API 2.0 query jobs of the simulated org: begun, done after a while, read in pages of CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.simulator import soql
from connectors.salesforce.simulator.org import Org
from connectors.simulator.rules import Refusal


@dataclass
class Job:
    """One job. ``waits`` is how often it is asked for before it is done."""

    id: str
    query: soql.Query
    operation: str
    rows: list[dict[str, Any]]
    waits: int = 1

    def told(self, state: str) -> dict[str, Any]:
        return {
            "id": self.id, "operation": self.operation, "object": self.query.object, "createdById": "005NB0000000001AAA",
            "createdDate": "2026-05-01T07:25:37.000+0000", "systemModstamp": "2026-05-01T07:25:37.000+0000", "state": state,
            "concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": 62.0, "lineEnding": "LF", "columnDelimiter": "COMMA",
        }  # fmt: skip

    def state(self) -> dict[str, Any]:
        if self.waits > 0:
            self.waits -= 1
            return self.told("InProgress")
        return self.told("JobComplete") | {"jobType": "V2Query", "numberRecordsProcessed": len(self.rows), "retries": 0, "totalProcessingTime": 100}

    def page(self, locator: str, most: int) -> tuple[bytes, str]:
        """CSV of the next records, and the locator of those after them (``null`` at the end)."""
        start = int(locator[2:]) if locator.startswith("MT") else 0
        out = io.StringIO()
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(self.query.fields)
        for row in self.rows[start : start + most]:
            writer.writerow([_text(_cell(row, name)) for name in self.query.fields])
        return out.getvalue().encode(), f"MT{start + most}" if start + most < len(self.rows) else "null"


def begun(org: Org, given: Any, id: str) -> Job | Refusal:
    """A job for what a request asks, or why there is none."""
    try:
        query = soql.parse(str(given["query"]))
        operation = given["operation"]
    except (soql.MalformedError, ValueError, KeyError, TypeError) as error:
        return Refusal("API_ERROR", "", str(error))
    if operation not in ("query", "queryAll"):
        return Refusal("INVALIDJOB", "", f"unknown operation {operation}")
    rows = org.found(query, operation == "queryAll")
    if isinstance(rows, Refusal):
        return rows
    return Job(id, query, operation, [org.cells(row, query.fields) for row in rows])


def _cell(row: dict[str, Any], name: str) -> Any:
    head, _, rest = name.partition(".")
    inner = row.get(head)
    return inner if not rest else _cell(inner, rest) if isinstance(inner, dict) else None


def _text(value: Any) -> str:
    return "" if value is None else "true" if value is True else "false" if value is False else str(value)
