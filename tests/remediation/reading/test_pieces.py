"""A report is cut into what was pasted into it, and each piece is called by what stands above it."""

from datetime import UTC, datetime

import pytest

from remediation.reading.pieces import called, pieces
from remediation.reading.text import read

_NOW = datetime(2031, 5, 4, tzinfo=UTC)
_POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: quill-5d8f\n  namespace: ink\n"


def test_each_fenced_block_is_a_piece_under_its_heading_and_the_prose_is_one():
    """As an issue's body has it."""
    report = f"The press stopped.\n\n### pod.yaml\n```yaml\n{_POD}```\nand then\n**quill logs:**\n~~~\nboom\n~~~\nThanks!\n"
    assert pieces(report, "issue.md") == [
        ("pod.yaml", _POD.rstrip("\n")),
        ("quill.log", "boom"),
        ("issue.md", "The press stopped.\n\n### pod.yaml\nand then\n**quill logs:**\nThanks!\n"),
    ]


def test_a_command_above_a_block_is_how_the_block_is_read():
    """`kubectl logs` in the prose says whose log stands below."""
    report = "I ran `kubectl logs quill-5d8f -c press -n ink`:\n```\nplain words\n```\nand then:\n```\n" + _POD + "```\n"
    parts = read(report, "issue.md", _NOW)
    assert (parts[0].kind, parts[0].text) == ("logs", "plain words")
    assert {key: parts[0].place[key] for key in ("pod", "container", "namespace")} == {
        "pod": "quill-5d8f",
        "container": "press",
        "namespace": "ink",
    }
    assert [thing["metadata"]["name"] for _, thing in parts[1].readings] == ["quill-5d8f"]


@pytest.mark.parametrize(
    "ruled", ["==> {} <==", "=== {} ===", "--- {} ---", "# ---- {} ----", "##### {} #####", "-------- {}", "$ cat {}", "me@box:~/ink$ cat {}",
              "[root@box ink]# tail -n 40 {}", "❯ cat {}"],
)  # fmt: skip
def test_files_behind_each_other_are_read_one_by_one(ruled: str):
    """However the line between them looks."""
    text = f"{ruled.format('press.log')}\nboom\n\n{ruled.format('pod.yaml')}\n{_POD}"
    assert [name for name, _ in pieces(text, "all.txt")] == ["press.log", "pod.yaml"]
    assert [part.kind for part in read(text, "all.txt", _NOW)] == ["logs", "objects"]


def test_a_call_of_kubectl_stays_with_what_it_printed():
    """It says more than a name."""
    text = "$ kubectl get pods -n ink\nNAME         READY   STATUS    RESTARTS   AGE\nquill-5d8f   0/1     Error     3          4m\n"
    assert pieces(text, "shell.txt")[0][1].startswith("$ kubectl get pods")
    assert [thing["metadata"]["namespace"] for _, thing in read(text, "shell.txt", _NOW)[0].readings] == ["ink"]


def test_a_ruled_command_is_how_its_piece_is_read():
    """As scripts print what they are about to call."""
    (part,) = read("=== kubectl logs quill-5d8f -n ink ===\nplain words\n", "all.txt", _NOW)
    assert (part.kind, part.text, part.place["pod"]) == ("logs", "plain words", "quill-5d8f")


@pytest.mark.parametrize(
    "text",
    [
        "=== Starting the press ===\n2031-05-04T10:00:00Z ready\n=== RUN TestPress\n--- PASS: TestPress\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: help\ndata:\n  README.md: |\n    ```\n    $ cat a.log\n    ```\n---\n# Source: a/b\n",
        "2031-05-04T10:00:00Z price is $ 4 and # 5\n",
        "+ set -x\n# a remark\nNAME   READY\n",
    ],
)
def test_what_only_looks_like_a_report_stays_whole(text: str):
    """Banners of programs, documents that hold text, remarks."""
    assert pieces(text, "a.txt") == [("a.txt", text)]


def test_a_block_that_is_never_closed_is_read_to_its_end():
    """Nothing of a report that was cut off is lost."""
    assert pieces("Logs of quill:\n```\nboom\nbang\n", "a.md") == [("quill.log", "boom\nbang\n"), ("a.md", "Logs of quill:")]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Logs of the quill-press pod:", "quill-press.log"),
        ("Output of kubectl describe", "pasted.txt"),
        ("tail -n 100 /var/log/press.log", "/var/log/press.log"),
        ("stern quill", "stern-quill.log"),
    ],
)
def test_a_piece_is_called_as_a_file_would_be(heading: str, name: str):
    """Words that any heading has name nobody."""
    assert called(heading) == name
