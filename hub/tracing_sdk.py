"""The part of tracing that needs OpenTelemetry; imported when tracing is switched on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, TraceFlags

from hub import __version__


class _Ids(RandomIdGenerator):
    """Random ids, but for the trace that a correlation id names."""

    def __init__(self, wanted: Callable[[], int]) -> None:
        self._wanted = wanted

    def generate_trace_id(self) -> int:
        return self._wanted() or super().generate_trace_id()


def provider(process: str, environment: Mapping[str, str], exporter: SpanExporter | None, wanted: Callable[[], int]) -> TracerProvider:
    """A provider that sends to the exporter the environment names; sampler and limits are OpenTelemetry's own variables."""
    attributes = {"service.version": __version__, "service.namespace": "hub", "process.command": process}
    if "OTEL_SERVICE_NAME" not in environment:
        attributes["service.name"] = f"hub-{process}"
    made = TracerProvider(resource=Resource.create(attributes), id_generator=_Ids(wanted))
    if exporter is not None:
        made.add_span_processor(SimpleSpanProcessor(exporter))
    elif environment.get("OTEL_TRACES_EXPORTER") == "console":
        made.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter()))
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return made


_KINDS = {kind.name.lower(): kind for kind in SpanKind}


def started(
    tracer: trace.Tracer, name: str, parent: tuple[str, str] | None, is_root: bool, links: Sequence[tuple[str, str]], kind: str, attributes: Mapping[str, Any]
) -> AbstractContextManager[trace.Span]:
    """A current span below a parent elsewhere, of a trace of its own (``is_root``), or below the current one. Errors are not recorded here:
    their messages may quote what nobody may read."""
    context: Context | None = None
    if parent is not None:
        context = trace.set_span_in_context(NonRecordingSpan(_context(parent)), Context())
    elif is_root:
        context = Context()
    return tracer.start_as_current_span(
        name, context=context, kind=_KINDS[kind], attributes=dict(attributes), links=[Link(_context(one)) for one in links],
        record_exception=False, set_status_on_exception=False,
    )  # fmt: skip


def finished(
    tracer: trace.Tracer, name: str, parent: tuple[str, str] | None, began_ns: int, links: Sequence[tuple[str, str]], attributes: Mapping[str, Any]
) -> None:
    """A span from an instant until now."""
    context = trace.set_span_in_context(NonRecordingSpan(_context(parent)), Context()) if parent is not None else Context()
    tracer.start_span(
        name, context=context, kind=SpanKind.CONSUMER, attributes=dict(attributes), links=[Link(_context(one)) for one in links], start_time=began_ns
    ).end()


def _context(told: tuple[str, str]) -> SpanContext:
    return SpanContext(int(told[0], 16), int(told[1], 16), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def current_traceparent() -> str | None:
    found = trace.get_current_span().get_span_context()
    return f"00-{found.trace_id:032x}-{found.span_id:016x}-{found.trace_flags:02x}" if found.is_valid else None
