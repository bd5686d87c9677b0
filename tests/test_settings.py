"""Settings: read once, checked at the door, secrets never shown."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from hub.embedded import Embedded
from hub.errors import SettingError
from hub.migrate import migrate
from hub.settings import Settings, documented
from tests.conftest import Database


def test_nothing_set_means_embedded_servers_under_the_data_folder() -> None:
    assert Settings.from_environment({"PATH": "/bin"}) == Settings(data=Path(".data"))


def test_the_roles_addresses_follow_from_the_owners() -> None:
    settings = Settings.from_environment(
        {
            "HUB_DATABASE_URL": "postgresql://owner:secret@db/hub",
            "HUB_WORKER_PASSWORD": "a/b",
            "HUB_API_URL": "postgresql://x@replica/hub",
        }
    )
    assert settings.worker_url == "postgresql://hub_worker:a%2Fb@db/hub"
    assert settings.api_url == "postgresql://x@replica/hub"
    assert settings.examiner_url == "postgresql://hub_examiner@db/hub"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HUB_PORT", "70000", "HUB_PORT must be a whole number from 0 to 65535"),
        ("HUB_PORT", "８０", "HUB_PORT must be a whole number from 0 to 65535"),
        ("HUB_LEASE_S", "nan", "HUB_LEASE_S must be a number of seconds above 0 and below 86400"),
        ("HUB_LOG_LEVEL", "loud", "HUB_LOG_LEVEL must be one of debug, info, warning, error"),
        ("HUB_DATABASE_URL", "mysql://x", "HUB_DATABASE_URL must be an address beginning with postgresql://"),
        ("HUB_REDIS_URL", "localhost", "HUB_REDIS_URL must be an address beginning with redis://"),
        ("HUB_PROT", "1", "HUB_PROT is not a setting of the hub"),
    ],
)
def test_a_setting_we_cannot_use_is_refused_by_name(name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_environment({name: value})
    assert str(refused.value) == sentence


def test_an_error_about_an_address_does_not_repeat_it() -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_environment({"HUB_DATABASE_URL": "mysql://root:secret@db"})
    assert "secret" not in str(refused.value)


def test_secrets_are_not_shown() -> None:
    settings = Settings.from_environment(
        {"HUB_DATABASE_URL": "postgresql://o:hush@db/hub", "HUB_SECRET_KEY": "hush"}
    )
    assert "hush" not in repr(settings)


def test_a_child_gets_every_setting_but_the_owners_login(servers: Embedded) -> None:
    settings = Settings(port=9000).on(servers)
    child = Settings.from_environment(settings.for_child())
    assert child.database_url is None
    assert (child.worker_url, child.api_url, child.port) == (settings.worker_url, settings.api_url, 9000)


def test_api_and_workers_never_hold_the_owners_login(servers: Embedded) -> None:
    settings = Settings().on(servers)
    assert settings.database_url is not None
    assert settings.without_owner().database_url is None
    assert servers.access.superuser_password not in str(settings.without_owner().for_child())


def test_every_setting_is_explained() -> None:
    assert all(row.name.startswith("HUB_") and row.doc for row in documented())


async def test_each_role_enters_a_tests_own_database_and_is_no_superuser(database: Database) -> None:
    for url, role in (
        (database.worker_url, "hub_worker"),
        (database.api_url, "hub_api"),
        (database.examiner_url, "hub_examiner"),
    ):
        connection = await asyncpg.connect(url)
        try:
            assert await connection.fetchrow(
                "SELECT current_user::text, current_database()::text, rolsuper, rolbypassrls, rolcreaterole"
                " FROM pg_roles WHERE rolname = current_user"
            ) == (role, database.name, False, False, False)
        finally:
            await connection.close()


@pytest.mark.parametrize("answer", [1, 2])
async def test_no_test_sees_anothers_tables(database: Database, answer: int) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute("CREATE TABLE mine (answer int)")
    finally:
        await connection.close()


async def test_two_migrations_at_once_do_not_disturb_each_other(database: Database) -> None:
    await asyncio.gather(migrate(database.settings), migrate(database.settings))


@pytest.mark.parametrize("command", [("migrate",), ("replay", "--verify"), ("key", "admin", "--name", "me")])
def test_a_database_that_is_away_is_a_sentence_and_no_traceback(command: tuple[str, ...]) -> None:
    environment = {**os.environ, "HUB_DATABASE_URL": "postgresql://x:y@127.0.0.1:1/x", "HUB_SECRET_KEY": "k" * 40}
    ended = subprocess.run((sys.executable, "-m", "hub", *command), env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (2, "hub: PostgreSQL does not let us in (ConnectionRefusedError). 'hub doctor' says why.\n")


def test_webhooks_reach_this_machine_only_while_nobody_else_reaches_the_hub() -> None:
    stated: list[dict[str, str]] = [{}, {"HUB_HOST": "::1"}, {"HUB_HOST": "0.0.0.0"}, {"HUB_HOST": "0.0.0.0", "HUB_WEBHOOK_NETWORKS": "10.1.0.0/16"}]
    assert [Settings.from_environment(one).webhook_networks for one in stated] == ["local", "local", "none", "10.1.0.0/16"]
