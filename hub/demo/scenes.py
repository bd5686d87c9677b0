"""The scenes of the story in their order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hub.demo import scenes_masters as masters
from hub.demo import scenes_money as money
from hub.demo import scenes_stewards as stewards
from hub.demo.stage import Stage

Scene = Callable[[Stage], Awaitable[None]]
SCENES: tuple[tuple[str, Scene], ...] = (
    ("The same clients under different ids and spellings", masters.three_systems),
    ("One golden record, and who won each field", masters.who_won),
    ("Two spellings of one client: asked, agreed on, undone, done again", stewards.two_spellings),
    ("Observe before write", masters.observe_then_write),
    ("A rename in the CRM arrives by webhook", masters.rename),
    ("A payment term changed in the ERP flows the other way", masters.payment_terms),
    ("A field changed by a system that does not own it", masters.not_the_owner),
    ("An approved hour reaches the ERP once, although its answer is lost", money.an_hour_once),
    ("An approved hour is corrected by reversal", money.a_reversal),
    ("Invoices, a credit memo and a payment come back linked", money.documents),
    ("One record is refused and parks, the others flow", money.one_parks),
)
