"""Scripts of ``tests/node`` find their packages, and none runs for ever."""

from __future__ import annotations

import json

from tests.node_tools import MANIFEST, SCRIPTS, Node


async def test_a_script_finds_its_packages(node: Node) -> None:
    ran = await node.run("versions.mjs")
    assert (ran.code, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["graphql"].startswith("16.")


async def test_a_script_that_waits_is_ended(node: Node) -> None:
    ran = await node.run("waits.mjs", limit_s=1)
    assert ran == (-9, "waiting\n", "")


def test_no_file_names_where_packages_are_fetched() -> None:
    assert [name for name in MANIFEST if "resolved\":" in (SCRIPTS / name).read_text() or "registry=" in (SCRIPTS / name).read_text()] == []
