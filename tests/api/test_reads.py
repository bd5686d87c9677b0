from tests.api.conftest import Api

async def test_smoke(api: Api) -> None:
    acme = await api.tenant("acme")
    c = await api.golden(acme, "client", name="ACME", duns="1")
    k = await api.golden(acme, "contact", family_name="Doe", client=str(c))
    a = await api.ask(acme.keys["reader"], "{ clients(filter:{name:{startsWith:\"ac\"}}) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id name masked contacts { nodes { id familyName client { name } } } history { nodes { version op after } } sources { system } provenance { name { value } } } } } node(id:\"%s\") { id __typename ... on Contact { familyName } } }" % k)
    print(a.status, a.json, api.statements)
    a = await api.ask(acme.keys["reader"], "{ __schema { types { name } } }")
    print(a.status, len(a.body))
