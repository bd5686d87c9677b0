"""Who may be the second person, over every way two or three people can stand to each other."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest

from hub.core.people import Member, Work, share_out, stand_in
from hub.core.queue_rules import routing_of
from hub.core.risk import bar, rules_of
from schema.fields import Risk

TEAMS = (frozenset[str](), frozenset({"a"}), frozenset({"b"}), frozenset({"a", "b"}))
IDS = tuple(UUID(int=n) for n in (1, 2, 3))


def test_nobody_barred_by_the_rules_is_ever_let_through() -> None:
    """Every author, voter and absentee with every mix of teams, delegates and absence: 20,000 constellations."""
    passed = 0
    for author_team, voter_team, third_team, delegate, is_away, third_delegate, risk, who in product(
        TEAMS, TEAMS, TEAMS, (None, IDS[1], IDS[2]), (False, True), (IDS[0], IDS[1]), Risk, ("self", "third", "author")
    ):
        author = Member(IDS[0], "author", author_team, delegate_id=delegate, is_away=is_away)
        voter = author if who == "author" else Member(IDS[1], "voter", voter_team)
        third = Member(IDS[2], "third", third_team, is_away=is_away, delegate_id=third_delegate) if who == "third" else None
        if bar(author, author_team, voter, third, risk) is not None:
            continue
        passed += 1
        teams = (third or voter).teams
        assert voter.id != author.id and author.delegate_id != voter.id
        assert third is None or (third.is_away and third.delegate_id == voter.id)
        assert risk is not Risk.R3 or (teams and not teams & author_team)
    assert passed > 1000


def test_a_team_left_or_joined_since_asking_counts_as_the_authors() -> None:
    author, voter = Member(IDS[0], "author", frozenset({"b"})), Member(IDS[1], "voter", frozenset({"a"}))
    assert bar(author, frozenset({"b"}), voter, None, Risk.R3) is None
    barred = bar(author, frozenset({"a"}), voter, None, Risk.R3)
    assert barred is not None and barred.code == "SAME_TEAM"


def test_delegation_in_a_circle_of_the_away_leads_to_nobody() -> None:
    one, two = (Member(IDS[n], str(n), is_away=True, delegate_id=IDS[1 - n]) for n in (0, 1))
    assert stand_in(one, {one.id: one, two.id: two}) is None


def test_tasks_go_to_who_serves_their_team_legal_entity_and_region_and_is_there() -> None:
    serving = Member(IDS[0], "serving", frozenset({"pmo"}), regions=frozenset({"DE"}), legal_entities=frozenset({IDS[2]}))
    away = Member(IDS[1], "away", frozenset({"pmo"}), is_away=True)
    work = [Work(1, "pmo", IDS[2], "DE"), Work(2, "pmo", IDS[2], "FR"), Work(3, "pmo", IDS[1], "DE"), Work(4, "delivery"), Work(5, "pmo")]
    assert share_out(work, [serving, away], {}) == {1: IDS[0], 5: IDS[0]}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"approvals": {"approvers": {"R3": 0}}}, "approvers says"),
        ({"approvals": {"fourEyes": "off"}}, "fourEyes is true or false"),
        ({"approvals": {"days": True}}, "days from 1 to 90"),
        ({"approvals": []}, None),
        ({"approvals": {"bypass": ["ann"]}}, "approvals has"),
    ],
)
def test_rules_nobody_can_mean_are_refused(settings: dict[str, object], message: str | None) -> None:
    if message is None:
        assert rules_of(settings).is_on
        return
    with pytest.raises(ValueError, match=message):
        rules_of(settings)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"cause": []}, "cause is a list"), ({"cause": ["rain"]}, "no cause 'rain'"), ({"team": "the pmo"}, "team is a text"),
        ({"due_h": 0}, "due_h is a number"), ({"amount_from": "much"}, "amount_from is an amount"), ({"who": "ann"}, "it has cause"),
    ],
)  # fmt: skip
def test_a_routing_rule_that_cannot_be_read_is_named(rule: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=rf"rules\[1\]: .*{message}"):
        routing_of({"routing": {"rules": [{}, rule]}})
