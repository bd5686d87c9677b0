"""The seven questions in each server's own words, and the variables that turn over from request to request."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

QUERIES = Path(__file__).parent / "queries"

_TEAMS = """
    SELECT json_build_object('managers', json_agg(id ORDER BY id))
      FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / 4 AS team FROM golden.resource WHERE tenant_id = $1) AS members
     GROUP BY team HAVING count(*) = 4 ORDER BY team LIMIT 100
"""
"""Four consultants look after about 200 clients (some 135 of them active), and lead 600 projects."""


@dataclass(frozen=True)
class Question:
    """``variables`` answers the variables of one request a row, as JSON, for the tenant $1."""

    name: str
    about: str
    variables: str


QUESTIONS = (
    Question(
        "Q1", "one client by id, 12 scalars",
        "SELECT json_build_object('id', id) FROM golden.client WHERE tenant_id = $1 ORDER BY hashtext(id::text), id LIMIT 500",
    ),
    Question("Q2", "100 clients, 10 scalars, filter and order", _TEAMS),
    Question("Q3", "100 clients, each with up to 5 projects, each with its contract", _TEAMS),
    Question("Q4", "projects counted by state", _TEAMS),
    Question(
        "Q5", "2,000 projects, 10 columns",
        "SELECT DISTINCT ON (currency) json_build_object('currency', currency) FROM golden.project WHERE tenant_id = $1 AND currency IS NOT NULL",
    ),
    Question("Q6", "Q3 with the provenance of two fields", _TEAMS),
    Question(
        "Q7", "100 clients with some project in a state",
        """
        SELECT json_build_object('tier', tier, 'state', state)
          FROM (SELECT DISTINCT tier FROM golden.client WHERE tenant_id = $1 AND tier IS NOT NULL) AS t, unnest(ARRAY['active', 'closed']) AS state
         ORDER BY tier, state
        """,
    ),
)  # fmt: skip


def document(dialect: str, question: Question) -> str | None:
    """The GraphQL of a question as one kind of server speaks it; None when that server cannot be asked."""
    file = QUERIES / dialect / f"{question.name}.graphql"
    return file.read_text() if file.exists() else None
