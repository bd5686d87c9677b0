"""What was sent to and answered by systems, as it may be shown: secrets and personal values covered.

A value is covered by its key (a token, a password), by the mapping (the path of a field that is personal or confidential), or
because text anywhere looks like one (an address, a long number).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from schema.fields import Sensitivity
from schema.language import EntityMeta
from schema.mapping import Mapping

COVER = "•••"
SECRET = re.compile(r"pass(word|wd)|secret|token|api_?key|authori[sz]ation|credential|signature|private|cookie|iban|bic|account_?number", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_LONG_NUMBER = re.compile(r"\+?\d(?:[\d ()/-]{7,}\d)")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+")


def personal_paths(mappings: Iterable[Mapping], meta: EntityMeta) -> frozenset[str]:
    """The vendor's paths of fields that are not open to everybody."""
    return frozenset(
        path for one in mappings if one.entity == meta.name for line in one.lines
        if (declared := meta.fields.get(line.field)) is not None and declared.sensitivity is not Sensitivity.OPEN
        for path in (line.path, *line.codec.beside) if path
    )  # fmt: skip


def personal_names(meta: EntityMeta) -> frozenset[str]:
    """Our names of the fields that are not open to everybody."""
    return frozenset(name for name, declared in meta.fields.items() if declared.sensitivity is not Sensitivity.OPEN)


def redacted(value: Any, paths: frozenset[str] = frozenset(), at: str = "", names: frozenset[str] = frozenset()) -> Any:
    """The value with what must not be shown covered; its shape stays. ``names`` are covered wherever they stand.

    >>> redacted({"Name": "ACME", "apiKey": "k1", "person": {"mail": "ada@acme.example"}, "n": 3})
    {'Name': 'ACME', 'apiKey': '•••', 'person': {'mail': '•••'}, 'n': 3}
    >>> redacted({"Name": "Ada"}, frozenset({"Name"})), redacted("call +49 30 1234567")
    ({'Name': '•••'}, 'call •••')
    >>> redacted({"values": {"phone": "n/a", "name": "ACME"}}, names=frozenset({"phone"}))
    {'values': {'phone': '•••', 'name': 'ACME'}}
    """
    if isinstance(value, dict):
        return {
            key: COVER if inner not in (None, "") and (key in names or SECRET.search(str(key)) or _joined(at, str(key)) in paths) else redacted(inner, paths, _joined(at, str(key)), names)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [redacted(inner, paths, at, names) for inner in value]
    if isinstance(value, str):
        return redacted_text(value)
    return value


def redacted_text(text: str) -> str:
    """
    >>> redacted_text("Bearer abc.def refused for ada@acme.example, 2026-03-05")
    '••• refused for •••, 2026-03-05'
    """
    covered = _BEARER.sub(COVER, text)
    covered = _MAIL.sub(COVER, covered)
    return _LONG_NUMBER.sub(lambda found: found[0] if _is_day(found[0]) else COVER, covered)


def _is_day(text: str) -> bool:
    return re.match(r"\d{4}-\d\d-\d\d", text) is not None


def _joined(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key
