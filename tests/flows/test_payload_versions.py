"""Subscribers of different payload versions beside each other: one change, each told as it was made to understand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import jsonschema
import pytest

from hub.errors import RequestError
from hub.flows.subscriptions import create_subscription, set_versions
from hub.settings import Settings
from tests.flows.delivering import Keeper, a_deliverer, a_receiver, eventually, is_settled

SCHEMAS = Path(__file__).resolve().parents[2] / "schema" / "published" / "events"
EVENTS = ["client.created", "client.updated"]


async def settled(keeper: Keeper) -> None:
    await eventually(lambda: is_settled(keeper.pool, keeper.tenant_id), 30)


def valid(event: dict[str, Any], name: str) -> dict[str, Any]:
    """The event, after it was held against its published schema."""
    jsonschema.Draft202012Validator(json.loads((SCHEMAS / name).read_text())).validate(event)
    return event


async def test_a_subscriber_pinned_to_version_1_goes_on_while_others_get_version_2(keeper: Keeper, settings: Settings) -> None:
    async with a_receiver() as old, a_receiver() as new:
        made = {}
        for name, receiver, pins in (("old", old, {"client.updated": 1, "client.created": 1}), ("new", new, None)):
            made[name] = await create_subscription(
                keeper.pool, settings, keeper.tenant_id, subscription_id=uuid4(), name=name, kind="webhook", url=receiver.url,
                filter={"events": EVENTS}, pins=pins,
            )  # fmt: skip
        async with a_deliverer(keeper.pool, settings):
            client = await keeper.save(name="Nordwind", city="Kiel", country="DE")
            await settled(keeper)
            await keeper.save(golden_id=client, city="Husum")
            await settled(keeper)
            await set_versions(keeper.pool, keeper.tenant_id, made["old"].id, {"client.updated": 2})
            await keeper.save(golden_id=client, city=None)
            await settled(keeper)
    told_old = [valid(old.events[0], "client.created.v1.json"), valid(old.events[1], "client.updated.v1.json"), valid(old.events[2], "client.updated.json")]
    told_new = [valid(new.events[0], "client.created.json"), valid(new.events[1], "client.updated.json"), valid(new.events[2], "client.updated.json")]
    assert [(one["type"], one["data"]["payload"]) for one in told_old] == [
        ("hub.client.created.v1", {"name": "Nordwind", "city": "Kiel", "country": "DE"}),
        ("hub.client.updated.v1", {"name": "Nordwind", "city": "Husum", "country": "DE"}),
        ("hub.client.updated.v2", {"name": "Nordwind", "seat": {"country": "DE"}}),
    ]
    assert [(one["type"], one["data"]["payload"]) for one in told_new] == [
        ("hub.client.created.v2", {"name": "Nordwind", "seat": {"city": "Kiel", "country": "DE"}}),
        ("hub.client.updated.v2", {"name": "Nordwind", "seat": {"city": "Husum", "country": "DE"}}),
        ("hub.client.updated.v2", {"name": "Nordwind", "seat": {"country": "DE"}}),
    ]
    assert [one["id"] for one in told_old] == [one["id"] for one in told_new]


async def test_record_events_are_as_their_published_schema_says_whole_and_by_selected_fields(keeper: Keeper, settings: Settings) -> None:
    async with a_receiver() as whole, a_receiver() as some:
        for name, receiver, filter in (("whole", whole, {}), ("some", some, {"entity": "client", "select": ["name"]})):
            await create_subscription(
                keeper.pool, settings, keeper.tenant_id, subscription_id=uuid4(), name=name, kind="webhook", url=receiver.url,
                payload="both", filter=filter,
            )  # fmt: skip
        async with a_deliverer(keeper.pool, settings):
            client = await keeper.save(name="Nordwind", city="Kiel", legal_name="Nordwind GmbH")
            await keeper.save(golden_id=client, city="Husum")
            await keeper.save("time_entry", note="x", quantity={"value": "7.5", "unit": "hour"})
            await settled(keeper)
    for event in (*whole.events, *some.events):
        valid(event, f"records/{event['data']['record']['entity']}.json")
    told = [(one["data"]["changed"], one["data"]["values"]) for one in some.events]
    assert told == [({"name": {"before": None, "after": "Nordwind"}}, {"name": "Nordwind"}), ({}, {"name": "Nordwind"})]


async def test_versions_that_do_not_exist_are_refused(keeper: Keeper, settings: Settings) -> None:
    for pins, code in (({"client.updated": 3}, "bad_version"), ({"clients": 1}, "bad_version")):
        with pytest.raises(RequestError) as refused:
            await set_versions(keeper.pool, keeper.tenant_id, uuid4(), pins)
        assert refused.value.code == code
    with pytest.raises(RequestError) as refused:
        await set_versions(keeper.pool, keeper.tenant_id, uuid4(), {"client.updated": 1})
    assert refused.value.code == "unknown_subscription"
