"""Why something waits for a person: every cause once, with who looks after it, how soon, and what ends it by itself.

The table is what the queue is routed by, what the manual prints and what the money board counts. ``ends`` says who resolves such
a task without a person; a cause nobody resolves by itself says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.core.people import DATA_STEWARDS, DELIVERY, FINANCE, INTEGRATION, PMO


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. ``due_h`` hours are counted from its opening; ``then`` is the team it is escalated to."""

    means: str
    team: str
    due_h: int
    ends: str
    priority: int = 5
    then: str = ""
    exc: str = ""
    """Class of exceptions it belongs to."""
    is_money: bool = False
    """Whether it stands on the money board: what it holds up is money."""


MESSAGE = "the message, resubmitted or sent again, is taken"
CONFLICT = "the record no longer says so when it is computed again"
WRITTEN = "the record is delivered"
FOUND = "the next look at the books does not find it any more"
NEVER = "a person only"

CAUSES: dict[str, Cause] = {
    # what systems sent
    "parse": Cause("a message cannot be read", INTEGRATION, 24, MESSAGE, exc="EXC-19"),
    "type": Cause("a value does not fit its field", INTEGRATION, 72, MESSAGE, exc="EXC-19"),
    "unknown_system": Cause("a message of a system nobody connected", INTEGRATION, 72, MESSAGE),
    "unknown_entity": Cause("a message about an object no mapping reads", INTEGRATION, 72, MESSAGE),
    "unknown_field": Cause("a message states a field the model does not have", INTEGRATION, 72, MESSAGE),
    "unbound": Cause("a message carries a field nobody mapped or ignored", INTEGRATION, 168, NEVER, 8),
    "unknown_code": Cause("a code nobody has mapped; everything that carries it waits", DATA_STEWARDS, 24, "mapping the code", 3, PMO, "EXC-3"),
    "required": Cause("a field a record needs is missing", DATA_STEWARDS, 72, "the field comes", then=PMO, exc="EXC-3"),
    "reference": Cause("the parent of a record never came", DATA_STEWARDS, 72, "the parent comes", 4, PMO, "EXC-2"),
    "unmatched": Cause("a record of a system that may not open one found no match", DATA_STEWARDS, 72, "it is linked, or a system that may opens it", then=PMO, exc="EXC-1"),
    "internal": Cause("computing a record failed here", INTEGRATION, 24, NEVER, 2),
    # which record is which
    "ambiguous": Cause("a record agrees with several others alike", DATA_STEWARDS, 72, "it is linked", 4, FINANCE, "EXC-1"),
    "possible_duplicate": Cause("two records may be one", DATA_STEWARDS, 72, "they are merged, linked or said not to be the same", 5, FINANCE, "EXC-1"),
    "link_in_doubt": Cause("what a rule linked two records by is shared by many, and nothing else links them", DATA_STEWARDS, 72, "the value is said to tell records apart", 6, exc="EXC-1"),
    "merge_at_source": Cause("one client is two records of a system that only its own people can merge", FINANCE, 168, "the system holds one of them", 6, exc="EXC-1"),
    "split_conflict": Cause("something done since a merge stayed with the survivor when it was undone", DATA_STEWARDS, 72, NEVER, 6, exc="EXC-1"),
    "duplicate_at_target": Cause("a system holds two records of one of ours", FINANCE, 72, NEVER, 4, exc="EXC-13"),
    "possible_duplicate_transaction": Cause("two transactions are alike and may be one", FINANCE, 48, "one is corrected, or they are said to be two", 3, exc="EXC-13", is_money=True),
    "key_collision": Cause("one business key, different facts", FINANCE, 24, "the facts agree", 2, exc="EXC-13", is_money=True),
    "cycle": Cause("an edge would close a circle in a tree; it is left out", DATA_STEWARDS, 72, CONFLICT, exc="EXC-29"),
    "overlap": Cause("two validities of one key overlap", DATA_STEWARDS, 72, CONFLICT, exc="EXC-4"),
    # values
    "proposed": Cause("a system that does not own a field says otherwise", DATA_STEWARDS, 72, CONFLICT, 6, exc="EXC-29"),
    "rejected": Cause("a system says otherwise where only the owner may", DATA_STEWARDS, 72, CONFLICT, 6, exc="EXC-22"),
    "locked": Cause("a value would change in a state that is closed to it", FINANCE, 24, "the value is accepted, or taken back at its source", 3, exc="EXC-8", is_money=True),
    "left_terminal_state": Cause("a record left a state it may not leave", FINANCE, 24, "it goes back, or the value is accepted", 3, exc="EXC-18", is_money=True),
    "deleted_transaction": Cause("a system deleted what was approved or later", FINANCE, 24, CONFLICT, 3, exc="EXC-22", is_money=True),
    "rule": Cause("a message breaks a rule that keeps it out", DATA_STEWARDS, 24, MESSAGE, 4, FINANCE),
    "rule_held": Cause("a value breaks a rule and is held back", DATA_STEWARDS, 24, "the value is accepted, or corrected at its source", 3, FINANCE, is_money=True),
    "rule_warning": Cause("a record stands and breaks a rule", DATA_STEWARDS, 72, "the rule holds again", 6, FINANCE),
    # what systems were told
    "delivery_rejected": Cause("a system refused a write", FINANCE, 24, WRITTEN, 3, INTEGRATION, "EXC-17", is_money=True),
    "missing_parent": Cause("a system lacks the record another one hangs on", INTEGRATION, 72, WRITTEN, 4, exc="EXC-2", is_money=True),
    "unknown_outcome": Cause("nobody knows whether a write was taken", INTEGRATION, 24, WRITTEN, 2, FINANCE, "EXC-20", is_money=True),
    "unreachable": Cause("a system did not take a write in all tries", INTEGRATION, 24, WRITTEN, 3, exc="EXC-19", is_money=True),
    "credentials": Cause("a system does not accept our credentials", INTEGRATION, 4, "a write is taken again", 1, exc="EXC-19"),
    "connector_unusable": Cause("a system's configuration cannot be used", INTEGRATION, 4, "a write is taken again", 1, exc="EXC-19"),
    "configuration": Cause("a system's configuration cannot be used", INTEGRATION, 24, "a write is taken again", 2, exc="EXC-19"),
    "proposed_write": Cause("the hub would write, and its mode says to ask", FINANCE, 72, "it is written, or the mode changes", 6),
    "brake": Cause("one run would have changed more than is usual", INTEGRATION, 4, "the brake is released", 1, FINANCE),
    "restored": Cause("the database was brought back to an earlier moment, and deliveries rest", INTEGRATION, 1, "deliveries are let go on", 1, FINANCE),
    "circuit_open": Cause("a system fails at most of what the hub asks it, and is left alone", INTEGRATION, 4, "the system answers again", 2, exc="EXC-19"),
    "system_disabled": Cause("a system failed for so long that the hub paused it", INTEGRATION, 4, "it is resumed", 1, FINANCE, "EXC-19"),
    "closed_period": Cause("postings wait for a period that is closed", FINANCE, 24, "the period opens", 3, exc="EXC-5", is_money=True),
    "rewritten_there": Cause("a system changes what the hub writes to it", INTEGRATION, 72, NEVER, 5, DATA_STEWARDS, "EXC-22"),
    "alert": Cause("something goes wrong that other things follow from", INTEGRATION, 4, "its root cause is over", 2),
    "feed_held": Cause("changes are kept longer than they should be, since somebody has not taken them", INTEGRATION, 72, "it is taken, or given up", 5),
    "feed_gap": Cause("a reader of the feed came later than changes are kept", INTEGRATION, 24, NEVER, 3),
    "subscription_gone": Cause("a webhook's address says it is gone", INTEGRATION, 72, "its subscription is resumed", 6),
    "webhook_refused": Cause("a webhook refuses what it is sent", INTEGRATION, 72, WRITTEN, 6),
    "webhook_failed": Cause("a webhook did not take an event in all tries", INTEGRATION, 24, WRITTEN, 4, exc="EXC-19"),
    "webhook_off": Cause("a webhook took nothing for five days and was switched off", INTEGRATION, 24, "its subscription is resumed", 3, exc="EXC-19"),
    "bank_notice": Cause("bank data is to change: its holder is told first, by the contact on record", FINANCE, 8, "the proposal is decided", 2, exc="EXC-1"),
    # what holds money up; hub.flows.find_exceptions looks for them
    "missing_client_po": Cause("the client wants a purchase order number, and none is there", FINANCE, 48, FOUND, 3, PMO, "EXC-9", is_money=True),
    "unmapped_tax": Cause("an amount ready for billing has no tax category, or its account no tax class", FINANCE, 24, FOUND, 2, PMO, "EXC-6", is_money=True),
    "unapproved_time": Cause("time of a month that is over is not approved", DELIVERY, 24, FOUND, 3, PMO, "EXC-12", is_money=True),
    "unapproved_expense": Cause("expenses of a month that is over are not approved", DELIVERY, 24, FOUND, 3, PMO, "EXC-28", is_money=True),
    "parked_lane": Cause("documents are set aside on their way to a system", FINANCE, 24, FOUND, 2, INTEGRATION, "EXC-14", is_money=True),
    "awaited_parent": Cause("money waits for a record no system has told us of", DATA_STEWARDS, 48, FOUND, 3, FINANCE, "EXC-2", is_money=True),
    "open_hold": Cause("a billing hold is past the day it was to be looked at", PMO, 48, FOUND, 4, FINANCE, "EXC-10", is_money=True),
    "project_without_financials": Cause("an active project has no cost centre and revenue rule in the books", PMO, 48, FOUND, 4, FINANCE, "EXC-15"),
    "disputed_invoice": Cause("a client disputes an open document", FINANCE, 72, FOUND, 3, PMO, "EXC-14", is_money=True),
}
"""Cause → what the queue knows of it."""

OTHER = Cause("something nobody has named yet", INTEGRATION, 72, NEVER)


def cause_of(name: str) -> Cause:
    """What is known of a cause; a new one goes to integration support until it is declared here."""
    return CAUSES.get(name, OTHER)


MONEY = tuple(name for name, cause in CAUSES.items() if cause.is_money)
"""Causes of the money board."""
