"""Pages for people: what they say, and that the browser is told to load nothing from elsewhere and run nothing inline."""

from __future__ import annotations

import gzip
import re

import pytest
from graphql import GraphQLError, parse, validate

from hub import __version__
from hub.api.landing import DOORS
from hub.api.pages import ASSETS, NAMES
from hub.api.schema import build
from hub.app import ROUTES
from tests.api.conftest import Answer, Api

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def get(api: Api, path: str, **headers: str) -> Answer:
    return await api.send("GET", path, headers=BROWSER | headers)


@pytest.mark.parametrize("path", ["/", "/graphql"])
async def test_a_browser_gets_a_page_that_loads_and_runs_its_own_files_only(api: Api, path: str) -> None:
    answer = await get(api, path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self';" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    text = answer.body.decode()
    assert re.search(r"<script(?! defer src=\"assets/)| style=| on\w+=|(src|href)=\"(https?:)?//", text) is None
    for name in re.findall(r"\"assets/([^\"]+)\"", text):
        assert (await get(api, f"/assets/{name}")).status == 200


async def test_styles_of_graphiql_s_dialogs_carry_a_nonce_that_is_new_every_time(api: Api) -> None:
    nonces = []
    for _ in range(2):
        answer = await get(api, "/graphql")
        [nonce] = re.findall(r"name=\"style-nonce\" content=\"([\w-]{20,})\"", answer.body.decode())
        assert f"style-src 'self' 'nonce-{nonce}';" in answer.headers["content-security-policy"]
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


async def test_the_first_page_says_what_is_here_and_programs_get_it_as_json(api: Api) -> None:
    page = (await get(api, "/")).body.decode()
    assert f"Version {__version__}" in page and 'href="graphql"' in page
    told = await api.send("GET", "/")
    assert (told.headers["content-type"], told.json["version"]) == ("application/json", __version__)
    assert [door["path"] for door in told.json["doors"]] == [door.path for door in DOORS]
    assert all(door.path in page for door in DOORS)


def test_every_door_is_on_the_first_page() -> None:
    of_pages, other_ways = {"/", "/assets/{name}"}, {"/hooks/{system}", "/export/{token}"}
    assert {route.path for route in ROUTES} - of_pages - other_ways == {door.path for door in DOORS}


async def test_files_of_the_pages_are_packed_and_not_sent_twice(api: Api) -> None:
    plain = await get(api, "/assets/explorer.js")
    packed = await get(api, "/assets/explorer.js", **{"accept-encoding": "gzip, br"})
    assert gzip.decompress(packed.body) == plain.body == (ASSETS / "explorer.js").read_bytes()
    again = await get(api, "/assets/explorer.js", **{"if-none-match": plain.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert plain.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("name", ["nothing.js", "..%2fexplorer.py", "..", "explorer.html"])
async def test_nothing_else_is_served(api: Api, name: str) -> None:
    answer = await get(api, f"/assets/{name}")
    assert (answer.status, answer.json["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")


def test_every_file_that_is_not_ours_has_its_licence_here() -> None:
    licences = (ASSETS / "LICENSES.txt").read_text()
    assert sorted(name for name in NAMES if name not in licences) == ["LICENSES.txt"]


def test_every_example_of_the_page_is_taken_by_the_schema() -> None:
    script = (ASSETS / "explorer.js").read_text()
    examples = re.findall(r"^  \[\"([^\"]+)\", `([^`]+)`", script, re.MULTILINE)
    wrong: list[tuple[str, list[GraphQLError]]] = [(title, validate(build()._schema, parse(text))) for title, text in examples]
    assert len(examples) == 8
    assert [(title, [one.message for one in errors]) for title, errors in wrong if errors] == []
