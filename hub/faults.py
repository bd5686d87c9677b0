"""Fault points: places where a test makes a process die, freeze, fail or lose an answer. Off unless ``HUB_FAULTS`` is set.

A moment that matters calls ``point("deliver.after_intent")``; switched off, that is one look at a global. What happens
there is told by lines such as ``deliver.after_intent kill times=1``, in the setting itself (separated by ``;``) or, as
``@/path``, in a file that is read again whenever it changes: so a test arms points while processes run. ``clock +90`` sets
this process's clock wrong, ``seed 7`` makes chances the same again. Beside a file, ``/path.log`` gets a line for each fault
before it strikes, and ``times`` counts over all processes that read it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from hub.errors import SettingError

POINTS: Mapping[str, str] = {
    "receive.before_commit": "messages are taken, not stored",
    "receive.after_commit": "messages are durable, their sender has no answer yet",
    "ingest.after_claim": "a batch is claimed, nothing of it is folded",
    "ingest.before_commit": "a batch is folded, not committed",
    "ingest.after_commit": "outcomes are durable, nobody has heard the doorbell",
    "reconsider.before_commit": "records that were due are computed again, not committed",
    "sequence.before_commit": "changes have positions, lanes are leased, nothing is committed",
    "deliver.after_sequence": "positions and leases are durable, nothing is on its way",
    "deliver.after_intent": "an intent is durable, the call is not made",
    "deliver.after_call": "the peer has applied a write, its answer is not looked at",
    "deliver.after_answer": "the answer is understood, the attempt is not settled",
    "deliver.after_settle": "outcomes are durable, the loop does not know it",
    "webhook.before_call": "an event is signed, not sent",
    "webhook.after_call": "the receiver has an event, its answer is not looked at",
    "broker.before_call": "an event is made, not published",
    "broker.after_call": "a broker holds an event, its acknowledgement is not looked at",
    "merge.middle": "source records have moved, the records are not computed",
    "split.middle": "source records have moved, the records are not computed",
    "undo.middle": "what was decided is taken back, the action still stands",
    "load.middle": "a part of a file is stored",
    "poll.before_commit": "a page and its checkpoint are written, not committed",
    "migrate.middle": "between two migrations",
}
"""Every point there is, and what is true when a process passes it."""

ACTIONS = ("kill", "freeze", "sleep", "raise", "lose", "cut")
"""kill: as by kill -9. freeze: stopped for so many seconds (as by SIGSTOP). sleep: blocked for so many seconds. raise: an
error of the program. lose: a connection error, as when an answer does not arrive. cut: the given connection is broken."""


class FaultError(Exception):
    """A fault that a test switched on; to the hub it is an error like any other."""


class Closable(Protocol):
    """A connection that can be broken without a word, such as asyncpg's."""

    def terminate(self) -> None: ...


@dataclass(slots=True)
class Armed:
    """One line of the plan. ``nth``: only from this passing on; ``times``: so often in all; ``chance``: each time so likely."""

    name: str
    action: str
    seconds: float = 1.0
    chance: float = 1.0
    nth: int = 1
    times: int = 0
    passed: int = 0
    struck: int = 0


@dataclass
class Plan:
    """What is armed in this process. ``file`` is where it is told from, if it may change."""

    text: str
    file: Path | None = None
    armed: dict[str, list[Armed]] = field(default_factory=dict)
    offset: timedelta = timedelta()
    _read_at: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(os.getpid())
        self._take(self.text)

    def pass_by(self, name: str, connection: Closable | None) -> None:
        self.refresh()
        for one in self.armed.get(name, ()):
            one.passed += 1
            if one.passed >= one.nth and self.chance.random() < one.chance and self._may_strike(one):
                one.struck += 1
                self._tell(one)
                strike(one, connection)

    def refresh(self) -> None:
        """Read the file again if it was written since; a file that is gone arms nothing."""
        if self.file is None:
            return
        try:
            written_at = self.file.stat().st_mtime_ns
        except FileNotFoundError:
            written_at = -1
        if written_at != self._read_at:
            self._read_at = written_at
            self._take(self.file.read_text() if written_at >= 0 else "")

    def _take(self, text: str) -> None:
        """What is said in the same words as before keeps its counts."""
        before = {(one.name, one.action, one.seconds, one.chance, one.nth, one.times): one for some in self.armed.values() for one in some}
        self.armed, self.offset = {}, timedelta()
        for line in text.replace(";", "\n").splitlines():
            words = line.partition("#")[0].split()
            if words[:1] == ["clock"]:
                self.offset = timedelta(seconds=_number(words[-1]))
            elif words[:1] == ["seed"]:
                self.chance = random.Random(f"{words[-1]} {os.getpid()}")
            elif words:
                one = parse(words)
                one = before.get((one.name, one.action, one.seconds, one.chance, one.nth, one.times), one)
                self.armed.setdefault(one.name, []).append(one)

    def _may_strike(self, one: Armed) -> bool:
        """Whether there is one of its ``times`` left, of this process or, with a file, of all that read it."""
        if not one.times:
            return True
        if self.file is None:
            return one.struck < one.times
        for number in range(one.times):
            try:
                os.close(os.open(f"{self.file}.{self._read_at}.{one.name}.{one.action}.{number}", os.O_CREAT | os.O_EXCL))
                return True
            except FileExistsError:
                continue
        return False

    def _tell(self, one: Armed) -> None:
        if self.file is not None:
            line = f"{time.time():.3f} {os.getpid()} {one.name} {one.action}\n".encode()
            log = os.open(f"{self.file}.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o666)
            os.write(log, line)
            os.close(log)


_plan: Plan | None = None


def point(name: str, connection: Closable | None = None) -> None:
    """A moment at which a test may strike. ``connection`` is what ``cut`` breaks."""
    if _plan is not None:
        _plan.pass_by(name, connection)


def now() -> datetime:
    """The instant by this process's clock, which a test may set wrong (``clock +90``)."""
    if _plan is None:
        return datetime.now(UTC)
    _plan.refresh()
    return datetime.now(UTC) + _plan.offset


def wall() -> float:
    """Seconds since 1970 by the same clock."""
    return now().timestamp()


def arm(told: str) -> None:
    """Switch on what ``HUB_FAULTS`` tells; empty switches all off. Raises :class:`SettingError` for what cannot be read."""
    global _plan
    if not told:
        _plan = None
    elif told.startswith("@"):
        _plan = Plan("", Path(told[1:]))
        _plan.refresh()
    else:
        _plan = Plan(told)


def parse(words: list[str]) -> Armed:
    """One line: point, action, seconds where the action takes them, then ``p=``, ``nth=``, ``times=``.

    >>> parse("merge.middle freeze 5 p=0.5 times=1".split())
    Armed(name='merge.middle', action='freeze', seconds=5.0, chance=0.5, nth=1, times=1, passed=0, struck=0)
    """
    if len(words) < 2 or words[0] not in POINTS or words[1] not in ACTIONS:
        raise SettingError("HUB_FAULTS", f"names no point and action we have: {' '.join(words)[:80]}")
    one = Armed(words[0], words[1])
    for word in words[2:]:
        name, is_named, value = word.partition("=")
        if not is_named:
            one.seconds = _number(word)
        elif name == "p":
            one.chance = _number(value)
        elif name in ("nth", "times"):
            setattr(one, name, int(_number(value)))
        else:
            raise SettingError("HUB_FAULTS", f"cannot read {word[:40]!r}")
    return one


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError as error:
        raise SettingError("HUB_FAULTS", f"needs a number where it says {word[:40]!r}") from error


def strike(one: Armed, connection: Closable | None = None) -> None:
    """Do it. Raises :class:`FaultError` or :class:`ConnectionResetError` where that is what it does."""
    _STRIKES[one.action](one, connection)


def _kill(_: Armed, __: Closable | None) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _freeze(one: Armed, _: Closable | None) -> None:
    """Stopped from outside and let go from outside: a stopped process cannot wake itself."""
    waker = f"import os, signal, time; time.sleep({one.seconds}); os.kill({os.getpid()}, signal.SIGCONT)"
    subprocess.Popen([sys.executable, "-S", "-c", waker], start_new_session=True)
    os.kill(os.getpid(), signal.SIGSTOP)


def _sleep(one: Armed, _: Closable | None) -> None:
    time.sleep(one.seconds)


def _raise(one: Armed, _: Closable | None) -> None:
    raise FaultError(f"a test made {one.name} fail")


def _lose(one: Armed, _: Closable | None) -> None:
    raise ConnectionResetError(f"a test lost the answer at {one.name}")


def _cut(one: Armed, connection: Closable | None) -> None:
    if connection is None:
        raise ConnectionResetError(f"a test broke the connection at {one.name}")
    connection.terminate()


_STRIKES: Mapping[str, Callable[[Armed, Closable | None], None]] = {
    "kill": _kill, "freeze": _freeze, "sleep": _sleep, "raise": _raise, "lose": _lose, "cut": _cut,
}  # fmt: skip
