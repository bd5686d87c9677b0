"""Brokers for tests: a real nats-server (PyPI carries its binary), and the broker inside librdkafka, which speaks Kafka's protocol."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

NATS_SERVER = Path(sys.executable).parent / "nats-server"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@dataclass
class NatsServer:
    """A nats-server with JetStream on files, which can be killed and started again on the same port and files."""

    folder: Path
    port: int = field(default_factory=free_port)
    more: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        config = self.folder / "nats.conf"
        config.write_text(f'listen: "127.0.0.1:{self.port}"\njetstream {{ store_dir: "{self.folder}/js" }}\n{self.more}\n')
        self.process = subprocess.Popen([NATS_SERVER, "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        give_up_at = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < give_up_at and self.process.poll() is None, "nats-server did not start"
                time.sleep(0.02)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    async def make_stream(self, *subjects: str, **login: str) -> None:
        client = await nats.connect(self.url, **login)  # type: ignore[arg-type]
        await client.jetstream().add_stream(name="HUB", subjects=list(subjects))
        await client.close()

    async def messages(self, **login: str) -> list[Any]:
        """Everything the stream holds, in its order."""
        client = await nats.connect(self.url, **login)  # type: ignore[arg-type]
        try:
            stream = client.jetstream()
            count = (await stream.stream_info("HUB")).state.messages
            return [await stream.get_msg("HUB", seq) for seq in range(1, count + 1)]
        finally:
            await client.close()


@asynccontextmanager
async def a_nats_server(folder: Path, more: str = "") -> AsyncIterator[NatsServer]:
    server = NatsServer(folder, more=more)
    await asyncio.to_thread(server.start)
    try:
        yield server
    finally:
        server.kill()


@dataclass
class KafkaServer:
    """One broker of librdkafka's mock cluster: real sockets and the real protocol, topics made when first named."""

    url: str
    bootstrap: str

    def messages(self, topic: str, count: int) -> list[Any]:
        """The first so many records of a topic, in the order of their partitions."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "test", "enable.auto.commit": False})
        try:
            partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
            consumer.assign([TopicPartition(topic, one, OFFSET_BEGINNING) for one in partitions])
            found: list[Any] = []
            give_up_at = time.monotonic() + 20
            while len(found) < count and time.monotonic() < give_up_at:
                found += [one for one in consumer.consume(count, 0.2) if one.error() is None]
            return found
        finally:
            consumer.close()


@contextmanager
def a_kafka_server() -> Iterator[KafkaServer]:
    holder = Producer({"bootstrap.servers": "in-process", "test.mock.num.brokers": 1, "log_level": 0})
    (broker,) = holder.list_topics(timeout=10).brokers.values()
    yield KafkaServer(f"kafka://{broker.host}:{broker.port}", f"{broker.host}:{broker.port}")
    del holder
