"""How long a program says that it takes to start."""

import pytest

from remediation.drawing.start_times import start_seconds
from remediation.reading.logs import Line


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("INFO [main] org.apache.catalina.startup.Catalina.start Server startup in [109211] milliseconds", 109.211),
        ("Started ShopApplication in 47.12 seconds (process running for 48.9)", 47.12),
        ("Started @75312ms", 75.312),
        ("ready - started server in 12.5s", 12.5),
        ("kiln started, elapsed: 1m21.5s", 81.5),
        ("It took 75 seconds to start", 75.0),
        ("handled request in 90 s", 0.0),
    ],
)
def test_a_line_tells_how_long_the_start_took(text, seconds):
    """In the words of several servers; what is no start says nothing."""
    assert start_seconds([[Line(text=text)]]) == pytest.approx(seconds)


def test_the_times_of_a_log_show_it_where_no_line_says_so():
    """From the first line to the one that says that it serves, not to one that says that it is about to."""
    lines = [
        Line(text="Starting server", at="2026-11-20T09:00:00Z"),
        Line(text="server not yet started", at="2026-11-20T09:00:30Z"),
        Line(text="history started", at="2026-11-20T09:01:22Z"),
        Line(text="listening on :80", at="2026-11-20T09:05:00Z"),
    ]
    assert start_seconds([lines, [Line(text="Received signal", at="2026-11-20T09:00:00Z")]]) == 82
