"""Everything that can go wrong, in one tree, each error with its exit code.

UndersignError                  2
  UsageError                    2   the command line asks for something impossible
    NoWorkspace                 2   no undersign.toml here or above
  BadInput                      2   a file we were handed cannot be read as what it claims to be
    QueryRefused                2   a query that cannot, or may not, be run here
  DrafterFailed                 2   a drafter could not be reached, or gave no answer to use
  StorageError                  2   the disk is full, read-only, or a stored file is damaged
  SigningRefused                1   the artifact is not ready to be signed
  VerificationFailed            1   a signature, statement, ledger row or checkpoint is wrong
  PolicyRefused                 3   the policy forbids it
"""

from __future__ import annotations


class UndersignError(Exception):
    """Base of every error a person may see; the message is one human line."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        """The next step, if there is one: a command to run or a thing to change."""

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(UndersignError):
    """The command line asks for something impossible."""


class NoWorkspace(UsageError):
    """No undersign.toml in this folder or any above it."""


class BadInput(UndersignError):
    """A file or text we were handed is not what it claims to be.

    `path`, `line` and `column` (from 1) say where; any may be unknown.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part)
        return f"{place}: {super().__str__()}" if place else super().__str__()


class QueryRefused(BadInput):
    """A query that cannot, or may not, be run here.

    `operator` names the part of the language it is about: `mv-apply`, `read_csv`, `transaction`.
    """

    def __init__(
        self,
        message: str,
        *,
        operator: str = "",
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, line=line, column=column, hint=hint)
        self.operator = operator


class DrafterFailed(UndersignError):
    """A drafter could not be reached, or gave no answer that can be used.

    The message never holds a key, nor anything of the prompt or the reply.
    """


class StorageError(UndersignError):
    """The disk is full or read-only, or a stored file is damaged."""


class SigningRefused(UndersignError):
    """The artifact is not ready to be signed; the message lists what is open."""

    exit_code = 1


class VerificationFailed(UndersignError):
    """A signature, statement, ledger row or checkpoint does not hold.

    `part` names which of the signed things it is: `signature`, `statement`, `artifact`, `tests` or
    `ledger`; None when only one thing was looked at.
    """

    exit_code = 1

    def __init__(self, message: str, *, part: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.part = part


class PolicyRefused(UndersignError):
    """The policy forbids this drafter for this data and purpose."""

    exit_code = 3
