"""Log entries in JSON, as the loggers of many languages write them."""

import pytest

from remediation.reading.structured import entry_of


@pytest.mark.parametrize(
    ("entry", "level", "text"),
    [
        ({"level": 50, "msg": "query failed", "err": {"message": "ECONNREFUSED", "stack": "Error: ECONNREFUSED\n    at a.js:1"}}, "error",
         "query failed: Error: ECONNREFUSED"),
        ({"t": {"$date": "2026-03-01T00:00:00Z"}, "s": "E", "msg": "terminating", "attr": {"error": "read-only directory: /data"}}, "error",
         "terminating: read-only directory: /data"),
        ({"severity": "ERROR", "message": "dial failed", "addr": "cache:6379"}, "error", "dial failed: addr=cache:6379"),
        ({"level": "error", "msg": "charge failed", "provider": "https://pay.example/v2", "status": 503, "note": "a b"}, "error",
         "charge failed: provider=https://pay.example/v2: status=503"),
        ({"@l": "Fatal", "@mt": "stopped", "@x": "System.Exception: no\n   at X()"}, "fatal", "stopped: System.Exception: no"),
        ({"level": "info", "msg": "up", "addr": ":8080"}, "info", "up"),
        ({"logger": "postgres", "record": {"error_severity": "FATAL", "message": "no space left"}}, "fatal", "no space left"),
    ],
)  # fmt: skip
def test_words_level_and_what_it_names(entry, level, text):
    """Pino, MongoDB, Google, Serilog, Go, CloudNativePG."""
    read = entry_of(entry)

    assert (read.level, read.text) == (level, text)


def test_the_time_is_as_written_and_the_pod_as_a_shipper_names_it():
    """Whatever its key."""
    read = entry_of({"ts": "2026-03-01T00:00:00Z", "log": "x", "kubernetes": {"pod": {"name": "api-0"}}})

    assert (read.at, read.pod) == ("2026-03-01T00:00:00Z", "api-0")
