"""What the doctor finds: one sentence on one thing, how bad it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    FINE = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One sentence on one thing; ``mend`` says what to do about it, and is empty where nothing is to be done."""

    verdict: Verdict
    says: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.verdict.value:<8} {self.says}" + (f"\n{'':<9}→ {self.mend}" if self.mend else "")


def fine(says: str) -> Finding:
    return Finding(Verdict.FINE, says)


def warning(says: str, mend: str) -> Finding:
    return Finding(Verdict.WARNING, says, mend)


def problem(says: str, mend: str) -> Finding:
    return Finding(Verdict.PROBLEM, says, mend)
