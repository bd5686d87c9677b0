from tests.api.conftest import Api

async def test_smoke(api: Api) -> None:
    acme = await api.tenant("acme")
    m = """mutation($r:[RecordInput!]!, $dry: Boolean = false){ ingest(system:"crm", records:$r, dryRun:$dry) { results { index status outcome recordId errors { code message field remedy } } errors { code message } } }"""
    recs=[{"object":"client","externalId":"1","body":{"name":"ACME","country":"DE","nope":1, "kind":"company"}},{"object":"contact","externalId":"7","body":{"family_name":"Doe","client":{"system":"crm","object":"client","id":"1"}}},{"object":"client","externalId":"2","system":"zzz","body":{}}]
    a = await api.ask(acme.keys["admin"], m, r=recs, dry=True)
    print(a.status, a.json)
    a = await api.ask(acme.keys["admin"], m, r=recs)
    print(a.status, a.json)
    cid = a.data["ingest"]["results"][0]["recordId"]
    q="""{ clients { nodes { id name version contacts { nodes { familyName client { name } } } provenance { name { value system externalId observedAt rule owner provisional alternates { value system } } } sources { system object externalId values } history { nodes { version op before after cause actor } } } } }"""
    a = await api.ask(acme.keys["reader"], q); print(a.json, api.statements)
    u="""mutation($id:ID,$v:ClientValues!,$k:String,$e:Int,$d:Boolean=false){ upsertClient(id:$id, values:$v, idempotencyKey:$k, expectedVersion:$e, dryRun:$d) { client { id name legalName } recordId version outcome values errors { code message field retryable } } }"""
    for v in ({"d":True},{"k":"a"},{"k":"a"},{"e":7}):
        a = await api.ask(acme.keys["steward"], u, id=cid, v={"legalName":"ACME GmbH","segment":"X"}, **v); print(v, a.json)
    a = await api.ask(acme.keys["steward"], u, v={"name":"New","accountManager":{"system":"x"}}); print(a.json)
    a = await api.ask(acme.keys["steward"], u, v={"name":"New"}, k="n"); print(a.json)
    a = await api.ask(acme.keys["steward"], u, v={"name":"New"}, k="n"); print(a.json)
    a = await api.ask(acme.keys["steward"], u, v={"name":"New2"}, k="n"); print(a.json)
    o="""mutation($id:ID!,$f:String!,$v:JSON,$d:Boolean=false){ override(entity:"Client", id:$id, field:$f, value:$v, reason:"because", dryRun:$d) { decisionId record { id version ... on Client { name provenance { name { value system decision { reason actor } alternates { value system } } } } } errors { code message field } } }"""
    a = await api.ask(acme.keys["steward"], o, id=cid, f="name", v="ACME!", d=True); print(a.json)
    a = await api.ask(acme.keys["steward"], o, id=cid, f="name", v="ACME!"); print(a.json)
    did=a.data["override"]["decisionId"]
    a = await api.ask(acme.keys["reader"], o, id=cid, f="name", v="ACME!"); print(a.json)
    a = await api.ask(acme.keys["steward"], 'mutation { withdraw(decisionId:"%s") { record { ... on Client { name version } } errors { code } } }' % did); print(a.json)
    a = await api.ask(acme.keys["steward"], '{ inbox { totalCount nodes { id system object externalId body outcome problems { cause field reason remedy } task { id cause count } } } stewardTasks(state:"open") { nodes { id cause subject remedy money { amount } } } systems { name modes { mode } } me { role } health { inboxOpen feedPosition } deliveries { nodes { state } } decisions { nodes { id field value withdrawnAt } } changes(first:3) { cursor hasMore changes { position entity record { id } } } }'); print(a.json)
