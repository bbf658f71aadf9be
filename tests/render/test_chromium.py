"""The report in a real browser: hostile text stays text, and nothing is asked for from outside."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from render.sample_report import sample_report
from undersign.render.html import render

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
def chromium() -> str:
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("needs Chromium: scripts/install-test-tools")
    return found


def test_hostile_text_is_shown_and_not_run(tmp_path: Path, chromium: str) -> None:
    page = tmp_path / "report.html"
    report = sample_report()
    work = report.work
    text = work.artifact.text.replace("title: ", f"title: {HOSTILE} ", 1)
    hostile = replace(work, artifact=replace(work.artifact, text=text))
    page.write_text(render(replace(report, title=HOSTILE, work=hostile)), encoding="utf-8")
    done = subprocess.run(
        [chromium, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "<title>owned</title>" not in done.stdout
    assert "<script" not in done.stdout
    assert "<img" not in done.stdout
    assert "&lt;script&gt;" in done.stdout
