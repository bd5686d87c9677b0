"""``python -m hub.demo.tryton.server FOLDER``: Tryton's server as a process that ends with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from hub.demo.tryton.install import MODULES, Tryton
from hub.supervise import Child, follow_parent


def child(tryton: Tryton) -> Child:
    return Child("tryton", (sys.executable, "-m", "hub.demo.tryton.server", str(tryton.data)), dict(os.environ))


def main(folder: str) -> int:
    """Run the server until it ends or we are told to."""
    tryton = Tryton(Path(folder))
    # the databases are named, so that they are loaded before the first request comes
    command = (*tryton.program("trytond"), "-c", str(tryton.configuration), "-d", *MODULES)
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)

    def end(number: int, frame: FrameType | None) -> None:
        server.terminate()

    signal.signal(signal.SIGTERM, end)
    follow_parent()
    return server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
