"""undersign schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from undersign.errors import UsageError
from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import colour_wanted, json_option, print_json, workspace_option
from undersign.workspace.logs import import_schema, schema_document, schema_tables


class TableOrImport(click.Group):
    """A group whose own argument is a table: anything that is no subcommand names one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take the first word for a table unless it is `import`."""
        if args and args[0] not in self.commands:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


@click.group("schema", cls=TableOrImport, invoke_without_command=True)
@json_option
@workspace_option
@click.pass_context
def schema_command(
    ctx: click.Context, as_json: bool, output_format: str, workspace_dir: str | None
) -> None:
    """Show the tables of the lake; with TABLE, the fields its events really have."""
    if ctx.invoked_subcommand is None:
        _show(ctx, None, as_json or output_format == "json", workspace_dir)


@schema_command.command("show")
@click.argument("table", required=False)
@json_option
@workspace_option
@click.pass_context
def show_command(
    ctx: click.Context,
    table: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Show the fields of TABLE: type, fill rate, distinct values, examples."""
    _show(ctx, table, as_json or output_format == "json", workspace_dir)


@schema_command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@workspace_option
@click.pass_context
def import_command(
    ctx: click.Context, file: Path, as_json: bool, output_format: str, workspace_dir: str | None
) -> None:
    """Take over tables known from elsewhere, typed and empty until logs arrive.

    FILE is a CSV with table_name,column_name,column_type or a JSON {table: {column: type}}.
    """
    counts = import_schema(workspace_of(ctx, workspace_dir), file)
    if as_json or output_format == "json":
        print_json(counts)
    else:
        click.echo(f"{counts['tables']} tables with {counts['columns']} columns are known now")


def _show(ctx: click.Context, table: str | None, as_json: bool, workspace_dir: str | None) -> None:
    tables: list[Any] = schema_tables(workspace_of(ctx, workspace_dir), table)
    if table and not tables:
        raise UsageError(f"no table is called {table!r}", hint="list them with: undersign schema")
    if as_json:
        print_json(schema_document(tables))
        return
    from undersign.render.text_schema import render

    click.echo(render(tables, colour=colour_wanted()), nl=False)
