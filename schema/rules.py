"""Survivorship rules as data: which of several offered values survives. ``hub.core.survivorship`` carries them out.

A rule decides *among the offers of the first owner that speaks* unless it is declared to look at all of them
(``among_all``); an override stands above every rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Strategy(StrEnum):
    """The strategies of survivorship (C26)."""

    OWNER = "owner"
    RECENCY = "recency"
    OLDEST = "oldest"
    MOST_COMPLETE = "most_complete"
    LONGEST = "longest"
    SHORTEST = "shortest"
    LARGEST = "largest"
    SMALLEST = "smallest"
    FREQUENCY = "frequency"
    UNANIMOUS = "unanimous"
    KEEP_ALL = "keep_all"
    CUSTOM = "custom"
    FOLLOW = "follow"
    TRUST = "trust"


@dataclass(frozen=True, slots=True)
class Rule:
    """One strategy with its argument: ``follow`` names the field whose winner is followed, ``custom`` the function."""

    strategy: Strategy
    argument: str = ""
    among_all: bool = False


def by_owner() -> Rule:
    """The first owner that holds the record decides, also with "empty"."""
    return Rule(Strategy.OWNER)


def recency() -> Rule:
    """The value stated most recently wins, whoever said it."""
    return Rule(Strategy.RECENCY, among_all=True)


def oldest() -> Rule:
    return Rule(Strategy.OLDEST, among_all=True)


def most_complete() -> Rule:
    """Of structured values or field groups, the one with the most filled parts."""
    return Rule(Strategy.MOST_COMPLETE, among_all=True)


def longest() -> Rule:
    return Rule(Strategy.LONGEST, among_all=True)


def shortest() -> Rule:
    return Rule(Strategy.SHORTEST, among_all=True)


def largest() -> Rule:
    return Rule(Strategy.LARGEST, among_all=True)


def smallest() -> Rule:
    return Rule(Strategy.SMALLEST, among_all=True)


def frequency() -> Rule:
    """The value most sources agree on; a tie falls to the owner's order."""
    return Rule(Strategy.FREQUENCY, among_all=True)


def unanimous() -> Rule:
    """The value all sources agree on, else empty."""
    return Rule(Strategy.UNANIMOUS, among_all=True)


def keep_all() -> Rule:
    """A list of every distinct value, in the owners' order."""
    return Rule(Strategy.KEEP_ALL, among_all=True)


def follow(field: str) -> Rule:
    """The value of whichever source won ``field``."""
    return Rule(Strategy.FOLLOW, field, among_all=True)


def trust() -> Rule:
    """The value with the most trust at the instant wins: points per system and field that fade with the value's age. The points
    are the tenant's (``policy.trust``); without any the owners' order decides.
    """
    return Rule(Strategy.TRUST, among_all=True)


def custom(name: str) -> Rule:
    """A named pure function of the offers, registered in ``hub.core.survivorship.CUSTOM``."""
    return Rule(Strategy.CUSTOM, name, among_all=True)
