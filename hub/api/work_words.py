"""What names of the queue and of proposals mean, by where they stand. Like :data:`hub.api.words.EXACTLY`, kept beside what it tells of."""

from __future__ import annotations

from collections.abc import Mapping

_FILTERS = {
    "assigneeId": "Only what this member holds.", "causes": "Only with one of these causes.", "mine": "True: only what I hold.",
    "myTeams": "True: only of the teams I am of.", "unassigned": "True: only what nobody holds; false: only what somebody does.",
    "legalEntity": "Only of this legal entity, by golden id.", "region": "Only of the region with this code.",
    "overdue": "True: only past the deadline; false: only before it.", "amountFrom": "Only with at least this amount, whatever its currency.",
    "currency": "Only with an amount in this currency.", "snoozed": "True: only what is put off; false: without it.",
    "asked": "True: only what waits for an answer; false: without it.", "risk": "Only of this class: R1, R2 or R3.",
    "exc": "Only of this class of exceptions, such as EXC-6.", "tag": "Only with this tag.",
    "text": "Only what says this in its subject, its reason or the name of its record; 1,000 tasks at most.",
    "updatedSince": "Only what changed at or after this instant.", "by": "What they are counted by.", "order": "What the list runs by.",
}  # fmt: skip
_TASKS = {
    "ids": "The tasks, at most 1,000.", "comment": "What to say of it.", "to": "The member; without one, the least loaded who serves each task.",
    "text": "What to say.", "question": "What to ask.", "memberId": "The member who is asked.", "somebody": "Or somebody outside, by name.",
    "action": "What was done about them, in one word; later tasks alike learn from it.", "tags": "Up to 20 tags.",
}  # fmt: skip
_MEMBER = {
    "teams": "Teams they are of.", "actors": "Their keys, as changes name them: steward:ann.", "regions": "Codes of regions whose tasks are theirs; empty: all.",
    "legalEntities": "Golden ids of legal entities whose tasks are theirs; empty: all.", "email": "Where to write to them.",
    "isAway": "True: their tasks go to their delegate.", "delegateId": "The member who stands in for them.", "isActive": "False: they have left.",
}  # fmt: skip

_ASKED = {
    "purpose": "What is meant to be done: create, bill or post; which gates decide follows from it.",
    "target": "Only this system of those it would go on to.", "budgetMs": "Milliseconds it may take, at most 5,000; what does not fit is unknown.",
    "object": "The kind of record in that system: then the values are in its own words, read by its mapping.",
    "externalId": "The record's id in that system, where it has one: then a change of it is asked about.",
    "system": "Who would send it; a key of a system speaks for that one.", "values": "The record; a reference by golden id, or as {system, object, id}.",
}  # fmt: skip

WORK: Mapping[str, str] = {
    **{f"Query.wouldAccept.{name}": text for name, text in _ASKED.items()},
    **{f"Query.{field}.{name}": text for field in ("stewardTasks", "taskCounts") for name, text in _FILTERS.items()},
    **{
        f"Mutation.{field}.{name}": text
        for field in (
            "claimTasks", "releaseTasks", "assignTasks", "commentTasks", "snoozeTasks", "askAbout", "answerQuestion", "resolveTasks", "reopenTasks", "tagTasks", "undoTaskWork",
        )
        for name, text in _TASKS.items()
    },
    **{f"Mutation.{field}.{name}": text for field in ("putMember", "setAbsence") for name, text in _MEMBER.items()},
    "Query.proposals.operation": "Only of this operation.",
    "Query.proposals.risk": "Only of this class: R1, R2 or R3.",
    "Query.proposals.author": "Only by this key, as changes name it.",
    "Query.proposals.mine": "True: only my own.",
    "Mutation.approve.comment": "What to say of it.",
    "Mutation.approve.forMember": "The member who is away and whom I stand in for.",
    "Mutation.refuse.forMember": "The member who is away and whom I stand in for.",
    "Mutation.propose.operation": "Name of the operation, such as override or change_set.",
    "Mutation.propose.given": "Its arguments, exactly as it is to run with.",
    "Mutation.changeSet.changes": "The values, at most 500.",
    "Mutation.answerQuestion.text": "The answer.",
    "StewardTask.legalEntityId": "Golden id of the legal entity it belongs to.",
    "TaskCount.legalEntityId": "Golden id of the legal entity they belong to.",
    "Member.email": "Where to write to them.",
    "Member.teams": "The teams they are of.",
    "Member.isAway": "Whether somebody stands in for them now.",
    "Member.isActive": "False once they have left.",
    "MemberPayload": "A member as they are now.",
    "MemberPayload.member": "The member.",
    "Proposal.subject": "What it is about, in a sentence.",
    "Proposal.records": "The records it would change, as they are now; at most 50.",
    "Proposal.author": "Who proposed it, as changes name them.",
    "Proposal.authorMember": "Who proposed it, as a member.",
    "Proposal.votes": "What others said of it.",
    "Proposal.replacesId": "The stale or expired proposal it was made from.",
    "Proposal.decisionIds": "The decisions it became.",
    "Proposal.actionId": "The action it became, by which it is undone.",
    "Proposal.askedAt": "When it was proposed.",
    "Proposal.expiresAt": "When it expires unless it is decided.",
    "Proposal.settledBy": "Who decided it last.",
    "ProposalPayload.proposal": "The proposal as it is now.",
    "Vote.member": "Who voted.",
    "Vote.comment": "What they said.",
    "QueueOrder.NEWEST": "The newest first.",
    "QueueOrder.OLDEST": "The oldest first.",
    "QueueOrder.DUE": "By deadline, the earliest first.",
    "QueueOrder.MONEY": "The largest amount first, whatever its currency.",
    "QueueOrder.PRIORITY": "By priority, then by deadline.",
    "QueueBy.CAUSE": "Their cause.",
    "QueueBy.TEAM": "Who looks after them.",
    "QueueBy.ASSIGNEE": "Who holds them.",
    "QueueBy.LEGAL_ENTITY": "Whose they are.",
    "QueueBy.ENTITY": "What they are about.",
    "QueueBy.SYSTEM": "The system they came of.",
    "QueueBy.RISK": "Their class of risk.",
    "QueueBy.EXC": "Their class of exceptions.",
}
