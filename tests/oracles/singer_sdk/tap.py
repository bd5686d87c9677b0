"""A tap of twenty lines, as one writes it with the SDK, for the simulated CRM: OAuth, a link to the next page, bookmarks.

Its configuration: ``address``, ``secret``.
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import OAuthAuthenticator, SingletonMeta
from singer_sdk.pagination import BaseHATEOASPaginator


class Token(OAuthAuthenticator, metaclass=SingletonMeta):
    @property
    def oauth_request_body(self) -> dict:
        return {"grant_type": "client_credentials", "client_id": "hub", "client_secret": self.config["secret"]}


class Next(BaseHATEOASPaginator):
    def get_next_url(self, response: Any) -> str | None:
        return response.json().get("nextRecordsUrl")


class Accounts(RESTStream):
    name, path, records_jsonpath = "accounts", "/services/data/v1/accounts", "$.records[*]"
    primary_keys = ("Id",)
    replication_key = "SystemModstamp"
    schema: ClassVar[dict] = th.PropertiesList(
        th.Property("Id", th.StringType), th.Property("Name", th.StringType), th.Property("SystemModstamp", th.DateTimeType),
        th.Property("IsDeleted", th.BooleanType),
    ).to_dict()  # fmt: skip

    @property
    def url_base(self) -> str:
        return self.config["address"]

    @property
    def authenticator(self) -> Token:
        return Token(self, auth_endpoint=f"{self.config['address']}/services/oauth2/token")

    def get_new_paginator(self) -> Next:
        return Next()

    def get_url_params(self, context: Any, next_page_token: Any) -> dict:
        if next_page_token:
            return dict(parse_qsl(urlsplit(next_page_token.geturl()).query))
        since = self.get_starting_replication_key_value(context)
        return {"limit": "20", **({"ModifiedSince": since} if since else {})}


class TapFirm(Tap):
    name = "tap-firm"
    config_jsonschema = th.PropertiesList(th.Property("address", th.StringType, required=True), th.Property("secret", th.StringType, required=True, secret=True)).to_dict()

    def discover_streams(self) -> list:
        return [Accounts(self)]


if __name__ == "__main__":
    TapFirm.cli()
