"""Publishing events to a broker: the same events, order, tries and dead letters as a webhook's; a record counts as
delivered when the broker has acknowledged it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from hub.faults import point
from hub.flows.brokers.address import permitted, read_address, topic_of
from hub.flows.brokers.connections import Brokers
from hub.flows.brokers.port import BrokerError, Record, RefusedError
from hub.flows.send_webhook import Answer, EventSender
from hub.flows.webhook_message import Message
from hub.settings import Settings
from hub.store.lanes import Lane
from hub.store.subscriptions import Subscription


@dataclass(kw_only=True)
class BrokerSender(EventSender):
    """``is_named``: whether the operator lets this address be used now; ``login_of`` opens a subscription's secret."""

    brokers: Brokers
    is_named: Callable[[str], bool]
    login_of: Callable[[Subscription], str]

    async def _post(self, lane: Lane, event: Message) -> Answer:
        return await self.publish(lane.subscription, record_of(lane.subscription, event))

    async def publish(self, subscription: Subscription, record: Record) -> Answer:
        """Bring one record to the subscription's broker; never raises for what can go wrong on the way."""
        url = subscription.url or ""
        if not self.is_named(url):
            return Answer("rejected", "The operator has not named this broker (HUB_BROKERS).")
        try:
            broker = await self.brokers.of(url, self.login_of(subscription))
            point("broker.before_call")
            await broker.publish(record)
            point("broker.after_call")
        except RefusedError as error:
            return Answer("rejected", str(error))
        except BrokerError as error:
            return Answer("retriable", str(error))
        except ValueError as error:
            return Answer("rejected", f"The address cannot be read: {error}.")
        return Answer("done")


async def publish_test(settings: Settings, to: Subscription, tenant: str, event: Message, login: str) -> Answer:
    """Publish an event that is no change's, on a connection of its own: to the topic of the entity ``test``."""
    brokers, named = Brokers(), permitted(settings.brokers)
    sender = BrokerSender(
        brokers=brokers, is_named=lambda url: read_address(url).places <= named, login_of=lambda _: login, worker="api", jitter=lambda: 0.0
    )
    told = orjson.loads(event.body)
    data = told.pop("data")
    try:
        return await sender.publish(to, Record(topic_of(to.topic, tenant, "test", "test"), "test", event.id, told, orjson.dumps(data)))
    finally:
        await brokers.aclose()


def record_of(subscription: Subscription, event: Message) -> Record:
    """An event as a broker keeps it: attributes beside the data, by the golden id."""
    told = orjson.loads(event.body)
    data = told.pop("data")
    entity, _, golden_id = told["subject"].partition("/")
    topic = topic_of(subscription.topic, data["tenant"], entity, golden_id)
    return Record(topic, golden_id, event.id, told, orjson.dumps(data))
