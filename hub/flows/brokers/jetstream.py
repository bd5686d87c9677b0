"""NATS JetStream: a stream must take the subjects; it drops what comes again under the same ``Nats-Msg-Id``."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError, MaxPayloadError, NoRespondersError, TimeoutError as NatsTimeoutError
from nats.js.errors import APIError, Error as JetStreamError, NoStreamResponseError

from hub import tracing
from hub.flows.brokers.address import BrokerAddress
from hub.flows.brokers.port import TIMEOUT_S, AwayError, Record, RefusedError
from hub.telemetry import logger

log = logger("hub.brokers")


class JetStream:
    """One connection, which finds its way back by itself; while it is away every record is told so at once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stream = client.jetstream(timeout=TIMEOUT_S)

    async def publish(self, record: Record) -> None:
        if not self._client.is_connected:
            raise AwayError("The broker cannot be reached.")
        headers = headers_of(record)
        try:
            await self._stream.publish(record.topic, record.body, timeout=TIMEOUT_S, headers=headers)
        except (NoStreamResponseError, NoRespondersError):
            raise AwayError(f"No stream takes the subject {record.topic}.") from None
        except MaxPayloadError:
            raise RefusedError("The event is larger than the broker takes.") from None
        except APIError as error:
            raise AwayError(f"The stream did not store it ({error.code} {error.err_code}).") from None
        except (NatsTimeoutError, TimeoutError):
            raise AwayError(f"No acknowledgement within {TIMEOUT_S:.0f} s.") from None
        except (NatsError, JetStreamError, OSError) as error:
            raise AwayError(f"The connection failed ({type(error).__name__}).") from None

    @property
    def is_closed(self) -> bool:
        return bool(self._client.is_closed)

    async def aclose(self) -> None:
        await self._client.close()


def headers_of(record: Record) -> dict[str, str]:
    """The CloudEvents binding of NATS in binary mode, and what JetStream knows a record again by."""
    attributes: Mapping[str, str] = record.attributes
    shown = {f"ce-{name}": text for name, text in attributes.items() if name != "datacontenttype"}
    return {**shown, "content-type": attributes["datacontenttype"], "Nats-Msg-Id": record.id, "hub-key": record.key, **tracing.headers()}


async def open_jetstream(address: BrokerAddress, secret: str) -> JetStream:
    """Connect; ``secret`` is user:password or a token. Raises :class:`AwayError`."""
    user, colon, password = secret.partition(":")
    login: dict[str, str] = {}
    if secret:
        login = {"user": user, "password": password} if colon else {"token": secret}

    async def quietly(error: Exception) -> None:
        log.info("broker_connection", error=type(error).__name__)

    scheme = "tls" if address.is_tls else "nats"
    try:
        async with asyncio.timeout(TIMEOUT_S):
            client = await nats.connect(
                [f"{scheme}://{one}" for one in address.servers], name="hub", connect_timeout=5, reconnect_time_wait=1,
                max_reconnect_attempts=-1, allow_reconnect=True, error_cb=quietly,
                tls=ssl.create_default_context() if address.is_tls else None, **login,
            )  # fmt: skip
    except TimeoutError:
        raise AwayError("The broker cannot be reached.") from None
    except (NatsError, OSError) as error:
        raise AwayError(f"The broker cannot be reached ({type(error).__name__}).") from None
    return JetStream(client)
