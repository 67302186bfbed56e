"""A table on standard output: as wide as the terminal, with nothing cut off; for a pipe, every row in one line."""

import sys
from collections.abc import Sequence

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_BETWEEN = "  "


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The last column takes several lines where a terminal is too narrow; the others are written whole."""
    if sys.stdout.isatty():
        _draw(columns, rows)
    else:
        _write(columns, rows)


def _draw(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, no_wrap=name != columns[-1], overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def _write(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lines = [columns, *([" ".join(cell.split()) for cell in row] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    for line in lines:
        typer.echo(_BETWEEN.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
