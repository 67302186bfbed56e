"""Which GitLab project a repository's URL is: exactly one that settings allow, or a refusal that says what to add."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.errors import Refused
from remediation.gitops.repository import Forge, address_of, masked

FORGE = Forge(
    url="https://gitlab.example.com", projects=("platform/shop", "platform/team/api.git-ops", "Mixed/Case"), hosts=("ssh.example.com",),
    mirrors={"https://github.com/acme/shop": "platform/shop"},
)  # fmt: skip
SEGMENT = st.from_regex(r"[a-z0-9_][a-z0-9_\-]{0,11}", fullmatch=True)
PATHS = st.lists(SEGMENT, min_size=2, max_size=5).map("/".join)


@pytest.mark.parametrize(
    "url",
    [
        "https://gitlab.example.com/platform/shop",
        "https://gitlab.example.com/platform/shop.git",
        "https://gitlab.example.com/platform/shop.git/",
        "https://GitLab.Example.com:443/Platform/shop.git",
        "https://oauth2:glpat-x@gitlab.example.com/platform/shop.git",
        "http://gitlab.example.com:8080/platform/shop",
        "git@gitlab.example.com:platform/shop.git",
        "gitlab.example.com:platform/shop",
        "ssh://git@gitlab.example.com/platform/shop.git",
        "ssh://git@ssh.example.com:2222/platform/shop.git",
        "git@gitlab.example.com:/platform/shop.git",
        "https://github.com/acme/shop.git",
        "git@github.com:acme/shop.git",
    ],
)
def test_every_way_to_write_an_address_is_the_same_project(url):
    """Tools, people and deploy keys write it differently."""
    assert FORGE.project_of(url) == "platform/shop"


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("https://gitlab.com/platform/shop.git", "other_owner", "add gitlab.com to gitlab_hosts"),
        ("https://gitlab.example.com.evil.net/platform/shop", "other_owner", "evil.net"),
        ("https://gitlab.example.com@evil.net/platform/shop", "other_owner", "evil.net"),
        ("git@evil.net:gitlab.example.com/platform/shop.git", "other_owner", "evil.net"),
        ("https://gitlab.example.com/platform/shop-secrets.git", "other_owner", "project: platform/shop-secrets"),
        ("https://gitlab.example.com/platform/other/../shop", "not_found", "no address"),
        ("https://gitlab.example.com/platform/%2e%2e/shop", "not_found", "no address"),
        ("https://gitlab.example.com//shop.git", "not_found", "no address"),
        ("https://gitlab.example.com/platform/shop?x=1", "not_found", "no address"),
        ("https://gitlab.example.com:port/platform/shop", "not_found", "no address"),
        ("oci://gitlab.example.com/platform/shop", "not_found", "no address"),
        ("file:///platform/shop", "not_found", "no address"),
        ("../platform/shop", "not_found", "no address"),
        ("", "not_found", "no address"),
    ],
)
def test_what_is_foreign_is_refused_with_what_to_add(url, kind, said):
    """A look-alike host, a neighbouring project, a path that climbs."""
    with pytest.raises(Refused) as caught:
        FORGE.project_of(url)
    assert caught.value.kind == kind
    assert said in str(caught.value)


def test_a_password_in_a_url_is_never_told():
    """Refusals reach threads."""
    with pytest.raises(Refused) as caught:
        FORGE.project_of("https://bot:hunter2@other.example.com/a/b.git")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://bot:gl@pat-secretXYZ@git.example.com/a/b", "https://git.example.com/a/b"),
        ("oauth2:TOKEN@git.example.com:x/y.git", "git.example.com:x/y.git"),
        ("git@git.example.com:x/y.git", "git.example.com:x/y.git"),
        ("https://bot:pa/ss@git.example.com/a/b", "https://git.example.com/a/b"),
        ("https://git.example.com/a/b", "https://git.example.com/a/b"),
        ("https://git.example.com/a/b?private_token=glpat-0123456789abcdefghij", "https://git.example.com/a/b?private_token=[masked:gitlab_token]"),
    ],
)
def test_what_is_told_of_an_address_holds_no_user(url, told):
    """Up to the last @, in the form of scp, too; what stands elsewhere in it is masked by its look."""
    assert masked(url) == told


def test_a_gitlab_under_a_path_of_its_server_counts_it_for_the_web_alone():
    """`https://host/gitlab/group/project`, and `git@host:group/project`."""
    forge = Forge(url="https://host.example.com/gitlab/", projects=("gitlab/shop", "a/b"))
    assert forge.project_of("https://host.example.com/gitlab/a/b.git") == "a/b"
    assert forge.project_of("git@host.example.com:gitlab/shop.git") == "gitlab/shop"


@given(path=PATHS, user=st.sampled_from(["", "git@", "deploy-token:x@"]), port=st.sampled_from(["", ":22", ":8443"]), end=st.sampled_from(["", ".git", ".git/", "/"]))  # fmt: skip
def test_whatever_it_is_written_with_the_path_stays_the_same(path, user, port, end):
    """User, port, suffix and scheme never change which project it is."""
    forge = Forge(url="https://gitlab.example.com", projects=(path,))
    for scheme in ("https", "ssh", "http"):
        assert forge.project_of(f"{scheme}://{user}gitlab.example.com{port}/{path}{end}") == path
    assert forge.project_of(f"git@gitlab.example.com:{path}{end}") == path


@given(text=st.text(max_size=60) | st.text(alphabet="/.:@%git-hubcom\\ \n[]", max_size=40))
def test_any_text_is_an_address_or_a_refusal(text):
    """Nothing else is raised, and no part of a path climbs."""
    try:
        address = address_of(text)
    except Refused:
        return
    assert address.host
    assert not {"", ".", ".."} & set(address.path.split("/"))


@given(one=PATHS, other=PATHS)
def test_an_allowed_project_lets_no_other_through(one, other):
    """Exactly one."""
    forge = Forge(url="https://gitlab.example.com", projects=(one,))
    if one != other and one != other.removesuffix(".git"):
        with pytest.raises(Refused):
            forge.project_of(f"https://gitlab.example.com/{other}")
