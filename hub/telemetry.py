"""What the hub says about itself: JSON lines on standard error, and counters for Prometheus.

No secret, no document and no personal value reaches a log: only the fields of :data:`LOGGABLE` are
written, as short scalars; of an exception its type and place, its message only when the error is ours.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from hub.errors import HubError, SettingError

LOGGABLE = frozenset(
    (
        "event", "level", "timestamp", "logger", "process", "pid", "tenant", "tenant_id", "system",
        "object", "entity", "golden_id", "version", "position", "subscription", "subscription_id",
        "task_id", "cause", "state", "mode", "outcome", "operation", "channel", "command", "child",
        "signal", "exit_code", "attempt", "attempts", "count", "rows", "batch", "size_bytes", "seconds",
        "duration_ms", "lag_ms", "delay_s", "retry_after_s", "status", "method", "route", "correlation_id",
        "document_hash", "error", "error_at", "sqlstate", "message", "queue", "worker", "stage", "revision",
        "host", "port", "servers", "note", "part", "claim", "size", "trace_id",
    )
)  # fmt: skip
"""Field names a log line may carry. A new one is added here, after the question what its values can hold."""

_LONGEST = 300

REGISTRY = CollectorRegistry()
"""This process's metrics; every api and worker process has its own."""

RECEIVED = Counter("hub_received", "Messages stored in the inbox.", ("system", "channel"), registry=REGISTRY)
SETTLED = Counter("hub_settled", "Messages settled, by outcome.", ("system", "outcome"), registry=REGISTRY)
CHANGES = Counter("hub_changes", "Versions made.", ("entity", "cause"), registry=REGISTRY)
DELIVERIES = Counter("hub_deliveries", "Tries to deliver, by result; system is its name, else the kind of reader.", ("system", "state"), registry=REGISTRY)

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
BATCH_SECONDS = Histogram(
    "hub_batch_seconds", "Time of one batch.", ("stage",), buckets=SECONDS, registry=REGISTRY
)
DELIVERY_LAG = Histogram(
    "hub_delivery_lag_seconds",
    "From change to its delivery.",
    ("system",),
    buckets=SECONDS,
    registry=REGISTRY,
)

DEPRECATED_USES = Counter(
    "hub_deprecated_uses", "Requests that use a field or argument the schema is to lose, by API key.", ("field", "tenant", "key"),
    registry=REGISTRY,
)  # fmt: skip
COMPILED_READS = Counter(
    "hub_compiled_reads", "GraphQL reads by compiled statement: hit, miss (written first), other (answered field by field).",
    ("result",), registry=REGISTRY,
)  # fmt: skip
COMPILE_SECONDS = Histogram(
    "hub_compile_seconds", "Time to write the statement of one operation.", buckets=SECONDS, registry=REGISTRY
)

UNSETTLED_AGE = Gauge("hub_unsettled_age_seconds", "Age of the oldest unsettled message.", registry=REGISTRY)
POOL = Gauge("hub_pool_connections", "Connections of this process's pools: open, of them busy, and the most there may be.", ("pool", "state"), registry=REGISTRY)


def watch_pool(name: str, size: Callable[[], int], busy: Callable[[], int], most: int) -> None:
    """Tell how much of a pool is used; the last pool of a name counts."""
    for state, count in (("open", size), ("busy", busy), ("most", lambda: most)):
        POOL.labels(name, state).set_function(lambda count=count: float(count()))  # type: ignore[misc]


def serve_metrics(address: str, place: int = 0) -> Callable[[], None]:
    """Answer Prometheus at ``host:port``, ``place`` ports further up for the second and third process; answers how to end it.

    An address that is taken is told in the log and stops nobody from working. Raises :class:`SettingError` for one that cannot be read.
    """
    if not address:
        return lambda: None
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65_500:
        raise SettingError("HUB_METRICS_ADDRESS", "must be host:port, such as 127.0.0.1:9464")
    try:
        server, thread = start_http_server(int(port) + place, host.strip("[]"), REGISTRY)
    except OSError as error:
        logger("hub.telemetry").warning("metrics_not_served", port=int(port) + place, error=type(error).__name__)
        return lambda: None

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join(2)

    return end


_threshold = logging.INFO


def configure(level: str = "info", process: str = "") -> None:
    """Send this process's logs, also those of libraries, to standard error as JSON lines."""
    global _threshold
    _threshold = threshold = getattr(logging, level.upper())
    structlog.contextvars.bind_contextvars(process=process)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        describe_error,
        keep_loggable,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(sort_keys=False)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_only_the_template, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(threshold, logging.WARNING))  # libraries speak of documents and queries below that


def is_debugging() -> bool:
    """Whether debug lines are written at all; asked where even an idle call to the logger would cost."""
    return _threshold <= logging.DEBUG


def logger(name: str) -> Any:
    """A structlog logger: ``log.info("batch folded", tenant_id=1, count=50)``."""
    return structlog.get_logger(part=name)


def keep_loggable(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop what is not loggable, and name what was dropped.

    >>> keep_loggable(None, "info", {"event": "sent", "count": 2, "body": {"iban": "DE00"}, "state": ["a"]})
    {'event': 'sent', 'count': 2, 'withheld': ['body', 'state']}
    """
    kept: dict[str, Any] = {}
    withheld: list[str] = []
    for name, value in event.items():
        if name.startswith("_"):
            kept[name] = value  # structlog's own bookkeeping, removed before rendering
        elif name in LOGGABLE and (value is None or isinstance(value, (str, int, float))):
            kept[name] = value[:_LONGEST] if isinstance(value, str) else value
        elif name in LOGGABLE and type(value).__name__ in ("UUID", "datetime"):
            kept[name] = str(value)
        else:
            withheld.append(name)
    return {**kept, "withheld": withheld} if withheld else kept


def describe_error(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace ``exc_info`` by the error's type, its place and, where it has one, its SQLSTATE.

    A foreign error's message may quote a row or a request, so only our own messages are kept.
    """
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given is True else None
    if isinstance(given, tuple):
        error = given[1]
    if error is None:
        return event
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    event["error"] = type(error).__name__
    event["error_at"] = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    if isinstance(error, HubError):
        event["message"] = str(error)
    if (sqlstate := getattr(error, "sqlstate", None)) is not None:
        event["sqlstate"] = str(sqlstate)
    return event


def _only_the_template(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's log line without its arguments: they may hold documents, addresses or names."""
    record = event.get("_record")
    if record is not None:
        event["event"], event["logger"] = str(record.msg), record.name
    return event
