"""The suite every connector passes: reading without loss, writing once, and errors that say what happens next.

A connector brings a :class:`Subject`, which drives the system behind it (usually a simulator) as its users and its bad
days would. Each check is a coroutine over a fresh subject; with pytest:

```python
@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_the_connector_conforms(check, subject):
    await check(subject)
```
"""

from __future__ import annotations

from connectors.conformance.reading import (
    a_deleted_record_is_told,
    a_later_poll_tells_what_changed,
    a_poll_reads_every_record_over_all_pages,
    a_poll_resumes_after_a_kill_at_any_page,
    a_record_is_fetched_as_it_is_now,
    changes_made_while_it_reads_are_not_lost,
    ten_thousand_records_are_read,
    the_same_message_has_the_same_key,
    what_changes_is_told_though_the_system_s_clock_is_wrong,
)
from connectors.conformance.recovery import (
    a_cut_or_malformed_answer_is_retriable_for_a_read_and_unknown_for_a_write,
    a_rate_limit_says_how_long_to_wait,
    a_refusal_names_field_and_remedy,
    a_server_error_is_retriable,
    a_slow_answer_is_waited_for,
    an_answer_of_another_shape_stops_the_poll_with_its_name,
    an_expired_token_is_renewed_in_the_middle_of_a_poll,
    wrong_credentials_are_told_as_such,
)
from connectors.conformance.subject import (
    Check,
    NotApplicable,
    Subject,
    name_of,
    present,
    raises,
    read_all,
    write,
)
from connectors.conformance.webhooks import (
    a_signed_webhook_is_taken_and_is_the_message_of_the_poll,
    a_webhook_that_is_not_signed_for_its_body_is_refused,
)
from connectors.conformance.writing import (
    a_create_that_did_not_happen_is_not_found,
    a_created_record_is_there_once,
    a_lost_answer_does_not_create_twice,
    a_unique_key_makes_a_second_create_impossible,
    an_update_is_applied_and_can_be_looked_up,
    an_update_of_a_changed_record_is_refused,
    many_writes_answer_in_order_and_disturb_no_other,
)

__all__ = [
    "CHECKS", "ERRORS", "READING", "WEBHOOKS", "WRITING", "Check", "NotApplicable", "Subject", "name_of", "present", "raises",
    "read_all", "write",
]  # fmt: skip

READING: tuple[Check, ...] = (
    a_poll_reads_every_record_over_all_pages,
    a_poll_resumes_after_a_kill_at_any_page,
    changes_made_while_it_reads_are_not_lost,
    a_later_poll_tells_what_changed,
    what_changes_is_told_though_the_system_s_clock_is_wrong,
    a_deleted_record_is_told,
    the_same_message_has_the_same_key,
    a_record_is_fetched_as_it_is_now,
    ten_thousand_records_are_read,
)
WEBHOOKS: tuple[Check, ...] = (
    a_signed_webhook_is_taken_and_is_the_message_of_the_poll,
    a_webhook_that_is_not_signed_for_its_body_is_refused,
)
WRITING: tuple[Check, ...] = (
    a_created_record_is_there_once,
    a_lost_answer_does_not_create_twice,
    a_create_that_did_not_happen_is_not_found,
    a_unique_key_makes_a_second_create_impossible,
    an_update_is_applied_and_can_be_looked_up,
    an_update_of_a_changed_record_is_refused,
    many_writes_answer_in_order_and_disturb_no_other,
)
ERRORS: tuple[Check, ...] = (
    a_refusal_names_field_and_remedy,
    a_rate_limit_says_how_long_to_wait,
    a_server_error_is_retriable,
    a_cut_or_malformed_answer_is_retriable_for_a_read_and_unknown_for_a_write,
    a_slow_answer_is_waited_for,
    an_answer_of_another_shape_stops_the_poll_with_its_name,
    an_expired_token_is_renewed_in_the_middle_of_a_poll,
    wrong_credentials_are_told_as_such,
)
CHECKS: tuple[Check, ...] = (*READING, *WEBHOOKS, *WRITING, *ERRORS)
