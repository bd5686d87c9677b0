"""Run one simulated system: ``python -m connectors.simulator --config crm --port 8101 --state DIR``.

Its first line on standard output is JSON with its address; it ends on SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from pathlib import Path

from connectors.simulator.kinds import DIALECTS
from connectors.simulator.server import simulator


async def run(arguments: argparse.Namespace) -> None:
    running = simulator(
        arguments.config, arguments.state, webhook_url=arguments.webhook, requests_per_s=arguments.requests_per_s
    )
    await running.start(arguments.host, arguments.port)
    print(json.dumps({"system": arguments.config, "url": running.url}), flush=True)
    done = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, done.set)
    await done.wait()
    await running.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m connectors.simulator", description="A simulated system of Northbeam Consulting.")
    parser.add_argument("--config", choices=sorted(DIALECTS), required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, default=None, help="folder of the journal that a restart reads again")
    parser.add_argument("--webhook", default="", help="address that is told every change, signed")
    parser.add_argument("--requests-per-s", type=float, default=0.0, help="more than this is answered 429; 0 means no limit")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
