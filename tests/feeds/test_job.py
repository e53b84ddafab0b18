"""Terms: what they say to the script, and what is refused before it is sent."""

import pytest

from capsule.feeds import InputError, Terms


def test_terms_are_words_of_a_letter_and_an_integer() -> None:
    assert Terms().text() == ""
    terms = Terms(delay=1.5, priority=-3, expires=60, attempts=2, backoff=(0.1, 2))
    assert terms.text() == "p-3 a2 d1500 e60000 b100 m2000"
    assert Terms(at=1_763_900_000.25).text() == "t1763900000250"
    assert Terms(expires=1, attempts=9).text("team.7") == "a9 e1000"


@pytest.mark.parametrize("terms", [Terms(delay=0), Terms(at=1), Terms(priority=1)])
def test_a_group_has_no_priority_and_no_delay(terms: Terms) -> None:
    with pytest.raises(InputError, match=r"team\.7 runs in the order of its puts"):
        terms.text("team.7")


@pytest.mark.parametrize(
    "terms",
    [
        Terms(priority=1001),
        Terms(priority=0.5),  # type: ignore[arg-type]
        Terms(delay=-1),
        Terms(delay=1, at=1),
        Terms(attempts=0),
        Terms(expires=float("inf")),
        Terms(delay=float("nan")),
        Terms(backoff=(1, 1e13)),
    ],
)
def test_terms_that_make_no_sense_are_refused(terms: Terms) -> None:
    with pytest.raises(InputError):
        terms.text()
