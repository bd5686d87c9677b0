"""The fault points: every one is called somewhere, and what is armed strikes as it says."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub import faults
from hub.errors import SettingError

ROOT = Path(__file__).resolve().parents[2]
CALLS = re.compile(r"""\bpoint\(\s*"([^"]+)\"""")


@pytest.fixture(autouse=True)
def _switched_off_again() -> Iterator[None]:
    yield
    faults.arm("")


def called() -> Counter[str]:
    """Every point the code names, and how often."""
    files = [*(ROOT / "hub").rglob("*.py"), ROOT / "migrations" / "env.py"]
    return Counter(name for file in files if file.name != "faults.py" for name in CALLS.findall(file.read_text()))


def test_every_point_is_called_somewhere_and_every_call_names_a_point() -> None:
    assert set(called()) == set(faults.POINTS)


def test_nothing_happens_at_a_point_until_it_is_armed() -> None:
    for name in faults.POINTS:
        faults.point(name)


@pytest.mark.parametrize(("action", "error"), [("raise", faults.FaultError), ("lose", ConnectionResetError), ("cut", ConnectionResetError)])
def test_an_armed_point_fails_as_it_is_told(action: str, error: type[Exception]) -> None:
    faults.arm(f"merge.middle {action}")
    faults.point("undo.middle")
    with pytest.raises(error):
        faults.point("merge.middle")


def test_a_point_may_break_the_connection_at_hand_without_a_word() -> None:
    class Connection:
        is_open = True

        def terminate(self) -> None:
            self.is_open = False

    connection = Connection()
    faults.arm("merge.middle cut")
    faults.point("merge.middle", connection)
    assert not connection.is_open


def struck(passings: int) -> list[int]:
    """At which passings of merge.middle something struck."""
    found = []
    for passing in range(1, passings + 1):
        try:
            faults.point("merge.middle")
        except faults.FaultError:
            found.append(passing)
    return found


def test_a_point_strikes_from_the_nth_passing_on_and_so_often() -> None:
    faults.arm("merge.middle raise nth=3 times=2")
    assert struck(8) == [3, 4]


def test_the_same_seed_strikes_at_the_same_passings() -> None:
    faults.arm("seed 7; merge.middle raise p=0.5")
    first = struck(40)
    faults.arm("seed 7; merge.middle raise p=0.5")
    assert struck(40) == first
    assert 5 < len(first) < 35


def test_what_a_file_arms_strikes_once_in_all_processes_together(tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    plan.write_text("merge.middle raise times=1\n")
    faults.arm(f"@{plan}")
    assert struck(3) == [1]
    faults.arm(f"@{plan}")  # as another process would
    assert struck(3) == []
    assert [line.split()[2:] for line in Path(f"{plan}.log").read_text().splitlines()] == [["merge.middle", "raise"]]


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    faults.arm(f"@{plan}")
    assert struck(1) == []
    plan.write_text("merge.middle raise\n")
    assert struck(1) == [1]
    plan.unlink()
    assert struck(1) == []


def test_a_clock_can_be_set_wrong() -> None:
    faults.arm("clock -3600")
    assert -3601 < (faults.now() - datetime.now(UTC)).total_seconds() < -3599
    faults.arm("")
    assert abs((faults.now() - datetime.now(UTC)).total_seconds()) < 1


@pytest.mark.parametrize("told", ["merge.muddle kill", "merge.middle explode", "merge.middle kill p=often", "merge.middle kill loudly=1", "clock soon"])
def test_what_cannot_be_read_is_refused_at_the_start(told: str) -> None:
    with pytest.raises(SettingError):
        faults.arm(told)


PASSES = "from hub import faults; faults.arm({told!r}); print('before', flush=True); faults.point('merge.middle'); print('after', flush=True)"


def test_a_killed_process_ends_at_the_point_as_by_kill_9() -> None:
    ended = subprocess.run([sys.executable, "-c", PASSES.format(told="merge.middle kill")], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "before\n")


def test_a_frozen_process_stands_still_and_then_goes_on() -> None:
    began = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", PASSES.format(told="merge.middle freeze 0.5")], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "before\nafter\n")
    assert time.monotonic() - began > 0.5
