"""Documents that are no strict JSON or YAML, and what is whole in those that somebody cut."""

import time

import pytest

from remediation.reading.documents import api_objects, documents


def names(text):
    return [thing["metadata"]["name"] for document in documents(text) for thing in api_objects(document)]


@pytest.mark.parametrize(
    "text",
    [
        "{apiVersion: v1, kind: Pod, metadata: {name: tide}}\n{apiVersion: v1, kind: Pod, metadata: {name: moor}}\n",
        "{kind: Pod, metadata: {name: tide}}\n---\n{kind: Pod, metadata: {name: moor}}\n---\n",
        "- {kind: Pod, metadata: {name: tide}}\n- {kind: Pod, metadata: {name: moor}}\n",
        '// of the bay\n[\n  {"kind": "Pod", "metadata": {"name": "tide"}}, /* and */\n  {"kind": "Pod", "metadata": {"name": "moor",},},\n]',
        "[{'kind': 'Pod', 'metadata': {'name': 'tide', 'ready': True}}, {'kind': 'Pod', 'metadata': {'name': 'moor', 'uid': None}}]",
        "{ kind: 'Pod', metadata: { name: \"tide\", note: it's # here\n } }\n{ kind: 'Pod', metadata: { name: 'moor' } }",
        '{"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "tide"}},\n  ...\n  {"kind": "Pod", "metadata": {"name": "moor"}}]}',
        "\"kind\": Pod\n'metadata': {name: tide}\n---\nkind : Pod\nmetadata: {name: moor}\n",
        "%YAML 1.2\n---\nkind: Pod\nmetadata: {name: tide}\n--- # next\nkind: Pod\nmetadata: {name: moor}\n",
    ],
)
def test_what_people_write_between_brackets_is_read(text):
    """Flow style, literals of Python and JavaScript, comments, commas too many, quoted keys."""
    assert names(text) == ["tide", "moor"]


@pytest.mark.parametrize(
    "text",
    [
        "kind: Pod\nmetadata: {name: tide}\n---\nname: {{ .Values.x }}: {{ y }}\n---\nkind: Pod\nmetadata: {name: moor}\n",
        "items:\n- kind: Pod\n  metadata:\n    name: tide\n\n- kind: Pod\n  metadata: {name: moor}\n- kind: Pod\n  metad",
        "items:\n- kind: Pod\n  metadata: {name: 'x\n- kind: Pod\n  metadata: {name: tide}\n- kind: Pod\n  metadata: {name: moor}\nkind: List\n",
        "items:\n- kind: Pod\n  ...\n  metadata:\n    name: tide\n<snip>\n- kind: Pod\n  metadata:\n\t\tname: moor\n",
        '{"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "tide"}}, {"kind": "Pod", "metadata": {"name": "moor"}}, {"kind": "Po',
    ],
)
def test_what_is_whole_in_a_torn_text_is_read(text):
    """A template among documents, an end that is cut off, lines left out."""
    assert names(text) == ["tide", "moor"]


@pytest.mark.parametrize(
    "text",
    [
        "[INFO] started: ok\n[WARN] slow: 3 s\n",
        "{apiVersion: v1} and some words",
        '{"kind": "Pod", "metadata": {"name": "tide"}, "spec": {"a": [1, 2',
        "{a: [}",
        "{[" * 2000,
    ],
)
def test_what_is_none_stays_text(text):
    """A log, words behind a bracket, one object that is cut: what it lacks would look like a fault."""
    assert not documents(text)


@pytest.mark.parametrize(
    "text",
    ['{a: "' + '\\"' * 100_000, "{a: 1" + ",\n" * 100_000, "{a: /*" + "*" * 200_000, "a:\n- " + " \n" * 200_000 + "'", "- a: '\n" * 20_000],
)
def test_no_text_takes_long(text):
    """Evidence is hostile."""
    started = time.process_time()
    documents(text)

    assert time.process_time() - started < 4
