"""The doctor finds what is broken, says so in words, and is content when nothing is."""

from __future__ import annotations

from dataclasses import replace

import asyncpg
import pytest

from hub.doctor import Finding, Verdict, examine, is_healthy
from tests.conftest import Database


async def problems(database: Database) -> list[str]:
    return [
        finding.says for finding in await examine(database.settings) if finding.verdict is Verdict.PROBLEM
    ]


async def test_a_fresh_installation_is_healthy(database: Database) -> None:
    findings = await examine(database.settings)
    assert [finding for finding in findings if finding.verdict is not Verdict.FINE] == []
    assert is_healthy(findings)


async def test_a_database_that_does_not_let_us_in_is_a_problem_without_its_password(
    database: Database,
) -> None:
    settings = replace(database.settings, database_url="postgresql://postgres:hush@127.0.0.1:1/hub")
    findings = await examine(settings)
    assert not is_healthy(findings)
    assert "hush" not in "\n".join(map(str, findings))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("ALTER TABLE hub.task NO FORCE ROW LEVEL SECURITY", "Row-level security is not forced on hub.task."),
        ("GRANT SELECT ON hub.task TO hub_api", "Role hub_api reaches tables past its views: hub.task."),
        (
            "DROP TABLE hub.lane CASCADE",
            "Cannot look at lanes: its table or role is missing.",
        ),
    ],
)
async def test_damage_is_named(database: Database, damage: str, says: str) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(damage)
    finally:
        await connection.close()
    assert await problems(database) == [says]


async def test_a_schema_behind_this_build_is_a_problem(database: Database) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute("UPDATE alembic_version SET version_num = 'older'")
    finally:
        await connection.close()
    assert [says for says in await problems(database) if "older" in says]


async def test_a_wrong_role_password_is_a_problem(database: Database) -> None:
    wrong = database.api_url.replace("hub_api:", "hub_api:x")
    findings = await examine(replace(database.settings, api_url=wrong))
    assert [f.says for f in findings if f.verdict is Verdict.PROBLEM] == [
        "Role hub_api cannot log in with the address we have."
    ]


async def test_running_without_redis_is_a_warning_not_a_problem(database: Database) -> None:
    findings = await examine(replace(database.settings, redis_url=None))
    assert [f.verdict for f in findings if "Redis" in f.says] == [Verdict.WARNING]
    assert is_healthy(findings)


def test_a_finding_reads_as_a_sentence_and_its_remedy() -> None:
    assert (
        str(Finding(Verdict.PROBLEM, "It rains.", "Take a coat."))
        == "problem  It rains.\n         → Take a coat."
    )
