"""Kafka: an idempotent producer that waits for all replicas; the key decides the partition, so order is kept per record."""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError, TopicAuthorizationFailedError, UnsupportedVersionError
from aiokafka.helpers import create_ssl_context

from hub import tracing
from hub.flows.brokers.address import BrokerAddress
from hub.flows.brokers.port import TIMEOUT_S, AwayError, Record, RefusedError

_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class Kafka:
    """One producer. What it could not bring over the wire in time is given up there too, before it is tried again."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self.is_closed = False

    async def publish(self, record: Record) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_S + 5):  # the producer gives up a record after TIMEOUT_S by itself
                await self._producer.send_and_wait(
                    record.topic, record.body, key=record.key.encode(), headers=headers_of(record)
                )
        except _TOO_LARGE:
            raise RefusedError("The event is larger than the broker takes.") from None
        except TopicAuthorizationFailedError:
            raise RefusedError(f"The broker does not let us write to {record.topic}.") from None
        except TimeoutError:
            raise AwayError(f"No acknowledgement within {TIMEOUT_S:.0f} s.") from None
        except (KafkaError, OSError) as error:
            raise AwayError(f"The broker did not take it ({type(error).__name__}).") from None

    async def aclose(self) -> None:
        self.is_closed = True
        async with asyncio.timeout(2):
            await self._producer.stop()


def headers_of(record: Record) -> list[tuple[str, bytes]]:
    """The CloudEvents binding of Kafka in binary mode."""
    shown = [(f"ce_{name}", text.encode()) for name, text in record.attributes.items() if name != "datacontenttype"]
    trace = [(name, text.encode()) for name, text in tracing.headers().items()]
    return [*shown, ("content-type", record.attributes["datacontenttype"].encode()), *trace]


async def open_kafka(address: BrokerAddress, secret: str) -> Kafka:
    """Connect; ``secret`` is user:password. Raises :class:`AwayError` or :class:`RefusedError`."""
    options: dict[str, Any] = {}
    if address.is_tls:
        options["ssl_context"] = create_ssl_context()
    if secret:
        user, _, password = secret.partition(":")
        options |= {"sasl_mechanism": address.mechanism, "sasl_plain_username": user, "sasl_plain_password": password}
    protocol = ("SASL_" if secret else "") + ("SSL" if address.is_tls else "PLAINTEXT")
    producer = AIOKafkaProducer(
        bootstrap_servers=list(address.servers), client_id="hub", acks="all", enable_idempotence=True,
        request_timeout_ms=int(TIMEOUT_S * 1000), security_protocol=protocol, **options,
    )  # fmt: skip
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await producer.start()
    except BaseException as error:
        await producer.stop()
        if isinstance(error, UnsupportedVersionError):
            raise RefusedError("The broker is too old for an idempotent producer.") from None
        if isinstance(error, KafkaError | OSError | TimeoutError):
            raise AwayError(f"The broker cannot be reached ({type(error).__name__}).") from None
        raise
    return Kafka(producer)
