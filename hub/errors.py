"""Every error the hub raises itself, grouped by what happens next.

A message is one sentence made from the error's attributes; it holds no secret and no personal value,
since messages may reach a log, a terminal or a caller.
"""

from __future__ import annotations

from uuid import UUID


class HubError(Exception):
    """Something the hub can name went wrong. Whoever catches it may show its message as it is."""


class SetupError(HubError):
    """The hub cannot run like this; a person changes the installation and starts again."""


class SettingError(SetupError):
    """A setting is missing or says something we cannot use; the command ends before it touches anything."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")
        self.name = name


class EmbeddedError(SetupError):
    """An embedded server did not start, stop or answer; its own log, named in the message, says why."""


class BackupError(SetupError):
    """A backup cannot be taken, or what a folder holds cannot be brought back; nothing that ran before was changed."""


class NotBuiltError(SetupError):
    """A command was called whose part is not in this build; nothing was changed."""

    def __init__(self, command: str, part: str) -> None:
        super().__init__(f"'hub {command}' needs {part}, which is not part of this build")
        self.command = command
        self.part = part


class RetryBatchError(HubError):
    """The transaction met another one; nothing was stored, and the same batch is tried again at once."""


class ConcurrentInsertError(RetryBatchError):
    """Another transaction made the same source record first; the next try finds and locks it."""

    def __init__(self, system: str, external_id: str) -> None:
        super().__init__(f"{system} record {external_id!r} was stored by another batch at the same moment")
        self.system = system
        self.external_id = external_id


class MovedMeanwhileError(RetryBatchError):
    """Another transaction put a source record to or took one from a golden record that was about to be merged or split."""

    def __init__(self, entity: str) -> None:
        super().__init__(f"the source records of a {entity} changed at the same moment")
        self.entity = entity


class MergedMeanwhileError(RetryBatchError):
    """The golden record a source record was put under was merged away meanwhile; the next try finds the survivor."""

    def __init__(self, entity: str, golden_id: UUID) -> None:
        super().__init__(f"{entity} {golden_id} was merged at the same moment")
        self.entity = entity
        self.golden_id = golden_id


class LostClaimError(HubError):
    """The lease ran out and somebody else took the batch over; what we computed is dropped."""

    def __init__(self, queue: str, claim_id: int) -> None:
        super().__init__(f"claim {claim_id} of queue {queue!r} was taken over by another worker")
        self.queue = queue
        self.claim_id = claim_id


class RequestError(HubError):
    """The caller asked for something that cannot be done as asked; nothing was stored.

    ``code`` is stable, ``field`` the path of what is wrong, ``remedy`` what to do, ``is_retryable`` whether the same
    request may succeed later.
    """

    def __init__(
        self, code: str, message: str, *, field: str = "", remedy: str = "", is_retryable: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.remedy = remedy
        self.is_retryable = is_retryable


class BusyError(RequestError):
    """There is too much to do just now; nothing was stored, and the same request is sent again after ``retry_after_s``.

    ``is_yours``: it is the caller's own tenant that asks for too much (429), else everybody together (503).
    """

    def __init__(self, message: str, retry_after_s: int, *, is_yours: bool) -> None:
        code = "TOO_MANY_REQUESTS" if is_yours else "UNAVAILABLE"
        super().__init__(code, message, remedy=f"Send it again after {retry_after_s} s.", is_retryable=True)
        self.retry_after_s = retry_after_s
        self.is_yours = is_yours


class SecretError(HubError):
    """A stored secret cannot be read; it is entered again, or the former HUB_SECRET_KEY is put back."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"a stored secret {reason}")
