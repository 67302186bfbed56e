"""What is kept where not all can be."""

from hypothesis import given
from hypothesis import strategies as st

from remediation.rarity import rare_first, within


@given(st.lists(st.sampled_from("aaaaaab")), st.integers(0, 12))
def test_the_rare_is_kept_over_the_frequent(things, most):
    """Never more than asked for, in order, and no sort is left out while another has two."""
    kept = rare_first(things, lambda thing: thing, most)

    assert len(kept) == min(most, len(things))
    assert kept == [things[i] for i in sorted(places(things, kept))]
    if most >= 2:
        assert set(kept) == set(things)


def places(things, kept):
    """The first places at which the kept things can stand."""
    at, found = 0, []
    for thing in kept:
        at = things.index(thing, at)
        found.append(at)
        at += 1
    return found


def test_the_one_error_of_a_long_log_is_kept():
    """In the middle of thousands of lines that differ in their numbers only; and the last lines with it."""
    lines = [f"2026-11-21T03:{n // 60 % 60:02}:{n % 60:02}Z INFO request {n} served in {n % 7} ms" for n in range(5000)]
    lines[2400:2403] = ["ERROR cannot reach postgres:5432", "  caused by: connection refused", "  at Pool.connect"]
    text, left_out = within("\n".join(lines), 3000)

    assert "ERROR cannot reach postgres:5432\n  caused by: connection refused\n  at Pool.connect" in text
    assert text.endswith(lines[-1])
    assert len(text) <= 3000
    assert text.count("\n") + 1 + left_out - text.count("left out") == 5000


@given(st.text(alphabet="ab1 \n", max_size=2000), st.integers(100, 400))
def test_a_cut_log_holds_its_own_lines_in_order_and_counts_the_others(text, characters):
    """Never more than allowed, but for the words that say what is missing."""
    cut, left_out = within(text, characters)
    kept = [line for line in cut.split("\n") if "left out" not in line]

    if not cut.startswith("… ") or "left out" in cut.split("\n")[0]:
        assert len(kept) + left_out == len(text.split("\n"))
    remaining = iter(text.split("\n"))
    assert all(line in remaining for line in kept) or left_out == len(text.split("\n"))
    assert len(cut) <= max(characters, len("… 2000 lines left out …") * 2 + characters)
