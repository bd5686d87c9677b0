"""The whole suite, as ``make test`` runs it: lanes side by side on servers of their own, then alone what measures time or kills processes.

``python -m tests`` runs everything and the type checker; ``python -m tests tests/api -k cursor`` is pytest itself. Every folder and file of
``tests`` is in exactly one part: what is named nowhere below runs in the last lane.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent
LANES = {"the api": ("schema", "hub", "connectors", "tests/api", "tests/schema", "tests/core"), "flows": ("tests/flows",)}
ALONE = (
    "tests/browser", "tests/kill", "tests/faults", "tests/backup", "tests/test_up.py", "tests/test_demo.py", "tests/test_embedded.py",
    "tests/test_supervise.py",
)  # fmt: skip
"""What other work beside it would disturb: a person at a screen, processes that are killed, servers that come and go."""
TOLD_EVERY_S = 20.0
SLOWEST = "--durations=12"


@dataclass
class Part:
    """One process of the suite, its output kept until it ends."""

    name: str
    command: list[str]
    output: IO[bytes]
    process: subprocess.Popen[bytes]

    def last(self) -> str:
        """How far it is: the last percentage it told."""
        self.output.flush()
        found = re.findall(rb"\[ *(\d+)%\]", Path(self.output.name).read_bytes())
        return f"{self.name} {int(found[-1])} %" if found else f"{self.name} begins"

    def show(self) -> int:
        """Print what it said, and answer how it ended."""
        print(f"\n--- {self.name}: {' '.join(self.command[2:])}", flush=True)
        sys.stdout.buffer.write(Path(self.output.name).read_bytes())
        sys.stdout.flush()
        return self.process.wait()


def started(name: str, *command: str) -> Part:
    output = tempfile.NamedTemporaryFile(prefix="hub-suite-", suffix=".log")  # noqa: SIM115 - lives as long as the part
    whole = [sys.executable, "-m", *command]
    return Part(name, whole, output, subprocess.Popen(whole, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL))


def rest() -> tuple[str, ...]:
    """Everything of ``tests`` that is named nowhere."""
    named = {*ALONE, *(one for lane in LANES.values() for one in lane)}
    found = [f"tests/{one.name}" for one in sorted((ROOT / "tests").iterdir()) if one.is_dir() or (one.name.startswith("test_") and one.suffix == ".py")]
    return tuple(one for one in found if one not in named and not one.endswith("__pycache__"))


def together(*parts: Part) -> int:
    """Wait for parts that run side by side, telling how far they are; answers the first bad exit code."""
    began, told = time.monotonic(), time.monotonic()
    waiting, code = list(parts), 0
    while waiting:
        for one in [one for one in waiting if one.process.poll() is not None]:
            waiting.remove(one)
            code = one.show() or code
        if waiting and time.monotonic() - told > TOLD_EVERY_S:
            told = time.monotonic()
            print(f"{told - began:4.0f} s: " + ", ".join(one.last() for one in waiting), flush=True)
        time.sleep(0.2)
    return code


def main() -> int:
    if len(sys.argv) > 1:
        return subprocess.call([sys.executable, "-m", "pytest", *sys.argv[1:]], cwd=ROOT)
    lanes = [started(name, "pytest", SLOWEST, *paths) for name, paths in {**LANES, "the rest": rest()}.items()]
    code = together(*lanes, started("types", "mypy"))
    print(flush=True)
    return subprocess.call([sys.executable, "-m", "pytest", SLOWEST, *(one for one in ALONE if (ROOT / one).exists())], cwd=ROOT) or code


if __name__ == "__main__":
    sys.exit(main())
