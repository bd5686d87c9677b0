"""Recorded operations: ``operations/<name>.graphql`` with ``<name>.json``, which says for whom, with which variables, what
the answer is and how many statements it takes, and ``<name>.sql``, the one statement of a canonical read. Set ``RECORD=1`` to write the answers anew, then read the difference.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from graphql import parse

from hub.api.access import Role
from hub.api.compile.build import NotCompiledError
from hub.api.compile.document import compile_operation
from hub.api.compile.variables import UnfitError, coerced, variable_types
from hub.api.errors import ApiError
from hub.api.limits import operation_of
from hub.api.schema import build
from hub.core.records import Lineage
from tests.api.conftest import Api, Tenant

HERE = Path(__file__).parent / "operations"
NAMES = sorted(path.stem for path in HERE.glob("*.graphql"))


def uid(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012d}"


@pytest.fixture
async def firm(api: Api, acme: Tenant) -> Tenant:
    """A small firm: a client known to CRM and ERP, its people, a contract, a project and hours."""
    crm = await api.source(acme, "crm", "A-1", "client", None, name="Northbeam", country="DE", **{"extra.branch": "north"})
    erp = await api.source(acme, "erp", "10042", "client", None, object="customer", name="NORTHBEAM GMBH", legal_name="Northbeam GmbH", **{"extra.branch": "N"})
    by_crm, by_erp = Lineage(crm, 0, "owner", False), Lineage(erp, 0, "owner", False)
    client = UUID(uid(1))
    values = {"name": "Northbeam", "country": "DE"}
    await api.golden(acme, "client", id=client, lineage={"name": by_crm, "country": by_crm}, **values)
    await api.golden(
        acme, "client", id=client, version=2, before={"legal_name": None},
        lineage={"name": by_crm, "country": by_crm, "legal_name": by_erp, "extra.branch": by_crm},
        **values, legal_name="Northbeam GmbH", extra={"branch": "north"},
    )  # fmt: skip
    await api.pool.execute("UPDATE hub.source_record SET golden_id = $2 WHERE tenant_id = $1", acme.id, client)
    await api.golden(acme, "resource", id=UUID(uid(2)), family_name="Vogt", cost_rate={"amount": "85.5", "currency": "EUR", "per": "hour"})
    await api.golden(acme, "contact", id=UUID(uid(3)), given_name="Ada", family_name="Lind", client=uid(1))
    await api.golden(
        acme, "contract", id=UUID(uid(4)), contract_no="C-7", client=uid(1), total_value={"amount": "12500.00", "currency": "EUR"},
        start_date="2026-01-01", signed_on="2025-12-12",
    )  # fmt: skip
    await api.golden(acme, "project", id=UUID(uid(5)), code="P-1", name="Relaunch", client=uid(1), contract=uid(4), manager=uid(2))
    for number, (hours, stated) in enumerate((("7.5", "450 min"), ("2", None))):
        quantity = {"value": hours, "unit": "hour"} | ({"stated": stated} if stated else {})
        await api.golden(
            acme, "time_entry", id=UUID(uid(10 + number)), resource=uid(2), project=uid(5), work_date=f"2026-05-{11 + number}",
            quantity=quantity, billable=True,
        )  # fmt: skip
    return acme


@pytest.mark.parametrize("name", NAMES)
async def test_a_recorded_operation_answers_as_recorded(api: Api, firm: Tenant, name: str) -> None:
    document, recorded = (HERE / f"{name}.graphql").read_text(), json.loads((HERE / f"{name}.json").read_text())
    answer = await api.ask(firm.keys[recorded["as"]], document, **recorded.get("variables", {}))
    found = {**recorded, "statements": api.statements, "answer": answer.json.get("data"), "codes": answer.json.get("errors") and answer.codes}
    sql = written(document, Role(recorded["as"]), recorded.get("variables", {}))
    if os.environ.get("RECORD"):
        (HERE / f"{name}.json").write_text(json.dumps({k: v for k, v in found.items() if v is not None}, indent=2, ensure_ascii=False) + "\n")
        if sql:
            (HERE / f"{name}.sql").write_text(sql)
    assert found["answer"] == recorded.get("answer")
    assert found["codes"] == recorded.get("codes")
    assert found["statements"] == recorded["statements"]
    assert sql == ((HERE / f"{name}.sql").read_text() if (HERE / f"{name}.sql").exists() else None)


def written(text: str, role: Role, variables: dict[str, Any]) -> str | None:
    """The statement of a document's only operation, a clause per line; None when it is answered field by field."""
    document = parse(text)
    operation = operation_of(document, None)
    schema = build()._schema
    try:
        types = variable_types(schema, operation)
        compiled = compile_operation(schema, document, operation, coerced(operation, types, variables), role)
    except (ApiError, NotCompiledError, UnfitError):
        return None
    return None if compiled is None else re.sub(r" (FROM|WHERE|ORDER BY|LEFT JOIN|CASE|ELSE|UNION) |(?<=.)\((?=SELECT )", _line, compiled.sql) + "\n"


def _line(found: re.Match[str]) -> str:
    return f"\n{found[0].lstrip()}"


def test_operations_are_recorded() -> None:
    assert len(NAMES) >= 10
    assert {path.stem for path in HERE.glob("*.json")} == set(NAMES)
    assert {path.stem for path in HERE.glob("*.sql")} <= set(NAMES)
