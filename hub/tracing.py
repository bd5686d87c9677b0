"""Traces: W3C Trace Context in and out, OpenTelemetry spans where a collector is named, and nothing at all where none is.

One correlation id is one trace: a request that comes with a ``traceparent`` and no correlation id gets the trace's id as one, any
other correlation id names its trace (:func:`trace_id_of`), so every process finds the trace of a message, a change or a delivery
without being told. What a span may carry is listed (:data:`ATTRIBUTES`), as for logs: no secret, no document, no personal value; of
an error its type.

On when ``OTEL_EXPORTER_OTLP_ENDPOINT`` (or ``…_TRACES_ENDPOINT``) or ``OTEL_TRACES_EXPORTER`` is set; every other ``OTEL_*`` variable
means what OpenTelemetry says. Needs the extra ``tracing``. Off, each call here costs one look at a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from hashlib import blake2b
from typing import Any
from uuid import UUID

from hub.errors import HubError
from hub.telemetry import logger

log = logger("hub.tracing")
ATTRIBUTES = frozenset(
    (
        "correlation_id", "tenant_id", "system", "object", "entity", "golden_id", "version", "operation", "state", "outcome", "subscription_id",
        "count", "messages", "changes", "channel", "attempt", "method", "route", "status", "stage", "worker", "cause",
    )
)  # fmt: skip
"""Names a span may carry, as ``hub.<name>``; their values are ids, names of systems and entities, numbers and states."""
_LONGEST = 200
_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_HEX = re.compile(r"[0-9a-f]{32}")

_tracer: Any = None
"""OpenTelemetry's tracer; None: off."""
_provider: Any = None
_wanted: ContextVar[int] = ContextVar("wanted_trace", default=0)


def is_on() -> bool:
    return _tracer is not None


def configure(process: str, environment: Mapping[str, str], exporter: Any = None) -> bool:
    """Switch tracing on where the environment asks for it; answers whether it is. ``exporter`` takes spans in place of the named one."""
    global _tracer, _provider
    named = environment.get("OTEL_TRACES_EXPORTER", "otlp")
    is_asked = any(environment.get(name) for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER"))
    if exporter is None and (not is_asked or named == "none" or environment.get("OTEL_SDK_DISABLED", "").lower() == "true"):
        return False
    try:
        from hub.tracing_sdk import provider
    except ImportError:
        log.warning("tracing_is_not_installed", note="install the extra 'tracing'")
        return False
    _provider = provider(process, environment, exporter, lambda: _wanted.get())
    _tracer = _provider.get_tracer("hub")
    return True


def end() -> None:
    """Send what is left, and switch tracing off."""
    global _tracer, _provider
    if _provider is not None:
        _provider.shutdown()
    _tracer = _provider = None


def trace_id_of(correlation_id: str) -> str:
    """The trace of a correlation id: 32 hexadecimal digits are one, a UUID is its digits, any other text its hash.

    >>> trace_id_of("0198c0de-0000-7000-8000-000000000001"), trace_id_of("4bf92f3577b34da6a3ce929d0e0e4736")
    ('0198c0de000070008000000000000001', '4bf92f3577b34da6a3ce929d0e0e4736')
    >>> len(trace_id_of("order 17"))
    32
    """
    text = correlation_id.replace("-", "").lower()
    if _HEX.fullmatch(text) and int(text, 16):
        return text
    return blake2b(correlation_id.encode(), digest_size=16).hexdigest()


def parent_of(traceparent: str) -> tuple[str, str] | None:
    """(trace, span) of a W3C traceparent; None for one that cannot be read.

    >>> parent_of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    ('4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7')
    >>> parent_of("00-00000000000000000000000000000000-00f067aa0ba902b7-01"), parent_of("nonsense")
    (None, None)
    """
    found = _PARENT.fullmatch(traceparent.strip().lower())
    if found is None or not int(found[1], 16) or not int(found[2], 16):
        return None
    return found[1], found[2]


def correlation_of(traceparent: str) -> str:
    """The correlation id of a request that brings a trace and no id of its own: the trace's; empty when it brings none.

    >>> correlation_of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    '4bf92f35-77b3-4da6-a3ce-929d0e0e4736'
    """
    parent = parent_of(traceparent) if traceparent else None
    return str(UUID(parent[0])) if parent else ""


def span(
    name: str, *, correlation_id: str = "", traceparent: str | None = None, links: Iterable[str] = (), kind: str = "internal", **attributes: Any
) -> AbstractContextManager[Any]:
    """A span of the trace of a correlation id, or below ``traceparent``; without either below the current one, else of its own trace.

    ``links`` are traceparents or correlation ids of what it is about besides. ``kind``: server, client, producer, consumer or internal.
    """
    if _tracer is None:
        return nullcontext()
    return _span(name, correlation_id, traceparent or "", links, kind, attributes)


@contextmanager
def _span(name: str, correlation_id: str, traceparent: str, links: Iterable[str], kind: str, attributes: Mapping[str, Any]) -> Iterator[Any]:
    from hub.tracing_sdk import started

    parent = parent_of(traceparent) if traceparent else None
    token = _wanted.set(int(trace_id_of(correlation_id), 16) if correlation_id and parent is None else 0)
    given = {**attributes, "correlation_id": correlation_id} if correlation_id else dict(attributes)
    try:
        manager = started(_tracer, name, parent, bool(correlation_id), [_context_of(one) for one in links], kind, kept(given))
        with manager as current:
            _wanted.set(0)  # what is begun below it is of its trace anyway, and a new root inside is not
            try:
                yield current
            except BaseException as error:
                current.set_attribute("error.type", type(error).__name__)
                if isinstance(error, HubError):
                    current.set_attribute("hub.error", type(error).__name__)
                raise
    finally:
        _wanted.reset(token)


def _context_of(link: str) -> tuple[str, str]:
    """A link's trace and span; of a correlation id the span is made up, since only the trace is known."""
    return parent_of(link) or (trace_id_of(link), trace_id_of(link)[:15] + "1")


def kept(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What a span may carry of this.

    >>> kept({"system": "crm", "count": 2, "body": "secret", "golden_id": None})
    {'hub.system': 'crm', 'hub.count': 2}
    """
    found: dict[str, Any] = {}
    for name, value in attributes.items():
        if name in ATTRIBUTES and value is not None:
            found[f"hub.{name}"] = value if isinstance(value, (bool, int, float)) else str(value)[:_LONGEST]
    return found


def record(name: str, began_ns: int, *, correlation_id: str, traceparent: str | None = None, links: Iterable[str] = (), **attributes: Any) -> None:
    """A span that is over already, of the trace of a correlation id; ``began_ns`` in nanoseconds since 1970."""
    if _tracer is None:
        return
    from hub.tracing_sdk import finished

    parent = parent_of(traceparent) if traceparent else None
    token = _wanted.set(int(trace_id_of(correlation_id), 16) if parent is None else 0)
    try:
        finished(_tracer, name, parent, began_ns, [_context_of(one) for one in links], kept({**attributes, "correlation_id": correlation_id}))
    finally:
        _wanted.reset(token)


def note(current: Any, **attributes: Any) -> None:
    """Say more of a span once it is known; ``current`` may be None."""
    if current is not None:
        for name, value in kept(attributes).items():
            current.set_attribute(name, value)


def traceparent() -> str | None:
    """The current span as W3C writes it; None where there is none."""
    if _tracer is None:
        return None
    from hub.tracing_sdk import current_traceparent

    return current_traceparent()


def headers() -> dict[str, str]:
    """What a request to somebody else carries of the trace; nothing where there is none."""
    told = traceparent()
    return {"traceparent": told} if told else {}
