"""The command line: one table of commands, each imported only when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING, NamedTuple

import click

from undersign import __version__
from undersign.errors import SigningRefused, UndersignError

if TYPE_CHECKING:
    from undersign.workspace.workspace import Workspace


CLOSED_PIPE = 141
"""What a shell says of a program whose reader went away: neither fine nor a finding."""


class Line(NamedTuple):
    """One command: its name, the module that holds it, and what `--help` says of it."""

    name: str
    module: str
    help: str


COMMANDS = (
    Line("demo", "demo", "Show the whole loop, offline, on a made-up sample history."),
    Line("init", "init", "Make a workspace."),
    Line("ingest", "ingest", "Bring logs into the lake."),
    Line("schema", "schema", "Show which fields the logs really have."),
    Line(
        "query", "query", "Run KQL, SPL, SQL or Sigma over the lake: stage counts, then raw rows."
    ),
    Line("ask", "ask", "Ask the logs in English: query, critique, rows."),
    Line("refine", "refine", "Change the last query by a sentence, and see what changed."),
    Line("hunt", "hunt", "Keep the journal of a hunt, re-run it, hand it off."),
    Line("draft", "draft", "Draft an artifact from one English sentence."),
    Line("check", "check", "Check artifacts against every ground of truth at hand."),
    Line("explain", "explain", "Show the card of a check."),
    Line("test", "test", "Run a rule's true-positive and true-negative events."),
    Line("baseline", "baseline", "Run rules over history: how often, where, with what threshold."),
    Line("why", "why", "Show why a rule matches an event, or why not."),
    Line("review", "review", "Verify what tools and models say of a change; show what none saw."),
    Line("respond", "respond", "An incident: cited timeline, postmortem, notices, clocks, lint."),
    Line(
        "threatmodel", "threatmodel", "A system's threats, each resting on a fact; the rest asked."
    ),
    Line("triage", "triage", "Give a person's verdict on a finding or a check that could not run."),
    Line("sign", "sign", "Sign an artifact with your SSH key."),
    Line("verify", "verify", "Verify signatures; an edited artifact counts as unsigned."),
    Line("policy", "policy", "Check, explain and export the AI-tool policy."),
    Line("gateway", "gateway", "Put Claude Code and other clients behind the AI-tool policy."),
    Line("scorecard", "scorecard", "Show which drafter is worth using for what, from your ledger."),
    Line("maturity", "maturity", "Show what is here for AI RMF and SAMM: evidence and gaps."),
    Line("report", "report", "Write one artifact's report as a self-contained HTML page."),
    Line("log", "log", "Show, verify and checkpoint the ledger."),
    Line("catalog", "catalog", "List the catalogs, their editions, dates and licences."),
)


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that --help stays instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return [line.name for line in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of this name."""
        line = next((c for c in COMMANDS if c.name == cmd_name), None)
        if line is None:
            return None
        command = getattr(
            import_module(f"undersign.faces.cli.{line.module}"), f"{line.module}_command"
        )
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing a single command."""
        with formatter.section("Commands"):
            formatter.write_dl([(line.name, line.help) for line in COMMANDS])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `undersign demo`. Every command takes --json. Exit codes: 0 fine, "
    "1 findings or a failed verification, 2 bad input, 3 refused by policy.",
)
@click.version_option(__version__, prog_name="undersign")
@click.option("--workspace", metavar="DIR", envvar="UNDERSIGN_WORKSPACE", help="Work in DIR.")
@click.option("--verbose", is_flag=True, expose_value=False, help="Show the traceback of an error.")
@click.pass_context
def cli(ctx: click.Context, workspace: str | None) -> None:
    """AI drafts. The machine checks. A human signs."""
    ctx.obj = workspace


def run(arguments: Sequence[str]) -> int:
    """Run one command line; return its exit code. Never shows a traceback without --verbose."""
    # People add --verbose at the end of the line that failed, so it may stand anywhere.
    words = [word for word in arguments if word != "--verbose"]
    _escape_what_cannot_be_encoded()
    try:
        code = cli.main(args=words, prog_name="undersign", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as error:
        _tell_usage(error)
        return 2
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted; nothing was left half-written")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    except SystemExit:  # click's own answer to a closed pipe
        return CLOSED_PIPE
    except SigningRefused as error:
        _say(str(error), several_lines=True)
        return error.exit_code
    except UndersignError as error:
        return _tell(arguments, str(error), error.exit_code)
    except OSError as error:
        return _tell(arguments, _os_error(error), 2)
    except Exception as error:  # noqa: BLE001 - the last line of defence: one human line, exit 2
        return _tell(arguments, f"internal error: {type(error).__name__}: {error}", 2)
    return code if isinstance(code, int) else 0


def _tell_usage(error: click.ClickException) -> None:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)  # the help of a group, in our words alone
    else:
        _say(error.format_message(), getattr(error, "ctx", None))


def _escape_what_cannot_be_encoded() -> None:
    """Write `\\uXXXX`, which JSON understands too, where the locale has no such character."""
    from codecs import register_error

    register_error("undersign", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="undersign")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[at : at + 2].hex() for at in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs), error.end


def _say(message: str, ctx: click.Context | None = None, *, several_lines: bool = False) -> None:
    """Tell a person one line on stderr, whatever a path or log line in it may hold."""
    from undersign.render.terminal import safe, safe_lines

    if ctx is not None:
        click.echo(ctx.get_usage(), err=True)
    shown = safe_lines(message) if several_lines else safe(message)
    click.echo(f"undersign: {shown}", err=True)


def _tell(arguments: Sequence[str], message: str, code: int) -> int:
    if "--verbose" in arguments:
        from traceback import print_exc

        print_exc()
    _say(message)
    return code


def _os_error(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}"


def workspace_of(ctx: click.Context, given: str | None) -> Workspace:
    """Open the workspace of a command: its own --workspace, the group's, or the nearest above."""
    from pathlib import Path

    from undersign.workspace.workspace import find

    return find(Path.cwd(), given or ctx.find_root().obj)
