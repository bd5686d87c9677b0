"""Which payload versions a subscription was made for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.errors import RequestError
from schema.event_versions import newest, newest_of_all, subjects

_SUBJECTS = frozenset(subjects())


def pinned(stated: Mapping[str, Any] | None) -> dict[str, int]:
    """The pins of a new subscription: the newest versions there are now, and what it asks for otherwise.

    What comes to have a second version later stays at its first for it. Raises :class:`RequestError` ``bad_version``.

    >>> pinned({"client.updated": 1})["client.updated"], pinned(None)["client.updated"]
    (1, 2)
    """
    return {**newest_of_all(), **checked(stated)}


def checked(stated: Mapping[str, Any] | None) -> dict[str, int]:
    """Versions as they were asked for. Raises :class:`RequestError` ``bad_version``."""
    if not isinstance(stated, Mapping | None):
        raise _bad("payload versions are a map of entities and business events to versions")
    for subject, version in (stated or {}).items():
        if subject not in _SUBJECTS:
            raise _bad(f"{str(subject)[:60]!r} is neither an entity nor a business event")
        if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= newest(subject):
            raise _bad(f"{subject} has versions 1 to {newest(subject)}")
    return dict(stated or {})


def _bad(reason: str) -> RequestError:
    return RequestError("bad_version", reason, field="payloadVersions", remedy="schema/published/EVENTS.md lists versions.")
