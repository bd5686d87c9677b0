"""What is published of the model: deterministic, valid, and the same as what is committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hub import publish
from hub.core.people import TEAMS
from schema import ENTITIES
from schema.dictionary import dictionary, dictionary_page
from schema.event_catalogue import ANSWERS, TIMINGS, catalogue
from schema.event_schemas import event_schema, record_schema
from schema.event_types import EVENTS, EventType


@pytest.mark.parametrize(("event", "version"), [(one, n) for one in EVENTS for n in range(1, one.version + 1)], ids=str)
def test_the_example_of_an_event_validates_against_its_schema(event: EventType, version: int) -> None:
    schema = event_schema(event, version)
    jsonschema.Draft202012Validator.check_schema(schema)
    (example,) = schema["examples"]
    jsonschema.Draft202012Validator(schema).validate(example)


@pytest.mark.parametrize("name", ENTITIES)
def test_the_example_of_a_records_events_validates_against_their_schema(name: str) -> None:
    schema = record_schema(ENTITIES[name])
    jsonschema.Draft202012Validator.check_schema(schema)
    (example,) = schema["examples"]
    jsonschema.Draft202012Validator(schema).validate(example)
    example["data"]["values"] = {next(iter(ENTITIES[name].fields)): object}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(example, schema)


def test_the_catalogue_says_of_every_event_who_answers_for_it_and_shows_an_example() -> None:
    page = catalogue()
    for event in EVENTS:
        owner, timing = ANSWERS[event.number]
        section = page.partition(f"### {event.type}\n")[2].partition("\n### ")[0]
        assert owner in TEAMS and timing in TIMINGS
        assert f"owner {owner}; {timing}" in section
        assert json.loads(section.partition("```json\n")[2].partition("\n```")[0]) == event_schema(event)["examples"][0]["data"]["payload"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("type",), "hub.time.recalled.v1"),
        (("data", "epoch"), 0),
        (("data", "payload_version"), 2),
        (("data", "recorded_at"), "2026-05-17"),
        (("data", "payload", "quantity"), "7.5"),
        (("data", "payload", "colour"), "red"),
        (("data", "record", "entity"), "expense"),
    ],
)
def test_a_wrong_event_does_not_validate(path: tuple[str, ...], wrong: Any) -> None:
    schema = event_schema(next(event for event in EVENTS if event.type == "time.approved"))
    document = json.loads(json.dumps(schema["examples"][0]))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = wrong
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_dictionary_and_events_say_the_same_every_time() -> None:
    assert dictionary() == dictionary()
    assert [event_schema(event) for event in EVENTS] == [event_schema(event) for event in EVENTS]


def test_the_dictionary_shows_who_owns_a_field_and_what_becomes_of_other_values() -> None:
    page = dictionary_page(ENTITIES["client"])
    row = "| `legal_name` | text | erp > bill > crm | propose | R2 |  | As registered; printed on invoices. † |"
    assert row in page.splitlines()


def test_the_dictionary_has_a_page_for_every_entity_and_a_row_for_every_event() -> None:
    lines = dictionary().splitlines()
    assert [name for name in ENTITIES if f"## {name}" not in lines] == []
    assert [event.type for event in EVENTS if not any(f"[{event.type}]" in line for line in lines)] == []


def test_what_is_committed_is_what_the_model_says() -> None:
    assert publish.check() == []


def test_every_version_of_every_event_still_holds_what_it_was_released_with() -> None:
    assert publish.broken_events() == []


def test_a_released_field_that_an_event_would_lose_stands_in_the_way_of_a_release(tmp_path: Path) -> None:
    assert publish.release("1.0", tmp_path) == []
    promised = json.loads((tmp_path / publish.EVENTS_RELEASED).read_text())
    promised["client.updated"]["2"] |= {"seat.street_2": "string", "name": "integer"}
    promised["client"]["2"] = {}
    (tmp_path / publish.EVENTS_RELEASED).write_text(json.dumps(promised))
    assert publish.release("1.1", tmp_path) == [
        "client has no version 2 any more.",
        "client.updated version 2: name was integer and is string.",
        "client.updated version 2: seat.street_2 is gone.",
    ]
    assert publish.check(tmp_path) == []


def test_a_check_names_what_is_missing_changed_or_left_over(tmp_path: Path) -> None:
    publish.write(tmp_path)
    (tmp_path / "events" / "time.approved.json").write_text("{}")
    (tmp_path / "events" / "gone.json").write_text("{}")
    (tmp_path / "MODEL.md").unlink()
    assert publish.check(tmp_path) == [
        "events/gone.json is published, but the model has it no longer",
        "MODEL.md is not published yet",
        "events/time.approved.json differs from what the model says",
    ]
    publish.write(tmp_path)
    assert publish.check(tmp_path) == []
