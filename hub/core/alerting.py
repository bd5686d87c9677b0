"""One alert per root cause: what goes wrong, what follows from it, and which of it somebody must be told. Pure.

A symptom is something seen in the tables: a system that does not answer, lanes that are late, messages nobody folds. The causal
graph is data: :data:`EDGES` says which symptom explains which. A symptom that another one explains is told under it and never by
itself; what nothing explains is a root, and becomes one alert with the money, the deadline and the team.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from hub.core.people import DATA_STEWARDS, FINANCE, INTEGRATION


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of symptom. ``{system}``, ``{subscription}``, ``{name}`` and ``{count}`` stand in ``says``.

    ``after_s``: how long it must have lasted to be an alert of its own; it explains what follows from it at once.
    """

    says: str
    remedy: str
    team: str = INTEGRATION
    due_h: int = 4
    after_s: int = 0
    priority: int = 2
    has_money: bool = False
    """Whether its money counts: where several tell of the same money, only one does."""


KINDS: Mapping[str, Kind] = {
    # the hub itself, from the root outward
    "trail_altered": Kind("the sealed trail is not as it was sealed: {name}", "Run 'hub audit verify', keep what it says, and find who wrote to the database.", due_h=1, priority=1),
    "restored": Kind("the hub was restored and holds deliveries back", "Compare with the systems, then let deliveries go.", due_h=2, priority=1),
    "sequencing_stalled": Kind("{count} changes have no position in the feed", "See that 'hub work --only deliver' runs, and read its log.", due_h=1, after_s=60, priority=1),
    "ingest_stalled": Kind("{count} messages wait to be folded", "See that 'hub work --only ingest' runs, and read its log.", due_h=1, after_s=120, priority=1),
    "delivery_stalled": Kind("nothing is delivered to anybody", "See that 'hub work --only deliver' runs, and read its log.", due_h=1, after_s=60, priority=1),
    # one connected system
    "credentials": Kind("{system} does not accept our credentials", "Renew them, and connect the system again.", due_h=2, priority=1),
    "unusable": Kind("the configuration of {system} cannot be used: {name}", "Mend its document, and connect it again.", due_h=4),
    "system_down": Kind("{system} does not answer: {name}", "Ask its operators; the hub goes on by itself when it answers.", due_h=2, after_s=60, priority=1),
    "braked": Kind("the brake holds {system}: one run would have changed more than is usual", "Look at what would be written, then release the brake.", FINANCE),
    "paused": Kind("{system} is paused by hand", "Resume it when the reason is over.", due_h=24, after_s=4 * 3600, priority=5),
    "endpoint_down": Kind("the webhook {subscription} takes nothing: {name}", "Tell its owner; what it missed is sent when it answers.", due_h=24, after_s=900, priority=4),
    "period_closed": Kind("{count} postings to {system} wait for an accounting period that is closed", "Open the period, or date them into the next one.", FINANCE, 24, 0, 3, True),
    "poll_late": Kind("{system} has not been read for a while: {name}", "See why its polls fail; what changed meanwhile is read when they work.", due_h=4, after_s=300, priority=3),
    # what follows
    "parents_missing": Kind("{count} records wait for records of {system} that never came", "Send them from {system}, or mend the references.", DATA_STEWARDS, 48, 3600, 4),
    "refused": Kind("{system} refused {count} deliveries", "Mend what it says is wrong, and replay them.", FINANCE, 24, 0, 3, True),
    "unknown_outcome": Kind("nobody knows whether {count} deliveries reached {system}", "Look for them in {system}, then say what became of them.", FINANCE, 8, 0, 2, True),
    "given_up": Kind("{count} deliveries to {system} were given up after all tries", "Replay them when {system} answers.", INTEGRATION, 24, 0, 3, True),
    "late": Kind("{count} deliveries to {subscription} are late", "See the worker's log; they are tried again by themselves.", due_h=4, after_s=300, priority=4, has_money=True),
    "waiting": Kind("{count} records wait until {system} holds what they hang on", "Let the record they wait for reach {system}.", due_h=24, after_s=3600, priority=4, has_money=True),
    "behind": Kind("{subscription} is {count} changes behind", "See the worker's log; it catches up by itself.", due_h=4, after_s=300, priority=4),
    "overdue": Kind("{count} tasks are past their deadline: {name}", "Work them, or give them to whoever can.", FINANCE, 24, 0, 3, True),
}
"""Every kind of symptom. An edge leads from a kind further up to one further down, so the graph has no circle."""


@dataclass(frozen=True, slots=True)
class Edge:
    """``cause`` explains ``effect`` when both are about the same ``by`` (system, subscription; empty: whatever they are about)."""

    cause: str
    effect: str
    by: str = ""


_TO_A_SYSTEM = ("late", "waiting", "behind", "given_up", "unknown_outcome", "overdue")
EDGES: tuple[Edge, ...] = (
    *(Edge("restored", effect) for effect in ("delivery_stalled", "late", "waiting", "behind")),
    *(Edge("sequencing_stalled", effect) for effect in ("delivery_stalled", "late", "behind")),
    *(Edge("ingest_stalled", effect) for effect in ("parents_missing", "waiting")),
    *(Edge("delivery_stalled", effect) for effect in ("late", "behind", "waiting")),
    *(Edge(cause, effect, "system") for cause in ("credentials", "unusable") for effect in ("system_down", "poll_late", "refused", "parents_missing", *_TO_A_SYSTEM)),
    *(Edge("system_down", effect, "system") for effect in ("poll_late", "parents_missing", *_TO_A_SYSTEM)),
    *(Edge(cause, effect, "system") for cause in ("braked", "paused") for effect in ("late", "waiting", "behind", "overdue")),
    *(Edge("endpoint_down", effect, "subscription") for effect in ("late", "behind", "given_up", "refused")),
    *(Edge("period_closed", effect, "system") for effect in ("waiting", "late", "overdue")),
    Edge("poll_late", "parents_missing", "system"),
    Edge("refused", "waiting", "system"),
    Edge("refused", "overdue", "system"),
    Edge("unknown_outcome", "waiting", "system"),
    Edge("given_up", "waiting", "system"),
    Edge("parents_missing", "overdue", "system"),
    Edge("late", "behind", "subscription"),
)  # fmt: skip
"""The causal graph."""

Money = tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing seen. ``due_at``: the first deadline among the tasks it is about."""

    kind: str
    since: datetime
    system: str = ""
    subscription: str = ""
    name: str = ""
    count: int = 1
    money: Money = ()
    due_at: datetime | None = None
    team: str = ""
    """Whose it is, where the kind alone does not say."""

    @property
    def key(self) -> str:
        return " ".join(part for part in (self.kind, self.system, self.subscription, self.name if self.kind == "overdue" else "") if part)

    @property
    def says(self) -> str:
        return KINDS[self.kind].says.format(system=self.system or self.subscription, subscription=self.subscription or self.system, name=self.name, count=self.count)


@dataclass(frozen=True, slots=True)
class Alert:
    """A root with everything that follows from it. ``money`` is at stake, each amount once; ``deadline`` the first of its tasks."""

    root: Symptom
    explains: tuple[Symptom, ...] = field(default=())

    @property
    def kind(self) -> Kind:
        return KINDS[self.root.kind]

    @property
    def money(self) -> Money:
        held = (one for one in self.explains if one.kind != "overdue")  # tasks tell of the money that deliveries hold
        return summed(one.money for one in (self.root, *held) if KINDS[one.kind].has_money)

    @property
    def team(self) -> str:
        return self.root.team or self.kind.team

    @property
    def deadline(self) -> datetime | None:
        return min((one.due_at for one in (self.root, *self.explains) if one.due_at), default=None)

    @property
    def count(self) -> int:
        """How many deliveries, messages and records it holds up."""
        return max(self.root.count, sum(one.count for one in self.explains if one.kind not in ("overdue", "behind")), 1)

    @property
    def remedy(self) -> str:
        return self.kind.remedy.format(system=self.root.system or self.root.subscription, subscription=self.root.subscription, name=self.root.name, count=self.root.count)


def alerts(symptoms: Iterable[Symptom], at: datetime) -> list[Alert]:
    """The roots that have lasted long enough, gravest first. What several roots explain is told under the first of them."""
    order = {name: place for place, name in enumerate(KINDS)}
    known = sorted(symptoms, key=lambda one: (order[one.kind], one.key))
    owner: dict[int, int] = {}
    for place, one in enumerate(known):
        causes = [owner.get(other, other) for other in range(place) if _explains(known[other], one)]
        if causes:
            owner[place] = min(causes)
    found = [
        Alert(one, tuple(known[other] for other in sorted(owner) if owner[other] == place))
        for place, one in enumerate(known)
        if place not in owner and (at - one.since).total_seconds() >= KINDS[one.kind].after_s
    ]
    return sorted(found, key=lambda one: (one.kind.priority, order[one.root.kind], one.root.key))


_WAYS: Mapping[tuple[str, str], str] = {(edge.cause, edge.effect): edge.by for edge in EDGES}


def _explains(cause: Symptom, effect: Symptom) -> bool:
    by = _WAYS.get((cause.kind, effect.kind))
    if by is None:
        return False
    return not by or (getattr(cause, by) == getattr(effect, by) != "")


def summed(several: Iterable[Sequence[Mapping[str, str]]]) -> Money:
    """Amounts per currency, never across.

    >>> summed([[{"amount": "1.10", "currency": "EUR"}], [{"amount": "2", "currency": "EUR"}]])
    ({'amount': '3.10', 'currency': 'EUR'},)
    """
    totals: dict[str, Decimal] = {}
    for one in (amount for some in several for amount in some):
        totals[one["currency"]] = totals.get(one["currency"], Decimal(0)) + Decimal(one["amount"])
    return tuple({"amount": format(amount, "f"), "currency": currency} for currency, amount in sorted(totals.items()))
