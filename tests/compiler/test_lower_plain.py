"""The rules of the models' own JavaScript: what lowering writes for them, and what it does not let them do."""

import ast
from pathlib import Path

import pytest

from capsule.compiler.build import build
from capsule.compiler.index import Index
from capsule.compiler.lower import lower
from capsule.compiler.lower_plain import PLAIN, PlainError, PlainLowering
from capsule.compiler.sources import Source, Sources
from capsule.compiler.trust import Trust

SEAM = "from capsule.shared.platform import emptyBag, fetch, look, member, pair, setMember\n"
METHOD = "class Sequence:\n    def run(self, given, items, text):\n        "


def lowered(body: str) -> None:
    text = SEAM + METHOD + body + "\n"
    source = Source("capsule.shared.sequence", Path("sequence.py"), text, ast.parse(text))
    sources = Sources(None, {source.name: source})
    index = Index(sources)
    lower(source, index, Trust(index), PlainLowering)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("return [1] + items", "`+` of containers"),
        ("return [] or items", "the truth of a container"),
        ("return 1 if [items] else 2", "the truth of a container"),
        ("return text in {'a': 1}", "`in` of a dict"),
        ("return {text: 1}", "keys are computed"),
        ("return str(text)[1:]", "a slice of a string"),
        ("return items[::2]", "with a step"),
        ("items[:] = given", "an assignment to a slice"),
        ("return given.get('silent')", "an option by `.get()`"),
        ("return text.strip()", "`.strip()` of a builtin value"),
        ("return sorted(items)", "`sorted()`"),
        ("return items * 2", "an operator"),
        ("return f'{text:>5}'", "a format"),
        ("return [a for b in items for a in b]", "more than one loop"),
        ("return self.run(given, items, text=1)", "keywords"),
        ("for key in {'a': 1}: self.run(key, 1, 2)", "a loop over a dict"),
        ("return b'no'", "bytes"),
        ("return 1j", "complex"),
        ("return ...", "`...`"),
    ],
)
def test_what_could_differ_stops_the_build(body: str, problem: str) -> None:
    with pytest.raises(PlainError, match=r"sequence\.py:4") as caught:
        lowered(body)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        "return [*items, *given]",
        "return len(items) > 0 and items[0] is not None",
        "return [one for one in items if one != text]",
        "return f'{text} of {len(items)}'",
        "return text in items or text.startswith('a')",
        "return min(max(given, 0), len(items))",
    ],
)
def test_what_is_the_same_in_both_languages_passes(body: str) -> None:
    lowered(body)


def test_the_models_are_written_in_javascripts_own_operators(tmp_path: Path) -> None:
    build(None, tmp_path)
    for module in sorted(PLAIN):
        text = (tmp_path / "modules" / f"{module}.js").read_text()
        for call in (
            "$truth(",
            "$get(",
            "$set(",
            "$eq(",
            "$in(",
            "$add(",
            "$iter(",
            "$call(",
            "$bind(",
            "$m_",
        ):
            assert call not in text, (module, call)
    state = (tmp_path / "modules" / "capsule.shared.state.js").read_text()
    assert "var self" not in state
    assert "this._changing = true" in state


def test_the_models_bring_nothing_of_the_runtime_that_writes_values(tmp_path: Path) -> None:
    build(None, tmp_path)
    for part in ("errors", "values"):
        imports = (tmp_path / "modules" / f"runtime.{part}.js").read_text().split("\n\n")[0]
        assert part == "values" or "runtime.text.js" not in imports
    for module in sorted(PLAIN):
        assert "runtime.text" not in (tmp_path / "modules" / f"{module}.js").read_text()
