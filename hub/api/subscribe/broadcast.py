"""Subscribing: from what was asked to a member of the group of all who asked the same."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from graphql import GraphQLSchema

from hub.api.access import Principal
from hub.api.context import Services
from hub.api.errors import ApiError, Code
from hub.api.run import Asked, Runner
from hub.api.subscribe.changes_group import ChangesGroup
from hub.api.subscribe.execute import Executor, Opened
from hub.api.subscribe.feeds import Feeds
from hub.api.subscribe.groups import Group, Member, Sink
from hub.api.subscribe.metrics import GROUPS, SUBSCRIBERS
from hub.api.subscribe.record_group import RecordGroup
from hub.api.subscribe.wanted import wanted_changes
from hub.flows.feed import decode_cursor
from schema.language import EntityMeta

MOST_GROUPS = 1_000
"""Different subscriptions of one tenant in a process: each costs an execution an event."""


class Broadcasts:
    """All subscriptions of this process."""

    def __init__(self, schema: GraphQLSchema, runner: Runner, services: Services) -> None:
        self._services = services
        self.executor = Executor(schema, runner, services)
        self._feeds = Feeds(services)
        self._groups: dict[bytes, Group] = {}
        self._group_of: dict[Member, tuple[bytes, Group]] = {}

    async def subscribe(
        self, principal: Principal, asked: Asked, sink: Sink, correlation_id: str, last_event_id: str = ""
    ) -> Member:
        """Begin telling ``sink``. ``last_event_id`` outranks the argument ``after``: it is where a client really got.

        Raises :class:`hub.api.subscribe.execute.InvalidError`, GraphQLError or whatever :func:`problem_of` can tell.
        """
        opened = await self.executor.open(principal, asked, correlation_id)
        if opened.field == "record":
            return await self._subscribe_record(opened, sink)
        return await self._subscribe_changes(opened, sink, last_event_id)

    def leave(self, member: Member) -> None:
        """End a subscription; does nothing when it has ended."""
        key, group = self._group_of.pop(member, (b"", None))
        if group is None:
            return
        SUBSCRIBERS.dec()
        group.leave(member)
        if not group.members:
            group.stop()
            self._feeds.leave(group.feed, group)
            if self._groups.get(key) is group:
                del self._groups[key]
                GROUPS.set(len(self._groups))

    async def _subscribe_changes(self, opened: Opened, sink: Sink, last_event_id: str) -> Member:
        arguments: dict[str, Any] = dict(opened.arguments)
        if last_event_id:
            arguments |= {"after": last_event_id, "snapshot": False}
        operation = opened.operation
        tenant_id = operation.principal.tenant_id
        wanted = wanted_changes(arguments, operation.principal)
        after = decode_cursor(wanted.after, tenant_id, self._services.feed_key) if wanted.after else None
        end = await self._feeds.end(tenant_id)
        group = self._group(operation.key)
        if group is None:
            self._make_room(tenant_id)
            group = ChangesGroup(self.executor, operation, self._feeds.of(end), wanted, self._services.worker_pool)
            self._add(operation.key, group)
        assert isinstance(group, ChangesGroup)
        member = Member(sink, wants_progress=wanted.progress)
        self._enter(member, operation.key, group)
        group.join(member, after or end, wanted.snapshot)
        return member

    async def _subscribe_record(self, opened: Opened, sink: Sink) -> Member:
        operation = opened.operation
        tenant_id = operation.principal.tenant_id
        meta, record_id = await self._visible(opened)
        end = await self._feeds.end(tenant_id)
        group = self._group(operation.key)
        if group is None:
            self._make_room(tenant_id)
            group = RecordGroup(self.executor, operation, self._feeds.of(end), meta, record_id)
            self._add(operation.key, group)
        assert isinstance(group, RecordGroup)
        member = Member(sink)
        self._enter(member, operation.key, group)
        group.join(member)
        return member

    async def _visible(self, opened: Opened) -> tuple[EntityMeta, UUID]:
        """The record's entity and id; the same refusal for what is absent and for what one may not see."""
        context = self.executor.context(opened.operation)
        try:
            wanted = UUID(opened.arguments["id"])
        except ValueError:
            wanted = UUID(int=0)
        meta = await context.entity_of(wanted)
        if meta is None or await context.row(meta, wanted) is None:
            raise ApiError(Code.NOT_FOUND, "there is no such record", "id")
        return meta, wanted

    def _group(self, key: bytes) -> Group | None:
        found = self._groups.get(key)
        return None if found is None or found.is_over else found

    def _make_room(self, tenant_id: int) -> None:
        mine = sum(group.feed.tenant_id == tenant_id for group in self._groups.values())
        if mine >= MOST_GROUPS:
            raise ApiError(
                Code.TOO_MANY_REQUESTS, f"at most {MOST_GROUPS} different subscriptions at once",
                remedy="Ask with variables and the same document, so that subscribers share.",
            )  # fmt: skip

    def _add(self, key: bytes, group: Group) -> None:
        self._groups[key] = group
        GROUPS.set(len(self._groups))

    def _enter(self, member: Member, key: bytes, group: Group) -> None:
        self._group_of[member] = (key, group)
        SUBSCRIBERS.inc()

    async def aclose(self) -> None:
        for member in tuple(self._group_of):
            self.leave(member)
        await self._feeds.aclose()


