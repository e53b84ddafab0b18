"""The Python files of one build: the entry, what it imports of ours, and the shared core."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from capsule.compiler.errors import EntryNotFound
from capsule.compiler.finding import shown
from capsule.compiler.shorthand import Shorthand

PACKAGE = Path(__file__).resolve().parent.parent
JS = Path(__file__).resolve().parent / "js"
RUNTIME = JS / "runtime"
CORE = "capsule.shared"

# Imported for their annotations alone; nothing of them exists at run time in JavaScript.
TYPING = frozenset({"typing", "typing_extensions", "__future__", "abc", "collections.abc"})

# Lowering and Transcrypt walk by recursion, which ends at some 250 nodes. 3,000 files of public code have 26 at most.
MOST_DEPTH = 120

# The modules that have a JavaScript twin in js/, found instead of the Python file.
SEAM = "capsule.shared.platform"


@dataclass(eq=False)
class Source:
    """One module. `name` is its dotted name; `path` is where the text came from."""

    name: str
    path: Path
    text: str
    tree: ast.Module
    entry: bool = False
    # (JavaScript's name, Python's name) of what the compiled module exports; known after lowering.
    exports: list[tuple[str, str]] = field(default_factory=list)

    @cached_property
    def lines(self) -> list[str]:
        # Not splitlines(): a form feed or U+2028 ends no line of Python.
        return re.split(r"\r\n|\r|\n", self.text)

    @property
    def package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def shown(self) -> str:
        return shown(self.path)

    @property
    def core(self) -> bool:
        """Of capsule itself: typed and tested by us, so compiled without the checks of a call's arguments."""
        return is_core(self.name)

    def absolute(self, node: ast.ImportFrom) -> str:
        """The dotted name that `from . import x` stands for; `capsule` itself is the shared core."""
        if node.level == 0:
            return core_name(node.module or "")
        parts = self.name.split(".")
        if not self.package:
            parts = parts[:-1]
        kept = parts[: len(parts) - (node.level - 1)]
        return ".".join([*kept, node.module] if node.module else kept)


@dataclass(eq=False)
class Sources:
    """All modules of a build, by dotted name, each after what it imports (cycles aside)."""

    entry: str | None
    modules: dict[str, Source] = field(default_factory=dict)
    broken: list[tuple[Path, SyntaxError]] = field(default_factory=list)
    # The Python half of the seam, for its signatures.
    seam: Source | None = None

    def of_core(self) -> "Sources":
        """The core's modules alone: they compile to the same bytes whatever is built with them."""
        return Sources(None, {name: s for name, s in self.modules.items() if is_core(name)}, seam=self.seam)

    def __iter__(self) -> Iterator[Source]:
        return iter(self.modules.values())


def is_core(name: str) -> bool:
    return name == CORE or name.startswith(CORE + ".")


def core_name(name: str) -> str:
    return CORE if name == "capsule" else name


def locate(entry: Path | str) -> tuple[str, Path, Path]:
    """The dotted name, the file and the import root of FILE_OR_MODULE."""
    path = Path(entry)
    if path.suffix == ".py" or path.is_file():
        if not path.is_file():
            raise EntryNotFound(f"There is no file {entry}.")
        path = path.resolve()
        root = path.parent
        parts = [path.stem]
        while (root / "__init__.py").is_file():
            parts.insert(0, root.name)
            root = root.parent
        return ".".join(parts), path, root
    parts = str(entry).split(".")
    root = Path.cwd()
    for candidate in (root.joinpath(*parts).with_suffix(".py"), root.joinpath(*parts, "__init__.py")):
        if candidate.is_file():
            return str(entry), candidate.resolve(), root
    raise EntryNotFound(f"There is no file {entry}, and no module of that name below {root}.")


# What was read of files before.
Kept = dict[Path, tuple[str, ast.Module]]


class Loader:
    """Reads an entry and follows the imports that stay within its root or lead to the core."""

    def __init__(
        self, root: Path | None, core: Path = PACKAGE / "shared", kept: "Kept | None" = None
    ) -> None:
        self.root = root
        self.core = core
        self.kept = {} if kept is None else kept
        self.sources = Sources(None)

    def find(self, name: str) -> Path | None:
        """The Python file of a module of ours, or None for anything else."""
        if is_core(name):
            base = self.core.joinpath(*name.split(".")[2:])
        elif self.root is not None:
            base = self.root.joinpath(*name.split("."))
        else:
            return None
        for candidate in (base / "__init__.py", base.with_suffix(".py")):
            if candidate.is_file():
                return candidate
        return None

    def load(self, name: str, path: Path, entry: bool = False) -> None:
        try:
            text, tree = self.kept.get(path) or read(path)
        except SyntaxError as error:
            self.sources.broken.append((path, error))
            return
        self.kept[path] = text, tree
        source = Source(name, path, text, tree, entry)
        seen = self.sources.modules
        seen[name] = source
        for wanted in imports(source):
            if wanted == SEAM:
                self.load_seam()
            elif wanted not in seen:
                found = self.find(wanted)
                if found is not None:
                    self.load(wanted, found)
        # Behind what it imports.
        seen[name] = seen.pop(name)

    def load_seam(self) -> None:
        path = self.core / "platform.py"
        if self.sources.seam is None and path.is_file():
            text = path.read_text(encoding="utf-8")
            self.sources.seam = Source(SEAM, path, text, ast.parse(text, str(path)))


def read(path: Path) -> tuple[str, ast.Module]:
    """A file's text and tree. Raises SyntaxError for all that Python itself would not run, and for what is nested so
    deeply that nothing can walk it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(text, str(path))
            # The parser lets through what only Python's compiler refuses: a `return` outside a function, ...
            compile(tree, str(path), "exec", dont_inherit=True)
    except UnicodeDecodeError as error:
        raise SyntaxError(f"it is not UTF-8 ({error.reason} at byte {error.start})") from None
    except (RecursionError, MemoryError):
        raise SyntaxError("it is nested too deeply") from None
    if depth(tree) > MOST_DEPTH:
        raise SyntaxError("it is nested too deeply")
    Shorthand(tree).run()
    return text, tree


def depth(tree: ast.AST) -> int:
    """How many nodes stand in each other, found without recursion."""
    found, level = 0, [tree]
    while level:
        found += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return found


def imports(source: Source) -> Iterator[str]:
    """Every module that the source may import: for `from a import b` both `a.b` and `a`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield core_name(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = source.absolute(node)
            if base in TYPING:
                continue
            for alias in node.names:
                yield f"{base}.{alias.name}"
            yield base


def load(entry: Path | str | None, core: bool, kept: Kept | None = None) -> Sources:
    """The modules of an entry (or of none), with all of the core where `core` says so or the entry imports it.

    Files in `kept` are not read again; what is read is kept there. Lowering takes a tree apart: it must not stay.
    """
    if entry is None:
        loader = Loader(None, kept=kept)
    else:
        name, path, root = locate(entry)
        loader = Loader(root, kept=kept)
        loader.sources.entry = name
        loader.load(name, path, entry=True)
    used = any(is_core(name) for name in loader.sources.modules)
    if (core or used) and CORE not in loader.sources.modules:
        found = loader.find(CORE)
        if found is not None:
            loader.load(CORE, found)
    return loader.sources
