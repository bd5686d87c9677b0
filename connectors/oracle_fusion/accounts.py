"""Customer accounts of Receivables, which have no REST resource: read, made and changed by SOAP, each with its credit profile.

An account is one record with its profile inside (``Profile``). Two services keep them, so a change may be two calls; a create looks first
whether a former try has made the account, and then goes on with its profile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from connectors.errors import RejectedError, UnknownOutcomeError
from connectors.oracle_fusion import query, soap
from connectors.oracle_fusion.config import MODIFIED, FusionObject
from connectors.oracle_fusion.soap import ACCOUNTS, ADF, PROFILES
from connectors.port import Incoming, Receipt, Write
from connectors.rest.config import Resource, WriteRule
from connectors.rest.walk import Walk, clock_of

if TYPE_CHECKING:
    from connectors.oracle_fusion.reading import FusionReader

PAGE = 50
"""Accounts in one page: each costs a call for its profile."""
SINCE = (">=", "ONORAFTER")
"""How services are asked for what changed; which of the two a pod takes shows when it is asked."""
NO_RECORD = "FND_CMN_RCRD_MSNG"
MODULE = "HZ_WS"


@dataclass
class CustomerAccounts:
    """The customer accounts of one pod."""

    connector: FusionReader
    _since: str = field(default=SINCE[0], init=False)

    async def page(self, one: Resource, ours: FusionObject, walk: Walk) -> tuple[list[Incoming], Walk]:
        start = int(walk.place.removeprefix("at:") or 0)
        try:
            rows, date = await self._changed(start, walk.asked_from)
        except RejectedError:
            if not walk.asked_from or self._since != SINCE[0]:
                raise
            self._since = SINCE[1]
            rows, date = await self._changed(start, walk.asked_from)
        walk = replace(walk, began=walk.began or clock_of(date, self.connector.clock()))
        full = await asyncio.gather(*(self._with_profile(row) for row in rows))
        following = replace(walk, place=f"at:{start + len(rows)}") if rows else Walk(since=walk.began)
        return [self.connector._incoming(one, row) for row in full], following

    async def _changed(self, start: int, since: str) -> soap.Found:
        filters = [(MODIFIED, self._since, query.moment(since).strip("'"))] if since else []
        return await self._find(start, PAGE, filters)

    async def _find(self, start: int, size: int, filters: list[tuple[str, str, str]]) -> soap.Found:
        told = [
            soap.parameter(ACCOUNTS, "findCriteria", soap.criteria(start, size, filters, "CustomerAccountId"), ADF),
            soap.parameter(ACCOUNTS, "findControl", {"retrieveAllTranslations": False}, ADF),
        ]
        return await soap.call(self.connector, ACCOUNTS, "findCustomerAccount", told, is_read=True)

    async def _with_profile(self, row: dict[str, Any]) -> dict[str, Any]:
        """The account with its profile of now; one made by SOAP has none until somebody gives it one."""
        key = soap.parameter(PROFILES, "customerProfile", {"AccountNumber": row.get("AccountNumber")})
        try:
            found = await soap.call(self.connector, PROFILES, "getActiveCustomerProfile", [key], is_read=True)
            profile = found.rows[0] if found.rows else None
        except RejectedError as error:
            if NO_RECORD not in error.code and error.cause != "not_found":
                raise
            profile = None
        return {**row, "Profile": profile}

    async def record(self, one: Resource, ours: FusionObject, external_id: str) -> dict[str, Any] | None:
        rows, _ = await self._find(0, 2, [("AccountNumber", "=", external_id)])
        return await self._with_profile(rows[0]) if rows else None

    async def candidates(self, ours: FusionObject, write: Write) -> list[Any]:
        if ours.key and write.intent_key:
            rows, _ = await self._find(0, 3, [("OrigSystem", "=", self.connector.fusion.source), (ours.key, "=", write.intent_key)])
            return [await self._with_profile(row) for row in rows]
        plain = {path: value for path, value in write.natural_key.items() if "." not in path and value is not None}
        if not plain:
            return []
        rows, _ = await self._find(0, 3, [(path, "=", str(value)) for path, value in plain.items()])
        return [row for row in rows if all(str(row.get(path)) == str(value) for path, value in plain.items())]

    # --- writing -----------------------------------------------------------------------------------------------------

    async def write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        ours = self.connector.fusion.objects[one.name]
        account = {key: value for key, value in {**rule.body, **write.body}.items() if key != "Profile"}
        profile = write.body.get("Profile") or {}
        if write.operation == "create":
            return await self._create(one, ours, write, account, profile)
        known = await self.record(one, ours, write.external_id or "")
        if known is None:
            raise RejectedError(f"{self.connector.config.system} has no {one.name} of this number", cause="not_found", system=self.connector.config.system)
        if write.expected_version and self.connector._incoming(one, known).version != write.expected_version:
            raise RejectedError(f"{self.connector.config.system} changed the {one.name} meanwhile", cause="conflict", system=self.connector.config.system)
        if account:
            await self._call("updateCustomerAccount", {"CustomerAccountId": known["CustomerAccountId"], **account})
        if profile:
            await self._profile(known, profile)
        return Receipt(write.external_id or "", response="changed")

    async def _create(self, one: Resource, ours: FusionObject, write: Write, account: dict[str, Any], profile: Mapping[str, Any]) -> Receipt:
        found = await self.candidates(ours, write)
        made = found[0] if found else None
        if made is None:
            key = {"OrigSystem": self.connector.fusion.source, ours.key: write.intent_key} if ours.key else {}
            rows = await self._call("createCustomerAccount", {**account, **ours.set, **key, "CreatedByModule": MODULE})
            if not rows or not rows[0].get("AccountNumber"):
                raise UnknownOutcomeError(f"{self.connector.config.system} did not say which {one.name} it made", system=self.connector.config.system)
            made = {**rows[0], "Profile": None}
        if profile:
            await self._profile(made, profile)
        return Receipt(str(made["AccountNumber"]), response="made", was_adopted=bool(found))

    async def _profile(self, account: Mapping[str, Any], stated: Mapping[str, Any]) -> None:
        """Change the account's profile, or give it its first; the flag and codes of the profile class fill in the rest."""
        known = account.get("Profile")
        if known:
            body = {"CustomerAccountProfileId": known["CustomerAccountProfileId"], **stated}
            await soap.call(self.connector, PROFILES, "updateCustomerProfile", [soap.parameter(PROFILES, "customerProfile", body)], is_read=False)
            return
        body = {
            "CustomerAccountId": account["CustomerAccountId"], "PartyId": account["PartyId"], "ProfileClassName": self.connector.fusion.profile_class,
            **{key: value for key, value in stated.items() if value is not None},
        }  # fmt: skip
        await soap.call(self.connector, PROFILES, "createCustomerProfile", [soap.parameter(PROFILES, "customerProfile", body)], is_read=False)

    async def _call(self, operation: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        return (await soap.call(self.connector, ACCOUNTS, operation, [soap.parameter(ACCOUNTS, "customerAccount", body)], is_read=False)).rows
