"""How likeness is measured and track records are weighed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.recall.chunk import chunk_of
from memory.recall.likeness import corpus_of, likeness, trigrams
from memory.recall.symptoms import symptoms
from memory.recall.track_record import track_record
from remediation.terms import Target
from tests.remediation.made import NOW, a_finding, an_alert, an_incident

WORDS = st.text(alphabet="abcdefg ", max_size=60)


@given(WORDS, st.lists(WORDS, max_size=4))
def test_likeness_is_between_nothing_and_itself(query, others):
    """0 to 1, and a text that says something is wholly like itself."""
    texts = [trigrams(text) for text in (query, *others)]
    corpus = corpus_of(texts)

    assert all(0 <= likeness(texts[0], text, corpus) <= 1 for text in texts)
    if texts[0]:
        assert likeness(texts[0], texts[0], corpus) == pytest.approx(1)


def test_what_is_rare_weighs_more():
    """Sharing the rare word makes likelier than sharing the common one."""
    query = trigrams("container leak")
    texts = [trigrams(text) for text in ("container probe", "volume leak", "container quota", "container image")]
    corpus = corpus_of([query, *texts])

    assert likeness(query, texts[1], corpus) > likeness(query, texts[0], corpus)


def test_symptoms_hold_neither_names_nor_numbers():
    """They change from one telling to the next."""
    target = Target(kind="workload", place="prod-eu-1", path="shop/Deployment/api")
    alert = an_alert(labels={"namespace": "shop", "pod": "api-6d5f7c9b8-xk2vq", "cluster": "prod-eu-1"})

    told = symptoms(target, [alert], [a_finding()])

    assert told == "oom_killed oomkilled oom in"


def test_a_recovery_is_no_symptom():
    """What fired is told again when it is remembered, whatever recovered since."""
    target = Target(kind="workload", place="", path="shop/Deployment/api")
    fired, recovered = an_alert(), an_alert(state="recovered", at=NOW + timedelta(minutes=5))

    assert symptoms(target, [fired, recovered], []) == symptoms(target, [fired], [])


@pytest.mark.parametrize(
    ("tries", "share"),
    [([], 0.5), ([True], 2 / 3), ([False], 1 / 3), ([True, True, False], 3 / 5)],
)
def test_a_track_record_is_never_certain(tries, share):
    """One success is no proof, one failure no verdict."""
    record = track_record([(NOW, cured) for cured in tries], NOW)

    assert (record.share, record.tries) == (pytest.approx(share), len(tries))


def test_what_has_not_ended_is_not_remembered():
    """There is no outcome to remember."""
    with pytest.raises(ValueError, match="has not ended"):
        chunk_of(an_incident())
