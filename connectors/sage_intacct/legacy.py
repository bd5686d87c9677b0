"""Documents that are made by functions of their own (``create_invoice`` …): the same fields under other names, in a fixed order.

The gateway reads these functions by a grammar in which the order counts, so a table is a sequence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sage_intacct.records import Day, text
from connectors.xml import Element, element_of
from schema.paths import ABSENT, at_path

KEY = "*key"
"""Stands for our key, which goes into ``externalid``."""


@dataclass(frozen=True, slots=True)
class Form:
    """A function: its own elements → ours (dates as year, month, day), and the list of its lines."""

    name: str
    fields: tuple[tuple[str, str], ...]
    lines: str
    line: str
    line_fields: tuple[tuple[str, str], ...]
    dates: frozenset[str]

    def element(self, body: Mapping[str, Any], key: str) -> Element:
        """The function for a body whose only line lies under LINE, or whose lines are a list there."""
        told: dict[str, Any] = self._said(body, self.fields, key)
        given = body.get("LINE") or []
        lines = [self._said(one, self.line_fields, key) for one in (given if isinstance(given, list) else [given])]
        return element_of(self.name, told | {self.lines: {self.line: lines}})

    def _said(self, body: Mapping[str, Any], table: tuple[tuple[str, str], ...], key: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for theirs, ours in table:
            value = key if ours == KEY else at_path(body, ours)
            if value is ABSENT or value is None or value == "":
                continue
            found[theirs] = Day.of(text(value)).said() if theirs in self.dates else value
        return found


_DIMENSIONS = (
    ("locationid", "LOCATIONID"), ("departmentid", "DEPARTMENTID"), ("projectid", "PROJECTID"), ("taskid", "TASKID"), ("customerid", "CUSTOMERID"),
    ("employeeid", "EMPLOYEEID"), ("itemid", "ITEMID"), ("classid", "CLASSID"),
)  # fmt: skip
_DATES = frozenset({"datecreated", "dateposted", "datedue", "expensedate"})
_RECEIVABLE = (("glaccountno", "ACCOUNTNO"), ("accountlabel", "ACCOUNTLABEL"), ("amount", "TRX_AMOUNT"), ("memo", "ENTRYDESCRIPTION"), *_DIMENSIONS)

FORMS: Mapping[str, Form] = {
    one.name: one
    for one in (
        Form(
            "create_invoice",
            (
                ("customerid", "CUSTOMERID"), ("datecreated", "WHENCREATED"), ("dateposted", "WHENPOSTED"), ("datedue", "WHENDUE"),
                ("termname", "TERMNAME"), ("action", "ACTION"), ("invoiceno", "RECORDID"), ("ponumber", "DOCNUMBER"), ("description", "DESCRIPTION"),
                ("externalid", KEY), ("basecurr", "BASECURR"), ("currency", "CURRENCY"), ("exchratetype", "EXCH_RATE_TYPE_ID"),
            ),
            "invoiceitems", "lineitem", _RECEIVABLE, _DATES,
        ),
        Form(
            "create_aradjustment",
            (
                ("customerid", "CUSTOMERID"), ("datecreated", "WHENCREATED"), ("dateposted", "WHENPOSTED"), ("adjustmentno", "RECORDID"),
                ("action", "ACTION"), ("invoiceno", "DOCNUMBER"), ("description", "DESCRIPTION"), ("externalid", KEY), ("basecurr", "BASECURR"),
                ("currency", "CURRENCY"), ("exchratetype", "EXCH_RATE_TYPE_ID"),
            ),
            "aradjustmentitems", "lineitem", _RECEIVABLE, _DATES,
        ),
        Form(
            "create_expensereport",
            (
                ("employeeid", "EMPLOYEEID"), ("datecreated", "WHENCREATED"), ("expensereportno", "RECORDID"), ("state", "STATE"),
                ("description", "DESCRIPTION"), ("externalid", KEY), ("basecurr", "BASECURR"), ("currency", "CURRENCY"),
            ),
            "expenses", "expense",
            (
                ("expensetype", "EXPENSETYPE"), ("glaccountno", "ACCOUNTNO"), ("amount", "AMOUNT"), ("expensedate", "ENTRY_DATE"), ("memo", "DESCRIPTION"),
                *_DIMENSIONS, ("billable", "BILLABLE"),
            ),
            _DATES,
        ),
    )
}  # fmt: skip
