"""A table is readable in eighty columns and in a pipe."""

from types import SimpleNamespace

import pytest

from bot.tables import print_table

NAME, LONG = "adjust_node_placement", "shop/Deployment/" + "a" * 90


@pytest.fixture
def terminal(monkeypatch):
    """Standard output, eighty columns wide."""
    monkeypatch.setattr("bot.tables.sys", SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setenv("COLUMNS", "80")


def test_a_pipe_gets_a_line_a_row_with_nothing_cut(capsys):
    """Whatever stands in the cells; columns stand below each other."""
    print_table(("name", "what"), [(NAME, f"{LONG}\nmore"), ("x", "y")])

    head, first, second = capsys.readouterr().out.splitlines()
    assert first == f"{NAME}  {LONG} more"
    assert head.index("what") == second.index("y") == first.index("shop")


@pytest.mark.usefixtures("terminal")
def test_a_narrow_terminal_folds_the_last_column_alone(capsys):
    """Names are whole, so that they can be copied."""
    print_table(("name", "what"), [(NAME, LONG)])

    out = capsys.readouterr().out
    assert NAME in out
    assert "…" not in out
    assert out.count("a") >= 90 + NAME.count("a")
    assert max(len(line) for line in out.splitlines()) <= 80
