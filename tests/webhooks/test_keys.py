"""Keys open what they were made for, for as long as they were made for."""

from hypothesis import given
from hypothesis import strategies as st

from webhooks.keys import LINK_SECONDS, SESSION_SECONDS, Keys

TOKEN = "planted-api-token"


class Clock:
    """Time that moves when told to."""

    now = 1_000.0

    def __call__(self):
        """Epoch seconds."""
        return self.now


def key_of(link):
    """The key in a link."""
    return link.partition("key=")[2]


def test_a_link_opens_for_a_quarter_of_an_hour():
    """Long enough to click, too short to be found in a log next week."""
    clock = Clock()
    keys = Keys(TOKEN, clock)
    key = key_of(keys.link("https://suture.example/", "/incidents/inc 1"))

    assert keys.link("https://suture.example/", "/incidents/inc 1").startswith("https://suture.example/incidents/inc%201?key=")
    assert keys.link_holds(key)
    clock.now += LINK_SECONDS + 1
    assert not keys.link_holds(key)


def test_a_session_outlives_its_link_and_ends():
    """A working day, not for ever."""
    clock = Clock()
    keys = Keys(TOKEN, clock)
    cookie = keys.session()
    clock.now += LINK_SECONDS + 1

    assert keys.session_holds(cookie)
    clock.now += SESSION_SECONDS
    assert not keys.session_holds(cookie)


def test_a_key_opens_only_what_it_was_made_for():
    """A link's key is no session, another token's is nothing."""
    keys = Keys(TOKEN)

    assert not keys.session_holds(key_of(keys.link("https://suture.example")))
    assert not keys.link_holds(keys.session())
    assert not keys.session_holds(Keys("another token").session())


def test_without_a_public_address_there_is_no_link():
    """Nobody is sent to a place that is not there."""
    assert Keys(TOKEN).link("") == ""


def test_an_empty_token_lets_nobody_in():
    """A missing setting is no open door."""
    keys = Keys("")

    assert not keys.opens("Bearer ")
    assert not keys.link_holds(key_of(keys.link("https://suture.example")))
    assert not keys.session_holds(keys.session())


@given(st.text())
def test_no_other_word_is_a_key(word):
    """Whatever is sent, the answer is no and not an error."""
    keys = Keys(TOKEN)

    assert not keys.opens(word)
    assert not keys.opens(f"Bearer {word}")
    assert not keys.link_holds(word)
    assert not keys.session_holds(f"99999999999.{word}")
