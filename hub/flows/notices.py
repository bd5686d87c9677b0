"""New bank data is the oldest fraud there is: whoever stands on record is told, and has a day to object, before it is approved.

Nobody trusts the letter that brings the new number: the notice is a task for finance operations, who tell the old contact by what
the record said before, and say so by closing it. Approval waits until then and ``noticeHours`` more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from hub.core.configuration import Configuration
from hub.errors import RequestError
from hub.store import approvals, tasks
from hub.store.approvals import NewProposal
from hub.store.statements import Connection
from hub.store.tasks import NewTask

CAUSE = "bank_notice"


async def need(tx: Connection, config: Configuration, proposal_id: int, new: NewProposal, about: Sequence[tuple[str, str]]) -> None:
    """Have somebody told of a proposal that changes bank data of ``about``: (entity, id)."""
    if not about:
        return
    entity, golden_id = about[0]
    reason = f"Proposal {proposal_id} changes bank data of {len(about)} record{'s' if len(about) > 1 else ''}"
    remedy = "Tell the contact on record, by the address or number that was there before, and close this task saying whom; refuse the proposal if they object."
    task = NewTask(
        CAUSE, _subject(proposal_id), reason, remedy, entity=entity, golden_id=UUID(golden_id), detail={"proposal": proposal_id},
        correlation_id=new.correlation_id,
    )  # fmt: skip
    await tasks.open_tasks(tx, config.tenant_id, [task])


async def check_given(tx: Connection, config: Configuration, proposal_id: int, hours: int) -> None:
    """Raise NOTICE_PERIOD while somebody has still to be told, or may still object."""
    notice = await approvals.notice(tx, config.tenant_id, _subject(proposal_id), hours)
    if notice is None or notice["is_over"]:
        return
    if notice["free_at"] is None:
        raise RequestError("NOTICE_PERIOD", "nobody has told the contact on record yet", field="id", remedy="Close the notice's task once they are told.")
    raise RequestError(
        "NOTICE_PERIOD", f"the contact on record may object until {notice['free_at']:%Y-%m-%d %H:%M} UTC", field="id", remedy="Approve it after that."
    )


async def end(tx: Connection, tenant_id: int, proposal_ids: Iterable[int]) -> None:
    """Proposals are decided: nobody has to be told of them any more."""
    open_ones = await tasks.open_by_cause(tx, tenant_id, CAUSE, [_subject(one) for one in proposal_ids])
    if open_ones:
        await tasks.resolve(tx, tenant_id, open_ones, "the proposal is decided")


def _subject(proposal_id: int) -> str:
    return f"proposal {proposal_id}"
