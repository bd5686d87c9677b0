"""One child process that prints JSON lines: bounded, with an environment of its own, ended by its process id with all it started.

What it complains about goes to our log with secrets masked; it is never told what the hub itself was told (``HUB_*``).
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from connectors.errors import ConfigurationError, RetriableError, SchemaDriftError

log = logging.getLogger("connectors.programs")
MAX_LINE_BYTES = 12_000_000
"""Of one message; twice as much is read ahead of us, then the program waits."""
KEPT_LINES = 200
"""Lines of its complaints that are kept to say why it ended."""
SHOWN_CHARACTERS = 300
MOST_LOGGED = 20
"""Lines of one run that go to our log."""
SERIOUS = ("CRITICAL", "FATAL", "ERROR")
GRACE_S = 5.0
"""How long a program that was asked to end may take."""
PASSED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip
"""All that a program sees of our environment."""


def _to_the_log(program: str, said: str) -> None:
    log.warning("%s: %s", program, said)


on_complaint: Callable[[str, str], None] = _to_the_log
"""Takes what is worse than a warning: (program, masked line). The hub puts its own log here."""

_allowed: tuple[str, ...] = ()
_SECRET_NAME = re.compile(r"token|secret|password|passwd|authorization|api_?key|private|credential|signature|client_id|dsn|iban", re.IGNORECASE)
_SAID = (
    re.compile(r"(\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}", re.IGNORECASE),
    re.compile(r"(://[^\s/:@]+:)[^\s/@]+(?=@)"),
    re.compile(r"""((?:token|secret|password|passwd|api_?key|authorization)["']?\s*[=:]\s*["']?)[^\s"',;&}]{3,}""", re.IGNORECASE),
    re.compile(r"()\b[\w.+-]+@[\w-]+\.[\w.]+\b"),
)


def allow(patterns: str) -> None:
    """Say which programs this process may run: names on the path or whole paths, with wildcards, separated by commas."""
    global _allowed
    _allowed = tuple(filter(None, (one.strip() for one in patterns.split(","))))


def need_allowed(command: Sequence[str], file: str) -> None:
    """Raises ConfigurationError unless the operator has named the program: a document alone must not start anything.

    >>> allow("tap-*, /opt/taps/*/bin/tap-x")
    >>> need_allowed(["tap-csv"], "a"), need_allowed(["/opt/taps/x/bin/tap-x"], "a")
    (None, None)
    >>> need_allowed(["tap-/../../bin/sh"], "a")
    Traceback (most recent call last):
        ...
    connectors.errors.ConfigurationError: a: command: HUB_COMMANDS does not name tap-/../../bin/sh; whoever runs the hub says there which programs documents may run
    >>> allow("")
    """
    program = command[0] if command else ""
    has_place = "/" in program or os.sep in program
    fits = (fnmatchcase(program, one) for one in _allowed if ("/" in one or os.sep in one) == has_place)
    if not program or ".." in Path(program).parts or not any(fits):
        raise ConfigurationError(
            f"{file}: command: HUB_COMMANDS does not name {program or 'nothing'}; whoever runs the hub says there which programs documents may run"
        )


def secrets_in(value: Any, name: str = "") -> Iterator[str]:
    """Texts of a configuration that must not be shown: those whose name says so.

    >>> list(secrets_in({"api_key": "k-123", "start": "2026", "oauth_credentials": {"id": "i-99"}}))
    ['k-123', 'i-99']
    """
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from secrets_in(one, name if _SECRET_NAME.search(name) else str(key))
    elif isinstance(value, list):
        for one in value:
            yield from secrets_in(one, name)
    elif isinstance(value, str) and len(value) > 2 and _SECRET_NAME.search(name):
        yield value


def masked(said: str, secrets: Sequence[str] = ()) -> str:
    """What a program said, without secrets: those we know and those that look like one.

    >>> masked("GET https://u:pw@h/x Authorization: Bearer abcdef123 for k-1 of jo@firm.example", ["k-1"])
    'GET https://u:***@h/x Authorization: *** *** for *** of ***'
    """
    for one in sorted(secrets, key=len, reverse=True):
        said = said.replace(one, "***")
    for pattern in _SAID:
        said = pattern.sub(r"\1***", said)
    return said[:SHOWN_CHARACTERS]


@dataclass
class Child:
    """A program that runs. Take its :meth:`line`, then see how it :meth:`ended`; :meth:`end` it whatever happens."""

    process: asyncio.subprocess.Process
    name: str
    secrets: tuple[str, ...]
    complaints: deque[str]
    _listening: asyncio.Task[None]

    @classmethod
    async def start(cls, command: Sequence[str], folder: Path, secrets: Sequence[str] = ()) -> Child:
        """Start a program in a folder. Raises ConfigurationError when there is none of its name, RetriableError when it cannot start now."""
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment |= {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        name = Path(command[0]).name
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                env=environment, cwd=folder, start_new_session=True, limit=MAX_LINE_BYTES,
            )  # fmt: skip
        except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
            raise ConfigurationError(f"the program {name} cannot be run on this machine ({error.strerror}); install it where the workers are") from error
        except OSError as error:
            raise RetriableError(f"{name} cannot be started now") from error
        complaints: deque[str] = deque(maxlen=KEPT_LINES)
        assert process.stderr is not None
        listening = asyncio.ensure_future(_listen(process.stderr, complaints, name, tuple(secrets)))
        return cls(process, name, tuple(secrets), complaints, listening)

    async def line(self) -> bytes | None:
        """The next line; None when there are no more. Raises SchemaDriftError for one too long, RetriableError for one cut off."""
        assert self.process.stdout is not None
        try:
            found = await self.process.stdout.readline()
        except ValueError as error:
            raise SchemaDriftError(f"{self.name} printed a line of more than {MAX_LINE_BYTES} bytes") from error
        if found and not found.endswith(b"\n") and await self.ended() != 0:
            raise RetriableError(f"{self.name} broke off in the middle of a message; {self.reason()}")
        return found or None

    async def ended(self) -> int:
        """Its exit code, once it has printed everything."""
        code = await self.process.wait()
        with suppress(asyncio.TimeoutError):  # what it started may hold its standard error open for longer than itself
            await asyncio.wait_for(asyncio.shield(self._listening), GRACE_S)
        return code

    def serious(self) -> list[str]:
        """What it complained of, without warnings and information."""
        return [said for said in self.complaints if any(mark in said for mark in SERIOUS)]

    def reason(self) -> str:
        """What it complained of last: its worst kind of line that there is."""
        for mark in ("CRITICAL", "FATAL", "ERROR", "Error", ""):
            for said in reversed(self.complaints):
                if mark in said and said:
                    return said
        return "it said nothing"

    async def end(self) -> None:
        """End it and all it started: asked first, then made to. Of one that has ended, what it left behind is ended."""
        if self.process.returncode is None:
            self._signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), GRACE_S)
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        await self.process.wait()
        self._listening.cancel()
        with suppress(asyncio.CancelledError):
            await self._listening
        transport = getattr(self.process, "_transport", None)
        if transport is not None:
            transport.close()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, number)
            elif self.process.returncode is None:
                self.process.send_signal(number)


async def _listen(stream: asyncio.StreamReader, complaints: deque[str], name: str, secrets: tuple[str, ...]) -> None:
    """Read all it complains of, so that it never waits for us; the first of what is worse than a warning goes to our log."""
    logged = 0
    while True:
        try:
            raw = await stream.readline()
        except ValueError:
            continue  # longer than any message; dropped by the reader
        if not raw:
            return
        said = masked(raw.decode("utf-8", "replace").strip(), secrets)
        complaints.append(said)
        if logged < MOST_LOGGED and any(mark in said for mark in SERIOUS):
            logged += 1
            on_complaint(name, said)
