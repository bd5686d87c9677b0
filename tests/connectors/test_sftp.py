"""SFTP: who is let in to whom, and what happens when the connection breaks. What is read and written is in test_drop and test_outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from connectors.errors import ConfigurationError, CredentialsError, RetriableError
from connectors.port import Incoming
from connectors.sftp.connector import sftp_connector
from connectors.sftp.place import SftpPlace
from tests.connectors.drops import HOST_KEY, USER_KEY, Drop, SftpServer, walk


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[SftpServer]:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "clients_1.csv").write_text("id\n" + "".join(f"{n}\n" for n in range(5)))
    found = await SftpServer(tmp_path).start()
    yield found
    await found.stop()


@pytest.fixture
async def drop(server: SftpServer) -> AsyncIterator[Drop]:
    found = Drop(server.root, server)
    yield found
    await found.close()


PLAIN, PASSPHRASE = USER_KEY.export_private_key().decode(), USER_KEY.export_private_key("pkcs8-pem", passphrase="p-1").decode()


@pytest.mark.parametrize(
    "login",
    [{"key": PLAIN, "password": None}, {"key": PLAIN.replace("\n", "\\n"), "password": None}, {"key": PASSPHRASE, "passphrase": "p-1", "password": None}, {}],
    ids=["key", "key in one line", "key with passphrase", "password"],
)
async def test_it_signs_in_by_key_or_password(drop: Drop, login: dict[str, Any]) -> None:
    assert len((await walk(drop.connector(**login)))[0]) == 5


async def test_host_keys_are_taken_as_ssh_keyscan_prints_them_and_several_while_they_change(drop: Drop) -> None:
    shown = HOST_KEY.export_public_key().decode().strip()
    former = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode()
    for told in (f"sftp.firm.example {shown}", [former, f"{shown} root@sftp"]):
        assert len((await walk(drop.connector(host_key=told), is_looking=True))[0]) == 5


OTHER = asyncssh.generate_private_key("ssh-ed25519")


@pytest.mark.parametrize(
    ("login", "reason"),
    [
        ({"password": "wrong"}, "127.0.0.1 does not let hub in"),
        ({"username": "other"}, "127.0.0.1 does not let other in"),
        ({"key": OTHER.export_private_key().decode(), "password": None}, "127.0.0.1 does not let hub in"),
        ({"host_key": OTHER.export_public_key().decode()}, "127.0.0.1 does not show the host key that is declared"),
    ],
)
async def test_who_is_not_whom_we_expect_or_does_not_expect_us_rests_until_a_person_looks(drop: Drop, login: dict[str, Any], reason: str) -> None:
    with pytest.raises(CredentialsError, match=reason) as raised:
        await drop.connector(**login).poll("client", "")
    assert "wrong" not in str(raised.value)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"host_key": None}, "host_key: expected the server's public key"),
        ({"host_key": "ssh-ed25519 nonsense"}, "host_key: expected a public key"),
        ({"key": "nonsense"}, "key: expected a private key"),
        ({"key": PASSPHRASE, "passphrase": "wrong"}, "key: expected a private key"),
        ({"password": None}, "key: expected a private key here, or a password"),
        ({"hostkey": "x"}, "hostkey: unknown key"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_with_its_key(tmp_path: Path, document: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as raised:
        sftp_connector(Drop(tmp_path, SftpServer(tmp_path, 22)).document(**document))
    assert "PRIVATE" not in str(raised.value)


async def test_a_server_that_is_away_is_tried_again_and_reading_goes_on_where_it_was(drop: Drop, server: SftpServer) -> None:
    connector = drop.connector()
    page = await connector.poll("client", "")
    server.is_away = True
    server.cut()
    for _ in range(2):
        with pytest.raises(RetriableError, match="127.0.0.1 cannot be reached now"):
            await connector.poll("client", page.checkpoint)
    server.is_away = False
    rest, _, _ = await walk(connector, checkpoint=page.checkpoint)
    assert [one.external_id for one in (*page.messages, *rest)] == ["0", "1", "2", "3", "4"]


async def test_a_connection_that_broke_unseen_is_made_anew(drop: Drop, server: SftpServer) -> None:
    connector = drop.connector()
    page = await connector.poll("client", "")
    server.cut()
    await asyncio.sleep(0)
    rest: list[Incoming] = []
    for _ in range(2):  # at most one request finds out
        try:
            rest, _, _ = await walk(connector, checkpoint=page.checkpoint)
        except RetriableError:
            continue
    assert [one.external_id for one in rest] == ["3", "4"]


async def test_a_file_has_settled_once_two_looks_find_it_the_same(server: SftpServer) -> None:
    now = [0.0]
    place = Drop(server.root, server).connector(settled_after_s=5).place
    assert isinstance(place, SftpPlace)
    place.clock = lambda: now[0]

    async def look() -> bool:
        (entry,) = await place.entries("/in")
        return place.is_settled("/in", entry)

    looks = [await look()]
    now[0] = 4
    looks.append(await look())
    (server.root / "in" / "clients_1.csv").write_text("id\n1\n")
    now[0] = 6
    looks.append(await look())
    now[0] = 11
    looks.append(await look())
    await place.aclose()
    assert looks == [False, False, False, True]


async def test_a_file_that_changes_while_it_is_fetched_is_tried_again(drop: Drop, server: SftpServer) -> None:
    connector = drop.connector()
    (entry,) = await connector.place.entries("/in")
    (server.root / "in" / "clients_1.csv").write_text("id\n1\n")
    with pytest.raises(OSError, match="changed while it was fetched"):
        await connector.place.local("/in", entry)


async def test_one_connection_serves_all_that_is_asked_at_once_and_copies_do_not_pile_up(drop: Drop) -> None:
    connector = drop.connector()
    await asyncio.gather(*(connector.place.entries("/in") for _ in range(10)))
    for number in range(2, 9):
        drop.put(f"clients_{number}.csv", f"id\n{number}0\n")
    assert isinstance(connector.place, SftpPlace)
    await walk(connector)
    assert len(connector.place._copies) <= 4 and connector.place._scratch is not None
    scratch = Path(connector.place._scratch.name)
    assert len(list(scratch.iterdir())) <= 4
    await connector.aclose()
    assert not scratch.exists()
