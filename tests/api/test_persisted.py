"""Documents asked for by name: registered as clients go, or trusted from the start."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from hub.api import persisted
from hub.api.errors import ApiError
from hub.api.persisted import Documents, Wanted, digest, read_trusted
from hub.api.run import Runner
from hub.errors import SettingError
from tests.api.conftest import Answer, Api, Tenant
from tests.api.test_http import app_of

SPOKEN = "application/graphql-response+json"
ROLE, NAME = "query Role { me { role } }", "query Name { me { name } }"


def apq(text: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(text.encode()).hexdigest()}}, **more}


async def post(api: Api, key: str, asked: dict[str, Any], accept: str = SPOKEN) -> Answer:
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json", "accept": accept}
    return await api.send("POST", "/graphql", json.dumps(asked).encode(), headers)


async def get(api: Api, key: str, asked: dict[str, Any]) -> Answer:
    given = {name: value if isinstance(value, str) else json.dumps(value) for name, value in asked.items()}
    return await api.send("GET", "/graphql", headers={"authorization": f"Bearer {key}", "accept": SPOKEN}, query=urlencode(given))


async def test_a_hash_is_known_once_its_text_was_sent_along(api: Api, acme: Tenant) -> None:
    text = f"{ROLE} # {acme.slug}"
    for send in (post, get):
        unknown = await send(api, acme.keys["reader"], apq(text))
        [error] = unknown.json["errors"]
        assert (unknown.status, error["message"], unknown.codes) == (200, "PersistedQueryNotFound", ["PERSISTED_QUERY_NOT_FOUND"])
        assert unknown.headers["cache-control"] == "no-store"
    assert (await post(api, acme.keys["reader"], apq(text, query=text))).data == {"me": {"role": "reader"}}
    for send, role in ((post, "steward"), (get, "reader")):
        assert (await send(api, acme.keys[role], apq(text))).data == {"me": {"role": role}}
    assert (await get(api, acme.keys["reader"], apq(text))).headers["etag"]


async def test_a_hash_of_another_text_or_of_one_that_cannot_run_is_not_kept(api: Api, acme: Tenant) -> None:
    wrong = await post(api, acme.keys["reader"], apq(NAME, query=f"{ROLE} # {acme.slug}"))
    assert (wrong.status, wrong.codes, wrong.json["errors"][0]["message"]) == (400, ["BAD_REQUEST"], "provided sha does not match query")
    broken = f"{{ nonsense }} # {acme.slug}"
    assert (await post(api, acme.keys["reader"], apq(broken, query=broken))).codes == ["BAD_INPUT"]
    assert (await post(api, acme.keys["reader"], apq(broken))).codes == ["PERSISTED_QUERY_NOT_FOUND"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"version": 2, "sha256Hash": "a"}, "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"version": 1}, "BAD_REQUEST"),
        ({"version": 1, "sha256Hash": 5}, "BAD_REQUEST"),
        ("x", "BAD_REQUEST"),
    ],
)
async def test_an_extension_we_cannot_read_is_refused(api: Api, acme: Tenant, given: Any, code: str) -> None:
    assert (await post(api, acme.keys["reader"], {"extensions": {"persistedQuery": given}})).codes == [code]


def test_the_oldest_registered_documents_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted, "MOST_REGISTERED", 2)
    documents = Documents({})
    texts = [f"{{ a{n} }}" for n in range(3)]
    for text in texts:
        documents.register(Wanted(text, hash=digest(text)))
        documents.text(Wanted(None, hash=digest(texts[0])), is_free=True)  # used, so the second is the oldest
    assert documents.text(Wanted(None, hash=digest(texts[2])), is_free=True) == texts[2]
    with pytest.raises(ApiError, match="PersistedQueryNotFound"):
        documents.text(Wanted(None, hash=digest(texts[1])), is_free=True)


APOLLO = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "r1", "name": "Role", "type": "query", "body": ROLE}]}


@pytest.fixture(params=["folder", "apollo", "relay"])
def trusted(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The document ROLE under the id r1, in each of the ways documents are published."""
    if request.param == "folder":
        (tmp_path / "r1.graphql").write_text(ROLE)
        return tmp_path
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(APOLLO if request.param == "apollo" else {"r1": ROLE}))
    return manifest


async def test_a_trusted_document_is_asked_for_by_its_id_or_its_hash(api: Api, acme: Tenant, trusted: Path) -> None:
    async with app_of(api, persisted_documents=trusted) as ours:
        for send in (post, get):
            for asked in ({"documentId": "r1"}, {"documentId": f"sha256:{digest(ROLE)}"}, apq(ROLE)):
                assert (await send(ours, acme.keys["reader"], asked)).data == {"me": {"role": "reader"}}
        assert (await post(ours, acme.keys["reader"], {"documentId": "r2"})).codes == ["PERSISTED_QUERY_NOT_FOUND"]
        assert (await post(ours, acme.keys["reader"], {"documentId": "r1", "query": NAME})).codes == ["BAD_REQUEST"]
        assert (await post(ours, acme.keys["reader"], {"query": NAME})).data == {"me": {"name": "reader"}}


async def test_where_only_trusted_documents_run_others_are_for_admins(api: Api, acme: Tenant, tmp_path: Path) -> None:
    (tmp_path / "r1.graphql").write_text(ROLE)
    async with app_of(api, persisted_documents=tmp_path, only_persisted=True) as strict:
        for asked in ({"query": NAME}, apq(NAME, query=NAME)):
            refused = await post(strict, acme.keys["steward"], asked)
            assert (refused.status, refused.codes) == (403, ["FORBIDDEN"])
        for asked in ({"query": ROLE}, {"documentId": "r1"}, apq(ROLE)):
            assert (await post(strict, acme.keys["steward"], asked)).data == {"me": {"role": "steward"}}
        assert (await post(strict, acme.keys["admin"], apq(NAME, query=NAME))).data == {"me": {"name": "admin"}}
        assert (await post(strict, acme.keys["steward"], apq(NAME))).codes == ["FORBIDDEN"]  # an admin's is no more trusted


async def test_trusted_documents_are_planned_before_anybody_asks(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[str] = []
    warm = Runner.warm

    def noted(self: Runner, text: str) -> None:
        warm(self, text)
        planned.append(text)

    monkeypatch.setattr(Runner, "warm", noted)
    for name, text in (("a", ROLE), ("b", "{ nonsense }"), ("c", "fragment f on Me { role }"), ("d", NAME)):
        (tmp_path / f"{name}.graphql").write_text(text)
    async with app_of(api, persisted_documents=tmp_path):
        assert [one for one in sorted(set(planned)) if one in (NAME, ROLE)] == [NAME, ROLE]
        assert not {"{ nonsense }", "fragment f on Me { role }"} & set(planned)  # what does not fit the schema is told in the log and left out


@pytest.mark.parametrize("text", ["", "[]", "{}", "5", '{"operations": [{"id": 1}]}', '{"r1": 5}', '{"operations": 1}'])
def test_a_manifest_that_is_none_is_a_wrong_setting(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    for place in (tmp_path / "manifest.json", tmp_path / "missing", tmp_path):
        with pytest.raises(SettingError, match="HUB_PERSISTED_DOCUMENTS"):
            read_trusted(place)
