"""Who may decide what: the risk class of a change, and whether a person may be the second one. Pure.

R1: one person. R2: another person than the author. R3: another person, of another team. Nobody stands above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.core.people import Member
from schema.fields import Risk
from schema.language import EntityMeta

R1, R2, R3 = Risk


def risk_of(meta: EntityMeta, name: str) -> Risk:
    """The class of a field or field group by hand; a group is as risky as its riskiest member.

    >>> from schema import ENTITIES
    >>> [risk_of(ENTITIES["client"], name).value for name in ("name", "legal_name", "seat", "tax_registrations", "extra.floor")]
    ['R1', 'R2', 'R1', 'R3', 'R1']
    """
    if name in meta.groups:
        group = meta.groups[name]
        return highest((group.risk or R1, *(member.risk for member in group.members)))
    return meta.fields[name].risk if name in meta.fields else R1


def highest(risks: Iterable[Risk]) -> Risk:
    """
    >>> highest(()), highest((R2, R1))
    (<Risk.R1: 'R1'>, <Risk.R2: 'R2'>)
    """
    return max(risks, default=R1, key=lambda risk: risk.value)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a tenant has its risky changes looked at: part ``approvals`` of its settings, else as here."""

    is_on: bool = True
    days: int = 7
    """A proposal nobody has decided by then expires."""
    notice_h: int = 24
    """Hours between telling the old contact of new bank data and its approval."""
    approvers: Mapping[Risk, int] = field(default_factory=lambda: {R1: 1, R2: 1, R3: 1})

    def needs_second(self, risk: Risk) -> bool:
        return self.is_on and risk is not R1

    def to_json(self) -> dict[str, Any]:
        return {"fourEyes": self.is_on, "days": self.days, "noticeHours": self.notice_h, "approvers": {risk.value: count for risk, count in self.approvers.items()}}


def rules_of(settings: Mapping[str, Any]) -> Rules:
    """A tenant's rules; raises ValueError for what nobody can mean.

    >>> rules_of({}).is_on, rules_of({"approvals": {"approvers": {"R3": 2}}}).approvers[R3]
    (True, 2)
    """
    given = settings.get("approvals") or {}
    if not isinstance(given, Mapping) or given.keys() - {"fourEyes", "days", "approvers", "noticeHours"}:
        raise ValueError("approvals has fourEyes, days, approvers and noticeHours")
    asked = given.get("approvers", {})
    if not isinstance(asked, Mapping) or asked.keys() - {"R1", "R2", "R3"} or not all(isinstance(n, int) and 1 <= n <= 5 for n in asked.values()):
        raise ValueError("approvers says for R2 and R3 how many, from 1 to 5")
    is_on, days = given.get("fourEyes", True), given.get("days", 7)
    if not isinstance(is_on, bool) or isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 90:
        raise ValueError("fourEyes is true or false, days from 1 to 90")
    notice_h = given.get("noticeHours", 24)
    if isinstance(notice_h, bool) or not isinstance(notice_h, int) or not 0 <= notice_h <= 24 * days:
        raise ValueError("noticeHours is from 0 to the days of a proposal")
    return Rules(is_on, days, notice_h, {risk: asked.get(risk.value, 1) for risk in Risk})


@dataclass(frozen=True, slots=True)
class Bar:
    """Why a person may not vote on a proposal. ``code`` is stable."""

    code: str
    message: str
    remedy: str


def bar(author: Member, author_teams: frozenset[str], voter: Member, standing_for: Member | None, risk: Risk) -> Bar | None:
    """What bars ``voter`` (for ``standing_for``, who is away) from voting; None when they may.

    ``author_teams`` are those at the time of asking; teams since then count too, so that moving house opens nothing.
    """
    if voter.id == author.id or (standing_for is not None and standing_for.id == author.id):
        return Bar("AUTHOR", "whoever proposes a change cannot approve it", "Ask a colleague; you may withdraw the proposal.")
    if author.delegate_id == voter.id:
        return Bar("AUTHORS_DELEGATE", "the author's delegate cannot approve it", "Ask somebody who does not stand in for the author.")
    if not voter.is_active:
        return Bar("NOT_A_MEMBER", "you are no active member", "An admin takes you up again with putMember.")
    if standing_for is not None and not (standing_for.is_away and standing_for.is_active and standing_for.delegate_id == voter.id):
        return Bar("NOT_A_DELEGATE", f"you do not stand in for {standing_for.name}", "Vote for yourself.")
    teams = (standing_for or voter).teams
    if risk is R3 and (not teams or teams & (author.teams | author_teams)):
        return Bar("SAME_TEAM", "a change of class R3 needs a person of another team", "Ask somebody who shares no team with the author.")
    return None
