"""How a connected system is written to: what its connector declares, overridden by what the tenant says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.core.breaker import Rules
from hub.core.quota import Quota
from hub.core.windows import Window, read_window


@dataclass(frozen=True, slots=True)
class LedgerRules:
    """How long a value of ours may come back as an echo, and how often a system may rewrite one before a person is told."""

    echo_s: float = 3_600.0
    near_misses: int = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """What the tenant says of one system. ``quota`` holds the keys said, laid over the connector's declaration."""

    quota: Mapping[str, Any] = field(default_factory=dict)
    breaker: Rules = field(default_factory=Rules)
    windows: tuple[Window, ...] = ()
    ledger: LedgerRules = field(default_factory=LedgerRules)

    def quota_over(self, declared: Quota) -> Quota:
        """The connector's declaration with the tenant's word over it.

        >>> read_limits({"quota": {"requests_per_s": 2}}).quota_over(Quota(requests_per_s=10, concurrency=8))
        Quota(requests_per_s=2.0, concurrency=8, requests_per_day=0, reserve=0.0, zone='UTC', bulk=1)
        """
        return replace(declared, **self.quota) if self.quota else declared


def read_limits(document: Mapping[str, Any]) -> Limits:
    """Read the document of a system's limits. Raises ValueError that names what cannot be read.

    >>> read_limits({"breaker": {"failure_threshold": 50}}).breaker.failure_threshold
    50.0
    >>> read_limits({"quota": {"reserve": 2}})
    Traceback (most recent call last):
    ValueError: quota.reserve: expected a number from 0 to 0.95
    """
    unknown = document.keys() - {"quota", "breaker", "windows", "ledger"}
    if unknown:
        raise ValueError(f"unknown key '{min(unknown)}'; known are quota, breaker, windows, ledger")
    quota = _numbers("quota", document.get("quota", {}), Quota, {"reserve": (0, 0.95), "concurrency": (1, 10_000), "bulk": (1, 10_000)})
    breaker = _numbers("breaker", document.get("breaker", {}), Rules, {"failure_threshold": (1, 100), "minimum_requests": (1, 1e6), "success_threshold": (1, 100), "probes": (1, 1e6)})
    ledger = _numbers("ledger", document.get("ledger", {}), LedgerRules, {"near_misses": (1, 1e9)})
    windows = document.get("windows", [])
    if not isinstance(windows, list) or not all(isinstance(one, Mapping) for one in windows):
        raise ValueError("windows: expected a list of windows")
    return Limits(quota, Rules(**breaker), tuple(read_window(one, f"windows[{at}]") for at, one in enumerate(windows)), LedgerRules(**ledger))


def stored(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with plain numbers, as it is kept.

    >>> stored({"quota": {"reserve": Decimal("0.2"), "concurrency": Decimal(4)}})
    {'quota': {'reserve': 0.2, 'concurrency': 4}}
    """
    found: dict[str, Any] = {name: _plain(value) for name, value in document.items()}
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return stored(value)
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _numbers(part: str, told: Any, of: type, bounds: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """The known keys of a part as the type their default has."""
    if not isinstance(told, Mapping):
        raise ValueError(f"{part}: expected keys and values")  # noqa: TRY004  one kind of error for whatever is wrong in it
    known: dict[str, Any] = {one.name: one.default for one in fields(of)}
    found: dict[str, Any] = {}
    for name, value in told.items():
        if name not in known:
            raise ValueError(f"{part}: unknown key '{name}'; known are {', '.join(sorted(known))}")
        if isinstance(known[name], str):
            found[name] = _zone(f"{part}.{name}", value)
            continue
        low, high = bounds.get(name, (0, 1e9))
        value = _number(value)
        kind: Callable[[Any], Any] = type(known[name])
        if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or not low <= value <= high or (kind is int and value != int(value)):
            raise ValueError(f"{part}.{name}: expected a {'whole ' if kind is int else ''}number from {low:g} to {high:g}")
        found[name] = kind(value)
    return found


def _number(value: Any) -> Any:
    """A number that was written as text, since that is how the API shows one that is not whole."""
    try:
        return Decimal(value) if isinstance(value, str) else value
    except ArithmeticError:
        return None


def _zone(at: str, value: Any) -> str:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{at}: {value!r} is not a time zone") from None
    return str(value)
