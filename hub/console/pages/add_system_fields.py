"""The table of fields of a system being added: columns with samples and suggestions, and what a person typed into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import yaml
from starlette.requests import Request

from hub.console.shell import field, fields, form
from hub.core.onboarding import IGNORED, Draft, Onboarding, placed
from hub.core.suggesting import Suggestion
from hub.errors import RequestError
from schema import ENTITIES
from schema.fields import Field
from schema.kinds import FieldKind


def table_of(draft: Draft, columns: Mapping[str, Sequence[Any]], one: Onboarding) -> dict[str, Any]:
    """What the page shows of one object: samples, suggestions, the fields there are, and the required ones nobody gives."""
    trial = replace(draft, columns={name: ("", {}) for name in draft.columns})
    guesses: dict[str, Suggestion] = {}
    if draft.entity in ENTITIES and draft.by_hand is None:
        guesses = {each.column: each for each in placed(trial, columns, one.objects.values())}
    meta = ENTITIES.get(draft.entity)
    mapped = {target for target, _ in draft.columns.values()}
    return {
        "draft": draft, "samples": {name: _samples(values) for name, values in columns.items()}, "guesses": guesses,
        "targets": [(each.name, each.kind.value, each.required) for each in meta.fields.values() if _is_offered(each)] if meta else [],
        "missing": [each.name for each in meta.required if each.name not in mapped] if meta and draft.by_hand is None else [],
        "by_hand": yaml.safe_dump(draft.by_hand, sort_keys=False, allow_unicode=True, width=120) if draft.by_hand is not None else "",
    }  # fmt: skip


def _is_offered(one: Field[Any]) -> bool:
    return one.kind is not FieldKind.LISTING


def _samples(values: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(str(value) for value in values if value not in (None, "")))[:3]


def as_typed(options: Mapping[str, Any]) -> str:
    """A line's options as a person types them.

    >>> as_typed({"as": "money", "currency": "EUR"}), as_typed({})
    ('as: money, currency: EUR', '')
    """
    return yaml.safe_dump(dict(options), default_flow_style=True, sort_keys=False, width=10_000).strip().removeprefix("{").removesuffix("}") if options else ""


def typed_options(text: str, column: str) -> dict[str, Any]:
    """What somebody typed; raises :class:`RequestError` that names the column.

    >>> typed_options("as: date, pattern: DD.MM.YYYY", "Start")
    {'as': 'date', 'pattern': 'DD.MM.YYYY'}
    """
    if not text.strip():
        return {}
    try:
        found = yaml.safe_load(text if text.strip().startswith("{") else "{" + text + "}")
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict) or None in found.values():
        raise RequestError("BAD_MAPPING", f"{column}: {text[:60]!r} is not understood", field=column, remedy="Write as: date, pattern: DD.MM.YYYY.")
    return {("true" if key is True else "false" if key is False else str(key)): value for key, value in found.items()}


async def typed_draft(request: Request, former: Draft) -> Draft:
    """What the form says of an object: its table, or a mapping written by hand. Raises :class:`RequestError` that names the column."""
    by_hand = str((await form(request)).get("by_hand") or "").strip()
    if by_hand:
        try:
            found = yaml.safe_load(by_hand)
        except yaml.YAMLError as error:
            raise RequestError("BAD_MAPPING", f"this is not YAML: {' '.join(str(error).split())[:200]}", field=former.object, remedy="Mend the line it names.") from error
        if not isinstance(found, dict):
            raise RequestError("BAD_MAPPING", "expected a table of keys and values", field=former.object, remedy="Write entity, id and fields.")
        first = found.get("mappings", [found])
        return replace(former, by_hand=found, entity=str(first[0].get("entity") or former.entity) if first else former.entity)
    names, targets, options = await fields(request, "column"), await fields(request, "field"), await fields(request, "options")
    columns = {name: (target, typed_options(text, name) if target not in ("", IGNORED) else {}) for name, target, text in zip(names, targets, options, strict=True)}
    told = {name: await field(request, name) for name in ("id", "version", "modified", "deleted")}
    return replace(former, by_hand=None, columns=columns, **told)
