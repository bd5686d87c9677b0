"""The whole suite, as ``make test`` runs it: lanes side by side on servers of their own, then alone what measures time or kills processes.

``python -m tests`` runs everything and the type checker, ``python -m tests connectors`` what is in ``make test-connectors``, and
``python -m tests tests/api -k cursor`` is pytest itself. Every folder and file of
``tests`` is in exactly one part: what is named nowhere below runs in the last lane.

A test or two that fail beside three other processes are run once more with the machine to themselves. Passing then, they are named as
unsteady in the last lines, with what they said at first above: a defect of the test or of the hub, to be mended, but not of this change.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent
LANES = {"the api": ("schema", "hub", "connectors", "tests/api", "tests/schema", "tests/core"), "flows": ("tests/flows",)}
ALONE = (
    "tests/browser", "tests/faults", "tests/backup", "tests/test_up.py", "tests/test_demo.py", "tests/test_embedded.py",
    "tests/test_supervise.py",
)  # fmt: skip
"""What other work beside it would disturb: a person at a screen, processes that are killed, servers that come and go."""
TOLD_EVERY_S = 20.0
AGAIN = 3
"""Up to so many failures of a part are tried again; more are no accident."""
SLOWEST = "--durations=12"
FAILED = 1
"""How pytest ends when tests failed, and nothing worse happened."""


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


@dataclass(frozen=True)
class Tests:
    """Folders and files that one pytest runs, with a memory of its own for what failed."""

    name: str
    paths: tuple[str, ...]

    @property
    def memory(self) -> Path:
        return ROOT / ".pytest_cache" / self.name.replace(" ", "-")

    def command(self, *options: str) -> tuple[str, ...]:
        return "pytest", "-o", f"cache_dir={self.memory}", *options, *self.paths

    def run(self, *options: str) -> int:
        return subprocess.call([sys.executable, "-m", *self.command(*options)], cwd=ROOT)

    def begin_anew(self) -> None:
        shutil.rmtree(self.memory, ignore_errors=True)

    def failed(self) -> list[str]:
        told = self.memory / "v" / "cache" / "lastfailed"
        return sorted(json.loads(told.read_text())) if told.exists() else []


def again(tests: Tests, code: int, unsteady: list[str]) -> int:
    """Try a few failures once more, alone; answers how the part ended after that."""
    failed = tests.failed()
    if code != FAILED or not 0 < len(failed) <= AGAIN:
        return code
    print(f"\n--- {tests.name}, alone and once more: {', '.join(failed)}", flush=True)
    code = tests.run("--last-failed")
    if not code:
        unsteady.extend(failed)
    return code


def started(name: str, *command: str) -> Part:
    output = tempfile.NamedTemporaryFile(prefix="hub-suite-", suffix=".log")  # noqa: SIM115 - lives as long as the part
    whole = [sys.executable, "-m", *command]
    return Part(name, whole, output, subprocess.Popen(whole, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL))


def rest() -> tuple[str, ...]:
    """Everything of ``tests`` that is named nowhere."""
    named = {*ALONE, *(one for lane in LANES.values() for one in lane)}
    found = [f"tests/{one.name}" for one in sorted((ROOT / "tests").iterdir()) if one.is_dir() or (one.name.startswith("test_") and one.suffix == ".py")]
    return tuple(one for one in found if one not in named and not one.endswith("__pycache__"))


def together(*parts: Part) -> dict[str, int]:
    """Wait for parts that run side by side, telling how far they are; answers the exit code of each."""
    began, told = time.monotonic(), time.monotonic()
    waiting, codes = list(parts), {}
    while waiting:
        for one in [one for one in waiting if one.process.poll() is not None]:
            waiting.remove(one)
            codes[one.name] = one.show()
        if waiting and time.monotonic() - told > TOLD_EVERY_S:
            told = time.monotonic()
            print(f"{told - began:4.0f} s: " + ", ".join(one.last() for one in waiting), flush=True)
        time.sleep(0.2)
    return codes


def main() -> int:
    if sys.argv[1:] == ["connectors"]:
        connectors = Tests("connectors", ("tests/connectors", "tests/oracles", "-m", "slow or not slow"))
        connectors.begin_anew()
        return ended([connectors], {connectors.name: connectors.run(SLOWEST)})
    if len(sys.argv) > 1:
        return subprocess.call([sys.executable, "-m", "pytest", *sys.argv[1:]], cwd=ROOT)
    lanes = [Tests(name, paths) for name, paths in {**LANES, "the rest": rest()}.items()]
    alone = Tests("alone", tuple(one for one in ALONE if (ROOT / one).exists()))
    for one in (*lanes, alone):
        one.begin_anew()
    codes = together(*(started(one.name, *one.command(SLOWEST)) for one in lanes), started("types", "mypy"))
    print(flush=True)
    codes[alone.name] = alone.run(SLOWEST)
    return ended([*lanes, alone], codes)


def ended(parts: Sequence[Tests], codes: dict[str, int]) -> int:
    """Try again what failed, and say in the last lines how the suite ended; answers its exit code."""
    unsteady: list[str] = []
    for one in parts:
        codes[one.name] = again(one, codes[one.name], unsteady)
    for name in unsteady:
        print(f"UNSTEADY: {name} failed beside other work and passed alone. Mend it.", flush=True)
    bad = [name for name, code in codes.items() if code]
    print(f"The suite failed in: {', '.join(bad)}." if bad else "The suite passed.", flush=True)
    return max(codes.values())


if __name__ == "__main__":
    sys.exit(main())
