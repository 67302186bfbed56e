"""Messages of many lines: what belongs together, and which words stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.reading.traces import joined


def test_a_stack_trace_keeps_its_beginning_and_every_cause():
    """Frames are left away."""
    lines = ["ERROR run failed", "java.lang.IllegalStateException: no bean", "\tat a.B.c(B.java:1)", "Caused by: java.net.ConnectException: refused",
             "\tat d.E.f(E.java:2)", "\t... 12 more", "INFO next"]  # fmt: skip

    assert list(joined(lines)) == [
        "ERROR run failed",
        "java.lang.IllegalStateException: no bean; Caused by: java.net.ConnectException: refused",
        "INFO next",
    ]


def test_a_python_traceback_is_its_exception():
    """With what a validation says below it."""
    lines = ["Traceback (most recent call last):", '  File "a.py", line 1, in <module>', "    run()", "ValidationError: 1 validation error for Settings",
             "BUCKET", "  Field required", "", "INFO next"]  # fmt: skip

    assert list(joined(lines)) == ["ValidationError: 1 validation error for Settings; BUCKET; Field required", "INFO next"]


def test_a_chain_of_tracebacks_is_one_message_the_source_first():
    """However many blank lines are between them."""
    lines = ["Traceback (most recent call last):", "  x", "ConnectionRefusedError: refused", "",
             "During handling of the above exception, another exception occurred:", "", "Traceback (most recent call last):", "  y",
             "RuntimeError: gave up"]  # fmt: skip

    assert list(joined(lines)) == ["ConnectionRefusedError: refused; RuntimeError: gave up"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["thread 'main' panicked at src/a.rs:1:2:", "PORT must be set", "note: run with `RUST_BACKTRACE=1`"],
         "thread 'main' panicked at src/a.rs:1:2:; PORT must be set"),
        (["fail: Startup[0]", "      Name or service not known (db:5432)", "         at System.Net.X()"],
         "fail: Startup[0]; Name or service not known (db:5432)"),
        (["panic: nil map", "", "goroutine 1 [running]:", "main.main()", "\t/src/main.go:9 +0x1d"], "panic: nil map"),
        (["FATAL:  files are incompatible", "2026-03-01 00:00:00 UTC [1] DETAIL:  initialized by version 14"],
         "FATAL:  files are incompatible; 2026-03-01 00:00:00 UTC [1] DETAIL:  initialized by version 14"),
    ],
)  # fmt: skip
def test_each_runtime_has_its_own_way(lines, message):
    """Rust, .NET, Go, PostgreSQL."""
    assert list(joined(lines)) == [message]


def test_lines_of_their_own_stay_so():
    """A banner is no message of trouble, and lines with a time are messages."""
    lines = ["  ____", " / ___|", "2026-03-01T00:00:00Z INFO one", "2026-03-01T00:00:01Z INFO two"]

    assert list(joined(lines)) == lines


@given(st.lists(st.text(max_size=60), max_size=20))
def test_no_text_is_too_strange(lines):
    """Logs hold anything; nothing but blank lines and frames is lost entirely."""
    assert len(list(joined(lines))) <= len(lines)
