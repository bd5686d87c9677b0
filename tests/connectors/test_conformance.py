"""Every connector against the conformance suite: rest on the three simulated systems, the memory system, drop folders, and each vendor's on its own simulator.

The vendors' run with ``make test-connectors``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.conformance import CHECKS, Check, NotApplicable, name_of
from tests.connectors import file_subjects
from tests.connectors.file_subjects import FilesSubject, files_subject
from tests.connectors.simulated import SimulatedSubject
from tests.connectors.subjects import CRM, ERP, PSA, MemorySubject, Shape, simulated
from tests.connectors.vendors import VENDORS

Tested = SimulatedSubject | MemorySubject | FilesSubject
FOLDERS = ("files", "sftp")
SUBJECTS: dict[str, Shape | None] = {"rest-crm": CRM, "rest-psa": PSA, "rest-erp": ERP, "memory": None}

BESIDE_THE_POINT: dict[str, set[str]] = {
    "rest-psa": {
        "a_unique_key_makes_a_second_create_impossible",  # its clients have no field for our key
        "an_expired_token_is_renewed_in_the_middle_of_a_poll",  # an API key does not expire
    },
    "rest-erp": {
        "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # it is asked, and sends none
        "a_webhook_that_is_not_signed_for_its_body_is_refused",
        "an_expired_token_is_renewed_in_the_middle_of_a_poll",
    },
    "memory": {
        "a_unique_key_makes_a_second_create_impossible",
        "an_update_is_applied_and_can_be_looked_up",  # the object is created only
        "an_update_of_a_changed_record_is_refused",
        "a_cut_or_malformed_answer_is_retriable_for_a_read_and_unknown_for_a_write",  # there is no wire
        "a_slow_answer_is_waited_for",
        "an_answer_of_another_shape_stops_the_poll_with_its_name",
        "what_changes_is_told_though_the_system_s_clock_is_wrong",  # it has ours
        "an_expired_token_is_renewed_in_the_middle_of_a_poll",
    },
    "files": file_subjects.BESIDE_THE_POINT | {"wrong_credentials_are_told_as_such"},  # a folder of this machine asks for none
    "sftp": file_subjects.BESIDE_THE_POINT,
    **{name: vendor.BESIDE_THE_POINT for name, vendor in VENDORS.items()},
}
"""What cannot be asked of a system, by its own word; a check that stops applying fails here."""


@pytest.fixture(params=[*SUBJECTS, *FOLDERS, *(pytest.param(name, marks=pytest.mark.slow) for name in VENDORS)])
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Tested]:
    found = await _started(request.param)
    yield found
    await found.close()


async def _started(name: str) -> Tested:
    if name in VENDORS:
        vendor: SimulatedSubject = await VENDORS[name].subject()
        return vendor
    if name in FOLDERS:
        return await files_subject(name)
    shape = SUBJECTS[name]
    return MemorySubject() if shape is None else await simulated(shape)


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_the_connector_conforms(check: Check, subject: Tested, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["subject"]
    if name_of(check) in BESIDE_THE_POINT.get(name, ()):
        with pytest.raises(NotApplicable):
            await check(subject)
    else:
        await check(subject)
