"""GraphQL over HTTP to the letter: methods, media types, status codes, caching, other sites, slow and vanished callers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from hub.api.http import GraphQLEndpoint
from hub.api.patience import LOOK_AFTER_S
from hub.app import create_app
from tests.api.conftest import Answer, Api, Tenant
from tests.api.served import Server
from tests.node_tools import Node

SPOKEN = "application/graphql-response+json"
ROLE = "{ me { role } }"


async def test_the_audits_of_graphql_http_pass_in_full(node: Node, server: Server) -> None:
    ran = await node.run("audit.mjs", env=server.env("reader"))
    assert (ran.code, ran.stderr) == (0, "")
    results = json.loads(ran.stdout)
    assert [one for one in results if one["status"] != "ok"] == []
    assert {one["name"].split()[0] for one in results} == {"MUST", "SHOULD", "MAY"} and len(results) > 50
