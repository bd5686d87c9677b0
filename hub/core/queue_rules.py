"""Who gets which task and by when: rules as data, a tenant's own before the table of causes. Pure.

A tenant's rules (part ``routing`` of its settings) are read from the top; the first that fits decides what it names, and what
no rule names is the cause's own::

    {"rules": [{"cause": ["locked"], "legal_entity": ["<golden id>"], "team": "pmo"},
               {"amount_from": 50000, "team": "finance_operations", "due_h": 8, "escalate_to": "pmo", "priority": 1}]}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from hub.core.causes import CAUSES, cause_of
from hub.core.people import TEAMS

CONDITIONS = ("cause", "entity", "system", "legal_entity", "region")
WHAT = ("team", "due_h", "escalate_to", "priority")
MOST = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions (empty: everything) and what follows from them (None: as the next rule says)."""

    where: Mapping[str, frozenset[str]]
    amount_from: Decimal | None = None
    team: str | None = None
    due_h: int | None = None
    escalate_to: str | None = None
    priority: int | None = None

    def fits(self, task: Mapping[str, Any]) -> bool:
        if any(str(task.get(name)) not in wanted for name, wanted in self.where.items()):
            return False
        return self.amount_from is None or (task.get("amount") or 0) >= self.amount_from


@dataclass(frozen=True, slots=True)
class Route:
    """Where a task goes. ``due_h`` counts from its opening; ``escalate_to`` is empty when its own team keeps it."""

    team: str
    due_h: int
    escalate_to: str
    priority: int


@dataclass(frozen=True, slots=True)
class Routing:
    rules: tuple[Rule, ...] = ()

    def route(self, task: Mapping[str, Any]) -> Route:
        """Where a task goes: ``cause``, ``entity``, ``system``, ``legal_entity``, ``region``, ``amount`` decide.

        >>> rules = routing_of({"routing": {"rules": [{"cause": ["locked"], "amount_from": 100, "team": "pmo"}]}})
        >>> [rules.route({"cause": "locked", "amount": amount}).team for amount in (99, 100)]
        ['finance_operations', 'pmo']
        """
        cause = cause_of(task["cause"])
        found: dict[str, Any] = {"team": cause.team, "due_h": cause.due_h, "escalate_to": cause.then, "priority": cause.priority}
        for name in WHAT:
            said = next((v for rule in self.rules if rule.fits(task) and (v := getattr(rule, name)) is not None), None)
            found[name] = found[name] if said is None else said
        return Route(**found)

    @property
    def teams(self) -> tuple[str, ...]:
        """All teams that may get a task."""
        named = {one for rule in self.rules for one in (rule.team, rule.escalate_to) if one}
        return (*TEAMS, *sorted(named - set(TEAMS)))


def routing_of(settings: Mapping[str, Any]) -> Routing:
    """A tenant's rules; raises ValueError that names the rule it cannot read.

    >>> routing_of({"routing": {"rules": [{"team": 7}]}})
    Traceback (most recent call last):
    ...
    ValueError: routing: rules[0]: team is a text
    """
    given = settings.get("routing") or {}
    if not isinstance(given, Mapping) or given.keys() - {"rules"} or not isinstance(given.get("rules", []), Sequence):
        raise ValueError('routing is {"rules": [...]}')
    rules = given.get("rules", [])
    if len(rules) > MOST:
        raise ValueError(f"routing: at most {MOST} rules")
    return Routing(tuple(_rule(at, one) for at, one in enumerate(rules)))


def _rule(at: int, given: Any) -> Rule:
    def wrong(what: str) -> ValueError:
        return ValueError(f"routing: rules[{at}]: {what}")

    if not isinstance(given, Mapping) or given.keys() - {*CONDITIONS, "amount_from", *WHAT}:
        raise wrong("it has " + ", ".join((*CONDITIONS, "amount_from", *WHAT)))
    where: dict[str, frozenset[str]] = {}
    for name in CONDITIONS:
        if name in given:
            values = given[name] if isinstance(given[name], (list, tuple)) else [given[name]]
            if not values or not all(isinstance(value, str) for value in values):
                raise wrong(f"{name} is a list of texts")
            where[name] = frozenset(values)
    if unknown := where.get("cause", frozenset()) - CAUSES.keys():
        raise wrong(f"there is no cause {min(unknown)!r}")
    for name in ("team", "escalate_to"):
        if name in given and not (isinstance(given[name], str) and given[name].isidentifier()):
            raise wrong(f"{name} is a text")
    for name, most in (("due_h", 8760), ("priority", 9)):
        if name in given and (isinstance(given[name], bool) or not isinstance(given[name], int) or not 1 <= given[name] <= most):
            raise wrong(f"{name} is a number from 1 to {most}")
    try:
        amount = Decimal(str(given["amount_from"])) if "amount_from" in given else None
    except InvalidOperation:
        raise wrong("amount_from is an amount") from None
    return Rule(where, amount, given.get("team"), given.get("due_h"), given.get("escalate_to"), given.get("priority"))
