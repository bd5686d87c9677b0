"""The group of those who subscribe to one ``record`` alike."""

from __future__ import annotations

import asyncio
from uuid import UUID

from hub.api.subscribe.answers import Answer
from hub.api.subscribe.events import RecordRoot
from hub.api.subscribe.execute import Executor, Operation
from hub.api.subscribe.feeds import Feed
from hub.api.subscribe.groups import Group, Member
from hub.api.subscribe.metrics import BEHIND, SENT
from schema.language import EntityMeta


class RecordGroup(Group):
    """Subscribers of one ``record``: told how it stands when they come and whenever it has a new version."""

    def __init__(self, executor: Executor, operation: Operation, feed: Feed, meta: EntityMeta, record_id: UUID) -> None:
        super().__init__(executor, operation, feed)
        self._meta, self._id = meta, record_id
        self._ids = {record_id}
        self._is_changed = False
        """Whether the live members have yet to hear of a version; outlasts a database that goes away meanwhile."""
        self._coming: list[Member] = []

    def join(self, member: Member) -> None:
        """Tell a member at the next execution; those who come together share it."""
        self.members.add(member)
        self._coming.append(member)
        self._wake.set()

    def leave(self, member: Member) -> None:
        super().leave(member)
        if member in self._coming:
            self._coming.remove(member)

    async def _advance(self) -> None:
        await self._look()
        if not self._is_changed and not self._coming:
            return
        is_changed, coming = self._is_changed, self._coming
        self._is_changed, self._coming = False, []
        try:
            root = RecordRoot(self._meta, self._id)
            answer = Answer(await self._executor.execute_once(self.operation, root))
        except BaseException:
            self._is_changed, self._coming = is_changed, coming + self._coming
            raise
        self._ids = {self._id, root.found or self._id}
        for member in (*coming, *(tuple(self.live) if is_changed else ())):
            self._tell(member, answer)

    async def _look(self) -> None:
        while self.position < self.feed.at.position:
            page = await self.feed.after(self.position)
            self._is_changed |= page.gap is not None or any(one.golden_id in self._ids for one in page.changes)
            self.position = page.cursor.position

    def _tell(self, member: Member, answer: Answer) -> None:
        if member not in self.members:
            return
        if member.sink.has_room():
            member.sink.give(answer)
            self.live.add(member)
            SENT.inc()
        else:
            self.live.discard(member)
            member.task = asyncio.create_task(self._recover(member))

    async def _recover(self, member: Member) -> None:
        async with self._telling(member):
            await self._room(member)
            BEHIND.labels("caught_up").inc()
            self._coming.append(member)
            self._wake.set()
