"""What we expect: forecasts and their measures by period."""

from __future__ import annotations

from schema.language import (
    DERIVED,
    Entity, boolean, business_key, code, date, declared_link, identifier, instant, integer, money, percent, quantity,
    reference, states, text,
)  # fmt: skip
from schema.systems import PLAN, PSA


class Forecast(Entity, family=DERIVED, origins=(PLAN, PSA), plural="forecasts", ents=(28,)):
    """One revision of a forecast; a revision is never rewritten, a new one is made."""

    scope = identifier("scope", required=True, doc="What it is about: a project's code, a practice, the firm.")
    revision = integer(required=True, doc="Number of the revision.")
    name = text(doc="Name.")
    project = reference("Project", doc="Project, when it is about one.")
    legal_entity = reference("LegalEntity", doc="Whose books.")
    service_line = reference("ServiceLine", doc="Practice.")
    is_baseline = boolean(doc="The one others are compared with.")
    revised_at = instant(doc="When it was made.")
    revision_reason = text(doc="Why it was revised.")
    assumptions = text(doc="What it rests on.")
    delivery_risk = code("HEALTH", doc="How sure delivery is.")

    states = states("draft > published", draft=["withdrawn"], published=["superseded"])
    key = (scope, revision)
    match = (declared_link(), business_key(scope, revision))


class ForecastLine(Entity, family=DERIVED, origins=(PLAN, PSA), plural="forecast_lines", ents=(28,)):
    """One measure in one period."""

    forecast = reference("Forecast", required=True, doc="Forecast.")
    period = text(required=True, doc="Name of the period (2026-05).")
    measure = code("FORECAST_MEASURE", required=True, doc="Revenue, cost, hours, backlog.")
    starts_on = date(doc="First day.")
    ends_on = date(doc="Last day, inclusive.")
    amount = money(doc="Expected, in money,")
    quantity = quantity(doc="or in units.")
    probability = percent(doc="How likely.")

    key = (forecast, period, measure)
    match = (declared_link(), business_key(forecast, period, measure))
