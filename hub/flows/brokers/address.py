"""Where a broker is and what its topics are called. Only brokers the operator has named are ever connected to.

A broker tells its clients further addresses of its own (Kafka's metadata, NATS's gossip), so what a webhook is held to,
a check of every address, cannot be held here: the operator vouches for the broker instead (HUB_BROKERS).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from hub.errors import RequestError, SettingError

SCHEMES = {"nats": ("nats", False), "nats+tls": ("nats", True), "kafka": ("kafka", False), "kafka+tls": ("kafka", True)}
PORTS = {"nats": 4222, "kafka": 9092}
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
DEFAULT_TOPIC = "hub.{tenant}.{entity}"
_SERVER = re.compile(r"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_PLACES = re.compile(r"\{(\w+)\}")
_TOPIC = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """``servers`` are host:port; ``mechanism`` is how a user and password are shown to Kafka."""

    kind: str
    servers: tuple[str, ...]
    is_tls: bool = False
    mechanism: str = "SCRAM-SHA-512"

    @property
    def places(self) -> frozenset[str]:
        scheme = f"{self.kind}+tls" if self.is_tls else self.kind
        return frozenset(f"{scheme}://{one}" for one in self.servers)


def read_address(url: str) -> BrokerAddress:
    """Read an address; raises ValueError that says what is wrong with it.

    >>> read_address("nats://n1,n2:4333").servers, read_address("kafka+tls://k1:9093?sasl=plain").mechanism
    (('n1:4222', 'n2:4333'), 'PLAIN')
    >>> read_address("nats://ann:secret@n1")
    Traceback (most recent call last):
    ValueError: a user and password are given as the secret, not in the address
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError(f"an address begins with {', '.join(f'{one}://' for one in SCHEMES)}")
    kind, is_tls = SCHEMES[parts.scheme]
    if "@" in parts.netloc:
        raise ValueError("a user and password are given as the secret, not in the address")
    servers = parts.netloc.split(",")
    if parts.path not in ("", "/") or parts.fragment or not all(_SERVER.fullmatch(one) for one in servers):
        raise ValueError("an address is a scheme and servers, such as nats://n1:4222,n2:4222")
    options = parse_qs(parts.query, keep_blank_values=True)
    mechanism = options.pop("sasl", ["SCRAM-SHA-512"])[-1].upper()
    if options or mechanism not in MECHANISMS or (parts.query and kind != "kafka"):
        raise ValueError(f"the one option is sasl, of Kafka: {', '.join(MECHANISMS).lower()}")
    return BrokerAddress(kind, tuple(one if _has_port(one) else f"{one}:{PORTS[kind]}" for one in servers), is_tls, mechanism)


def _has_port(server: str) -> bool:
    return re.search(r":\d+$", server.rpartition("]")[2]) is not None


def permitted(setting: str) -> frozenset[str]:
    """Read HUB_BROKERS: servers as scheme://host:port.

    >>> sorted(permitted("nats://n1, kafka://k1:9092"))
    ['kafka://k1:9092', 'nats://n1:4222']
    """
    try:
        return frozenset(place for one in setting.split(",") if one.strip() for place in read_address(one.strip()).places)
    except ValueError as error:
        raise SettingError("HUB_BROKERS", f"must be addresses such as nats://n1:4222, separated by commas: {error}") from None


def check_address(url: str, allowed: frozenset[str]) -> BrokerAddress:
    """The address of a subscription. Raises :class:`RequestError` ``bad_url`` or ``broker_not_named``."""
    try:
        address = read_address(url)
    except ValueError as error:
        raise RequestError("bad_url", str(error), field="url", remedy="Give an address such as nats://n1:4222.") from None
    if not address.places <= allowed:
        raise RequestError(
            "broker_not_named", "the operator has not named this broker", field="url",
            remedy="Have its servers added to HUB_BROKERS; a subscription may use those only.",
        )  # fmt: skip
    return address


def check_topic(kind: str, template: str) -> str:
    """A template of topics (Kafka) or subjects (NATS). Raises :class:`RequestError` ``bad_topic``.

    It names the tenant, so that no tenant writes into another one's; ``{id}`` (a subject per record) only with NATS.
    """
    places = set(_PLACES.findall(template))
    may = {"tenant", "entity", "id"} if kind == "nats" else {"tenant", "entity"}
    if not (places <= may and "tenant" in places) or _TOPIC.fullmatch(_PLACES.sub("x", template)) is None or len(template) > 150:
        raise RequestError(
            "bad_topic", f"a topic is words of letters, digits, - and _ between dots, with {{tenant}} and perhaps {', '.join(sorted(f'{{{one}}}' for one in may - {'tenant'}))}",
            field="topic", remedy=f"For instance {DEFAULT_TOPIC}, which is taken when none is given.",
        )  # fmt: skip
    return template


def topic_of(template: str | None, tenant: str, entity: str, id: str) -> str:
    """
    >>> topic_of(None, "acme", "time_entry", "018f"), topic_of("{tenant}.{entity}.{id}", "acme", "client", "018f")
    ('hub.acme.time_entry', 'acme.client.018f')
    """
    return (template or DEFAULT_TOPIC).format(tenant=tenant, entity=entity, id=id)
