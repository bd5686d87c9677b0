"""What this process's subscriptions tell Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from hub.telemetry import REGISTRY

CONNECTIONS = Gauge("hub_subscription_connections", "Open websockets and event streams.", ("transport",), registry=REGISTRY)
SUBSCRIBERS = Gauge("hub_subscribers", "Subscriptions that are open.", registry=REGISTRY)
GROUPS = Gauge("hub_subscription_groups", "Groups of like subscriptions.", registry=REGISTRY)
EXECUTIONS = Counter("hub_subscription_executions", "Events executed, once per group.", registry=REGISTRY)
SENT = Counter("hub_subscription_sent", "Events handed to subscribers.", registry=REGISTRY)
BEHIND = Counter(
    "hub_subscription_behind", "Times a subscriber did not keep up: caught_up, gap (told what it missed) or closed.",
    ("outcome",), registry=REGISTRY,
)  # fmt: skip
