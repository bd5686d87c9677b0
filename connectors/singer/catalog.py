"""Which streams a tap is asked for: its own catalog, with these chosen and all others not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from connectors.errors import SchemaDriftError
from connectors.singer.messages import StreamChoice
from connectors.wire import parse_json


def parsed_catalog(raw: bytes, program: str) -> dict[str, Any]:
    """A catalog as printed. Raises SchemaDriftError for anything else."""
    try:
        found = parse_json(raw)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("streams"), list):
        raise SchemaDriftError(f"{program} --discover did not print a catalog", path="streams")
    return found


def name_of(stream: Mapping[str, Any]) -> str:
    """What a document calls a stream: the tap's id of it, which is what its messages name too unless it says otherwise."""
    return str(stream.get("stream") or stream.get("tap_stream_id"))


def names(catalog: Mapping[str, Any]) -> list[str]:
    return [name_of(one) for one in catalog["streams"]]


def selected(catalog: Mapping[str, Any], choices: Sequence[StreamChoice], program: str) -> dict[str, Any]:
    """The catalog with exactly these streams chosen. Raises SchemaDriftError for one that is not there."""
    wanted = {one.stream: one for one in choices}
    found = deepcopy(dict(catalog))
    if missing := sorted(set(wanted) - set(names(found))):
        choice = wanted[missing[0]]
        raise SchemaDriftError(f"{program} has no stream {missing[0]}; it has {', '.join(names(found)) or 'none'}", object=choice.object, path=missing[0])
    for stream in found["streams"]:
        _choose(stream, wanted.get(name_of(stream)))
    return found


def method_of(catalog: Mapping[str, Any], choice: StreamChoice) -> str:
    """How a stream is replicated: by the document, else by force of the tap, else by its metadata; "" when nobody says."""
    if choice.replication:
        return choice.replication
    for stream in catalog.get("streams", ()):
        if name_of(stream) == choice.stream:
            whole = _whole(stream)
            return str(whole.get("forced-replication-method") or whole.get("replication-method") or stream.get("replication_method") or "")
    return ""


def _whole(stream: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((one.get("metadata", {}) for one in stream.get("metadata") or () if not one.get("breadcrumb")), {})


def _choose(stream: dict[str, Any], choice: StreamChoice | None) -> None:
    """Say it in each of the ways taps look at: the stream's metadata, its ``selected``, and that of its schema."""
    is_chosen = choice is not None
    metadata = stream.setdefault("metadata", [])
    whole = next((one for one in metadata if not one.get("breadcrumb")), None)
    if whole is None:
        whole = {"breadcrumb": [], "metadata": {}}
        metadata.append(whole)
    about = whole.setdefault("metadata", {})
    about["selected"] = stream["selected"] = is_chosen
    if isinstance(stream.get("schema"), dict):
        stream["schema"]["selected"] = is_chosen
    if choice is None:
        return
    if choice.replication:
        about["replication-method"] = stream["replication_method"] = choice.replication
    elif not about.get("replication-method") and about.get("forced-replication-method"):
        about["replication-method"] = about["forced-replication-method"]
    if choice.replication_key:
        about["replication-key"] = stream["replication_key"] = choice.replication_key
    fields = {tuple(one["breadcrumb"]): one.setdefault("metadata", {}) for one in metadata if one.get("breadcrumb")}
    for name in (stream.get("schema") or {}).get("properties", {}):
        place = ("properties", name)
        if place not in fields:
            fields[place] = {}
            metadata.append({"breadcrumb": list(place), "metadata": fields[place]})
    for place, field in fields.items():
        if len(place) > 1 and field.get("inclusion") != "unsupported":
            field["selected"] = field.get("inclusion") == "automatic" or place[1] not in choice.exclude
