"""Reading configuration tables: every error names file, key and what is expected there; unknown keys are errors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.errors import ConfigurationError


class Table:
    """One table of a configuration file. Take the keys that are known, then call :meth:`done`."""

    def __init__(self, value: Any, file: str, at: str = "") -> None:
        self.file, self.at = file, at
        if not isinstance(value, Mapping):
            raise self.wrong("", "a table of keys and values", value)
        self._values: dict[str, Any] = {str(key).lower() if isinstance(key, bool) else str(key): one for key, one in value.items()}
        self._taken: set[str] = set()

    def wrong(self, key: str, expected: str, got: Any) -> ConfigurationError:
        where = ".".join(part for part in (self.at, key) if part) or "the file"
        shown = "nothing" if got is None else repr(got) if isinstance(got, str | int | float | bool) else type(got).__name__
        return ConfigurationError(f"{self.file}: {where}: expected {expected}, got {shown}")

    def __contains__(self, key: str) -> bool:
        return self._values.get(key) is not None

    def take(self, key: str) -> Any:
        """The value as it is, None when absent."""
        self._taken.add(key)
        return self._values.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; required unless a default is given. Numbers are taken as text."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise self.wrong(key, "a text", value)
        return str(value)

    def one_of(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise self.wrong(key, f"one of {', '.join(choices)}", value)
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A number that is not negative; a document sent as JSON has decimals where a file has floats."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value):
            return float(value)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not 0 <= value < 1e18:
            raise self.wrong(key, "a number that is not negative", value)
        return float(value)

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false", value)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A text or a list of texts; () when absent."""
        value = self.take(key)
        listed = [] if value is None else value if isinstance(value, list) else [value]
        if any(isinstance(one, bool) or not isinstance(one, str | int) for one in listed):
            raise self.wrong(key, "a text or a list of texts", value)
        return tuple(map(str, listed))

    def table(self, key: str) -> Table:
        """An inner table; required."""
        return Table(self.take(key), self.file, f"{self.at}.{key}" if self.at else key)

    def maybe(self, key: str) -> Table | None:
        """An inner table, None when absent."""
        self._taken.add(key)
        return self.table(key) if key in self else None

    def tables(self, key: str) -> Iterator[tuple[str, Table]]:
        """Name and table of each entry of an inner table of tables."""
        inner = self.maybe(key)
        for name in inner._values if inner else ():
            assert inner is not None
            yield name, inner.table(name)

    def listed(self, key: str) -> Iterator[Table]:
        """The tables of an inner list."""
        value = self.take(key)
        if value is not None and not isinstance(value, list):
            raise self.wrong(key, "a list", value)
        for place, one in enumerate(value or ()):
            yield Table(one, self.file, f"{self.at}.{key}[{place}]" if self.at else f"{key}[{place}]")

    def plain(self, key: str) -> dict[str, str]:
        """An inner table of texts; {} when absent."""
        inner = self.maybe(key)
        return {name: inner.text(name) for name in inner._values} if inner else {}

    def done(self) -> None:
        """Refuse keys nobody asked for: a misspelt setting must not be silently without effect."""
        unknown = sorted(set(self._values) - self._taken)
        if unknown:
            where = f"{self.at}.{unknown[0]}" if self.at else unknown[0]
            raise ConfigurationError(f"{self.file}: {where}: unknown key; known are {', '.join(sorted(self._taken))}")


_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}")


def fill_in(value: Any, environment: Mapping[str, str], file: str, at: str = "") -> Any:
    """Replace ``${NAME}`` and ``${NAME:-default}`` in all texts, so that no secret stands in a file.

    >>> fill_in({"token": "${T}", "url": "http://${H:-localhost}"}, {"T": "x"}, "a.yaml")
    {'token': 'x', 'url': 'http://localhost'}
    """
    if isinstance(value, Mapping):
        return {key: fill_in(one, environment, file, f"{at}.{key}" if at else str(key)) for key, one in value.items()}
    if isinstance(value, list):
        return [fill_in(one, environment, file, f"{at}[{place}]") for place, one in enumerate(value)]
    if not isinstance(value, str):
        return value

    def found(match: re.Match[str]) -> str:
        name, default = match.groups()
        if name not in environment and default is None:
            raise ConfigurationError(f"{file}: {at}: the variable {name} is not set")
        return environment.get(name, default or "")

    return _VARIABLE.sub(found, value)
