"""What names of monitoring and of the sealed trail mean, by where they stand. Like :data:`hub.api.words.EXACTLY`, kept beside what it tells of."""

from __future__ import annotations

from collections.abc import Mapping

MONITOR: Mapping[str, str] = {
    "Mutation.replay.dryRun": "True: only tell how many it would take up, and their money.",
    "Query.laneGroups.states": "Only in these states: due, leased, waiting, observed, proposed, parked.",
    "Query.laneGroups.byReason": "False: alike in cause is enough, whatever was told of each.",
    "Query.attempts.state": "Only with this result: intent, done, adopted, retriable, rate_limited, rejected, unknown, abandoned or resolved.",
    "Query.attempts.intentKey": "Only of this intent: all its tries carry one key.",
    "Query.attempts.since": "Only begun at this instant or later.",
    "Query.attempts.until": "Only begun before this instant.",
    "Query.alerts.state": "open, unless said otherwise; resolved; null for both.",
    "Query.alerts.first": "How many at most; 500 is the most.",
    "Query.trail.correlationId": "The correlation id, as every answer, event and delivery carries it.",
    "Query.trail.eventId": "The id of an event that webhooks or brokers were told, such as evt_1_1_42.",
    "Query.trail.idempotencyKey": "The key a message was sent with, or the intent key of a delivery.",
    "Query.trail.messageId": "The id of a message in the inbox.",
    "Query.trail.recordId": "A record: the trail of its newest version, or of the one that is named.",
    "Query.trail.version": "Version of the record.",
    "LaneGroup.oldestAt": "Since when the oldest of them is in this state.",
    "DeadLetterClass.oldestAt": "Since when the oldest of them is set aside.",
    "AlertSymptom.since": "Since when it is so.",
    "TrailChange.op": "create, update, inactivate, reactivate, merge or split.",
    "TrailAction.undoneAt": "When it was undone; null while it stands.",
    "TrailProposal.subject": "What is proposed, in a sentence.",
    "TrailProposal.risk": "R1, R2 or R3.",
    "TrailProposal.author": "Who proposed it.",
    "TrailProposal.askedAt": "When.",
    "TrailProposal.settledBy": "Who settled it.",
    "Query.auditSeals.first": "How many at most; 100 is the most.",
    "Query.auditSeals.before": "Only seals made before the one with this id.",
    "Query.auditTrail.actor": "Only by this person, system or rule.",
    "Query.auditTrail.kind": "Only of this kind: change (of a record), decision, action or proposal.",
    "Query.auditTrail.since": "Only at this instant or later.",
    "Query.auditTrail.until": "Only before this instant: the last one's, to go on.",
    "Query.auditTrail.first": "How many at most; 100 is the most.",
    "Query.trail.system": "The system an idempotency key is of; without it, any.",
}
