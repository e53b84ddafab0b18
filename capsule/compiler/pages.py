"""The pages of the rules, written from the catalogue by `python -m capsule.compiler.pages docs/rules`."""

import sys
from collections.abc import Mapping
from pathlib import Path

from capsule.compiler.allow import ALLOWABLE
from capsule.compiler.catalogue import RULES, Rule

GROUPS: Mapping[str, str] = {
    "CAP10": "Syntax",
    "CAP11": "Operators and values",
    "CAP12": "Calls",
    "CAP13": "Classes",
    "CAP14": "Names and attributes",
    "CAP15": "Values",
    "CAP16": "Imports",
    "CAP19": "Exceptions to rules",
    "CAP20": "Models",
}


def sentence(rule: Rule) -> str:
    """The rule's message without what one finding fills in."""
    return _general(rule.message)


def _general(text: str) -> str:
    result, depth = [], 0
    for character in text:
        depth += character == "{"
        if depth == 0:
            result.append(character)
        elif character == "}":
            depth -= 1
            result.append("…")
    return "".join(result)


def page(rule: Rule) -> str:
    """One rule as Markdown. The fences are run by tests/docs: `bad` is refused with this code, `good` is accepted."""
    exception = (
        f"Where it may differ after all: `# capsule: allow[{rule.code}] the reason`, on the line or above it."
        if rule.code in ALLOWABLE
        else ""
    )
    parts = [
        f"# {rule.code}: {sentence(rule)}",
        fence("bad", rule.bad),
        fence("good", rule.good),
        f"**Why.** {_general(rule.why)}",
        f"**Fix.** {_general(rule.fix)}",
        exception,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def fence(word: str, code: str) -> str:
    return f"```python {word}\n{code}\n```"


def index() -> str:
    """The list of all rules, as Markdown."""
    lines = [
        "# The rules of `capsule check`",
        "",
        "What shared code may not hold, because it would not do the same in JavaScript. A code never changes its",
        "meaning. `capsule check --explain CAP120` prints a rule's page. The command: [compiler.md](../compiler.md).",
    ]
    group = ""
    for rule in RULES.values():
        title = GROUPS.get(rule.code[:5], "More")
        if title != group:
            group = title
            lines += ["", f"## {title}", ""]
        lines.append(f"- [{rule.code}]({rule.code}.md): {sentence(rule)}")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Every file of the folder, by name."""
    return {"README.md": index(), **{f"{rule.code}.md": page(rule) for rule in RULES.values()}}


def write(folder: Path) -> None:
    """Make the folder hold exactly the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def nearest(code: str) -> list[str]:
    """At most three known codes that begin like an unknown one: those of its group, or of its neighbours."""
    for length in range(len(code), len("CAP"), -1):
        alike = [known for known in RULES if known.startswith(code[:length].upper())]
        if alike:
            return alike[:3]
    return []


if __name__ == "__main__":
    write(Path(sys.argv[1]))
