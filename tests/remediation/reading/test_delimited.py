"""Tables between delimiters: what is one, its quoting, and what its columns announce."""

import time

import pytest

from remediation.reading.delimited import rows_in


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ('time,message\n1,"a, ""b"""\n', ["time", "message"], [["1", 'a, "b"']]),
        ('time\tmessage\n1\t"two\nlines"\n', ["time", "message"], [["1", "two\nlines"]]),
        ("\ufefftime;message\r\n1;x\r\n", ["time", "message"], [["1", "x"]]),
        ("sep=;\ntime;message\n1;x\n", ["time", "message"], [["1", "x"]]),
        ('at,"{pod=""a""}"\n1,2\n', ["at", '{pod="a"}'], [["1", "2"]]),
        ('time\tsaid\n1\tsize 5" is\n2\tx\n3\ty\n', ["time", "said"], [["1", 'size 5" is'], ["2", "x"], ["3", "y"]]),
        ('time\tsaid\n1\t"open\n2\tx\n3\ty\n', ["time", "said"], [["1", '"open'], ["2", "x"], ["3", "y"]]),
        ('at,pod,said\n1,a,"open\n2,b,x\n3,c,"y, z"\n', ["at", "pod", "said"], [["1", "a", '"open'], ["2", "b", "x"], ["3", "c", "y, z"]]),
        ('at,pod,said\n1,a,"open\n2,b,x\n3,c,"\n', ["at", "pod", "said"], [["1", "a", '"open'], ["2", "b", "x"], ["3", "c", '"']]),
        ('at,said\n1,"{\\"a\\": 1, \\"b\\": 2}"\n2,x\n', ["at", "said"], [["1", '{"a": 1, "b": 2}'], ["2", "x"]]),
        ('at,said\n1,"a"b\n2,"x\ny"\n', ["at", "said"], [["1", "ab"], ["2", "x\ny"]]),
        ("a,b,c\n1,2\n1,2,3\n1,2,3\n1,2,3\n1,2,3,4\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n", ["a", "b", "c"],
         [["1", "2", ""], *[["1", "2", "3"]] * 3, ["1", "2", "3 4"], *[["1", "2", "3"]] * 5]),
    ],
)  # fmt: skip
def test_cells_are_read_as_whoever_wrote_them_meant(text, columns, rows):
    """Quoting, cells of several lines, a mark of byte order, a spreadsheet's own first line, a quote that is a letter."""
    read = rows_in(text)

    assert read is not None
    assert (list(read.columns), [list(row) for row in read.rows]) == (columns, rows)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one line, alone",
        "Dear all, it is down\nPlease look, soon, today\n",
        "2026-03-01 10:00:00,123 ERROR a\n2026-03-01 10:00:01,124 ERROR b\n",
        "[main] INFO x, y\n[main] INFO x, y\n",
        '{"a": 1, "b": 2}\n{"a": 1, "b": 2}\n',
        "NAME\tREADY\tSTATUS\napi\t1/1\tRunning\n",
        "apiVersion: v1\nkind: Pod\n",
        "a,b\n1\n2\n3\n",
    ],
)
def test_what_is_no_table_is_none(text):
    """Letters, logs, documents, and kubectl's own tables, which another reader knows."""
    assert rows_in(text) is None


def test_what_a_column_announces_as_secret_is_masked():
    """By the column's name, and beside a name in a table of names and values."""
    users = rows_in("user,password\nann,correct-horse\n")
    variables = rows_in("name,value\nDB_PASSWORD,correct-horse\nPORT,8080\n")

    assert users is not None
    assert variables is not None
    assert "correct-horse" not in users.text() + variables.text()
    assert "8080" in variables.text()


def test_a_cell_as_large_as_a_dump_is_read_in_linear_time():
    """Python's csv refuses more than 128 KiB in a cell by itself."""
    row = "1," + "x" * 3_000_000 + "\n"
    began = time.perf_counter()

    read = rows_in("time,message\n" + row)

    assert read is not None
    assert len(read.rows[0][1]) == 3_000_000
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("row", ['1,a,"open\n', '1,",x\n2,b,c\n', '1,a,"two\nlines"\n', '1,"",x\n1,b,"x\n'])
def test_no_quote_makes_a_table_slow(row):
    """Each line is read twice at the most."""
    started = time.process_time()

    assert rows_in("at,pod,said\n" + row * 20_000) is not None
    assert time.process_time() - started < 4
