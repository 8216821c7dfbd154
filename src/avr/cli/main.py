"""The `avr` command: finds its verbs by name and turns errors into messages and exit codes."""

import errno
import gc
import importlib
import sys

import click

from avr import __version__
from avr.errors import AvrError, ExitCode

INTERRUPTED = 130
"""128 + SIGINT, as shells expect."""

_ALLOCATIONS = 100_000

VERBS = {
    "scan": "avr.cli.scan:scan",
    "plan": "avr.cli.plan:plan",
    "fix": "avr.cli.fix:fix",
    "backport": "avr.cli.backport:backport",
    "affected": "avr.cli.affected:affected",
    "verify": "avr.cli.verify:verify",
    "prove": "avr.cli.prove:prove",
    "undo": "avr.cli.undo:undo",
    "feed": "avr.cli.feed:feed",
    "doctor": "avr.cli.doctor:doctor",
}


class LazyGroup(click.Group):
    """Imports a verb only when it is called: `avr scan` does not pay for the signing libraries."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order in which people meet them."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, or None where there is no such verb."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module, _, attribute = VERBS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="avr")
def cli() -> None:
    """Fix known vulnerabilities in the exact versions you run, and prove it.

    \b
    Examples:
      avr scan requirements.txt           what is vulnerable
      avr fix requirements.txt            patched, proved, signed wheels of the same versions
      avr backport --repo . --fix main~3 --onto 2.x | git apply
      avr affected jinja2 CVE-2024-22195  which releases are really affected
      avr verify avr-out                  trust nobody: check, rebuild, compare
      avr prove fixed.capsule.zip         run the proof of a fix again, anywhere
      avr undo requirements.txt           the file as it was, byte for byte

    \b
    Exit codes: 0 all clear or all fixed, 1 findings remain, 2 usage, 3 environment, 4 a proof failed, 130 interrupted.
    """


def collect_rarely() -> None:
    """Look for cyclic garbage after many more allocations than Python does by itself.

    Files under work are hundreds of thousands of small values without cycles: looking through them again and again
    finds nothing and takes a third of the time (`benchmarks/backport`).
    """
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)


def main() -> None:
    """Run the command and leave with its exit code."""
    collect_rarely()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command with `arguments` and give its exit code; every known trouble becomes a message."""
    try:
        result = cli.main(args=arguments, prog_name="avr", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except AvrError as error:
        return _fail(f"error[{error.code}]: {error}", error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted; finished components are kept and will not be done again", INTERRUPTED)
    except BrokenPipeError:
        return ExitCode.OK
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES}:
            raise
        return _fail(
            f"error[disk]: {error}\nhint: free space or choose other folders with AVR_HOME, AVR_CACHE, --output", 3
        )
    return result if isinstance(result, int) else ExitCode.OK


def _fail(message: str, code: int) -> int:
    click.echo(message, err=True)
    return code
