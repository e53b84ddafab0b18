from capsule.shared.codes import CODES, SENTENCES, errorMessage


def test_every_code_has_a_sentence() -> None:
    assert CODES.keys() == SENTENCES.keys()
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())


def test_an_error_message_says_code_name_and_sentence() -> None:
    assert errorMessage("TOO_MANY") == {
        "verb": "error",
        "code": 429,
        "name": "TOO_MANY",
        "sentence": "Too many requests. Slow down.",
    }
    assert errorMessage("BAD_MESSAGE", '"n" is missing.')["sentence"] == '"n" is missing.'
