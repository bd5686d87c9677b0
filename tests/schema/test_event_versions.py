"""Payload versions: the newest is made, older ones are translated from it, and a subscriber gets the one it was made for."""

from __future__ import annotations

from typing import Any

from hub.errors import RequestError
from hub.flows.pins import pinned
from schema.event_schemas import example
from schema.event_types import EVENTS
from schema.event_versions import REVISIONS, Revision, changed_as, newest, newest_of_all, pinned_version, problems, translated
from schema.events import TYPES

import pytest


def renamed(fields: Any) -> dict[str, Any]:
    return {("duns" if name == "registration" else name): value for name, value in fields.items()}


def without_legal_form(fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "legal_form"}


THREE = (
    Revision(("client",), 2, "duns is called registration", renamed),
    Revision(("client",), 3, "legal_form is new, and has to be read", without_legal_form),
)


def test_a_subscriber_of_the_first_version_is_led_back_step_by_step() -> None:
    now = {"name": "A", "registration": "7", "legal_form": "GmbH"}
    assert translated(now, "client", 3, THREE) == now
    assert translated(now, "client", 2, THREE) == {"name": "A", "registration": "7"}
    assert translated(now, "client", 1, THREE) == {"name": "A", "duns": "7"}
    assert translated(now, "contact", 1, THREE) == now


def test_what_changed_is_translated_as_the_record_is() -> None:
    changed = {"registration": {"before": "6", "after": "7"}, "legal_form": {"before": None, "after": "GmbH"}}
    assert changed_as(changed, "client", 1, THREE) == {"duns": {"before": "6", "after": "7"}}
    assert changed_as(changed, "client", 3, THREE) == changed


def test_the_first_version_is_what_a_silent_subscriber_gets_and_a_version_to_come_is_the_newest() -> None:
    assert [pinned_version("client", pins, THREE) for pins in ({}, {"client": 2}, {"client": 9})] == [1, 2, 3]
    assert newest_of_all(THREE) == {"client": 3}
    assert (newest("client", THREE), newest("contact", THREE)) == (3, 1)


def test_a_client_event_of_version_1_has_the_seat_beside_the_other_fields() -> None:
    new, old = (example(TYPES["client.updated"], version) for version in (2, 1))
    seat = new["data"]["payload"]["seat"]
    assert (new["type"], old["type"]) == ("hub.client.updated.v2", "hub.client.updated.v1")
    assert old["data"]["payload"] == {name: value for name, value in new["data"]["payload"].items() if name != "seat"} | seat
    assert [one["type"] for one in old["data"]["events"]] == ["hub.client.updated.v1"]
    assert (new["data"]["payload_version"], old["data"]["payload_version"]) == (2, 1)


def test_the_declared_revisions_are_whole_and_say_what_the_event_types_say() -> None:
    assert problems() == []
    assert {event.type: event.version for event in EVENTS} == {event.type: newest(event.type) for event in EVENTS}


def test_a_revision_of_nothing_or_with_a_version_left_out_is_named() -> None:
    wrong = (*REVISIONS, Revision(("clint",), 2, "", dict), Revision(("client",), 3, "", dict))
    assert problems(wrong) == [
        "clint has a revision, but is neither an entity nor a business event",
        "client has revisions [3], which are not 2, 3 … in this order",
    ]


def test_a_new_subscription_is_pinned_to_what_is_newest_unless_it_asks_for_an_older_version() -> None:
    everything = newest_of_all()
    assert pinned(None) == everything
    assert pinned({"client.updated": 1, "client": 1}) == {**everything, "client.updated": 1, "client": 1}
    for wrong in ({"client.updated": 3}, {"client.updated": True}, {"nothing": 1}, ["client"]):
        with pytest.raises(RequestError) as refused:
            pinned(wrong)  # type: ignore[arg-type]
        assert refused.value.code == "bad_version"
