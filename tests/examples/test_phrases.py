"""What the bots write fits, and does not grow."""

import random

from examples.bang import phrases
from examples.bang.models import TEXT_LENGTH, TITLE_LENGTH


def test_every_task_fits_with_every_afterthought() -> None:
    longest = (
        max(phrases.VERBS, key=len) + " " + max(phrases.THINGS, key=len) + max(phrases.AFTERTHOUGHTS, key=len)
    )
    assert len(longest) <= TITLE_LENGTH
    assert max(len(line) for line in phrases.LINES) <= TEXT_LENGTH


def test_a_second_thought_replaces_the_first() -> None:
    chance = random.Random(1)
    title = "Test the footer"
    for _ in range(50):
        title = phrases.second_thought(title, chance)
        assert title in {"Test the footer" + afterthought for afterthought in phrases.AFTERTHOUGHTS}


def test_a_cheer_names_somebody() -> None:
    assert all("{name}" in cheer for cheer in phrases.CHEERS)
    assert "Eva" in phrases.cheer("Eva", random.Random(1))
