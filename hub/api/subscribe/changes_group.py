"""The group of those who subscribe to ``changes`` alike: catching up, joining, hearing together, falling behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial

from hub.api.subscribe.answers import Answer
from hub.api.subscribe.events import ChangeEventKind, ChangeRoot
from hub.api.subscribe.execute import Executor, Operation
from hub.api.subscribe.feeds import AWAY, Feed
from hub.api.subscribe.groups import Group, Member
from hub.api.subscribe.metrics import BEHIND, SENT
from hub.api.subscribe.raised import Versions
from hub.api.subscribe.wanted import Wanted
from hub.flows.feed import Cursor
from hub.store import snapshots
from hub.store.feed import FeedChange
from hub.store.pool import Pool
from schema import ENTITIES

BATCH = 16
"""Events executed together, sharing what they read."""
REMEMBERED = 256
"""Answers a group keeps, so that many who come back at once are served from one execution."""
MOST_BEHIND = 10_000
"""Positions a slow member may read again for itself; beyond them it is told of a gap."""
PROGRESS_S = 15.0


class ChangesGroup(Group):
    """Subscribers of ``changes``."""

    def __init__(self, executor: Executor, operation: Operation, feed: Feed, wanted: Wanted, worker_pool: Pool) -> None:
        super().__init__(executor, operation, feed)
        self._wanted, self._pool = wanted, worker_pool
        self._remembered: dict[int, Answer] = {}
        self._tells_progress = False

    def join(self, member: Member, start: Cursor, with_snapshot: bool) -> None:
        """Bring a member from its own place to the group's, then tell it with the others."""
        self.members.add(member)
        self._tells_progress |= member.wants_progress
        member.seen = start.position
        member.task = asyncio.create_task(self._join(member, start, with_snapshot))

    async def _join(self, member: Member, start: Cursor, with_snapshot: bool) -> None:
        async with self._telling(member):
            if with_snapshot:
                await self._tell_snapshot(member, start)
            elif member.wants_progress:
                root = ChangeRoot(ChangeEventKind.PROGRESS, self.feed.cursor(start.position), start.position)
                await self._hand(member, await self._answer(root))
            await self._catch_up(member, start)

    async def _tell_snapshot(self, member: Member, start: Cursor) -> None:
        wanted, position = self._wanted, start.position
        for entity in wanted.entities or tuple(ENTITIES):
            async for records in snapshots.records_at(self._pool, self.feed.tenant_id, position, entity, wanted.ids):
                fitting = [one for one in records if wanted.holds_now(one)]
                for at in range(0, len(fitting), BATCH):
                    roots = [ChangeRoot(ChangeEventKind.SNAPSHOT, "", 0, one) for one in fitting[at : at + BATCH]]
                    for payload in await self._executor.execute_all(self.operation, roots):
                        await self._hand(member, Answer(payload))
        root = ChangeRoot(ChangeEventKind.SNAPSHOT_END, self.feed.cursor(position), position)
        await self._hand(member, await self._answer(root))

    async def _catch_up(self, member: Member, cursor: Cursor) -> None:
        """Read the feed up to where the group stands; from there on the group tells."""
        while True:
            try:
                cursor = await self._read_on(member, cursor)
            except AWAY:  # nothing is lost by waiting
                await asyncio.sleep(0.5)
                cursor = replace(cursor, position=max(cursor.position, member.seen))
                continue
            if cursor.position >= self.position:
                member.seen = max(member.seen, cursor.position)
                self.live.add(member)
                self._wake.set()  # the loop learns whether anybody wants progress
                return

    async def _read_on(self, member: Member, cursor: Cursor) -> Cursor:
        page = await self.feed.read(cursor, self._wanted.entities, self._wanted.ids)
        if page.gap is not None:
            BEHIND.labels("gap").inc()
            await self._hand(member, await self._answer(self._gap_root(page.gap.first, page.gap.last, None)))
        async for answers in self._answered(page.changes):
            for answer in answers:
                await self._hand(member, answer)
        return page.cursor

    async def _hand(self, member: Member, answer: Answer) -> None:
        await self._room(member)
        if member.sink.is_closed:
            raise asyncio.CancelledError
        member.sink.give(answer)
        SENT.inc()
        if answer.cursor:
            member.seen = max(member.seen, answer.position)

    async def _rung(self) -> None:
        if not self._tells_progress:
            await super()._rung()
            return
        try:
            async with asyncio.timeout(PROGRESS_S):
                await super()._rung()
        except TimeoutError:
            await self._tell_progress()

    async def _tell_progress(self) -> None:
        """A cursor for those who asked for it and were told nothing up to here."""
        position = self.position
        if not any(one.wants_progress and one.seen < position for one in self.live):
            return
        answer = await self._answer(ChangeRoot(ChangeEventKind.PROGRESS, self.feed.cursor(position), position))
        for member in self.live:
            if member.wants_progress and member.seen < position and member.sink.has_room():
                member.sink.give(answer)
                member.seen = position

    async def _advance(self) -> None:
        while self.position < self.feed.at.position:
            page = await self.feed.after(self.position)
            if page.gap is not None:
                self._broadcast([await self._answer(self._gap_root(page.gap.first, page.gap.last, None))])
            async for answers in self._answered(page.changes):
                self._broadcast(answers)
                self.position = answers[-1].position
                await asyncio.sleep(0)  # lets what was written leave before more is
            self.position = page.cursor.position

    def _broadcast(self, answers: Sequence[Answer]) -> None:
        """Write answers to all who are live; nothing here waits, and whoever has no room reads on by itself."""
        for answer in answers:
            position, prefix, frame, slow = answer.position, b"", b"", []
            for member in self.live:
                if position <= member.seen:
                    continue
                direct = member.direct
                if direct is None or direct.waiting_bytes():
                    slow.append(member)
                    continue
                if direct.prefix is not prefix:
                    prefix = direct.prefix
                    frame = answer.frame(prefix)
                direct.write(frame)
                member.seen = position
            SENT.inc(len(self.live) - len(slow))
            for member in slow:
                self._give(member, answer)

    def _give(self, member: Member, answer: Answer) -> None:
        """The same for a member whose last frames have not all left, or that has no transport of its own."""
        if member.sink.has_room():
            member.sink.give(answer)
            member.seen = answer.position
            SENT.inc()
        else:
            self._fall_behind(member, answer.position - 1)

    def _fall_behind(self, member: Member, seen: int) -> None:
        member.seen = max(member.seen, seen)
        self.live.discard(member)
        member.task = asyncio.create_task(self._recover(member))

    async def _recover(self, member: Member) -> None:
        async with self._telling(member):
            await self._room(member)
            seen, last = member.seen, self.position
            if last - seen > MOST_BEHIND:
                BEHIND.labels("gap").inc()
                await self._hand(member, await self._answer(self._gap_root(seen + 1, last, self.feed.cursor(seen))))
            else:
                BEHIND.labels("caught_up").inc()
            await self._catch_up(member, self._at(member.seen))

    def _gap_root(self, first: int, last: int, resume_from: str | None) -> ChangeRoot:
        return ChangeRoot(ChangeEventKind.GAP, self.feed.cursor(last), last, None, (first, last, resume_from))

    async def _answer(self, root: ChangeRoot) -> Answer:
        return Answer(await self._executor.execute_once(self.operation, root), root.position, root.cursor)

    async def _answered(self, changes: Sequence[FeedChange]) -> AsyncIterator[list[Answer]]:
        """Answers to the changes that fit, some at a time; those still remembered are not made again."""
        some = [one for one in changes if self._wanted.may_fit(one)]
        read = Versions(self._pool, self.feed.tenant_id, some)
        fitting = await self._fitting(some, read)
        for at in range(0, len(fitting), BATCH):
            some = fitting[at : at + BATCH]
            told = {one.position: self._remembered[one.position] for one in some if one.position in self._remembered}
            missing = [one for one in some if one.position not in told]
            known = read if self._wanted.needs_values else Versions(self._pool, self.feed.tenant_id, missing)
            roots = [self._change_root(one, known) for one in missing]
            made = await self._executor.execute_all(self.operation, roots)
            new = {root.position: Answer(payload, root.position, root.cursor) for root, payload in zip(roots, made, strict=True)}
            told |= new
            yield [told[one.position] for one in some]
            self._remember(new)

    def _remember(self, made: dict[int, Answer]) -> None:
        self._remembered |= made
        for position in list(self._remembered)[: max(len(self._remembered) - REMEMBERED, 0)]:
            del self._remembered[position]

    def _change_root(self, change: FeedChange, versions: Versions) -> ChangeRoot:
        position = change.position
        raised = partial(versions.event_names, change)
        return ChangeRoot(ChangeEventKind.CHANGE, self.feed.cursor(position), position, change, raised=raised)

    async def _fitting(self, changes: Sequence[FeedChange], versions: Versions) -> list[FeedChange]:
        wanted = self._wanted
        if not wanted.needs_values:
            return [one for one in changes if wanted.fits(one, {})]
        return [one for one in changes if wanted.fits(one, await versions.values(one))]

    def _at(self, position: int) -> Cursor:
        return Cursor(self.feed.tenant_id, self.feed.at.epoch, position)
