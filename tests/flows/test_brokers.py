"""Brokers as subscribers: acknowledged before settled, in order per record, known again by the event's id."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hub.errors import RequestError, SettingError
from hub.flows.brokers.address import check_address, check_topic, permitted
from hub.flows.brokers.connections import FAILED_FOR_S, Brokers
from hub.flows.brokers.port import AwayError, Record
from hub.flows.send_again import send_test_event
from hub.flows.subscriptions import Created, create_subscription, replay_lanes
from hub.settings import Settings
from tests.flows.brokering import a_kafka_server, a_nats_server
from tests.flows.delivering import Keeper, a_deliverer, eventually, is_settled, lane_states, open_tasks


async def subscribe(keeper: Keeper, settings: Settings, url: str, **options: Any) -> Created:
    return await create_subscription(
        keeper.pool, settings, keeper.tenant_id, subscription_id=uuid4(), name="bus", kind="broker", url=url, **options
    )


async def settled(keeper: Keeper) -> None:
    await eventually(lambda: is_settled(keeper.pool, keeper.tenant_id), 30)


async def test_jetstream_holds_every_version_in_order_as_cloud_events(keeper: Keeper, settings: Settings, tmp_path: Path) -> None:
    async with a_nats_server(tmp_path) as server:
        await server.make_stream("hub.>")
        named = replace(settings, brokers=server.url)
        await subscribe(keeper, named, server.url, payload="both")
        async with a_deliverer(keeper.pool, named):
            one, other = [await keeper.save(name=name, correlation_id="c-9") for name in ("One", "Other")]
            for step in range(3):
                await keeper.save(golden_id=one, name=f"One {step}")
            hour = await keeper.save("time_entry", note="x")
            await settled(keeper)
        held = await server.messages()
    told = [(message.headers["hub-key"], json.loads(message.data)["record"]["version"]) for message in held]
    assert sorted(told) == sorted([(str(one), 1), (str(one), 2), (str(one), 3), (str(one), 4), (str(other), 1), (str(hour), 1)])
    assert [version for key, version in told if key == str(one)] == [1, 2, 3, 4]
    assert {message.subject for message in held} == {"hub.acme.client", "hub.acme.time_entry"}
    first = next(message for message in held if message.headers["hub-key"] == str(one))
    data = json.loads(first.data)
    assert first.headers == {
        "ce-specversion": "1.0", "ce-id": f"evt_{keeper.tenant_id}_1_1", "ce-source": "/hub/tenants/acme",
        "ce-type": "hub.client.created.v1", "ce-subject": f"client/{one}", "ce-time": data["recorded_at"],
        "ce-dataschema": "urn:hub:record:client.v1", "ce-partitionkey": f"client:{one}", "ce-sequence": "00000000000000000001",
        "content-type": "application/json", "Nats-Msg-Id": f"evt_{keeper.tenant_id}_1_1", "hub-key": str(one),
    }  # fmt: skip
    assert (data["correlation_id"], data["values"], data["changed"]) == ("c-9", {"name": "One"}, {"name": {"before": None, "after": "One"}})


async def test_a_broker_that_was_killed_gets_the_rest_in_order_and_nothing_twice(
    keeper: Keeper, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.flows.send_webhook.next_try_s", lambda *_, **__: 0.05)
    async with a_nats_server(tmp_path) as server:
        await server.make_stream("hub.>")
        named = replace(settings, brokers=server.url)
        await subscribe(keeper, named, server.url)
        async with a_deliverer(keeper.pool, named, sweep_s=0.05):
            client = await keeper.save(name="v1")
            await settled(keeper)
            server.kill()
            for step in range(2, 6):
                await keeper.save(golden_id=client, name=f"v{step}")
            failed = "SELECT count(*) FROM hub.attempt WHERE state = 'retriable'"
            await eventually(lambda: keeper.pool.fetchval(failed), 20)
            server.start()
            await settled(keeper)
        held = await server.messages()
    assert [json.loads(message.data)["record"]["version"] for message in held] == [1, 2, 3, 4, 5]


async def test_a_record_published_again_after_its_acknowledgement_was_lost_is_held_once(tmp_path: Path) -> None:
    async with a_nats_server(tmp_path) as server:
        await server.make_stream("hub.>")
        brokers = Brokers()
        try:
            broker = await brokers.of(server.url, "")
            record = Record("hub.acme.client", "018f", "evt_1", {"id": "evt_1", "datacontenttype": "application/json"}, b"{}")
            await broker.publish(record)
            await broker.publish(record)
            assert await brokers.of(server.url, "") is broker
        finally:
            await brokers.aclose()
        assert len(await server.messages()) == 1


async def test_an_event_the_broker_never_takes_parks_its_lane_and_can_be_replayed(
    keeper: Keeper, settings: Settings, tmp_path: Path
) -> None:
    async with a_nats_server(tmp_path, "max_payload: 2000") as server:
        await server.make_stream("hub.>")
        named = replace(settings, brokers=server.url)
        await subscribe(keeper, named, server.url)
        async with a_deliverer(keeper.pool, named):
            large, small = [await keeper.save(name=name) for name in ("x" * 3000, "small")]
            await settled(keeper)
            assert await lane_states(keeper.pool, keeper.tenant_id) == {large: "parked", small: "idle"}
            reason = "The event is larger than the broker takes."
            assert await open_tasks(keeper) == [("webhook_refused", f"broker bus: {reason}", 1)]
            server.kill()
            server.more = ""
            server.start()
            assert await replay_lanes(keeper.pool, keeper.tenant_id) == 1
            await settled(keeper)
        assert [message.headers["hub-key"] for message in await server.messages()] == [str(small), str(large)]


async def test_a_login_is_kept_as_a_secret_and_shown_to_the_broker(keeper: Keeper, settings: Settings, tmp_path: Path) -> None:
    async with a_nats_server(tmp_path, 'authorization { token: "s3cret" }') as server:
        await server.make_stream("hub.>", token="s3cret")
        named = replace(settings, brokers=server.url)
        created = await subscribe(keeper, named, server.url, secret="s3cret", topic="hub.{tenant}.{entity}.{id}")
        async with a_deliverer(keeper.pool, named):
            client = await keeper.save(name="One")
            await settled(keeper)
        (message,) = await server.messages(token="s3cret")
    stored = await keeper.pool.fetchrow("SELECT url, secret, topic FROM hub.subscription WHERE id = $1", created.id)
    assert (created.secret, message.subject) == (None, f"hub.acme.client.{client}")
    assert b"s3cret" not in stored["secret"] and "s3cret" not in stored["url"]


async def test_a_test_event_is_published_and_its_try_answered(keeper: Keeper, settings: Settings, tmp_path: Path) -> None:
    async with a_nats_server(tmp_path, 'authorization { user: "hub", password: "pw" }') as server:
        await server.make_stream("hub.>", user="hub", password="pw")
        named = replace(settings, brokers=server.url)
        created = await subscribe(keeper, named, server.url, secret="hub:pw")
        told = await send_test_event(keeper.pool, named, keeper.tenant_id, "acme", created.id, uuid4(), "ann")
        refused = await send_test_event(keeper.pool, settings, keeper.tenant_id, "acme", created.id, uuid4(), "ann")
        (message,) = await server.messages(user="hub", password="pw")
    assert (told["state"], told["operation"], refused["state"]) == ("done", "test", "rejected")
    assert (message.subject, message.headers["ce-type"], json.loads(message.data)["asked_by"]) == ("hub.acme.test", "hub.test.v1", "ann")


async def test_kafka_holds_every_version_of_a_record_in_one_partition_in_order(keeper: Keeper, settings: Settings) -> None:
    with a_kafka_server() as server:
        named = replace(settings, brokers=server.url)
        await subscribe(keeper, named, server.url, filter={"entities": ["client"]}, topic="{tenant}.{entity}")
        async with a_deliverer(keeper.pool, named):
            clients = [await keeper.save(name=f"client {n}") for n in range(4)]
            for step in range(3):
                for client in clients:
                    await keeper.save(golden_id=client, name=f"step {step}")
            await settled(keeper)
        held = server.messages("acme.client", 16)
    told = [(one.key().decode(), json.loads(one.value())["record"]["version"]) for one in held]
    for client in clients:
        assert [version for key, version in told if key == str(client)] == [1, 2, 3, 4]
        assert len({one.partition() for one in held if one.key().decode() == str(client)}) == 1
    assert len(told) == 16
    first = next(one for one in held if one.key().decode() == str(clients[0]))
    headers = {name: value.decode() for name, value in first.headers()}
    assert headers == {
        "ce_specversion": "1.0", "ce_id": f"evt_{keeper.tenant_id}_1_1", "ce_source": "/hub/tenants/acme",
        "ce_type": "hub.client.created.v1", "ce_subject": f"client/{clients[0]}", "ce_time": json.loads(first.value())["recorded_at"],
        "ce_dataschema": "urn:hub:record:client.v1", "ce_partitionkey": f"client:{clients[0]}",
        "ce_sequence": "00000000000000000001", "content-type": "application/json",
    }  # fmt: skip


async def test_a_kafka_that_is_away_is_tried_again(keeper: Keeper, settings: Settings) -> None:
    with a_kafka_server() as server:
        named = replace(settings, brokers=server.url)
        await subscribe(keeper, named, server.url)
    async with a_deliverer(keeper.pool, named):
        client = await keeper.save(name="One")
        tried = "SELECT state, error->>'reason' AS reason FROM hub.attempt LIMIT 1"
        row = await eventually(lambda: keeper.pool.fetchrow(tried), 20)
    assert tuple(row) == ("retriable", "The broker cannot be reached (KafkaConnectionError).")
    assert await lane_states(keeper.pool, keeper.tenant_id) == {client: "due"}


async def test_everybody_who_waits_for_a_connection_hears_at_once_that_there_is_none() -> None:
    asked = 0

    async def open_slowly(_: Any, __: str) -> Any:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        raise AwayError("The broker cannot be reached.")

    brokers = Brokers({"nats": open_slowly})
    told = await asyncio.gather(*(brokers.of("nats://n1", "") for _ in range(20)), return_exceptions=True)
    assert ([type(one) for one in told], asked) == ([AwayError] * 20, 1)
    await asyncio.sleep(FAILED_FOR_S)
    with pytest.raises(AwayError):
        await brokers.of("nats://n1", "")
    assert asked == 2


async def test_a_broker_the_operator_has_taken_off_the_list_is_published_to_no_more(
    keeper: Keeper, settings: Settings, tmp_path: Path
) -> None:
    async with a_nats_server(tmp_path) as server:
        await server.make_stream("hub.>")
        await subscribe(keeper, replace(settings, brokers=server.url), server.url)
        async with a_deliverer(keeper.pool, settings):
            client = await keeper.save(name="One")
            await settled(keeper)
        assert await lane_states(keeper.pool, keeper.tenant_id) == {client: "parked"}
        assert await server.messages() == []


NAMED = permitted("nats://n1, nats+tls://n2:4333, kafka://k1:9092,kafka://k2:9092")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("nats://n1:4222", ""),
        ("nats://n1", ""),
        ("nats+tls://n2:4333", ""),
        ("kafka://k1,k2", ""),
        ("kafka://k1:9092?sasl=plain", ""),
        ("nats://n2:4333", "broker_not_named"),
        ("nats://n1:4223", "broker_not_named"),
        ("kafka://k1,k3", "broker_not_named"),
        ("nats://169.254.169.254:80", "broker_not_named"),
        ("nats://ann:pw@n1", "bad_url"),
        ("nats://n1/path", "bad_url"),
        ("nats://", "bad_url"),
        ("http://n1", "bad_url"),
        ("kafka://k1?sasl=none", "bad_url"),
        ("nats://n1?tls=1", "bad_url"),
        ("", "bad_url"),
    ],
)
def test_only_brokers_the_operator_has_named_are_subscribed(url: str, code: str) -> None:
    if not code:
        check_address(url, NAMED)
        return
    with pytest.raises(RequestError) as refused:
        check_address(url, NAMED)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("kind", "topic", "is_good"),
    [
        ("nats", "hub.{tenant}.{entity}.{id}", True),
        ("kafka", "{tenant}-{entity}", True),
        ("kafka", "{tenant}.{id}", False),
        ("nats", "hub.{entity}", False),
        ("nats", "{tenant}.>", False),
        ("nats", "{tenant}..x", False),
        ("nats", "{tenant.__class__}", False),
        ("kafka", "{tenant} {entity}", False),
        ("kafka", "", False),
    ],
)
def test_a_topic_names_its_tenant_and_nothing_that_is_not_a_name(kind: str, topic: str, is_good: bool) -> None:
    if is_good:
        assert check_topic(kind, topic) == topic
        return
    with pytest.raises(RequestError) as refused:
        check_topic(kind, topic)
    assert refused.value.code == "bad_topic"


def test_a_setting_that_is_no_list_of_brokers_is_refused_by_name() -> None:
    assert permitted("") == frozenset()
    with pytest.raises(SettingError, match="HUB_BROKERS"):
        permitted("nats//n1")
