"""A unified diff as the page's rows."""

from bot.sandbox.page.diffs import Row, files

DIFF = """\
--- a/apps/api.yaml
+++ b/apps/api.yaml
@@ -10,3 +10,3 @@
 resources:
-  memory: 128Mi
+  memory: 256Mi
 ports:
--- a/apps/web.yaml
+++ b/apps/web.yaml
@@ -1 +1,2 @@
--- a/looks like a heading
+x
+--- b
"""


def test_lines_are_numbered_on_both_sides():
    """As GitLab numbers them."""
    api, web = files(DIFF)

    assert (api.path, api.added, api.removed) == ("apps/api.yaml", 1, 1)
    assert api.rows == [
        Row(kind="hunk", text="@@ -10,3 +10,3 @@"),
        Row(kind="same", text="resources:", old=10, new=10),
        Row(kind="removed", text="  memory: 128Mi", old=11),
        Row(kind="added", text="  memory: 256Mi", new=11),
        Row(kind="same", text="ports:", old=12, new=12),
    ]
    assert (web.path, web.added, web.removed) == ("apps/web.yaml", 2, 1)


def test_no_diff_is_no_file():
    """An empty merge request."""
    assert files("") == []
