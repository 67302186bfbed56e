"""Lines of one template: the same whether a line is compared with each template, or with all of them at once."""

from hypothesis import given
from hypothesis import strategies as st

from remediation.reading.drain import clustered, templates
from remediation.reading.logs import Line

WORDS = st.lists(st.sampled_from(["GET", "POST", "basket", "order", "failed", "a1", "deadbeef", "<*>"]), max_size=12).map(" ".join)


def test_lines_of_one_template_are_one_with_their_count():
    """So that the rare line stands out."""
    lines = [Line(text=f"request {n} took {n * 7} ms") for n in range(50)] + [Line(text="disk is full")]

    assert [(line.text, line.count) for line in clustered(lines)] == [("request 0 took 0 ms", 50), ("disk is full", 1)]


@given(st.lists(WORDS, max_size=40, unique=True))
def test_a_line_is_of_the_template_that_shares_most_of_its_words(texts):
    """The first of these, where more than six in ten are shared."""
    found = templates(Line(text=text) for text in texts)

    assert [(one.tokens, one.first.text, one.last.text, one.count) for one in found] == one_by_one(texts)


def one_by_one(texts):
    """The same with each template asked in turn: tokens, first, last, count."""
    found = []
    for text in texts:
        tokens = ["<*>" if any(map(str.isdigit, word)) or word == "deadbeef" else word for word in text.split()]
        same = [sum(map(str.__eq__, tokens, other)) if other[:1] == tokens[:1] and len(other) == len(tokens) else -1 for other, *_ in found]
        at = same.index(max(same)) if same else -1
        if at < 0 or same[at] < 0 or (tokens and same[at] / len(tokens) <= 0.6):
            found.append([tokens, text, text, 1])
        else:
            varied = [old if old == new else "<*>" for old, new in zip(found[at][0], tokens, strict=True)]
            found[at] = [varied, found[at][1], text, found[at][3] + 1]
    return [tuple(one) for one in found]
