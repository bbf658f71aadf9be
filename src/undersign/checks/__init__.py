"""Every check, in the order people see them. A check can never call a model or touch a file."""

from __future__ import annotations

from undersign.checks.spec import Check
from undersign.records.finding import Severity

SIGMA = ("sigma",)
QUERY = ("kql", "spl", "sql")
DOCUMENT = ("postmortem", "notice")

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


def _query(code: str, name: str, severity: Severity, *, broken: str = "not run") -> Check:
    """Make the line of a check of queries: its module has its name.

    `broken`: what it does on text that cannot be read to the end: `not run`, `faults` when it
    reports what it finds before that place, `runs` when it does not depend on it.
    """
    module = f"query.{name.replace('-', '_')}"
    reads, whole = broken == "runs", broken == "not run"
    return Check(code, name, module, severity, QUERY, reads_broken=reads, whole=whole)


def _review(code: str, name: str, severity: Severity, *, reads_broken: bool = False) -> Check:
    """Make the line of a check of a review as a whole."""
    module = f"code_review.{name.replace('-', '_')}"
    return Check(code, name, module, severity, ("review",), reads_broken=reads_broken)


def _candidate(code: str, name: str, severity: Severity) -> Check:
    """Make the line of a check of one candidate of a review: its module has its name."""
    return Check(code, name, f"code_review.{name.replace('-', '_')}", severity, ("candidate",))


def _respond(code: str, name: str, severity: Severity, *kinds: str) -> Check:
    """Make the line of a check of what an incident leaves behind; documents unless told."""
    module = f"prose.{name.replace('-', '_')}"
    # A document with front matter that nobody can read is still a document.
    broken = not kinds or set(kinds) <= set(DOCUMENT) or name.startswith("unreadable")
    on = kinds or DOCUMENT
    return Check(code, name, module, severity, on, reads_broken=broken, whole=not broken)


def _threats(code: str, name: str, severity: Severity) -> Check:
    """Make the line of a check of a threat model; only the first runs on a broken one."""
    broken = name == "unreadable-system"
    module = f"threats.{name.replace('-', '_')}"
    return Check(code, name, module, severity, ("threatmodel",), reads_broken=broken,
                 whole=not broken)  # fmt: skip


CHECKS: tuple[Check, ...] = (
    # --- Sigma rules: code, name, module, severity, kinds ---
    # Does it read?
    Check("SIG001", "unparsable", "rule.unparsable", ERROR, SIGMA, reads_broken=True),
    Check("SIG002", "unresolved-correlation", "rule.unresolved_correlation", ERROR, SIGMA),
    Check("SIG003", "ungrouped-correlation", "rule.ungrouped_correlation", WARNING, SIGMA),
    # Are its names real?
    Check("SIG010", "unknown-logsource", "catalog.unknown_logsource", ERROR, SIGMA),
    Check("SIG011", "unknown-field", "catalog.unknown_field", ERROR, SIGMA),
    Check("SIG012", "mistyped-value", "catalog.mistyped_value", ERROR, SIGMA),
    Check("SIG013", "field-absent-in-history", "history.field_absent_in_history", WARNING, SIGMA),
    # Does it say the right ATT&CK?
    Check("SIG020", "unknown-attack-id", "catalog.unknown_attack_id", ERROR, SIGMA),
    Check("SIG021", "revoked-attack-id", "catalog.revoked_attack_id", WARNING, SIGMA),
    Check("SIG022", "mismatched-attack-tactic", "catalog.mismatched_attack_tactic", WARNING, SIGMA),
    Check("SIG023", "mismatched-attack-name", "catalog.mismatched_attack_name", WARNING, SIGMA),
    Check("SIG024", "missing-attack-tag", "catalog.missing_attack_tag", NOTE, SIGMA),
    # Can it be true?
    Check("SIG030", "contradictory-selection", "rule.contradictory_selection", ERROR, SIGMA),
    Check("SIG031", "unreachable-condition", "rule.unreachable_condition", ERROR, SIGMA),
    Check("SIG032", "unused-selection", "rule.unused_selection", WARNING, SIGMA),
    Check("SIG033", "redundant-value", "rule.redundant_value", NOTE, SIGMA),
    Check("SIG034", "too-broad", "rule.too_broad", WARNING, SIGMA),
    # Is it written as meant?
    Check("SIG040", "suspicious-wildcard", "rule.suspicious_wildcard", WARNING, SIGMA),
    Check("SIG041", "suspicious-backslash", "rule.suspicious_backslash", WARNING, SIGMA),
    Check("SIG042", "bad-regex", "rule.bad_regex", ERROR, SIGMA),
    Check("SIG043", "explosive-regex", "rule.explosive_regex", WARNING, SIGMA),
    Check("SIG044", "case-sensitive-regex", "rule.case_sensitive_regex", NOTE, SIGMA),
    Check(
        "SIG045",
        "invisible-characters",
        "rule.invisible_characters",
        ERROR,
        SIGMA,
        reads_broken=True,
    ),
    # What did it do on history?
    Check("SIG050", "never-fires", "history.never_fires", WARNING, SIGMA),
    Check("SIG051", "fires-too-often", "history.fires_too_often", WARNING, SIGMA),
    Check("SIG052", "level-rate-mismatch", "history.level_rate_mismatch", WARNING, SIGMA),
    Check("SIG053", "filter-hides-everything", "history.filter_hides_everything", ERROR, SIGMA),
    Check("SIG054", "invented-threshold", "history.invented_threshold", WARNING, SIGMA),
    # Is it tried?
    Check(
        "SIG060",
        "missing-true-positive",
        "proof.missing_true_positive",
        WARNING,
        SIGMA,
        reads_broken=True,
    ),
    Check(
        "SIG061",
        "missing-true-negative",
        "proof.missing_true_negative",
        WARNING,
        SIGMA,
        reads_broken=True,
    ),
    Check("SIG062", "failing-test", "proof.failing_test", ERROR, SIGMA, reads_broken=True),
    Check(
        "SIG063",
        "machine-written-tests",
        "proof.machine_written_tests",
        WARNING,
        SIGMA,
        reads_broken=True,
    ),
    # Is it on record?
    Check("SIG070", "missing-author", "record.missing_author", WARNING, SIGMA),
    Check("SIG071", "missing-description", "record.missing_description", WARNING, SIGMA),
    Check("SIG072", "missing-level", "record.missing_level", WARNING, SIGMA),
    Check("SIG073", "missing-id", "record.missing_id", WARNING, SIGMA),
    Check("SIG074", "missing-date", "record.missing_date", WARNING, SIGMA),
    Check("SIG075", "retired-status", "record.retired_status", WARNING, SIGMA),
    Check("SIG076", "missing-references", "record.missing_references", NOTE, SIGMA),
    Check("SIG077", "missing-false-positives", "record.missing_false_positives", WARNING, SIGMA),
    Check("SIG078", "placeholder-left", "record.placeholder_left", WARNING, SIGMA),
    Check("SIG079", "duplicate-rule", "record.duplicate_rule", WARNING, SIGMA),
    Check(
        "SIG080",
        "missing-threat-model",
        "record.missing_threat_model",
        WARNING,
        SIGMA,
        reads_broken=True,
    ),
    # Does it keep to its brief?
    Check(
        "SIG090",
        "unused-brief-words",
        "record.unused_brief_words",
        WARNING,
        SIGMA,
        only_drafted=True,
        reads_broken=True,
    ),
    Check(
        "SIG091",
        "open-question",
        "record.open_question",
        NOTE,
        SIGMA,
        only_drafted=True,
        reads_broken=True,
    ),
    Check(
        "SIG092", "strays-from-brief", "record.strays_from_brief", WARNING, SIGMA, only_drafted=True
    ),
    # --- Queries in KQL, SPL and SQL: code, name, severity ---
    # Does it read, and are its names real?
    _query("QRY001", "unknown-field", ERROR, broken="faults"),
    _query("QRY002", "unknown-table", ERROR, broken="faults"),
    _query("QRY003", "unknown-function", ERROR, broken="faults"),
    _query("QRY004", "unparsable-query", ERROR, broken="runs"),
    _query("QRY005", "forbidden-statement", ERROR, broken="runs"),
    _query("QRY006", "type-clash", ERROR, broken="faults"),
    _query("QRY007", "wrong-case-name", ERROR, broken="faults"),
    # Is it about the time that is asked for?
    _query("QRY010", "missing-window", WARNING),
    _query("QRY011", "window-too-short", WARNING),
    _query("QRY012", "window-too-long", WARNING),
    _query("QRY013", "one-sided-window", WARNING),
    _query("QRY014", "bin-mismatch", WARNING),
    _query("QRY015", "naive-time-zone", WARNING),
    _query("QRY016", "retention-too-short", WARNING),
    # Does it ask what the question asks?
    _query("QRY020", "source-not-queried", WARNING),
    _query("QRY021", "literal-dropped", WARNING),
    _query("QRY022", "literal-invented", WARNING),
    _query("QRY023", "flipped-polarity", WARNING),
    _query("QRY024", "missing-output", WARNING),
    _query("QRY025", "wrong-aggregate", WARNING),
    _query("QRY026", "missing-grouping", WARNING),
    _query("QRY027", "threshold-dropped", WARNING),
    _query("QRY028", "threshold-changed", WARNING),
    _query("QRY029", "network-scope-ignored", WARNING),
    _query("QRY030", "missing-join", WARNING),
    _query("QRY031", "unused-part", WARNING),
    # Are its sides put together well?
    _query("QRY040", "join-without-kind", WARNING),
    _query("QRY041", "join-key-mismatch", WARNING),
    _query("QRY042", "join-fan-out", WARNING),
    _query("QRY043", "join-without-time", WARNING),
    # Does its text matching mean what it says?
    _query("QRY050", "has-versus-contains", WARNING),
    _query("QRY051", "case-slip", WARNING),
    _query("QRY052", "unseen-value", WARNING),
    _query("QRY053", "null-or-empty", WARNING),
    _query("QRY054", "mixed-and-or", WARNING),
    _query("QRY055", "contradictory-filter", ERROR),
    _query("QRY056", "always-true-filter", WARNING),
    _query("QRY057", "redundant-predicate", NOTE),
    # Is it well built?
    _query("QRY060", "filter-after-aggregation", NOTE),
    _query("QRY061", "take-without-sort", NOTE),
    _query("QRY062", "union-of-everything", WARNING),
    _query("QRY063", "costly-scan", NOTE),
    # What did it do on history?
    _query("QRY070", "hidden-by-limit", WARNING),
    _query("QRY071", "near-misses", NOTE),
    _query("QRY072", "broad-exclusion", WARNING),
    _query("QRY073", "removes-everything", WARNING),
    _query("QRY074", "removes-nothing", NOTE),
    _query("QRY075", "silent-source", WARNING),
    _query("QRY076", "empty-result", WARNING),
    _query("QRY077", "unsupported-summary", ERROR),
    # --- Candidates of a review: code, name, severity (REV0xx) ---
    # Is it about code that is there?
    _candidate("REV001", "missing-place", ERROR),
    _candidate("REV002", "outside-the-change", WARNING),
    _candidate("REV003", "misquoted-code", ERROR),
    _candidate("REV004", "missing-quote", ERROR),
    # Is there what it speaks of?
    _candidate("REV010", "unknown-api", ERROR),
    _candidate("REV011", "unresolved-import", WARNING),
    # Are its labels right?
    _candidate("REV020", "unknown-weakness", WARNING),
    _candidate("REV021", "unknown-owasp-category", WARNING),
    _candidate("REV022", "mismatched-category", WARNING),
    _candidate("REV023", "weakness-not-of-sink", WARNING),
    # Can it happen?
    _candidate("REV030", "unsupported-path", ERROR),
    _candidate("REV032", "guarded-upstream", ERROR),
    # Is it worth a look of its own?
    _candidate("REV040", "duplicate-candidate", NOTE),
    _candidate("REV041", "test-or-generated-code", NOTE),
    _candidate("REV042", "severity-out-of-line", NOTE),
    # --- The review as a whole (REV1xx) ---
    _review("REV101", "unreadable-review", ERROR, reads_broken=True),
    _review("REV102", "untriaged-candidate", ERROR),
    _review("REV103", "unanswered-question", ERROR),
    _review("REV104", "unstated-area", ERROR),
    _review("REV105", "stale-review", WARNING),
    _review("REV106", "unlisted-file", NOTE),
    _review("REV107", "nameless-verdict", ERROR),
    # --- Incidents: what is said against the evidence (RSP00x) ---
    _respond("RSP001", "missing-citation", WARNING),
    _respond("RSP002", "unknown-citation", ERROR),
    _respond("RSP003", "mismatched-time", ERROR),
    _respond("RSP004", "ungrounded-entity", ERROR),
    _respond("RSP005", "opposite-outcome", ERROR),
    _respond("RSP006", "unsupported-number", ERROR),
    _respond("RSP007", "unsupported-cause", WARNING),
    _respond("RSP008", "unsupported-attribution", WARNING),
    _respond("RSP009", "plan-told-as-fact", ERROR),
    _respond("RSP010", "unreadable-document", ERROR),
    # --- Incidents: the document by itself (RSP02x) ---
    _respond("RSP020", "wrong-duration", ERROR),
    _respond("RSP021", "impossible-time", ERROR),
    _respond("RSP022", "unordered-times", WARNING),
    _respond("RSP023", "missing-time-zone", WARNING),
    _respond("RSP024", "blaming-language", WARNING),
    _respond("RSP025", "person-as-cause", WARNING),
    _respond("RSP026", "unowned-action", WARNING),
    _respond("RSP027", "leftover-placeholder", WARNING),
    _respond("RSP028", "exposed-secret", ERROR),
    _respond("RSP029", "internal-name", NOTE),
    _respond("RSP030", "dead-reference", WARNING),
    # --- Incidents: postmortem and notices (RSP03x, RSP04x) ---
    _respond("RSP031", "shallow-whys", WARNING, "postmortem"),
    _respond("RSP032", "missing-section", WARNING, "postmortem"),
    _respond("RSP040", "unconfirmed-claim", ERROR, "notice"),
    _respond("RSP041", "missing-next-update", ERROR, "notice"),
    _respond("RSP042", "differs-from-timeline", ERROR),
    _respond("RSP043", "off-register", WARNING, "notice"),
    _respond("RSP044", "unanchored-sentence", ERROR, "notice"),
    # --- Incidents: timeline and clocks (RSP06x, RSP07x) ---
    _respond("RSP060", "unreadable-timeline", ERROR, "timeline"),
    _respond("RSP061", "claim-unlike-evidence", ERROR, "timeline"),
    _respond("RSP062", "unordered-milestones", ERROR, "timeline"),
    _respond("RSP063", "changed-evidence", ERROR, "timeline"),
    _respond("RSP064", "unconfirmed-reading", ERROR, "timeline"),
    _respond("RSP065", "machine-judgement", ERROR, "timeline"),
    _respond("RSP070", "unreadable-clocks", ERROR, "clocks"),
    _respond("RSP071", "unsigned-anchor", ERROR, "clocks"),
    _respond("RSP072", "wrong-deadline", ERROR, "clocks"),
    _respond("RSP073", "unverified-rule", WARNING, "clocks"),
    # --- Threat models: the description (THM00x) and what people wrote into it (THM01x, THM02x) ---
    _threats("THM001", "unreadable-system", ERROR),
    _threats("THM002", "unknown-fact", WARNING),
    _threats("THM010", "unanchored-threat", ERROR),
    _threats("THM011", "generic-threat", WARNING),
    _threats("THM012", "unjudged-threat", ERROR),
    _threats("THM013", "duplicate-threat", WARNING),
    _threats("THM020", "wrong-reference", ERROR),
    # --- Threat models: what is missing (THM03x), what was decided (THM04x), drift (THM05x) ---
    _threats("THM030", "uncovered-crossing", WARNING),
    _threats("THM031", "missing-ai-reference", ERROR),
    _threats("THM032", "unverified-policy", WARNING),
    _threats("THM040", "untreated-threat", ERROR),
    _threats("THM041", "incomplete-treatment", ERROR),
    _threats("THM042", "incomplete-waiver", ERROR),
    _threats("THM043", "overdue-answer", WARNING),
    _threats("THM050", "stale-model", WARNING),
)
