"""Hunts to test with: a full one, and hypothesis strategies for any."""

from __future__ import annotations

from hypothesis import strategies as st

from undersign.records.hunt import (
    Conclusion,
    Critique,
    Entry,
    Hunt,
    HuntVerdict,
    Note,
    NotRun,
    Origin,
    Remark,
    Shown,
    StageRows,
    Summary,
)

WHEN = "2026-01-05T10:00:00Z"
HOSTILE = (
    "</script><script>alert(1)</script> ``` `rm` \x1b[31mred\x1b[0m \u202eevil\u202c\r\n"
    "- &a [*a, *a]\n!!python/object/apply:os.system ['id']\n---\n{{ 7 * 7 }} $(id) <img src=x> |x|"
)
QUERY = "SecurityEvent\n| where EventID == 4625\n| summarize Failures = count() by Account"


def full_hunt() -> Hunt:
    """Return a closed hunt that uses every field."""
    entry = Entry(
        nth=1,
        at="2026-01-05T10:05:00Z",
        question="which accounts failed to log on most in the last 24 hours",
        language="kql",
        query=QUERY,
        drafter="offline",
        unused_words=("most",),
        open_questions=("does `most` mean a number?",),
        critique=Critique(
            found=(
                Remark("missing-window", "QRY010", "error", "the query has no window", 2, 3, "ago"),
            ),
            not_run=(NotRun("silent-source", "needs History"),),
            clean=("unknown-table", "unknown-column"),
        ),
        as_of="2026-01-05T10:05:00Z",
        snapshot="abc123",
        pins=(("windows_security", "4711"),),
        shown=Shown(
            rows=2,
            columns=(("Account", "string"), ("Failures", "long")),
            sample=(("alice", 12), (HOSTILE, 3)),
            digest="d" * 64,
            stages=(
                StageRows("SecurityEvent", 1200),
                StageRows("where EventID == 4625", 15),
                StageRows("summarize Failures = count() by Account", 2),
            ),
        ),
        summary=Summary("offline", "alice fails most"),
    )
    return Hunt(
        id="0001",
        title="Password guessing against one account",
        hypothesis="Somebody guesses passwords of one account from many addresses.",
        hunter="hunter@example.org",
        opened_at=WHEN,
        techniques=("T1110.001",),
        question="who fails to log on?",
        conclusion=Conclusion(HuntVerdict.CONFIRMED, "alice", "hunter@example.org", WHEN),
        notes=(Note(WHEN, "hunter@example.org", "asked the owner of alice", 1),),
        false_positives=(Note(WHEN, "hunter@example.org", "a service with an old password"),),
        validation=(Note(WHEN, "hunter@example.org", "guessed ten times in the lab: found"),),
        entries=(entry,),
        origin=Origin("hearth", "---\nid: H001\n---\n\n# H001\n"),
    )


_any_text = st.text(max_size=40) | st.sampled_from(
    [HOSTILE, "", " ", "\n", "\n\na", "a\n\n", "a\n ", " a\nb", "\ta\n\tb", "a\r\nb", "a\u2028b",
     "null", "0007", "1e5", "1_000", "2026-01-05T10:00:00Z", "a: b\nc # d", "# x\ny", "- a\n- b",
     "a\n---\nb", "é\u00a0\U0001f600\nb", "\ufeffa\nb", "~", "yes", "'", '"', "\x00", "?",
     "a\n\n \n"]
)  # fmt: skip
texts = _any_text.map(lambda t: "".join(c for c in t if not 0xD800 <= ord(c) <= 0xDFFF))
_words = texts.map(lambda t: f"w{t}")
_cells = (
    st.none() | st.booleans() | texts
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
_notes = st.builds(Note, texts, texts, texts, st.none() | st.integers(1, 9))
_remarks = st.builds(
    Remark, _words, texts, _words, texts, st.none() | st.integers(1, 99), st.none(), texts
)
_critiques = st.builds(
    Critique,
    st.lists(_remarks, max_size=2).map(tuple),
    st.lists(st.builds(NotRun, texts, texts), max_size=2).map(tuple),
    st.lists(texts, max_size=3).map(tuple),
)
_stages = st.builds(StageRows, texts, st.none() | st.integers(0, 9**9), texts, texts)


@st.composite
def _shown(draw: st.DrawFn) -> Shown:
    columns = draw(st.lists(st.tuples(texts, st.just("string")), max_size=3).map(tuple))
    row = st.tuples(*[_cells for _ in columns])
    return Shown(
        rows=draw(st.none() | st.integers(0, 9**9)),
        truncated=draw(st.booleans()),
        columns=columns,
        sample=tuple(draw(st.lists(row, max_size=3))) if columns else (),
        digest=draw(texts),
        stages=tuple(draw(st.lists(_stages, max_size=3))),
        refused=draw(texts),
    )


def _entries(nth: int) -> st.SearchStrategy[Entry]:
    return st.builds(
        Entry,
        nth=st.just(nth),
        at=_words,
        question=texts,
        language=st.sampled_from(["kql", "spl", "sql"]),
        query=texts,
        drafter=_words,
        unused_words=st.lists(texts, max_size=3).map(tuple),
        open_questions=st.lists(texts, max_size=3).map(tuple),
        critique=st.none() | _critiques,
        as_of=texts,
        snapshot=texts,
        pins=st.dictionaries(texts, texts, max_size=2).map(lambda d: tuple(d.items())),
        shown=st.none() | _shown(),
        summary=st.none() | st.builds(Summary, _words, texts),
    )


hunts = st.builds(
    Hunt,
    id=_words,
    title=texts,
    hypothesis=texts,
    hunter=texts,
    opened_at=_words,
    techniques=st.lists(texts, max_size=2).map(tuple),
    question=texts,
    conclusion=st.none()
    | st.builds(Conclusion, st.sampled_from(list(HuntVerdict)), texts, texts, texts),
    notes=st.lists(_notes, max_size=2).map(tuple),
    false_positives=st.lists(_notes, max_size=1).map(tuple),
    validation=st.lists(_notes, max_size=1).map(tuple),
    entries=st.integers(0, 2).flatmap(lambda n: st.tuples(*[_entries(i + 1) for i in range(n)])),
    origin=st.none() | st.builds(Origin, _words, texts),
)
