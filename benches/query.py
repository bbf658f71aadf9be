"""A KQL query over a million events, beside plain DuckDB, polars and pandas on the same files.

    python benches/query.py --data DIR [--lake DIR] [--events N] [--json FILE]

`--data` holds `logs/*.jsonl.gz`. Real Windows events are ingested once and multiplied: copies keep
every value but their id and are moved by a day each. The query filters, summarizes and joins; every
peer computes the same rows, which is checked. CPU is what the operating system charged this process
(user and system, all threads) for one run, median of several, after one that warms up. Prints a
Markdown table.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

# This file's folder comes first, and a file of it must not hide a library of the same name.
sys.path = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent]

TABLE = "windows_security"
REPEATS = 5
PARTS = ("read and bind", "critique without data", "rows and stage counts", "evidence")
QUESTION = "how many programs did each user start per computer that people logged on to"
KQL = """SecurityEvent
| where EventID == 4688 and NewProcessName endswith ".exe"
| summarize Starts = count(), Programs = dcount(NewProcessName) by Computer, SubjectUserName
| join kind=inner (
    SecurityEvent
    | where EventID == 4624
    | summarize Logons = count() by Computer
  ) on Computer
| where Starts > 10
| project Computer, SubjectUserName, Starts, Programs, Logons
| sort by Starts desc, Computer asc, SubjectUserName asc
"""
SQL = """
WITH starts AS (
    SELECT Computer, SubjectUserName, count(*) AS Starts, count(DISTINCT NewProcessName) AS Programs
    FROM read_parquet({files}, union_by_name = true)
    WHERE EventID = {process} AND lower(NewProcessName) LIKE '%.exe' GROUP BY ALL
), logons AS (
    SELECT Computer, count(*) AS Logons FROM read_parquet({files}, union_by_name = true)
    WHERE EventID = {logon} GROUP BY ALL
)
SELECT Computer, SubjectUserName, Starts, Programs, Logons FROM starts JOIN logons USING (Computer)
WHERE Starts > 10 ORDER BY Starts DESC, Computer, SubjectUserName
"""
COLUMNS = ["Computer", "SubjectUserName", "NewProcessName", "EventID"]


def main() -> None:
    """Build the lake, run every peer, print the table."""
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        lake = options.lake or Path(scratch) / "lake"
        workspace = _workspace(lake, options.data, options.events)
        figures = _measure(workspace)
    print(_table(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lake", type=Path, help="keep the lake here, or use the one that is here")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


# --- the lake ---------------------------------------------------------------------------------


def _workspace(root: Path, data: Path, events: int) -> Any:
    from undersign.workspace.workspace import init

    workspace, _ = init(root)
    lake = workspace.lake
    if TABLE not in lake.tables():
        from undersign.catalogs.log_sources import load
        from undersign.telemetry.ingest import ingest

        logs = sorted((data / "logs").glob("windows_*.jsonl.gz"))
        ingest(logs, lake, load(), now=datetime(2026, 1, 1, tzinfo=UTC))
    held = lake.tables()[TABLE].rows
    if held < events:
        _multiply(lake, events)
    return workspace


def _multiply(lake: Any, events: int) -> None:
    """Add copies of the table's rows until there are as many events as asked for."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from undersign.telemetry.commit import Batch, Change, commit
    from undersign.telemetry.intake import writing
    from undersign.telemetry.rows import row_groups
    from undersign.telemetry.write import write_sorted

    table = lake.tables()[TABLE]
    parts = [g for file in table.files for g in row_groups(file, table.columns)]
    real = pa.concat_tables(parts).combine_chunks()
    left = events - table.rows
    files, copy = [], 0
    while left > 0:
        copy += 1
        rows = real.slice(0, min(left, real.num_rows))
        left -= rows.num_rows
        moved = pc.add(rows["_time"], pa.scalar(timedelta(days=copy)))
        ids = pc.binary_join_element_wise(rows["_id"], pa.scalar(str(copy)), "-")
        rows = rows.set_column(rows.schema.get_field_index("_time"), "_time", moved)
        rows = rows.set_column(rows.schema.get_field_index("_id"), "_id", ids)
        files.append(write_sorted(rows, lake.data_folder(TABLE) / f"copy-{copy:03}.parquet"))
    with writing(lake):
        commit(lake, Batch("copies", (Change(TABLE, table.columns, tuple(files)),)))


# --- what is measured -------------------------------------------------------------------------


def _measure(workspace: Any) -> dict[str, Any]:
    from undersign.telemetry.engines.limits import Limits
    from undersign.workspace.critique import Critic
    from undersign.workspace.languages import speaker, visible_of
    from undersign.workspace.querying import Asked, measured, query

    table = workspace.lake.tables()[TABLE]
    paths = [file.path for file in table.files]
    asked = Asked(datetime(2026, 1, 1, tzinfo=UTC), limits=Limits(rows=100_000), stages=False)
    kind = table.columns["EventID"]
    answers: dict[str, list[tuple]] = {}

    def undersign() -> list[tuple]:
        return _rows(query(workspace, "kql", KQL, asked).table)

    peers: dict[str, Callable[[], list[tuple]]] = {
        "undersign query (KQL)": undersign,
        "DuckDB, SQL by hand": lambda: _duckdb(paths, kind),
        "polars": lambda: _polars(paths, kind),
        "pandas": lambda: _pandas(paths, kind),
    }
    figures: dict[str, Any] = {"events": table.rows, "files": len(paths), "peers": {}}
    for name, run in peers.items():
        answers[name] = run()
        figures["peers"][name] = _timed(run)
    first = answers["undersign query (KQL)"]
    figures["rows"] = len(first)
    figures["agree"] = {name: rows == first for name, rows in answers.items()}
    spoken, visible = speaker(workspace, "kql"), visible_of(workspace, "kql")
    figures["read and bind"] = _timed(lambda: spoken.bind(KQL, visible))
    bound = spoken.bind(KQL, visible)
    critic = Critic(workspace, "kql", asked)
    figures["critique without data"] = _timed(
        lambda: critic.critique(critic.bound(KQL), QUESTION, None)
    )
    counted = replace(asked, stages=True)
    figures["rows and stage counts"] = _timed(lambda: query(workspace, "kql", KQL, counted))
    figures["evidence"] = _timed(lambda: measured(workspace, bound, asked))
    return figures


def _timed(run: Callable[[], Any]) -> dict[str, float]:
    run()
    cpu, wall = [], []
    for _ in range(REPEATS):
        began, at = time.process_time(), time.perf_counter()
        run()
        cpu.append(time.process_time() - began)
        wall.append(time.perf_counter() - at)
    return {"cpu": statistics.median(cpu), "wall": statistics.median(wall)}


def _rows(table: Any) -> list[tuple]:
    return [tuple(row.values()) for row in table.to_pylist()]


def _duckdb(paths: list[str], kind: str) -> list[tuple]:
    import duckdb

    process, logon = ("4688", "4624") if kind == "long" else ("'4688'", "'4624'")
    sql = SQL.format(files=repr(paths), process=process, logon=logon)
    return duckdb.connect().execute(sql).fetchall()


def _polars(paths: list[str], kind: str) -> list[tuple]:
    import polars as pl

    process, logon = (4688, 4624) if kind == "long" else ("4688", "4624")
    scan = pl.scan_parquet(paths, missing_columns="insert", extra_columns="ignore").select(COLUMNS)
    named = pl.col("NewProcessName").str.to_lowercase().str.ends_with(".exe")
    starts = (
        scan.filter((pl.col("EventID") == process) & named)
        .group_by("Computer", "SubjectUserName")
        .agg(pl.len().alias("Starts"), pl.col("NewProcessName").n_unique().alias("Programs"))
    )
    logons = scan.filter(pl.col("EventID") == logon).group_by("Computer")
    joined = starts.join(logons.agg(pl.len().alias("Logons")), on="Computer")
    return (
        joined.filter(pl.col("Starts") > 10)
        .sort("Starts", "Computer", "SubjectUserName", descending=[True, False, False])
        .collect()
        .rows()
    )


def _pandas(paths: list[str], kind: str) -> list[tuple]:
    import pandas as pd
    import pyarrow.dataset as ds

    process, logon = (4688, 4624) if kind == "long" else ("4688", "4624")
    frame = ds.dataset(paths).to_table(columns=COLUMNS).to_pandas()
    named = frame["NewProcessName"].str.lower().str.endswith(".exe").fillna(False)
    keys = ["Computer", "SubjectUserName"]
    starts = (
        frame[(frame["EventID"] == process) & named.astype(bool)]
        .groupby(keys, dropna=False)["NewProcessName"]
        .agg(Starts="size", Programs="nunique")
        .reset_index()
    )
    counts = frame[frame["EventID"] == logon].groupby("Computer").size().rename("Logons")
    joined = starts.merge(counts.reset_index(), on="Computer")
    order = joined[joined["Starts"] > 10].sort_values(
        ["Starts", *keys], ascending=[False, True, True]
    )
    return list(pd.DataFrame(order).itertuples(index=False, name=None))


# --- the table --------------------------------------------------------------------------------


def _table(figures: dict[str, Any]) -> str:
    ours = figures["peers"]["undersign query (KQL)"]["cpu"]
    lines = [
        f"{figures['events']:,} events in {figures['files']} files, {figures['rows']} result rows, "
        f"warm, median of {REPEATS}",
        "",
        "| filter + summarize + join | CPU s | wall s | CPU of ours | same rows |",
        "|---|---|---|---|---|",
    ]
    for name, took in figures["peers"].items():
        same = "yes" if figures["agree"][name] else "NO"
        ratio = f"{took['cpu'] / ours:.1f}x"
        lines.append(f"| {name} | {took['cpu']:.3f} | {took['wall']:.3f} | {ratio} | {same} |")
    lines += ["", "| part | CPU s | wall s |", "|---|---|---|"]
    for part in PARTS:
        took = figures[part]
        lines.append(f"| {part} | {took['cpu']:.3f} | {took['wall']:.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
