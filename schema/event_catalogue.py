"""The catalogue of events as one page: what each means, who answers for it, how soon it is told, what it carries.

Teams are those that tasks are sent to; timing classes are what a consumer may rely on, not how quick the hub is: every event
leaves it when its change is committed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from schema import ENTITIES
from schema.event_schemas import Json, example, record_example
from schema.event_types import EVENTS, EventType
from schema.event_versions import REVISIONS, Revision, newest
from schema.events import VERBS

TIMINGS: Mapping[str, str] = {
    "near real time": "within seconds of the change in its source",
    "event-driven": "as its source tells of it; consumers work it off in their own time",
    "scheduled": "when a period or a run closes, in a window",
    "held by control": "when a person or a calendar lets it go, however long that takes",
}
"""Timing class → what it means."""

ANSWERS: Mapping[int, tuple[str, str]] = {
    1: ("data_stewards", "near real time"), 2: ("finance_operations", "near real time"), 3: ("finance_operations", "event-driven"),
    4: ("pmo", "near real time"), 5: ("pmo", "near real time"), 6: ("pmo", "event-driven"), 7: ("delivery", "near real time"),
    8: ("finance_operations", "near real time"), 9: ("delivery", "event-driven"), 10: ("delivery", "event-driven"),
    11: ("delivery", "near real time"), 12: ("pmo", "event-driven"), 13: ("pmo", "held by control"),
    14: ("finance_operations", "held by control"), 15: ("finance_operations", "near real time"),
    16: ("finance_operations", "event-driven"), 17: ("finance_operations", "held by control"),
    18: ("finance_operations", "near real time"), 19: ("finance_operations", "event-driven"),
    20: ("finance_operations", "event-driven"), 21: ("finance_operations", "event-driven"),
    22: ("finance_operations", "held by control"), 23: ("pmo", "scheduled"), 24: ("pmo", "scheduled"),
    25: ("integration_support", "near real time"),
}  # fmt: skip
"""Number of an event → the team that answers for it, and its timing class."""

HEAD = """# Events

Derived from the model; do not edit. `hub publish` writes it, a test holds the two together.

A subscription (webhook or broker) gets **record events**, one per version of a record it wants, or, with `events` in its filter, the
**business events** below. All are CloudEvents 1.0 as JSON; each links to its JSON Schema (draft 2020-12), which has a whole example that
is validated. Order is kept per record (`partitionkey`); an event keeps its `id` over all tries, so whoever has seen an id drops it.

`data` always has `tenant`, `epoch`, `position`, `payload_version`, `record` (entity, id, version), `op`, `recorded_at`, `cause`, `actor`,
`correlation_id`, `backfill` and `masked`; `changed` has before and after of what changed (payload `delta` or `both`), `values` the whole
record (`snapshot` or `both`), `id_map` which id became which (merge, split). A business event adds `payload`, `events` (all that the change
raises and the filter names), `legal_entity` and `record.key`.

## Versions

The last part of a type is the version of its payload. A subscription is pinned to the versions there are when it is made, or to older ones
(`createSubscription(payloadVersions: {"client.updated": 1})`), until `setPayloadVersions` moves it; the hub translates what it sends.
Fields may be added within a version: readers ignore what they do not know. What a
version held at a release (`events/released.json`) it keeps; `hub publish --check` says what would break.
"""

NOTICES = """## Notices

What a webhook or broker is told before anything else, when the feed itself is at stake. `data` has `tenant`, `epoch` and `remedy`.

| type | means | what to do |
| --- | --- | --- |
| `hub.feed.gap.v1` | positions `data.gap.first` to `data.gap.last` are no longer kept and will not come | read a snapshot of the records |
| `hub.feed.restarted.v1` | the hub was restored; `data.epoch` begins, positions and ids of `data.former_epoch` above `data.position` are void | read a snapshot, forget what came above it |
| `hub.test.v1` | somebody tries the subscription | answer 2xx |
"""


def catalogue(revisions: Sequence[Revision] = REVISIONS) -> str:
    """The page."""
    timings = ["| timing class | |", "| --- | --- |", *(f"| {name} | {doc} |" for name, doc in TIMINGS.items()), ""]
    return "\n".join([HEAD, *_revisions(revisions), "## Business events", "", *timings, *_contents(), *map(_section, EVENTS), *_records(), NOTICES])


def _revisions(revisions: Sequence[Revision]) -> list[str]:
    rows = [f"| {', '.join(f'`{one}`' for one in each.subjects)} | {each.version} | {each.doc} |" for each in revisions]
    return ["| of | version | what is new |", "| --- | --- | --- |", *rows, ""]


def _contents() -> list[str]:
    rows = [
        f"| [{one.type}](#{one.type.replace('.', '')}) | {one.doc} | {_entities(one)} | {ANSWERS[one.number][0]} | {ANSWERS[one.number][1]} | {one.version} |"
        for one in EVENTS
    ]
    return ["| event | means | raised by | owner | timing | version |", "| --- | --- | --- | --- | --- | --- |", *rows, ""]


def _entities(event: EventType) -> str:
    return ", ".join(dict.fromkeys(trigger.entity.meta.name for trigger in event.triggers)) or "a task (query `tasks`; not sent to subscriptions)"


def _section(event: EventType) -> str:
    owner, timing = ANSWERS[event.number]
    older = ", ".join(f"[version {n}](events/{event.type}.v{n}.json)" for n in range(1, event.version))
    lines = [
        f"### {event.type}", "",
        (
            f"{event.doc} Raised by {_entities(event)}; owner {owner}; {timing}. "
            f"[Schema of {event.ce_type}](events/{event.type}.json){'; ' + older if older else ''}."
        ), "",
        "| field | |", "| --- | --- |", *(f"| `{datum.name}` | {datum.doc} |" for datum in event.payload), "",
        "```json", _compact(example(event)["data"]["payload"]), "```", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _records() -> list[str]:
    verbs = ", ".join(f"`{verb}`" for verb in VERBS.values())
    rows = [f"| `{name}` | [v{newest(name)}](events/records/{name}.json) | {meta.doc} |" for name, meta in ENTITIES.items()]
    shown = record_example(ENTITIES["client"])
    shown["data"]["values"] = {name: shown["data"]["values"][name] for name in ("name", "legal_name", "country")}
    return [
        "## Record events", "",
        f"`hub.<entity>.<verb>.v<version>`, where the verb is {verbs}. A snapshot tells an active record as it stands, when a subscription begins with one.", "",
        "| entity | schema | |", "| --- | --- | --- |", *rows, "", "```json", json.dumps(shown, indent=1, ensure_ascii=False), "```", "",
    ]  # fmt: skip


def _compact(document: Json) -> str:
    return json.dumps(document, ensure_ascii=False)
