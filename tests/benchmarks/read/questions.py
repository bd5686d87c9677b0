"""The seven questions, in each server's own words, and which variable each one turns over from request to request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class Question:
    """``values`` is the kind of values (:data:`tests.benchmarks.read.data.VARIABLES`) that ``variable`` takes in turn."""

    name: str
    variable: str
    values: str
    about: str


QUESTIONS = (
    Question("Q1", "id", "id", "one client by id, 12 scalars"),
    Question("Q2", "manager", "client_manager", "100 clients, 10 scalars, filter and order"),
    Question("Q3", "manager", "client_manager", "100 clients, each with 5 projects, each with its contract"),
    Question("Q4", "manager", "project_manager", "projects counted by state"),
    Question("Q5", "state", "project_state", "2,000 projects, 10 columns"),
    Question("Q6", "manager", "client_manager", "Q3 with the provenance of two fields"),
    Question("Q7", "state", "project_state", "100 clients with some project in a state"),
)


def document(dialect: str, question: Question) -> str | None:
    """The GraphQL of a question as one kind of server speaks it; None when that server cannot be asked."""
    file = QUERIES / dialect / f"{question.name}.graphql"
    return file.read_text() if file.exists() else None


def bodies(question: Question, query: str | None, values: Mapping[str, list[str]]) -> list[dict[str, object]]:
    """One body for each value; without a query, as the hand-written server takes it."""
    about = {} if query is None else {"query": query}
    return [{**about, "variables": {question.variable: value}} for value in values[question.values]]
