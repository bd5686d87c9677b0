"""Every error the hub raises itself, grouped by what happens next.

A message is one sentence made from the error's attributes; it holds no secret and no personal value,
since messages may reach a log, a terminal or a caller.
"""

from __future__ import annotations


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


class NotBuiltError(SetupError):
    """A command was called whose part is not in this build; nothing was changed."""

    def __init__(self, command: str, part: str) -> None:
        super().__init__(f"'hub {command}' needs {part}, which is not part of this build")
        self.command = command
        self.part = part
