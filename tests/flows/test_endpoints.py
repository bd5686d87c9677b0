"""Endpoints of webhooks over days: tried by a schedule, slowed down, switched off, back again, sent once more, tested."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from hub import faults
from hub.core.people import Member
from hub.flows import send_again, subscriptions, webhook_message, webhook_post
from hub.flows.addresses import networks
from hub.flows.receivers import rotate_secret
from hub.flows.subscriptions import Created, create_subscription
from hub.flows.webhook_message import Message, new_secret, signed_headers
from hub.flows.webhook_post import Answer, Poster, open_session
from hub.settings import Settings
from hub.store import members
from hub.store.resends import Meant
from tests.flows.delivering import Keeper, Receiver, a_deliverer, eventually, is_settled, open_tasks
from tests.node_tools import SCRIPTS, ready


async def subscribe(keeper: Keeper, settings: Settings, url: str, **options: Any) -> Created:
    return await create_subscription(
        keeper.pool, settings, keeper.tenant_id, subscription_id=uuid4(), name=options.pop("name", "portal"),
        kind="webhook", url=url, **options,
    )  # fmt: skip


async def settled(keeper: Keeper) -> None:
    await eventually(lambda: is_settled(keeper.pool, keeper.tenant_id))


async def tried(keeper: Keeper) -> Any:
    """(attempts, seconds until the next try) of the only lane, once it has failed."""
    row = await eventually(
        lambda: keeper.pool.fetchrow(
            "SELECT attempts, extract(epoch FROM next_try_at - updated_at)::float8 FROM hub.lane WHERE state = 'due' AND attempts > 0"
        )
    )
    return tuple(row)


@pytest.mark.parametrize(
    ("failed", "options", "answer", "wait_s"),
    [
        (0, {}, 500, 5),
        (1, {}, 500, 300),
        (3, {}, 504, 7_200),
        (6, {}, 500, 36_000),
        (0, {}, (500, {"retry-after": "60"}), 60),
        (0, {}, (502, {"retry-after": "60"}), 60),
        (0, {"retry_s": [90]}, 500, 90),
    ],
)
async def test_an_event_is_tried_again_by_the_schedule(
    keeper: Keeper, settings: Settings, receiver: Receiver, failed: int, options: dict[str, Any], answer: Any, wait_s: float
) -> None:
    await subscribe(keeper, settings, receiver.url, **options)
    receiver.answers = [answer] * 9
    client = await keeper.save(name="One", notify=False)
    async with a_deliverer(keeper.pool, settings):
        await eventually(lambda: receiver.got)
        attempts, _ = await tried(keeper)
        if failed:
            await keeper.pool.execute("UPDATE hub.lane SET attempts = $1, next_try_at = now()", failed)
            await eventually(lambda: len(receiver.got) > 1)
            attempts, _ = await eventually(lambda: _has_attempts(keeper, failed + 1))
    _, delay_s = await tried(keeper)
    assert attempts == failed + 1
    assert wait_s - 0.5 <= delay_s <= wait_s * 1.1 + 0.5
    assert receiver.told() == [(str(client), 1)] * len(receiver.got)


async def _has_attempts(keeper: Keeper, count: int) -> Any:
    found = await tried(keeper)
    return found if found[0] == count else None


async def test_an_endpoint_that_took_nothing_for_five_days_is_switched_off_and_its_owner_told(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    ann = Member(uuid4(), "Ann", frozenset({"integration_support"}), frozenset({"admin:ann"}))
    await members.put(keeper.pool, keeper.tenant_id, ann)
    created = await subscribe(keeper, settings, receiver.url, created_by="admin:ann", retry_s=[0.2] * 20)
    receiver.answers = [500, 500, 500]
    async with a_deliverer(keeper.pool, settings):
        client = await keeper.save(name="One")
        began = await eventually(lambda: keeper.pool.fetchval("SELECT failing_since FROM hub.subscription"))
        assert datetime.now(UTC) - began < timedelta(minutes=1)
        await keeper.pool.execute("UPDATE hub.subscription SET failing_since = now() - interval '5 days'")
        await eventually(lambda: open_tasks(keeper))
        assert await keeper.pool.fetchval("SELECT state FROM hub.subscription") == "disabled"
        assert await open_tasks(keeper) == [("webhook_off", "webhook portal", 1)]
        assert await keeper.pool.fetchval("SELECT assignee_id FROM hub.task") == ann.id
        receiver.answers.clear()
        await subscriptions.resume(keeper.pool, keeper.tenant_id, created.id)
        await settled(keeper)
    assert receiver.told()[-1] == (str(client), 1)
    assert (await open_tasks(keeper), await keeper.pool.fetchval("SELECT failing_since FROM hub.subscription")) == ([], None)


async def test_an_endpoint_that_took_something_in_between_has_its_five_days_again(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    """What one worker knows of an endpoint may be older than another's success."""
    created = await subscribe(keeper, settings, receiver.url, retry_s=[0.1] * 30)
    async with a_deliverer(keeper.pool, settings):
        await keeper.save(name="One")
        await settled(keeper)
        await keeper.pool.execute("UPDATE hub.subscription SET failing_since = now() - interval '6 days' WHERE id = $1", created.id)
        receiver.answers = [500]
        await keeper.save(name="Two")
        await settled(keeper)
    assert await keeper.pool.fetchrow("SELECT state, failing_since FROM hub.subscription") == ("active", None)
    assert await open_tasks(keeper) == []


async def test_the_first_success_takes_up_what_was_given_up_and_what_waits(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    await subscribe(keeper, settings, receiver.url, retry_s=[0, 3600])
    lost = await keeper.save(name="Lost", notify=False)
    late = await keeper.save(name="Late", notify=False)

    async def refuse(event: dict[str, Any]) -> int:
        return 500

    receiver.answers = [refuse] * 30
    async with a_deliverer(keeper.pool, settings):
        await eventually(lambda: keeper.pool.fetchval("SELECT count(*) = 2 FROM hub.lane WHERE attempts = 2"))
        await keeper.pool.execute("UPDATE hub.lane SET attempts = 2, next_try_at = now() WHERE golden_id = $1", lost)
        await keeper.pool.execute("SELECT pg_notify('hub_lane', $1)", str(keeper.tenant_id))
        await eventually(lambda: open_tasks(keeper))
        assert await open_tasks(keeper) == [("webhook_failed", "webhook portal: 500", 1)]
        receiver.answers.clear()
        await keeper.save(name="New")
        await settled(keeper)
        await eventually(lambda: keeper.pool.fetchval("SELECT failing_since IS NULL FROM hub.subscription"))
        await settled(keeper)
    delivered = await keeper.pool.fetch("SELECT golden_id FROM hub.attempt WHERE state = 'done'")
    assert {row["golden_id"] for row in delivered} >= {lost, late} and len(delivered) == 3
    assert await open_tasks(keeper) == []


async def test_an_overloaded_receiver_is_sent_one_event_at_a_time_until_it_takes_one(
    keeper: Keeper, settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.flows.gates.LONGEST_S", 0.1)
    await subscribe(keeper, settings, receiver.url, retry_s=[0.1] * 20)
    at_once = [0, 0]

    async def busy(status: int) -> int:
        at_once[0] += 1
        at_once[1] = max(at_once)
        await asyncio.sleep(0.02)
        at_once[0] -= 1
        return status

    receiver.answers = [lambda _: busy(503)] + [lambda _: busy(502)] * 2 + [lambda _: busy(204)]
    async with a_deliverer(keeper.pool, settings):
        await keeper.save(name="First")
        await eventually(lambda: receiver.got)
        for number in range(20):
            await keeper.save(name=f"C{number}")
        await eventually(lambda: len(receiver.got) >= 4, timeout_s=15)
        assert at_once[1] == 1
        await settled(keeper)
    assert len(set(receiver.told())) == 21


async def test_a_record_whose_event_cannot_be_made_parks_alone_and_is_seen(
    keeper: Keeper, settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = await subscribe(keeper, settings, receiver.url)
    bad = await keeper.save(name="Bad", notify=False)

    def message(sender: Any, change: Any, **options: Any) -> Any:
        if change.golden_id == bad:
            raise KeyError("nothing anybody foresaw")
        return webhook_message.message(sender, change, **options)

    monkeypatch.setattr("hub.flows.send_webhook.message", message)
    async with a_deliverer(keeper.pool, settings):
        good = await keeper.save(name="Good")
        await settled(keeper)
        assert (receiver.told(), await open_tasks(keeper)) == ([(str(good), 1)], [("internal", "webhook portal: An event of this record cannot be made here (KeyError).", 1)])
        monkeypatch.undo()
        await subscriptions.replay_lanes(keeper.pool, keeper.tenant_id, subscription_id=created.id)
        await settled(keeper)
    assert (receiver.told()[1:], await open_tasks(keeper)) == ([(str(bad), 1)], [])


async def test_a_try_that_fails_here_is_tried_again(keeper: Keeper, settings: Settings, receiver: Receiver) -> None:
    await subscribe(keeper, settings, receiver.url, retry_s=[0.01])
    faults.arm("webhook.after_call raise times=1")
    try:
        async with a_deliverer(keeper.pool, settings):
            client = await keeper.save(name="One")
            await settled(keeper)
    finally:
        faults.arm("")
    assert receiver.told() == [(str(client), 1)] * 2
    states = await keeper.pool.fetch("SELECT state, error ->> 'reason' FROM hub.attempt ORDER BY id")
    assert [tuple(row) for row in states] == [("retriable", "The try failed here (FaultError)."), ("done", None)]


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def a_peer(handle: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A receiver that does as it likes; answers its address."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


async def post_to(url: str) -> Answer:
    allowed = networks("127.0.0.0/8")
    async with open_session(allowed) as session:
        return await Poster(session, allowed).post(url, Message("evt_1", "t", 1, b'{"a":1}'), new_secret())


async def test_an_answer_without_end_costs_no_more_than_its_beginning() -> None:
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 52428800\r\n\r\n")
        while sent < 52_428_800:
            writer.write(b"x" * 65_536)
            sent += 65_536
            await writer.drain()

    async with a_peer(endless) as url:
        answer = await post_to(url)
    assert (answer.state, len(answer.body)) == ("done", 500)
    assert sent < 20_000_000


async def test_a_receiver_that_takes_its_time_has_fifteen_seconds_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_post, "TIMEOUT_S", 0.3)

    async def drop_by_drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"x: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with a_peer(drop_by_drop) as url:
        answer = await asyncio.wait_for(post_to(url), 10)
    assert (answer.state, answer.reason) == ("retriable", "No answer within 0 s.")


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 100_000 + b"\r\n\r\n"]
)
async def test_an_answer_that_is_none_is_a_failed_try(answer: bytes) -> None:
    async def strange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    async with a_peer(strange) as url:
        assert (await post_to(url)).state == "retriable"


async def test_a_certificate_nobody_vouches_for_is_a_failed_try(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    at = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(at - timedelta(days=1)).not_valid_after(at + timedelta(days=1))
    (tmp_path / "cert").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert", tmp_path / "key")

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError("it was spoken to")

    async with a_peer(never, tls) as url:
        answer = await post_to(url)
    assert (answer.state, answer.reason) == ("retriable", "The receiver's certificate is not valid, or it does not speak TLS.")


async def test_a_former_secret_signs_until_it_ends(keeper: Keeper, settings: Settings, receiver: Receiver) -> None:
    created = await subscribe(keeper, settings, receiver.url)
    assert created.secret is not None
    now = datetime.now(UTC)
    fresh = await rotate_secret(keeper.pool, settings, keeper.tenant_id, created.id, at=now)
    assert fresh.former_until == now + timedelta(days=1)
    async with a_deliverer(keeper.pool, settings):
        await keeper.save(name="One")
        await settled(keeper)
        await keeper.pool.execute("UPDATE hub.subscription SET former_until = now() - interval '1 second'")
        await keeper.save(name="Two")
        await settled(keeper)
        leaked = await rotate_secret(keeper.pool, settings, keeper.tenant_id, created.id, former_for_s=0)
        await keeper.save(name="Three")
        await settled(keeper)
    takes = [[_verifies(secret, *one) for one in receiver.got] for secret in (created.secret, fresh.secret, leaked.secret)]
    assert takes == [[True, False, False], [True, True, False], [False, False, True]]


async def test_of_two_rotations_at_once_the_second_knows_the_first(keeper: Keeper, settings: Settings, receiver: Receiver) -> None:
    created = await subscribe(keeper, settings, receiver.url)
    rotated = await asyncio.gather(*(rotate_secret(keeper.pool, settings, keeper.tenant_id, created.id) for _ in range(4)))
    async with a_deliverer(keeper.pool, settings):
        await keeper.save(name="One")
        await settled(keeper)
    takes = [_verifies(one.secret, *receiver.got[0]) for one in rotated]
    assert (sum(takes), created.secret is not None and _verifies(created.secret, *receiver.got[0])) == (2, False)


def _verifies(secret: str, headers: dict[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body.decode(), headers)
    except WebhookVerificationError:
        return False
    return True


async def test_ten_thousand_deliveries_are_verified_by_both_libraries() -> None:
    secret, other = new_secret(), new_secret()
    lines, webhook = [json.dumps({"secret": secret})], Webhook(secret)
    for number in range(10_000):
        body = json.dumps({"n": number, "name": "Söhne & Töchter " * (number % 7), "sign": "\u2028 \U0001f9fe"}, ensure_ascii=False)
        secrets = secret if number % 2 else f"{other} {secret}"
        headers = signed_headers(secrets, Message(f"evt_1_1_{number}", "t", 1, body.encode()), int(datetime.now(UTC).timestamp()))
        webhook.verify(body, headers)
        lines.append(json.dumps({"headers": headers, "body": body}))
    ran = await ready(SCRIPTS / "webhooks").run("verify.mjs", input="\n".join(lines))
    assert (ran.code, json.loads(ran.stdout)) == (0, {"verified": 10_000, "refused": 10_000}), ran.stderr


async def again(keeper: Keeper, created: Created, meant: Meant, is_dry_run: bool = False) -> tuple[int, int, int]:
    done = await send_again.send_again(keeper.pool, keeper.tenant_id, created.id, meant, is_dry_run=is_dry_run)
    return len(done.events), done.dead_letters, done.expired


async def test_delivered_events_are_sent_again_under_their_ids_and_nothing_between_them(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    created = await subscribe(keeper, settings, receiver.url)
    one, other = [await keeper.save(name=name, notify=False) for name in ("One", "Other")]
    for step in range(4):
        await keeper.save(golden_id=one, name=f"One {step}", notify=False)
    async with a_deliverer(keeper.pool, settings):
        await settled(keeper)
        first = list(receiver.events)
        ids = [event["id"] for event in first if event["subject"].endswith(str(one)) and event["data"]["record"]["version"] in (2, 4)]
        receiver.got.clear()
        assert await again(keeper, created, Meant(event_ids=ids), is_dry_run=True) == (2, 0, 0)
        assert await again(keeper, created, Meant(event_ids=ids)) == (2, 0, 0)
        await keeper.save(golden_id=one, name="Newest")
        await settled(keeper)
        assert [event["id"] for event in receiver.events[:2]] == ids
        assert receiver.told() == [(str(one), 2), (str(one), 4), (str(one), 6)]
        assert receiver.events[0] == next(event for event in first if event["id"] == ids[0])
        receiver.got.clear()
        assert await again(keeper, created, Meant(golden_ids=[other])) == (1, 0, 0)
        await settled(keeper)
        assert receiver.told() == [(str(other), 1)]
    rows = await keeper.pool.fetch("SELECT golden_id, delivered_version, plan FROM hub.lane")
    assert {row["golden_id"]: (row["delivered_version"], row["plan"]) for row in rows} == {one: (6, None), other: (1, None)}


async def test_a_window_is_sent_again_with_its_dead_letters_and_failures_on_the_way_lose_nothing(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    created = await subscribe(keeper, settings, receiver.url, retry_s=[0.01] * 9)
    bad = await keeper.save(name="Bad", notify=False)
    good = await keeper.save(name="Good", notify=False)

    async def refuse_bad(event: dict[str, Any]) -> int:
        return 422 if event["data"]["record"]["id"] == str(bad) else 204

    receiver.answers = [refuse_bad] * 2
    async with a_deliverer(keeper.pool, settings):
        await settled(keeper)
        receiver.got.clear()
        hour = timedelta(hours=1)
        window = Meant(since=datetime.now(UTC) - hour, until=datetime.now(UTC) + hour)
        assert await again(keeper, created, replace(window, entity="contract")) == (0, 0, 0)
        assert await again(keeper, created, replace(window, since=window.until)) == (0, 0, 0)
        assert await again(keeper, created, window, is_dry_run=True) == (1, 1, 0)
        receiver.answers = [500, 500]
        assert await again(keeper, created, window) == (1, 1, 0)
        await settled(keeper)
    assert sorted(set(receiver.told())) == sorted([(str(bad), 1), (str(good), 1)])
    assert await open_tasks(keeper) == []


async def test_a_snapshot_is_sent_again_as_one_and_what_the_feed_gave_up_is_told(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    client = await keeper.save(name="Old")
    async with a_deliverer(keeper.pool, settings):
        created = await subscribe(keeper, settings, receiver.url, with_snapshot=True, filter={"entities": ["client"]})
        await settled(keeper)
        assert await again(keeper, created, Meant(types=["hub.client.snapshot.v1"])) == (1, 0, 0)
        await settled(keeper)
        assert receiver.events[0] == receiver.events[1]
        assert receiver.events[0]["type"] == "hub.client.snapshot.v1"
        await keeper.pool.execute("DELETE FROM hub.feed")
        assert await again(keeper, created, Meant(golden_ids=[client])) == (0, 0, 1)
        await settled(keeper)
    assert len(receiver.got) == 2


async def test_a_test_event_is_sent_now_also_to_a_paused_webhook_and_its_try_is_kept(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    created = await subscribe(keeper, settings, f"{receiver.url}?token=geheim")
    await subscriptions.pause(keeper.pool, keeper.tenant_id, created.id)
    receiver.answers = [204, 404]
    event_id = UUID(int=7)
    first, second = [
        await send_again.send_test_event(keeper.pool, settings, keeper.tenant_id, "acme", created.id, event_id, "admin:ann") for _ in "12"
    ]
    headers, body = receiver.got[0]
    assert created.secret is not None
    event = Webhook(created.secret).verify(body.decode(), headers)
    assert (event["type"], event["id"], headers["webhook-id"]) == ("hub.test.v1", f"evt_test_{event_id}", f"evt_test_{event_id}")
    assert (first["state"], first["error"], second["state"], second["response"]["status"]) == ("done", None, "rejected", 404)
    kept = await keeper.pool.fetch("SELECT id, operation, state, request ->> 'url' AS url FROM hub.attempt ORDER BY id")
    assert [tuple(row) for row in kept] == [
        (first["id"], "test", "done", f"{receiver.url}?…"), (second["id"], "test", "rejected", f"{receiver.url}?…"),
    ]  # fmt: skip
