"""Every cell an engine can give has one plain form."""

from __future__ import annotations

import json

import duckdb
import pytest

from undersign.telemetry.cells import plain_rows


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("TIMESTAMP '2026-01-02 03:04:05'", "2026-01-02T03:04:05Z"),
        ("TIMESTAMP '2026-01-02 03:04:05.123'", "2026-01-02T03:04:05.123000Z"),
        ("DATE '2026-01-02'", "2026-01-02"),
        ("INTERVAL '1 day 2 hours'", "1.02:00:00"),
        ("-INTERVAL '90 minutes'", "-0.01:30:00"),
        ("INTERVAL '1.5 seconds'", "0.00:00:01.5"),
        ("INTERVAL '2 months'", "2 months 0.00:00:00"),
        ("sum(5)", 5), ("CAST(1.5 AS DECIMAL(9, 2))", 1.5), ("'nan'::DOUBLE", "nan"),
        ("'-inf'::DOUBLE", "-inf"), ("[1, NULL]", [1, None]), ("{'a': 1}", {"a": 1}),
        ("'x'::BLOB", "78"), ("true", True), ("NULL", None), ("'{\"a\": 1}'::JSON", '{"a": 1}'),
    ],
)  # fmt: skip
def test_plain(sql: str, expected: object) -> None:
    table = duckdb.connect().sql(f"SELECT {sql} AS v").to_arrow_table()
    rows = plain_rows(table)
    assert rows == [[expected]]
    json.dumps(rows, allow_nan=False)
