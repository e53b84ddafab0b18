"""What all parts of the generator share: texts as JavaScript literals, temporaries, blocks."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from capsule.compiler.generate_base import js_string
from tests.compiler.compiled import javascript, same

TEXTS = [
    "",
    'a "quoted" \\ one',
    "line\nend\ttab\r\0",
    "é😀",
    "\u2028\u2029",
    "\ud800",
    "\udfff\ud83d",
    "</script>",
    "${x}`",
]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_text_is_a_literal_that_javascript_reads_as_the_same(text: str) -> None:
    command = [
        "node",
        "-e",
        f"console.log(JSON.stringify([...{js_string(text)}].map((c) => c.codePointAt(0))))",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == [ord(c) for c in text]


def test_a_literal_has_no_odd_ends_of_lines_and_no_half_characters() -> None:
    made = "".join(map(js_string, TEXTS))
    assert not re.search("[\n\r\u2028\u2029\ud800-\udfff]", made)
    assert "é😀" in made, "what can be read stays readable"


def test_texts_come_out_as_they_went_in(tmp_path: Path) -> None:
    assert same("print('é😀', 'a\\u2028b' == 'a\\u2028b', len('\\ud800'), repr('\"\\'\\n'))\n", tmp_path)


def test_a_functions_temporaries_are_its_own(tmp_path: Path) -> None:
    text = (
        "def f(n):\n    a, (b, c) = n, (n + 1, n + 2)\n"
        "    return [a, b, c] + (f(n - 1) if n else [])\nprint(f(2))\n"
    )
    assert same(text, tmp_path) == "[2, 3, 4, 1, 2, 3, 0, 1, 2]\n"
    made = javascript(text, tmp_path)
    assert made.index("function f") < made.index("var $u")


def test_a_stop_iteration_that_leaves_a_generator_is_a_runtime_error(tmp_path: Path) -> None:
    text = (
        "def g():\n    yield 1\n    raise StopIteration\n"
        "try:\n    print(list(g()))\nexcept RuntimeError as e:\n    print(e)\n"
    )
    assert same(text, tmp_path) == "generator raised StopIteration\n"
