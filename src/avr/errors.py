"""The roots of everything that avr raises on purpose."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the `avr` command answers to the shell; documented in docs/reference/exit-codes.md."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    ENVIRONMENT = 3
    PROOF_FAILED = 4


class AvrError(Exception):
    """A broken world: the message quotes values with `!r`, the hint says what to do next.

    `code` is stable and dotted, such as `registry.unreachable`; `exit_code` is what a command ends with.
    """

    exit_code = ExitCode.ENVIRONMENT

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """The message, then the hint on a line of its own."""
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class UsageError(AvrError):
    """The command line or a file that the user gave cannot be used as it is."""

    exit_code = ExitCode.USAGE


class ProofError(AvrError):
    """Something that claims to be proved is not: a signature, a digest, a rebuilt byte or a test disagrees."""

    exit_code = ExitCode.PROOF_FAILED
