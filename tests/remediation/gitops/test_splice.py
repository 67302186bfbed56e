"""The smallest edit: what each style of file looks like afterwards, byte for byte."""

import difflib
import json
from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from remediation.errors import Refused, Unreadable
from remediation.gitops.document import decoded, read, spans
from remediation.gitops.fieldpath import Item, differences, format_path, get, leaves, parse, resolved
from remediation.gitops.index import contents_of
from remediation.gitops.places import trail
from remediation.gitops.scalars import json_text
from remediation.gitops.scalars import number as number_text
from remediation.gitops.splice import splice
from remediation.terms import FieldEdit
from tests.shared import corpus


def replace(path, value, expect=None):
    return FieldEdit(path=path, op="replace", expect=expect, value=value)


def add(path, value):
    return FieldEdit(path=path, op="add", expect=None, value=value)


def remove(path):
    return FieldEdit(path=path, op="remove", expect=None, value=None)


def spliced(text, *edits, number=0):
    return splice(text.encode(), number, edits).content.decode()


STYLES = [
    ("a: 256Mi # why\nb: 1\n", "a", "512Mi", "a: 512Mi # why\nb: 1\n"),
    ("a:   'x'   # c\n", "a", "it's", "a:   'it''s'   # c\n"),
    ('a: "x"\n', "a", 'say "hi" \\', 'a: "say \\"hi\\" \\\\"\n'),
    ("a: x\n", "a", "yes", 'a: "yes"\n'),
    ("a: x\nb: 'z'\nc: 'z'\n", "a", "on", "a: 'on'\nb: 'z'\nc: 'z'\n"),
    ("a: x\n", "a", "1.10", 'a: "1.10"\n'),
    ("a: x\n", "a", "0777", 'a: "0777"\n'),
    ("a: x\n", "a", "1:30", 'a: "1:30"\n'),
    ("a: x\n", "a", "2026-01-31", 'a: "2026-01-31"\n'),
    ("a: x\n", "a", "null", 'a: "null"\n'),
    ("a: x\n", "a", "", 'a: ""\n'),
    ("a: x\n", "a", "k: v", 'a: "k: v"\n'),
    ("a: x\n", "a", "v #1", 'a: "v #1"\n'),
    ("a: x\n", "a", "*star", 'a: "*star"\n'),
    ("a: x\n", "a", "--flag=1", "a: --flag=1\n"),
    ("a: x\n", "a", "http://x:80/y#z", "a: http://x:80/y#z\n"),
    ("a: x\n", "a", "two\nlines", 'a: "two\\nlines"\n'),
    ("a: x\n", "a", "snowman ☃", "a: snowman ☃\n"),
    ("a: 3\n", "a", 5, "a: 5\n"),
    ("a: 3\n", "a", "5", "a: 5\n"),
    ("a: '3'\n", "a", 5, "a: '5'\n"),
    ("a: v1\n", "a", 5, 'a: "5"\n'),
    ("a: 0644\n", "a", 0o600, "a: 0600\n"),
    ("a: 0x1F\n", "a", 32, "a: 0x20\n"),
    ("a: 1.5\n", "a", 2.0, "a: 2.0\n"),
    ("a: yes\n", "a", False, "a: no\n"),
    ("a: True\n", "a", False, "a: False\n"),
    ("a: true\n", "a", "false", "a: false\n"),
    ("a:\nb: 1\n", "a", "x", "a: x\nb: 1\n"),
    ("a:  # later\nb: 1\n", "a", "x", "a: x  # later\nb: 1\n"),
    ("a: null\n", "a", 1, "a: 1\n"),
    ("a: &anchor x # c\n", "a", "z", "a: &anchor z # c\n"),
    ("a: !!str 5\n", "a", "6", 'a: !!str "6"\n'),
    ("{a: x, b: [1, 2]}\n", "b[1]", 3, "{a: x, b: [1, 3]}\n"),
    ("{a: x, b: 2}\n", "a", "p,q", '{a: "p,q", b: 2}\n'),
    ('{"a": "x",\n\t"b": 1}\n', "a", "y", '{"a": "y",\n\t"b": 1}\n'),
    ('{"a": 1}', "a", "y", '{"a": "y"}'),
    ("a: one\r\nb: two\r\n", "a", "x", "a: x\r\nb: two\r\n"),
    ("\ufeffa: one\n", "a", "x", "\ufeffa: x\n"),
    ("a: one\t# tab\nb: 1\t\n", "a", "x", "a: x\t# tab\nb: 1\t\n"),
    ("a: one\n  two\nb: 1\n", "a", "x", "a: x\nb: 1\n"),
    ("a: |\n  one\n  two\nb: 1\n", "a", "one\nthree\n", "a: |\n  one\n  three\nb: 1\n"),
    ("a: |\n  one\n  two\n\n# c\nb: 1\n", "a", "one", "a: |-\n  one\n\n# c\nb: 1\n"),
    ("a: |2\n   one\n  two\nb: 1\n", "a", "one\ntwo\n", "a: |2\n  one\n  two\nb: 1\n"),
    ("a: |\n  one\nb: 1\n", "a", " led by a space\n", 'a: " led by a space\\n"\nb: 1\n'),
    ("a: |\r\n  one\r\n  two\r\nb: 1\r\n", "a", "one\nthree\n", "a: |\r\n  one\r\n  three\r\nb: 1\r\n"),
    ("a: >-\n  one\n  two\n\n  three\nb: 1\n", "a", "one two\nfour", "a: >-\n  one\n  two\n\n  four\nb: 1\n"),
    ("a: |\n  old", "a", "new", "a: |\n  new"),
    ("a: " + "x" * 5000 + "\nb: 1\n", "b", 2, "a: " + "x" * 5000 + "\nb: 2\n"),
]


@pytest.mark.parametrize(("before", "path", "value", "after"), STYLES)
def test_a_scalar_is_replaced_in_its_own_style(before, path, value, after):
    """Quotes, comments, blanks, line ends and number forms stay; what a reader would mistake is quoted."""
    assert spliced(before, replace(path, value)) == after


DEPLOYMENT = """\
# the api
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  template:
    spec:
      containers:
      - name: api  # main
        image: api:1
        resources: {}
      - name: side
        resources:
          limits:
            memory: 64Mi
"""
C = "spec.template.spec.containers"


@pytest.mark.parametrize(
    ("edit", "diff"),
    [
        (
            add(f"{C}[name=api].resources.limits.memory", "512Mi"),
            ["-        resources: {}", "+        resources:", "+          limits:", "+            memory: 512Mi"],
        ),
        (add(f"{C}[name=side].resources.limits.cpu", "1"), ['+            cpu: "1"']),
        (add(f"{C}[name=side].resources.requests.memory", "64Mi"), ["+          requests:", "+            memory: 64Mi"]),
        (add("spec.replicas", 3), ["+  replicas: 3"]),
        (add(r"metadata.annotations.a\.b/c", "on"), ["+  annotations:", '+    a.b/c: "on"']),
        (add(f"{C}[name=api].args", ["--a", "b c"]), ["+        args:", "+        - --a", "+        - b c"]),
        (add(f"{C}[name=api].env[name=A].value", "1"), ["+        env:", "+        - name: A", '+          value: "1"']),
        (add(f"{C}[name=new]", {"image": "x"}), ["+      - name: new", "+        image: x"]),
        (add("spec.text", "one\ntwo\n"), ["+  text: |", "+    one", "+    two"]),
    ],
)
def test_what_is_absent_is_added_in_the_files_own_indentation(edit, diff):
    """Parents are made; lists stand as the file's lists do; nothing else moves."""
    after = spliced(DEPLOYMENT, edit)
    assert _changed_lines(DEPLOYMENT, after) == diff


def _changed_lines(before, after):
    return [line for line in difflib.unified_diff(before.split("\n"), after.split("\n"), n=0) if not line.startswith(("---", "+++", "@@"))]


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ("l:\n    - a\nm:\n    b: 1\n", add("m.l", ["x"]), "l:\n    - a\nm:\n    b: 1\n    l:\n        - x\n"),
        ("a:\n", add("a.b", 1), "a:\n  b: 1\n"),
        ("a: # c\nz: 1\n", add("a.b", 1), "a: # c\n  b: 1\nz: 1\n"),
        ("a: null\nz: 1\n", add("a.b", 1), "a:\n  b: 1\nz: 1\n"),
        ("a: {b: 1}\n", add("a.c", "x"), "a: {b: 1, c: x}\n"),
        ("a: { b: 1 }\n", add("a.c", "x"), "a: { b: 1, c: x }\n"),
        ("a: [1, 2]\n", add("a[2]", 3), "a: [1, 2, 3]\n"),
        ("a:\n- 1\n- 2\n\n# end\nb: 1\n", add("a[2]", 3), "a:\n- 1\n- 2\n- 3\n\n# end\nb: 1\n"),
        ("a: 1\nb:\n  c: 1", add("b.d", 2), "a: 1\nb:\n  c: 1\n  d: 2"),
        ("a:\r\n  b: 1\r\nc: 1\r\n", add("a.d", 2), "a:\r\n  b: 1\r\n  d: 2\r\nc: 1\r\n"),
        ("a: {b: 1,}\n", add("a.c", 2), "a: {b: 1, c: 2,}\n"),
        ('{\n  "a": {\n    "b": 1\n  }\n}\n', add("a.c", "x"), '{\n  "a": {\n    "b": 1,\n    "c": "x"\n  }\n}\n'),
        ('{"a": {}}\n', add("a.c", ["x"]), '{"a": {"c": ["x"]}}\n'),
        ("a:\n  b: |\n    text\n\nz: 1\n", add("a.c", 1), "a:\n  b: |\n    text\n  c: 1\n\nz: 1\n"),
        ("x: &x 1\na:\n  b: *x\nz: 1\n", add("a.c", 1), "x: &x 1\na:\n  b: *x\n  c: 1\nz: 1\n"),
    ],
)
def test_additions_stand_where_a_person_would_write_them(before, edit, after):
    """After the last entry of the parent, in its style, whatever the file ends with."""
    assert spliced(before, edit) == after


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        ("a: 1\nb: 2 # c\nc: 3\n", "b", "a: 1\nc: 3\n"),
        ("a: 1\nb:\n  c: 1\n  d: 2\n", "b", "a: 1\n"),
        ("a: 1\nb: 2", "b", "a: 1"),
        ("a:\n  b: 1\nc: 2\n", "a.b", "a: {}\nc: 2\n"),
        ("a:\n- b: 1\n  c: 2\n", "a[0].b", "a:\n- c: 2\n"),
        ("a:\n- 1\n- 2\n", "a[0]", "a:\n- 2\n"),
        ("a:\n- 1\n", "a[0]", "a: []\n"),
        ("{a: 1, b: 2, c: 3}\n", "b", "{a: 1, c: 3}\n"),
        ("{a: 1, b: 2}\n", "a", "{b: 2}\n"),
        ('{\n  "a": 1,\n  "b": 2\n}\n', "b", '{\n  "a": 1\n}\n'),
        ("a: 1\r\nb: 2\r\n", "b", "a: 1\r\n"),
    ],
)
def test_a_field_is_taken_away_with_its_lines(before, path, after):
    """A parent that it leaves empty stays, as an empty map or list."""
    assert spliced(before, remove(path)) == after


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("a:\n- []\n- x\n- y\n", "a[0]", "z", "a:\n- z\n- x\n- y\n"),
        ("a:\n- b: 1\n  c: 2\n- x\n", "a[0]", 3, "a:\n- 3\n- x\n"),
        ("a:\n- 1 # one\n- x\n", "a[0]", {"b": ["c"]}, "a:\n- {b: [c]} # one\n- x\n"),
        ("{a: [{}, 1]}\n", "a[0]", "z", "{a: [z, 1]}\n"),
    ],
)
def test_an_item_that_becomes_another_kind_of_value_keeps_its_place(before, path, value, after):
    """The items after it are not taken for it."""
    assert spliced(before, replace(path, value)) == after


def test_a_list_is_changed_item_by_item():
    """What stays in a list keeps its bytes."""
    before = "args:\n- --a=1  # one\n- '--b'\n- --c\n"
    assert spliced(before, replace("args", ["--a=2", "--b"])) == "args:\n- --a=2  # one\n- '--b'\n"


def test_only_the_touched_document_must_parse():
    """Its neighbours may be templates that no library loads."""
    text = "{{- if .Values.x }}\nkind: [broken\n---\na: 1\n---\n{{ end }}: x: y\n"
    assert spliced(text, replace("a", 2), number=1) == text.replace("a: 1", "a: 2")


def test_a_boundary_may_carry_the_document_on_its_line():
    """`--- {a: 1}` is one document, comments above a boundary belong to the document below."""
    text = "# head\n%YAML 1.1\n--- {a: 1}\n...\n---\nb: |\n  x\n  ---y\n"
    assert len(spans(text)) == 2
    assert spliced(text, replace("a", 2)) == text.replace("a: 1", "a: 2")


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a: &m 1\nb: *m\n", replace("a", 2)),
        ("a: &m 1\nb: *m\n", replace("b", 2)),
        ("d: &d {x: 1}\na:\n  <<: *d\n", replace("a.x", 2)),
        ("d: &d {x: 1}\na:\n  <<: *d\n", remove("a.x")),
        ("d: &d\n  x: 1\na: *d\n", add("a.y", 2)),
    ],
)
def test_a_value_that_an_anchor_shares_is_refused(text, edit):
    """The other users would move too."""
    with pytest.raises(Refused) as refusal:
        spliced(text, edit)
    assert refusal.value.kind == "shared"


def test_an_anchor_moves_when_every_user_of_it_is_meant():
    """Request and limit share one value, and both are to change."""
    text = "limits: {memory: &m 1Gi}\nrequests: {memory: *m}\n"
    assert spliced(text, replace("limits.memory", "2Gi"), replace("requests.memory", "2Gi")) == text.replace("1Gi", "2Gi")


@pytest.mark.parametrize(
    ("text", "edit", "kind"),
    [
        ("a: 1\na: 2\n", replace("a", 3), "ambiguous"),
        ("a: 1\n", replace("b", 3), "not_found"),
        ("a: 1\n", add("a.b", 3), "not_found"),
        (DEPLOYMENT, add(f"{C}[name=typo].resources.limits.memory", "1Gi"), "not_found"),
        (DEPLOYMENT, add(f"{C}[4].image", "1Gi"), "not_found"),
    ],
)
def test_what_cannot_be_placed_is_refused(text, edit, kind):
    """A misspelt container must not become a new one."""
    with pytest.raises(Refused) as refusal:
        spliced(text, edit)
    assert refusal.value.kind == kind


@pytest.mark.parametrize("text", ["a: [", "a: &a [*a]\n", "? [x]\n: y\n", b"\xff\xfea".decode("latin-1") + "\x01"])
def test_a_document_that_cannot_be_read_says_so(text):
    """Never a crash, never a guess."""
    with pytest.raises(Unreadable):
        spliced(text, replace("a", 1))


def test_an_alias_bomb_is_refused_at_once():
    """Nine levels of nine aliases are 387 million values."""
    text = "a0: &a0 [1,1,1,1,1,1,1,1,1]\n" + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
    with pytest.raises(Unreadable, match="million"):
        read(text).value  # noqa: B018 - asking is the point


def test_places_are_told_in_the_new_file():
    """Line and column of each scalar, from 1, and its texts."""
    done = splice(DEPLOYMENT.encode(), 0, [add("spec.replicas", 3), replace(f"{C}[name=side].resources.limits.memory", "96Mi")])
    assert [(p.line, p.column, p.before, p.after) for p in done.places] == [(17, 13, None, "3"), (16, 21, "64Mi", "96Mi")]


def _scalars(content):
    """Every scalar of every object of a file: its document's number, its path, and its value; an empty one is no scalar."""
    text = decoded(content)
    for ref, number, within in contents_of(content).objects:
        begin, end = spans(text)[number]
        try:
            value = get(read(text[begin:end]).value, within)
        except Unreadable:  # a template with a key that is no text
            continue
        for field, old in leaves(value):
            if ref.name and isinstance(old, str | int | float):
                yield number, (*within, *field), old


def _other(value):
    return f"{value}-x" if isinstance(value, str) else not value if isinstance(value, bool) else value + 1


def test_every_scalar_of_the_corpus_goes_there_and_back():
    """A new value changes only its own bytes; the old one brings back the identical file. Only shared anchors are refused."""
    done, refused = 0, Counter()
    files = [path for path in sorted(corpus("gitops_repos").rglob("*")) if path.suffix in {".yaml", ".yml", ".json"} and path.is_file()]
    for content in map(Path.read_bytes, files):
        for number, field, old in _scalars(content):
            try:
                _there_and_back(content, number, field, old)
                done += 1
            except Refused as refusal:
                refused[refusal.kind] += 1
    assert refused.keys() == {"shared"}
    assert done > 6_300
    assert refused["shared"] < 50


def _there_and_back(content, number, field, old):
    new = _other(old)
    there = splice(content, number, [replace(format_path(field), new)]).content
    _check_own_bytes(content, there, number, field)
    if len(field) > 1 and field[-1] == "name" and isinstance(field[-2], Item):
        field = (*field[:-2], Item("name", new), "name")
    assert splice(there, number, [replace(format_path(field), old)]).content == content


def _check_own_bytes(content, there, number, field):
    """What stands before the scalar and after it is the same to the byte."""
    text = decoded(content)
    begin, end = spans(text)[number]
    node = trail(read(text[begin:end]), field)[-1][1]
    first, last = (len(text[: begin + mark.index].encode()) for mark in (node.start_mark, node.end_mark))
    assert there[:first] == content[:first]
    rest = content[last:]
    assert there.endswith(rest)


SCALARS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["yes", "0777", "1e3", "0x1f", "1_000", "12:30:45", "2001-01-01", "~", "<<", "- x", "a: b", "x #y", "'", '"', "%x", "a\tb", "\x85", "é"]),
    st.integers(-(10**9), 10**9),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
)
KEYS = st.from_regex(r"k[a-z0-9./ _é-]{0,5}[a-z0-9]", fullmatch=True)
VALUES = st.recursive(SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)), max_leaves=12)
OBJECTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=5)
LAYOUTS = st.sampled_from([{}, {"default_flow_style": True}, {"indent": 4}, {"default_style": '"'}, {"default_style": "'"}, {"default_style": "|"}, {"width": 20}])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(OBJECTS, LAYOUTS, SCALARS, st.data())
def test_two_yaml_libraries_read_the_intended_value_and_nothing_else(made, layout, new, data):
    """Generated YAML in many layouts: PyYAML and ruamel agree on what moved."""
    text = yaml.safe_dump(made, allow_unicode=True, sort_keys=False, **layout)
    base = read(text).value
    scalars = [p for p, v in leaves(base) if isinstance(v, str | int | float)]
    if not scalars or new == "=":  # which Kubernetes reads as text, and PyYAML as a type of its own
        return
    field = data.draw(st.sampled_from(scalars))
    after = splice(text.encode(), 0, [replace(format_path(field), new)]).content.decode()

    stands = get(read(after).value, field)
    words = (str(new), str(new).lower(), number_text(new) if isinstance(new, float) else "")
    assert stands == new or stands in words or str(stands).lower() == str(new).lower()  # a number or truth value given as text stays one
    for load in (yaml.safe_load, YAML(typ="safe", pure=True).load):
        try:
            before = load(text)
        except YAMLError:  # ruamel does not read all that PyYAML writes
            continue
        moved = list(differences(_as_text(before), _as_text(load(after))))
        assert all(path == _positions(field, base) for path, _, _ in moved)


def _as_text(value):
    """Numbers and times as text, keys too: the libraries differ in YAML 1.1 and 1.2, never in what moved. Lists without names."""
    if isinstance(value, dict):
        return {str(key): _as_text(child) for key, child in value.items()}
    if isinstance(value, list):
        return [[_as_text(child)] for child in value]
    return str(value)


def _positions(field, base):
    steps = []
    for step in resolved(base, field):
        steps += [step, 0] if isinstance(step, int) else [step]
    return tuple(steps)


@settings(max_examples=60, deadline=None)
@given(OBJECTS, KEYS, VALUES, LAYOUTS)
def test_what_is_added_is_read_back_by_two_libraries(made, key, value, layout):
    """A new key with any value under the first one; JSON stays JSON."""
    made = {"under": {"x": 1}, **{k: v for k, v in made.items() if k != "under"}}
    for text in (yaml.safe_dump(made, allow_unicode=True, sort_keys=False, **layout), json_text(made)):
        after = spliced(text, add(format_path(("under", "new " + key)), value))
        base, head = read(text).value, read(after).value
        assert [path for path, _, _ in differences(base, head)] == [("under", "new " + key)]
        assert yaml.safe_load(after)["under"].keys() == {"x", "new " + key}
        if read(text).is_json:
            assert json.loads(after)["under"]["new " + key] == value


def test_a_path_is_parsed_as_kubectl_does():
    """The dots of a key are escaped."""
    assert spliced("data:\n  app.yaml: x\n", replace(r"data.app\.yaml", "z")) == "data:\n  app.yaml: z\n"
    assert parse(r"data.app\.yaml") == ("data", "app.yaml")
