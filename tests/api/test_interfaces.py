"""What the model calls one shape is one interface of the API."""

from __future__ import annotations

from tests.api.conftest import Api, Tenant

DOCUMENT = """query ($invoice: ID!, $memo: ID!, $client: ID!) {
  invoice: node(id: $invoice) { ...Printed }
  memo: node(id: $memo) { ...Printed }
  client: node(id: $client) { ...Printed ... on GoldenRecord { version } }
}
fragment Printed on Node { __typename ... on ReceivableDocument { number gross { amount currency } client { name } } }"""


async def test_invoices_and_credit_memos_are_read_by_one_fragment_in_one_statement(api: Api, acme: Tenant) -> None:
    client = await api.golden(acme, "client", name="Northbeam")
    gross = {"amount": "119.00", "currency": "EUR"}
    invoice = await api.golden(acme, "invoice", number="R-1", gross=gross, client=str(client))
    memo = await api.golden(acme, "credit_memo", number="G-1", gross={**gross, "amount": "-19.00"}, client=str(client))
    answer = await api.ask(acme.keys["reader"], DOCUMENT, invoice=str(invoice), memo=str(memo), client=str(client))
    assert answer.data == {
        "invoice": {"__typename": "Invoice", "number": "R-1", "gross": gross, "client": {"name": "Northbeam"}},
        "memo": {"__typename": "CreditMemo", "number": "G-1", "gross": {**gross, "amount": "-19.00"}, "client": {"name": "Northbeam"}},
        "client": {"__typename": "Client", "version": 1},
    }
    assert api.statements == 1
