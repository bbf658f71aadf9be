"""The main job end to end on a made-up history, offline, with a throw-away key."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

from undersign.errors import UsageError
from undersign.records.policing import PolicyQuestion
from undersign.records.work import Work
from undersign.surfaces.hunt.journal import Opening
from undersign.workspace import (
    asking,
    baselines,
    drafting,
    files,
    hunt_rerun,
    hunting,
    ledgerbook,
    logs,
    policing,
    signoff,
    testing,
)
from undersign.workspace.beside import Beside
from undersign.workspace.ledgerbook import counted
from undersign.workspace.querying import Asked
from undersign.workspace.review import Wanted, review
from undersign.workspace.workspace import Workspace, init

BRIEF = (
    "detect Kerberoasting where a non-admin account requests TGS tickets for SPNs at high volume "
    "from a single workstation in a 30-minute window"
)
QUESTION = "how many failed logons per user in the last 24 hours"
NARROWED = "only from external IPs"
PERSON = "demo@example.org"
SEED = 20260105
DAYS = 7
_MARKER = "demo.txt"


@dataclass
class Demo:
    """The state of one demo run; every step is a method that returns what to say of it."""

    root: Path
    now: datetime
    progress: Callable[[int], None] = lambda _: None
    rule: Path = field(init=False)
    works: list[Work] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rule = self.root / "rules" / "kerberoasting.yml"
        self.workspace = Workspace(self.root)

    def steps(self) -> tuple[tuple[str, Callable[[], str]], ...]:
        """Return the steps in order: (name, what does it)."""
        return (
            ("workspace", self.make_workspace),
            ("history", self.make_history),
            ("ingest", self.ingest),
            ("draft", self.draft),
            ("check", self.check),
            ("baseline", self.baseline),
            ("test", self.test),
            ("ask", self.ask),
            ("journal", self.journal),
            ("policy", self.policy),
            ("triage", self.triage),
            ("sign", self.sign),
            ("verify", self.verify),
            ("tamper", self.tamper),
        )

    def make_workspace(self) -> str:
        """Start from an empty folder; only a folder that a demo made before is cleared."""
        marker = self.root / ".undersign" / _MARKER
        if marker.exists():
            shutil.rmtree(self.root)
        elif self.root.exists() and any(self.root.iterdir()):
            raise UsageError(
                f"{self.root} is not empty and no demo made it",
                hint="name an empty folder with --workspace DIR",
            )
        self.workspace, _ = init(self.root)
        files.write(marker, "Made by `undersign demo`; the next demo clears this folder.\n")
        return str(self.root)

    def make_history(self) -> str:
        """Write a week of invented logs of a small company."""
        from undersign.telemetry.sample_history import simulate

        start = (self.now - timedelta(days=DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)
        story = simulate(SEED, start=start.astimezone(UTC), days=DAYS)
        folder = self.root / "logs"
        folder.mkdir()
        for name, lines in story.lines():
            with (folder / name).open("wb") as file:
                file.writelines(lines)
        planted = ", ".join(p.name for p in story.planted)
        return f"{DAYS} invented days with {len(story.planted)} behaviours planted: {planted}"

    def ingest(self) -> str:
        """Bring the logs into the lake."""
        report = logs.ingest_document(
            self.workspace, [self.root / "logs"], source=None, now=self.now, progress=self.progress
        )
        rows = sum(table["rows"] for table in report["tables"])
        rejected = report.get("rejected_total", len(report["rejected"]))
        bad = counted(rejected, "bad line")
        return f"{rows:,} events in {len(report['tables'])} tables; {bad} counted"

    def draft(self) -> str:
        """Draft the rule from the seed's sentence."""
        done = drafting.draft(
            self.workspace,
            "sigma",
            BRIEF,
            drafter="offline",
            output=self.rule,
            force=False,
            now=self.now,
        )
        questions = len(done.open_questions)
        return f"{done.path} by {done.drafter}, {counted(questions, 'open question')}"

    def check(self) -> str:
        """Run every check."""
        self.works = review(self.workspace, [self.rule], Wanted(), now=self.now)
        outcomes = self.works[0].outcomes
        counts = {s: sum(o.status == s for o in outcomes) for s in ("found", "clean", "not_run")}
        return (
            f"{counted(counts['found'], 'check')} found something, {counts['clean']} are clean, "
            f"{counts['not_run']} could not run"
        )

    def baseline(self) -> str:
        """Measure the rule on the week."""
        result = baselines.baseline(
            self.workspace, [self.rule], baselines.Span(), on=(), now=self.now
        )
        correlation = result.histories[-1]
        proposal = correlation.threshold
        proposed = (
            f"threshold {proposal.value} from the {proposal.percentile:g}th percentile"
            if proposal
            else "no threshold can be proposed"
        )
        return f"{correlation.matches} alerts in {correlation.days:.0f} days; {proposed}"

    def test(self) -> str:
        """Run the events the drafter proposed."""
        rows = testing.run_tests(self.workspace, [self.rule])
        cases = [case for row in rows for case in row["cases"]]
        failed = [case for row in rows for case in row["failed"]]
        if failed:
            raise UsageError(f"{len(failed)} of {len(cases)} test events fail")
        return f"{len(cases)} test events pass"

    def ask(self) -> str:
        """Open a hunt and ask the logs a question in English."""
        opening = Opening("Guessed passwords", "Somebody guesses passwords.", ("T1110",), QUESTION)
        hunting.new(self.workspace, opening, person=PERSON, now=self.now)
        reply = asking.ask(self.workspace, QUESTION, "kql", Asked(self.now, "latest"))
        return f"{QUESTION!r}: {_told(reply)}"

    def journal(self) -> str:
        """Refine the query, then run both again on the snapshot that the journal pins."""
        reply = asking.refine(self.workspace, NARROWED, Asked(self.now, "latest"))
        run = hunt_rerun.runner(self.workspace, self.now)
        again = hunt_rerun.run_again(self.workspace, None, run, now=self.now)
        pinned = [one for one in again if one.on == "pinned"]
        same = sum(one.outcome == "same" for one in pinned)
        if same < len(pinned):
            raise UsageError("a journalled query gave other rows when it was run again")
        return (
            f"{NARROWED!r}: {_told(reply)}; {reply.hunt}; run again: {same} of {len(pinned)} same"
        )

    def policy(self) -> str:
        """See what a hosted model would be sent of a question with a password in it."""
        secret = token_hex(12)
        text = f"why does svc-scan fail? its login is https://svc-scan:{secret}@scan.example.org/"
        asked = PolicyQuestion(text, drafter="anthropic:any", purpose="hunt")
        whole = policing.check(self.workspace, self.now)
        told = policing.explain(self.workspace, asked, now=self.now)
        if whole.holes or told.sent is None or secret in told.sent:
            raise UsageError("the policy does not hide a password from a hosted model")
        token = next(word for word in re.findall(r"USX_\w+", told.sent))
        return (
            f"{len(whole.cells)} cells decided; a password in a question: "
            f"{told.judgement.ruling.value} by {told.judgement.ruled[0].rule}, sent as {token}"
        )

    def triage(self) -> str:
        """Give a verdict on all that is open, as a person would, one by one, with reasons."""
        given = 0
        for target in self.works[0].open_items():
            self._verdict(target)
            given += 1
        return f"{counted(given, 'verdict')} by {PERSON}, each with a reason"

    def _verdict(self, target: str) -> None:
        reason = (
            "demo: looked at the finding and its evidence on the sample history; acceptable here"
        )
        signoff.triage(self.workspace, target, "accept-risk", reason, person=PERSON, now=self.now)

    def sign(self) -> str:
        """Sign with a key that is thrown away, and seal the ledger."""
        from undersign.ledger.keys import new_key

        key = new_key(PERSON)
        allowed = f'{PERSON} namespaces="undersign/v1" {key.public.line()}\n'
        files.write(self.root / "allowed_signers", allowed)
        path = self.workspace.state / "demo_key"
        files.write(path, "")
        path.chmod(0o600)
        path.write_text(key.private_text(), encoding="ascii")
        try:
            done = signoff.sign(
                self.workspace,
                self.rule,
                key=str(path),
                threat_model=None,
                person=PERSON,
                now=self.now,
            )
            ledgerbook.checkpoint(self.workspace, key=str(path), person=PERSON, now=self.now)
        finally:
            path.unlink()
        return f"by {done.signer} with {done.fingerprint}; the key is gone now"

    def verify(self) -> str:
        """Verify with our own code, with plain ssh-keygen, and the ledger."""
        found = signoff.verify(self.workspace, [self.rule], None)[0]
        ledger = ledgerbook.verify(self.workspace, None, now=self.now)
        if not found.valid or not ledger.valid:
            raise UsageError(f"{found.detail}; ledger: {ledger.summary}")
        return f"signature holds ({self._ssh_keygen()}); ledger: {ledger.summary}"

    def _ssh_keygen(self) -> str:
        if shutil.which("ssh-keygen") is None:
            return "ssh-keygen is not installed, so it was not asked"
        beside = Beside(self.rule)
        arguments = ["-f", "allowed_signers", "-I", PERSON, "-n", "undersign/v1"]
        done = subprocess.run(  # noqa: S603
            ["ssh-keygen", "-Y", "verify", *arguments, "-s", str(beside.signature)],  # noqa: S607
            cwd=self.root,
            input=beside.statement.read_bytes(),
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise UsageError(
                f"ssh-keygen disagrees: {done.stderr.decode(errors='replace').strip()}"
            )
        return "plain ssh-keygen agrees"

    def tamper(self) -> str:
        """Change one number of a copy and see that it counts as unsigned."""
        kept = self.rule.read_text(encoding="utf-8")
        files.write(self.rule, kept + "# edited after signing\n")
        try:
            found = signoff.verify(self.workspace, [self.rule], None)[0]
        finally:
            files.write(self.rule, kept)
        if found.valid:
            raise UsageError("an edited rule still verified")
        return f"an edit voids it: {found.detail}"

    def summary(self) -> dict[str, Any]:
        """Return where everything is."""
        return {"workspace": str(self.root), "rule": str(self.rule)}


def _told(reply: asking.Reply) -> str:
    """Say what a question came to; a query that did not run stops the demo."""
    if reply.answer is None:
        raise UsageError(f"the query did not run: {reply.run.refused if reply.run else 'no logs'}")
    found = sum(len(outcome.findings) for outcome in reply.work.outcomes)
    rows = counted(reply.answer.table.num_rows, "row")
    return f"{rows}, {counted(found, 'finding')} about the query"
