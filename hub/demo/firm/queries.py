"""What one may ask of the firm: the example queries that ``make demo-firm`` shows and times."""

from __future__ import annotations

from typing import NamedTuple


class Query(NamedTuple):
    """A document with what it shows, in a sentence."""

    title: str
    document: str


QUERIES: tuple[Query, ...] = (
    Query(
        "key accounts with their projects, each with its contract",
        """
query KeyAccounts {
  clients(filter: {tier: {eq: "A"}, state: {eq: "active"}}, orderBy: [{field: NAME}], first: 20) {
    nodes { name country projects(first: 5) { nodes { code name state contract { contractNo totalValue { amount currency } } } } }
  }
}""",
    ),
    Query(
        "who says what about a client that two CRMs and two ERPs know",
        """
query WhoSaysWhat {
  client(source: {system: "crm_eu", externalId: "CLI-E00000000"}) {
    name legalName
    provenance { name { value system rule alternates { value system } } legalName { value system provisional } }
    sources { system externalId }
  }
}""",
    ),
    Query(
        "invoices and what is open of them, by currency and state; amounts of two currencies are never added",
        """
query Receivables {
  invoicesAggregate(groupBy: [{field: CURRENCY}, {field: STATE}]) {
    key { currency state } count sum { gross { amount currency } openAmount { amount currency } }
  }
}""",
    ),
    Query(
        "the prices of a card in force on 3 March",
        """
query Prices {
  rateCards(first: 1, orderBy: [{field: CODE}]) {
    nodes { code currency rateLines(first: 25, filter: {validFrom: {lte: "2025-03-03"}}) { nodes { role grade price { amount currency } } } }
  }
}""",
    ),
)
