"""Who may import whom (the layers), who ends a transaction, and where a binary float may never be."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("schema", "hub", "connectors")

PURE = frozenset({"orjson", "phonenumbers", "stdnum", "cleanco", "anyascii", "rapidfuzz", "email_validator", "sqlalchemy.sql"})
"""Libraries that decide nothing by I/O; ``hub.core`` may use these and no others."""

ARROWS: dict[str, tuple[str, ...]] = {
    "schema": ("schema",),
    "connectors": ("connectors", "schema"),
    "hub.core": ("hub.core", "hub.errors", "schema"),
    "hub.store": ("hub.store", "hub.core", "hub.errors", "schema"),
    "hub.flows": (
        "hub.flows", "hub.store", "hub.core", "hub.errors", "hub.faults", "hub.settings", "hub.telemetry", "hub.tracing", "schema",
        "connectors.port", "connectors.errors", "connectors.checking",
    ),
    "hub.api": (
        "hub.api", "hub.flows", "hub.store", "hub.core", "hub.errors", "hub.faults", "hub.settings", "hub.telemetry", "hub.tracing", "schema",
        "connectors.port", "connectors.errors",
    ),
    "hub.console": (
        "hub.console", "hub.api.access", "hub.api.auth", "hub.flows", "hub.store", "hub.core", "hub.errors", "hub.settings", "hub.telemetry", "schema",
    ),
    "hub.match": ("hub.match", "hub.flows", "hub.store", "hub.core", "hub.errors", "hub.garbage", "hub.settings", "hub.telemetry", "schema", "connectors.port"),
}  # fmt: skip
"""Package → what of ours it may import. What is not listed here (the roots, the command line) is free."""

ROOTS = ("hub.app", "hub.worker", "hub.connections", "hub.connector_commands", "hub.jobs", "hub.deliverer", "hub.demo")
"""The only ones that know which connectors there are."""

IMPURE = frozenset({"asyncio", "socket", "ssl", "subprocess", "random", "secrets", "time", "threading", "os", "urllib.request"})
"""Of the standard library, what waits, asks the clock or throws dice."""

MONEY = (
    "schema.kinds", "schema.codecs", "schema.events", "hub.core.number_forms", "hub.core.normalize", "hub.core.strategies",
    "hub.core.survivorship", "hub.core.choice", "hub.core.routing", "hub.core.locks", "hub.core.fold", "hub.core.change",
    "hub.store.golden", "hub.store.tables", "hub.flows.recompute", "hub.flows.ingest", "hub.api.scalars", "hub.api.values",
)  # fmt: skip
"""Modules an amount passes through."""


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of ours, parsed, by its dotted name."""
    found: dict[str, ast.Module] = {}
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(path.read_text(), str(path))
    return found


def imported(name: str) -> Iterator[str]:
    """What a module imports, wherever in it, as dotted names; ``from a import b`` is ``a.b`` where that is a module."""
    package = name if _is_package(name) else name.rpartition(".")[0]
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for one in node.names:
                inner = f"{base}.{one.name}"
                yield inner if inner in modules() else base


def _is_package(name: str) -> bool:
    return (ROOT / Path(*name.split(".")) / "__init__.py").exists()


def within(name: str, packages: tuple[str, ...] | frozenset[str]) -> bool:
    return any(name == one or name.startswith(one + ".") for one in packages)


def of(package: str) -> list[str]:
    return [name for name in modules() if within(name, (package,))]


@pytest.mark.parametrize("package", ARROWS)
def test_a_package_imports_of_ours_only_what_lies_below_it(package: str) -> None:
    wrong = [
        f"{name} imports {other}"
        for name in of(package)
        for other in imported(name)
        if within(other, OURS) and other != "hub" and not within(other, ARROWS[package])
    ]
    assert wrong == []


def test_the_schema_needs_nothing_but_the_standard_library() -> None:
    foreign = {o for name in of("schema") for o in imported(name) if not within(o, OURS)}
    assert {one for one in foreign if one.partition(".")[0] not in sys.stdlib_module_names} == set()


@pytest.mark.parametrize("package", ["schema", "hub.core"])
def test_what_decides_is_pure(package: str) -> None:
    """No waiting, no clock, no dice: neither an ``await`` nor a module that could; ``now`` is never asked for."""
    wrong: list[str] = []
    for name in of(package):
        for other in imported(name):
            is_foreign = other.partition(".")[0] not in {*sys.stdlib_module_names, *OURS}
            if within(other, IMPURE) or (is_foreign and not within(other, PURE)):
                wrong.append(f"{name} imports {other}")
        for node in ast.walk(modules()[name]):
            if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                wrong.append(f"{name}:{node.lineno} waits")
            if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today", "uuid4", "uuid1"):
                wrong.append(f"{name}:{node.lineno} asks for {node.attr}")
    assert wrong == []


def test_only_the_roots_know_which_connectors_there_are() -> None:
    knowing = {name for name in modules() if "connectors.registry" in imported(name)}
    assert {name for name in knowing if not within(name, ROOTS)} == set()


def test_the_store_never_ends_a_transaction() -> None:
    """Except for a claim, which is a transaction by itself (``claims.take``)."""
    ending: list[str] = []
    for name in of("hub.store"):
        for function in ast.walk(modules()[name]):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                ending += [f"{name}.{function.name}" for node in ast.walk(function) if _ends_transaction(node)]
    assert ending == ["hub.store.claims.take"]


def _ends_transaction(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("transaction", "commit", "rollback")
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip().upper() in ("COMMIT", "BEGIN", "ROLLBACK")


def test_no_statement_of_the_store_ends_a_transaction() -> None:
    for path in sorted((ROOT / "hub" / "store" / "sql").glob("*.sql")):
        words = [line.strip().upper().rstrip(";") for line in path.read_text().splitlines()]
        assert not {"COMMIT", "ROLLBACK", "BEGIN"} & set(words), path.name


@pytest.mark.parametrize("name", MONEY)
def test_no_binary_float_comes_near_money(name: str) -> None:
    """``float`` may be named to be refused (an ``isinstance``, a message, ``parse_float``), never be made or computed with;
    only seconds (``…_s``) are floats."""
    wrong = []
    seconds = {node.value for node in modules()[name].body if isinstance(node, ast.Assign) and _names_seconds(node.targets[0])}
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and node not in seconds:
            wrong.append(f"{name}:{node.lineno} has {node.value}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            wrong.append(f"{name}:{node.lineno} makes a float")
    assert wrong == []


def _names_seconds(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id.lower().endswith("_s")


def test_the_orm_is_used_nowhere() -> None:
    """Nor SQLAlchemy's connections, except to databases of others."""
    ours = {name for name in modules() if name != "connectors.sql.engine"}
    using = [
        f"{name} imports {other}"
        for name in sorted(ours)
        for other in imported(name)
        if within(other, ("sqlalchemy.orm", "sqlalchemy.ext.declarative", "sqlalchemy.ext.asyncio"))
    ]
    named = [
        f"{name} names {one.name}"
        for name in sorted(ours)
        for node in ast.walk(modules()[name])
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for one in node.names
        if one.name in ("orm", "Session", "sessionmaker", "AsyncSession", "DeclarativeBase", "create_engine")
    ]
    assert using + named == []
