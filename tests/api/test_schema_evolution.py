"""The API changes without breaking the clients it has: what was released stays until a release has shown it as deprecated."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_schema, parse

from hub import publish
from hub.api.evolution import bare, breaking, changelog, changes_page, deprecated_uses, invalid, released_page
from hub.api.http import GraphQLEndpoint
from hub.api.run import Runner
from hub.api.schema import build, sdl
from tests.api.conftest import Api, Tenant

OPERATIONS = sorted((Path(__file__).parent / "operations").glob("*.graphql"))
RELEASED = """
type Query { old: Old @deprecated(reason: "Use new.") new(size: Int, wide: Int @deprecated(reason: "Use size.")): New kind: Kind same: Same }

type Old { a: Int }

type New { b: Int c: String @deprecated(reason: "Use b.") }

type Same { d: Int }

enum Kind { ONE TWO @deprecated(reason: "Use ONE.") }

input Unused { a: Int }
"""
GONE = """
type Query { new(size: Int): New kind: Kind same: Same }

type New { b: Int }

type Same { d: Int }

enum Kind { ONE }
"""


def test_the_api_breaks_no_client_of_the_last_release() -> None:
    assert breaking((publish.FOLDER / publish.RELEASED).read_text(), sdl()) == []


def test_every_recorded_operation_is_still_taken() -> None:
    assert invalid(build()._schema, [(one.name, one.read_text()) for one in OPERATIONS]) == []


def test_an_operation_that_asks_for_what_is_gone_is_told() -> None:
    now = build_schema(RELEASED)
    assert invalid(now, [("a", "{new {b}}"), ("b", "{new {gone}}")]) == ["b: Cannot query field 'gone' on type 'New'."]


@pytest.mark.parametrize(
    ("now", "broken"),
    [
        (RELEASED, []),
        (RELEASED.replace("b: Int", "b: Int d: Int"), []),
        (GONE, []),
        (RELEASED.replace("type Same { d: Int }", "").replace("same: Same", ""), ["Same was removed.", "Field Query.same was removed."]),
        (RELEASED.replace("b: Int", "b: String"), ["Field New.b changed type from Int to String."]),
        (RELEASED.replace("c: String", "c: Int"), []),
        (RELEASED.replace("b: Int ", ""), ["Field New.b was removed."]),
        (RELEASED.replace("ONE ", ""), ["Enum value Kind.ONE was removed."]),
        (RELEASED.replace("size: Int,", "size: Int!,"), ["Argument Query.new(size:) has changed type from Int to Int!."]),
        (RELEASED.replace("size: Int,", "size: Int, must: Int!,"), ["A required argument Query.new(must:) was added."]),
    ],
    ids=["same", "added", "deprecated gone", "type gone", "type", "type of deprecated", "field", "value", "argument", "required"],
)  # fmt: skip
def test_only_what_was_shown_as_deprecated_may_go(now: str, broken: list[str]) -> None:
    assert breaking(RELEASED, now) == broken


def test_changes_are_told_by_what_they_do_to_a_client() -> None:
    now = RELEASED.replace("b: Int ", "").replace("ONE ", "ONE THREE ") + '\n"""Said."""\ntype Newer { a: Int }'
    news = "**Breaking**\n\n- Field New.b was removed.\n\n**May surprise**\n\n- Enum value Kind.THREE was added.\n\n**New**\n\n- Newer was added.\n\n"
    assert changelog(RELEASED, now) == news
    assert changelog(RELEASED, RELEASED) == "Nothing.\n\n"


def test_a_release_closes_what_was_open_and_keeps_the_releases_before() -> None:
    page = changes_page("", "- First.\n")
    page = released_page(page, "1.0", "- First.\n")
    page = released_page(changes_page(page, "- Second.\n"), "1.1", "- Second.\n")
    assert page.partition("## ")[2] == "Not released yet\n\nNothing.\n\n## 1.1\n\n- Second.\n\n## 1.0\n\n- First.\n"
    assert changes_page(page, "Nothing.\n\n") == page


def test_releasing_writes_what_clients_rely_on_and_refuses_to_break_them(tmp_path: Path) -> None:
    assert publish.release("1.0", tmp_path) == []
    assert (publish.check(tmp_path), (tmp_path / publish.RELEASED).read_text()) == ([], bare(sdl().rstrip() + "\n"))
    (tmp_path / publish.RELEASED).write_text(bare(sdl()).replace("type Query {\n", "type Query {\n  gone: Int\n"))
    assert publish.release("1.1", tmp_path) == ["Field Query.gone was removed."]
    assert "## 1.1" not in (tmp_path / publish.CHANGES).read_text()


def test_a_schema_without_descriptions_is_the_same_contract() -> None:
    assert changelog(bare(sdl()), sdl()) == changelog(sdl(), bare(sdl())) == "Nothing.\n\n"


async def test_who_uses_what_is_deprecated_is_counted_by_key(api: Api, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build()._schema.query_type.fields["clients"], "deprecation_reason", "Use parties.")  # type: ignore[union-attr]
    state = api.app.state
    monkeypatch.setitem(state._state, "graphql", GraphQLEndpoint(Runner(build(), state.services), state.services, state.keys))
    for _ in range(3):
        assert (await api.ask(acme.keys["reader"], "{ parties: clients { totalCount } }")).data == {"parties": {"totalCount": 0}}
    await api.ask(acme.keys["admin"], "{ me { name } }")
    text = (await api.send("GET", "/metrics")).body.decode()
    told = [line for line in text.splitlines() if line.startswith("hub_deprecated_uses_total") and acme.slug in line]
    assert told == [f'hub_deprecated_uses_total{{field="Query.clients",key="reader",tenant="{acme.slug}"}} 3.0']


def test_the_use_of_what_is_deprecated_is_found() -> None:
    document = parse("{ old {a} new(wide: 1) {b ...C} } fragment C on New {again: c}")
    assert deprecated_uses(build_schema(RELEASED), document) == ("New.c", "Query.new(wide:)", "Query.old")
