"""What the model becomes for readers: dictionary, event schemas, GraphQL schema; derived, committed, checked."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from hub.api import evolution
from hub.store.bi_page import page as star_page
from schema import ENTITIES
from schema.dictionary import dictionary
from schema.event_catalogue import catalogue
from schema.event_evolution import broken, promises
from schema.event_schemas import event_schema, record_schema
from schema.event_types import EVENTS
from schema.event_versions import newest

FOLDER = Path(__file__).resolve().parent.parent / "schema" / "published"
"""Where the published files lie in a clone."""

API_SCHEMA = "hub.api.schema"


RELEASED = "released.graphql"
"""The API as it was last released, written by ``hub publish --release``: what clients rely on."""

CHANGES = "CHANGES.md"

WAYS = "Deprecate it in a release first; a payload of an event gets a new version (schema/event_versions.py)."

EVENTS_RELEASED = "events/released.json"
"""What every version of every event held at the last release: what receivers rely on."""


def published(folder: Path = FOLDER) -> Mapping[str, str]:
    """Path below ``schema/published`` → text of everything derived from the model, and from what was released before."""
    texts = {"MODEL.md": dictionary(), "BI.md": star_page(ENTITIES)}
    texts |= {"EVENTS.md": catalogue()}
    texts |= {f"events/{event.type}.json": _json(event_schema(event)) for event in EVENTS}
    texts |= {f"events/{event.type}.v{n}.json": _json(event_schema(event, n)) for event in EVENTS for n in range(1, event.version)}
    texts |= {f"events/records/{name}.json": _json(record_schema(meta)) for name, meta in ENTITIES.items()}
    texts |= {f"events/records/{name}.v{n}.json": _json(record_schema(meta, n)) for name, meta in ENTITIES.items() for n in range(1, newest(name))}
    if promised := _text(folder / EVENTS_RELEASED):
        texts[EVENTS_RELEASED] = promised
    if find_spec(API_SCHEMA):
        texts["schema.graphql"] = str(import_module(API_SCHEMA).sdl()).rstrip() + "\n"
        if released := _text(folder / RELEASED):
            news = evolution.changelog(released, texts["schema.graphql"])
            texts |= {RELEASED: released, CHANGES: evolution.changes_page(_text(folder / CHANGES), news)}
    return texts


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def release(name: str, folder: Path = FOLDER) -> list[str]:
    """Make the API as it is now the one that clients rely on; returns what would break those of the release before.

    Nothing is written when something would.
    """
    write(folder)
    now, before = _text(folder / "schema.graphql"), _text(folder / RELEASED)
    if gone := [*(evolution.breaking(before, now) if before else ()), *broken_events(folder)]:
        return gone
    news = evolution.changelog(before, now) if before else "The first release.\n"
    (folder / CHANGES).write_text(evolution.released_page(_text(folder / CHANGES), name, news), encoding="utf-8")
    (folder / RELEASED).write_text(evolution.bare(now), encoding="utf-8")
    (folder / EVENTS_RELEASED).write_text(_json(promises()), encoding="utf-8")
    return []


def broken_events(folder: Path = FOLDER) -> list[str]:
    """What receivers of events rely on since the last release and would no longer get, one sentence each."""
    promised = _text(folder / EVENTS_RELEASED)
    return [f"{one}." for one in broken(json.loads(promised), promises())] if promised else []


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path = FOLDER) -> list[str]:
    """Make the folder say what the model says; returns what changed."""
    differing = check(folder)
    texts = published(folder)
    for name in stale(folder, texts):
        (folder / name).unlink()
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return differing


def check(folder: Path = FOLDER) -> list[str]:
    """What differs between the model and the folder, one sentence each."""
    texts = published(folder)
    differing = [f"{name} is published, but the model has it no longer" for name in stale(folder, texts)]
    for name, text in texts.items():
        path = folder / name
        if not path.exists():
            differing.append(f"{name} is not published yet")
        elif path.read_text(encoding="utf-8") != text:
            differing.append(f"{name} differs from what the model says")
    return differing


def stale(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """Published files nothing derives any more."""
    present = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return [name for name in present if name not in texts and name.endswith((".md", ".json", ".graphql"))]


def main(check_only: bool, release_as: str | None = None) -> int:
    """Print what differs; write it unless ``check_only``. Exit code 1 when a check finds a difference, or when
    clients or receivers of events would be broken."""
    if release_as is not None:
        in_the_way = release(release_as)
        for sentence in in_the_way:
            sys.stdout.write(f"{sentence} {WAYS}\n")
        sys.stdout.write("Nothing is released.\n" if in_the_way else f"The API is released as {release_as}.\n")
        return 1 if in_the_way else 0
    differing = check() if check_only else write()
    for sentence in differing:
        sys.stdout.write(sentence + ("\n" if check_only else "; written\n"))
    if check_only and differing:
        sys.stdout.write("Run 'hub publish' and commit the result.\n")
    gone = broken_events()
    for sentence in gone:
        sys.stdout.write(f"{sentence} {WAYS}\n")
    return 1 if (check_only and differing) or gone else 0
