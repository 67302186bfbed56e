"""Slack's mrkdwn on the page: faithful for what people write, harmless for what attackers write."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.page.mrkdwn import mrkdwn, plain_text, without_marks
from bot.sandbox.page.rendering import markdown

SAFE = {
    "pre",
    "code",
    "strong",
    "em",
    "s",
    "br",
    "a",
    "span",
    "blockquote",
    "p",
    "ul",
    "ol",
    "li",
    "hr",
    "img",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
}
PIECES = (*"<>&\"'`*_~|@#!:/\n \\ab()[]=;", "script", "javascript:", "onerror", "http://x", "```", "&lt;", "\ue0000\ue001", "data:")
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


class Reader(HTMLParser):
    """Notes every tag and attribute."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links = set(), []
        self.attributes = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Called by the parser."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _italic_ ~struck~", "<strong>bold</strong> <em>italic</em> <s>struck</s>"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("*bold with `code` in it*", "<strong>bold with <code>code</code> in it</strong>"),
        ("`*not bold*`", "<code>*not bold*</code>"),
        ("a\nb", "a<br>b"),
        ("```\na: 1\n*b*\n```", "<pre>a: 1\n*b*</pre>"),
        ("before\n```x```\nafter", "before<pre>x</pre>after"),
        ("> one\n> two\nthree", "<blockquote>one<br>two</blockquote>three"),
        ("&gt; quoted", "<blockquote>quoted</blockquote>"),
        ("1 &lt; 2 &amp;&amp; 3", "1 &lt; 2 &amp;&amp; 3"),
        ("&amp;lt;", "&amp;lt;"),
        (
            "<https://x.example/?a=1&amp;b=2|the page>",
            '<a href="https://x.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">the page</a>',
        ),
        (
            "<@U_ALICE> <!subteam^S_ONCALL> <!here> <#C1|general>",
            '<span class="mention">@alice</span> <span class="mention">@oncall</span> <span class="mention">@here</span> <span class="mention">#general</span>',
        ),
        (":white_check_mark: :no_such_emoji:", "✅ :no_such_emoji:"),
        ("<!date^1^{date}|today>", "today"),
    ],
)
def test_what_people_write_looks_as_in_slack(text, html):
    """One construct at a time."""
    assert mrkdwn(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<javascript:alert(1)|click me>",
        "<JavaScript:alert(1)>",
        "<data:text/html,x|y>",
        '<https://x"onmouseover="alert(1)|y>',
        "<https://x|<b>y</b>>",
        '<@U_ALICE"><script>>',
        "<!subteam^S1|<b>x</b>>",
        "`<script>`",
        "```<script>```",
        "\ue0000\ue001\ue0005\ue001",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ],
)
def test_what_attackers_write_stays_text(text):
    """No tag, no attribute and no scheme of theirs."""
    for html in (mrkdwn(text), plain_text(text), markdown(text)):
        found = Reader(html)
        assert found.tags <= SAFE
        assert found.attributes <= {"href", "target", "rel", "class"}
        assert all(link.startswith(("http://", "https://", "mailto:")) for link in found.links)


@given(HOSTILE)
def test_no_text_becomes_markup_of_its_own(text):
    """Tags and schemes are ours alone, whatever is written."""
    for html in (mrkdwn(text), plain_text(text)):
        found = Reader(html)
        assert found.tags <= {"pre", "code", "strong", "em", "s", "br", "a", "span", "blockquote"}
        assert found.attributes <= {"href", "target", "rel", "class"}
        assert all(link.startswith(("http://", "https://", "mailto:")) for link in found.links)


def test_a_description_is_markdown_without_html():
    """Tables and tasks are shown; tags are not."""
    html = markdown("## What\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n<b>x</b> [y](javascript:alert(1))")

    assert "<table>" in html
    assert "<li>☑ done</li>" in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "<a " not in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*✓ Approved* by <@U_ALICE>", "✓ Approved by @alice"),
        ("<!subteam^S_ONCALL> and <!here>: _now_", "@oncall and @here: now"),
        ("*Merge request <http://x/1?a=1&amp;b=2|!1>* is open", "Merge request !1 (http://x/1?a=1&b=2) is open"),
        ("<http://x/1>", "http://x/1"),
        ("`a*b*c` &lt; 2 &amp;&amp; snake_case_name", "a*b*c < 2 && snake_case_name"),
        ("```\nx: <y>\n```\nafter", "x: <y>\nafter"),
        (":tada: <nobody knows>", "🎉 <nobody knows>"),
    ],
)
def test_a_terminal_is_shown_words(text, shown):
    """Names for ids, the address behind the words, and no mark; what is code stays as it is."""
    assert without_marks(text) == shown
