import pytest

from capsule.shared import DeclarationError, InputError, ModelError, PropError


def test_every_error_has_a_code_a_sentence_and_a_field() -> None:
    for cls, code in [(ModelError, 500), (DeclarationError, 500), (PropError, 422), (InputError, 422)]:
        error = cls("What was wrong.", "title")
        assert [error.code, error.sentence, error.field, str(error)] == [
            code,
            "What was wrong.",
            "title",
            "What was wrong.",
        ]
        with pytest.raises(ModelError):
            raise error
    assert ModelError("x").field is None
