"""Recorded operations: ``operations/<name>.graphql`` with ``<name>.json``, which says for whom (``as`` a role, ``only`` some
records), with which variables, what the answer is and how many statements it takes, and ``<name>.sql``, the one statement of
a canonical read, laid out for reading.

A variable ``{"from": "clients.pageInfo.endCursor"}`` is taken from the answer to the same document without it. Cursors are
signed anew in each run: answers show what they say, ``cursor of ["Northbeam"]``. Set ``RECORD=1`` to write answers and
statements anew, then read the difference.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest
from graphql import parse

from hub.api.access import Role
from hub.api.compile.build import NotCompiledError
from hub.api.compile.document import compile_operation
from hub.api.compile.variables import UnfitError, coerced, variable_types
from hub.api.errors import ApiError
from hub.api.limits import operation_of
from hub.api.schema import build
from hub.flows.tenants import Bounds, give_key
from tests.api.conftest import Api, Tenant
from tests.api.recorded_firm import found
from tests.api.sql_text import laid_out

HERE = Path(__file__).parent / "operations"
NAMES = sorted(path.stem for path in HERE.glob("*.graphql"))
OPERATIONAL = {"feed", "me_and_systems", "operations_lists"}
"""What is no canonical read: answered field by field."""
CURSORS = {"cursor", "startCursor", "endCursor"}
SIGNATURE_BYTES = 12


@pytest.fixture(scope="module")
async def firm(shared: Api) -> Tenant:
    """Recorded operations only read: one firm serves all."""
    shared.app.state.keys.forget()
    tenant = await shared.tenant("acme")
    await found(shared, tenant)
    return tenant


@pytest.mark.parametrize("name", NAMES)
async def test_a_recorded_operation_answers_as_recorded(api: Api, firm: Tenant, name: str) -> None:
    document, recorded = (HERE / f"{name}.graphql").read_text(), json.loads((HERE / f"{name}.json").read_text())
    key = await key_for(api, firm, recorded)
    variables = await chained(api, key, document, recorded.get("variables", {}))
    answer = await api.ask(key, document, **variables)
    told = {
        "statements": api.statements,
        "answer": readable(answer.json.get("data")),
        "codes": answer.codes if "errors" in answer.json else None,
    }
    is_answered = told["answer"] is not None
    sql = written(document, Role(recorded["as"]), variables, tuple(recorded.get("only", ()))) if is_answered else None
    if os.environ.get("RECORD"):
        record(name, {**recorded, **told}, sql)
        return
    assert told == {each: recorded.get(each) for each in told}
    assert sql == ((HERE / f"{name}.sql").read_text() if (HERE / f"{name}.sql").exists() else None)


async def key_for(api: Api, firm: Tenant, recorded: dict[str, Any]) -> str:
    """The key of a role, or one that is confined to some records."""
    if "only" not in recorded:
        return firm.keys[recorded["as"]]
    return await give_key(api.pool, firm.slug, recorded["as"], "portal", bounds=Bounds(recorded["only"]))


async def chained(api: Api, key: str, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The variables, those that come from a first answer filled in."""
    plain = {name: value for name, value in variables.items() if not is_chained(value)}
    if plain == variables:
        return variables
    first = (await api.ask(key, document, **plain)).data
    return {name: at(first, value["from"]) if is_chained(value) else value for name, value in variables.items()}


def is_chained(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"from"}


def at(answer: Any, path: str) -> Any:
    """What stands in an answer at a path of names and numbers."""
    for step in path.split("."):
        answer = answer[int(step) if isinstance(answer, list) else step]
    return answer


def readable(answer: Any, key: str = "") -> Any:
    """The answer with what its cursors say instead of the cursors."""
    if isinstance(answer, dict):
        return {name: readable(value, name) for name, value in answer.items()}
    if isinstance(answer, list):
        return [readable(each) for each in answer]
    if key in CURSORS and isinstance(answer, str):
        return "cursor of " + urlsafe_b64decode(answer + "=" * (-len(answer) % 4))[SIGNATURE_BYTES:].decode()
    return answer


def record(name: str, told: dict[str, Any], sql: str | None) -> None:
    told = {each: value for each, value in told.items() if value is not None}
    (HERE / f"{name}.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    (HERE / f"{name}.sql").unlink(missing_ok=True)
    if sql is not None:
        (HERE / f"{name}.sql").write_text(sql)


def written(text: str, role: Role, variables: dict[str, Any], scope: tuple[str, ...]) -> str | None:
    """The statement of a document's only operation; None when it is answered field by field."""
    document = parse(text)
    operation = operation_of(document, None)
    schema = build()._schema
    try:
        types = variable_types(schema, operation)
        compiled = compile_operation(schema, document, operation, coerced(operation, types, variables), role, scope)
    except (ApiError, NotCompiledError, UnfitError):
        return None
    return None if compiled is None else laid_out(compiled.sql) + "\n"


def test_operations_are_recorded() -> None:
    assert len(NAMES) >= 40
    assert {path.stem for path in HERE.glob("*.json")} == set(NAMES)
    recorded = {name: json.loads((HERE / f"{name}.json").read_text()) for name in NAMES}
    answered = {name for name, one in recorded.items() if "answer" in one}
    assert {path.stem for path in HERE.glob("*.sql")} == answered - OPERATIONAL


def test_a_canonical_read_is_one_statement_whatever_it_asks() -> None:
    counted = {path.stem: json.loads(path.with_suffix(".json").read_text())["statements"] for path in HERE.glob("*.sql")}
    assert {name: count for name, count in counted.items() if count != 1} == {"canonical_beside_operational": 4}


async def test_what_is_laid_out_can_be_run(shared: Api, firm: Tenant) -> None:
    async with shared.app.state.services.api_pool.tenant(firm.id) as connection:
        for path in HERE.glob("*.sql"):
            await connection.prepare(path.read_text())
