"""One root cause, one alert: what explains what is a table, and so are these tests of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.core.alerting import EDGES, KINDS, Symptom, alerts

AT = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)
EUR, USD = {"amount": "100.00", "currency": "EUR"}, {"amount": "7.50", "currency": "USD"}


def seen(kind: str, system: str = "", subscription: str = "", *, minutes: int = 600, **more: Any) -> Symptom:
    return Symptom(kind, AT - timedelta(minutes=minutes), system, subscription, **more)


def roots(*symptoms: Symptom) -> dict[str, list[str]]:
    """Root → what is told under it."""
    return {one.root.key: [symptom.key for symptom in one.explains] for one in alerts(symptoms, AT)}


def test_a_system_that_is_down_explains_everything_that_waits_for_it_and_nothing_of_another() -> None:
    found = roots(
        seen("system_down", "erp"), seen("given_up", "erp"), seen("waiting", "erp"), seen("late", "erp", "erp"), seen("behind", "erp", "erp"),
        seen("poll_late", "erp"), seen("parents_missing", "erp"), seen("overdue", "erp", name="unreachable"), seen("refused", "psa"), seen("waiting", "psa"),
    )  # fmt: skip
    assert found == {
        "system_down erp": ["poll_late erp", "parents_missing erp", "given_up erp", "late erp erp", "waiting erp", "behind erp erp", "overdue erp unreachable"],
        "refused psa": ["waiting psa"],
    }


TABLE: dict[str, tuple[tuple[Symptom, ...], dict[str, list[str]]]] = {
    "nothing": ((), {}),
    "credentials come before not answering": (
        (seen("system_down", "erp"), seen("credentials", "erp"), seen("given_up", "erp")), {"credentials erp": ["system_down erp", "given_up erp"]},
    ),
    "no worker delivers": (
        (seen("delivery_stalled"), seen("late", "", "bi"), seen("late", "erp", "erp"), seen("behind", "", "bi")),
        {"delivery_stalled": ["late bi", "late erp erp", "behind bi"]},
    ),
    "no worker sequences either: the feed stands first": (
        (seen("delivery_stalled"), seen("sequencing_stalled"), seen("late", "", "bi")), {"sequencing_stalled": ["delivery_stalled", "late bi"]},
    ),
    "a restored hub rests": ((seen("restored"), seen("delivery_stalled"), seen("late", "erp", "erp")), {"restored": ["delivery_stalled", "late erp erp"]}),
    "messages nobody folds hold children back": ((seen("ingest_stalled"), seen("parents_missing", "crm")), {"ingest_stalled": ["parents_missing crm"]}),
    "polls that fail hold children back": ((seen("poll_late", "crm"), seen("parents_missing", "crm")), {"poll_late crm": ["parents_missing crm"]}),
    "polls of another system do not": ((seen("poll_late", "crm"), seen("parents_missing", "psa")), {"poll_late crm": [], "parents_missing psa": []}),
    "a closed period explains what waits": ((seen("period_closed", "erp"), seen("waiting", "erp")), {"period_closed erp": ["waiting erp"]}),
    "a closed period does not explain refusals": ((seen("period_closed", "erp"), seen("refused", "erp")), {"period_closed erp": [], "refused erp": []}),
    "a dead webhook": ((seen("endpoint_down", "", "bi"), seen("late", "", "bi"), seen("behind", "", "bi")), {"endpoint_down bi": ["late bi", "behind bi"]}),
    "a webhook that is late by itself": ((seen("late", "", "bi"), seen("behind", "", "bi")), {"late bi": ["behind bi"]}),
    "a brake": ((seen("braked", "erp"), seen("late", "erp", "erp"), seen("refused", "erp")), {"braked erp": ["late erp erp"], "refused erp": []}),
    "overdue tasks of no system stand alone": ((seen("system_down", "erp"), seen("overdue", "", name="unknown_code")), {"system_down erp": [], "overdue unknown_code": []}),
    "tasks of two causes are two": ((seen("overdue", name="a"), seen("overdue", name="b")), {"overdue a": [], "overdue b": []}),
    "a short outage explains and is not told": ((seen("system_down", "erp", minutes=0), seen("late", "erp", "erp")), {}),
    "a pause is told after hours": ((seen("paused", "erp", minutes=60), seen("waiting", "erp")), {}),
    "a long pause is told": ((seen("paused", "erp", minutes=300), seen("waiting", "erp")), {"paused erp": ["waiting erp"]}),
}  # fmt: skip


@pytest.mark.parametrize("what", TABLE)
def test_root_causes(what: str) -> None:
    symptoms, told = TABLE[what]
    assert roots(*symptoms) == told
    assert roots(*reversed(symptoms)) == told


def test_an_alert_names_money_once_and_the_first_deadline() -> None:
    due = AT + timedelta(hours=3)
    (one,) = alerts(
        [
            seen("system_down", "erp", name="HTTP 503"),
            seen("given_up", "erp", money=(EUR, USD), count=12, due_at=AT + timedelta(hours=9)),
            seen("waiting", "erp", money=(EUR,), count=3),
            seen("overdue", "erp", name="unreachable", money=(EUR,), count=1, due_at=due),
        ],
        AT,
    )
    assert one.root.says == "erp does not answer: HTTP 503"
    assert one.money == ({"amount": "200.00", "currency": "EUR"}, {"amount": "7.50", "currency": "USD"})
    assert (one.deadline, one.count, one.team, one.kind.priority) == (due, 15, "integration_support", 1)


def test_what_a_webhook_refuses_is_told_by_its_name() -> None:
    (one,) = alerts([seen("refused", "", "bi", count=2)], AT)
    assert (one.root.says, one.root.key) == ("bi refused 2 deliveries", "refused bi")


def test_the_team_of_overdue_tasks_is_theirs() -> None:
    (one,) = alerts([seen("overdue", name="unmapped_tax", team="finance_operations", money=(USD,))], AT)
    assert (one.team, one.money) == ("finance_operations", (USD,))


def test_the_graph_leads_downward_and_names_what_there_is() -> None:
    order = list(KINDS)
    assert [edge for edge in EDGES if order.index(edge.cause) >= order.index(edge.effect)] == []
    assert {edge.by for edge in EDGES} == {"", "system", "subscription"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reads_as_a_sentence(kind: str) -> None:
    says = seen(kind, "erp", "bi", name="so", count=3).says
    assert "{" not in says and says[0] != " "
