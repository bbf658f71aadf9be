"""Formats of text logs, one a row, the most specific first; the last reads any line with a time."""

from __future__ import annotations

from undersign.telemetry.logbook.batch import LogFormat
from undersign.telemetry.logbook.lines import auditd, cef, generic, syslog, web

LINE_FORMATS: tuple[LogFormat, ...] = (
    LogFormat("CEF", 90, cef.recognises_cef, cef.columns, cef.facts_of_cef),
    LogFormat("LEEF", 90, cef.recognises_leef, cef.columns, cef.facts_of_leef),
    LogFormat("Linux audit log", 80, auditd.recognises, auditd.columns, auditd.facts),
    LogFormat("IIS W3C", 80, web.recognises_w3c, web.columns_of_w3c, web.facts_of_w3c),
    LogFormat("web access log", 70, web.recognises_clf, web.columns_of_clf, web.facts_of_clf),
    LogFormat("web error log", 60, web.recognises_error, web.columns_of_error, web.facts_of_error),
    LogFormat("syslog RFC 5424", 70, syslog.recognises_5424, syslog.columns_of_5424, syslog.facts),
    LogFormat("syslog RFC 3164", 60, syslog.recognises_3164, syslog.columns_of_3164, syslog.facts),
    LogFormat("syslog with RFC 3339 times", 50, syslog.recognises_iso, syslog.columns_of_iso,
              syslog.facts),
    LogFormat("lines with a time", 10, generic.recognises, generic.columns, generic.facts),
)  # fmt: skip
