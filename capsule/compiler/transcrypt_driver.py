"""Drives Transcrypt 3.9.5 as a library. This is the only file that imports it.

Transcrypt keeps its state in modules, so one build runs at a time in a process. It searches only the directories that
it is given here, writes into a directory of its own, and never sees the sources' text: the trees are already lowered.
"""

import ast
import contextlib
import importlib
import importlib.metadata
import importlib.util
import io
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from capsule.compiler.errors import GenerationFailed, TranscryptMissing
from capsule.compiler.generate import ModuleEmitter

VERSION = "3.9.5"
_lock = threading.Lock()


def check_version() -> None:
    """Raises TranscryptMissing unless exactly the pinned version is there: this compiler extends its insides."""
    try:
        found = importlib.metadata.version("transcrypt")
    except importlib.metadata.PackageNotFoundError:
        raise TranscryptMissing(
            f"Transcrypt is not installed. Building needs it: pip install transcrypt=={VERSION}"
        ) from None
    if found != VERSION:
        raise TranscryptMissing(
            f"Transcrypt {found} is installed, but capsule extends exactly {VERSION}: pip install transcrypt=={VERSION}"
        )


@contextlib.contextmanager
def _transcrypt() -> Iterator[tuple[Any, Any]]:
    """Transcrypt's `utils` and `compiler`, imported without a trace in sys.path, sys.argv or the warnings."""
    check_version()
    spec = importlib.util.find_spec("transcrypt")
    assert spec is not None
    assert spec.submodule_search_locations
    modules = Path(spec.submodule_search_locations[0]) / "modules"
    path, argv = list(sys.path), list(sys.argv)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _give_back_old_constants()
        sys.path.insert(0, str(modules))
        sys.argv = ["transcrypt", "entry"]
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                utils = importlib.import_module("org.transcrypt.utils")
                compiler = importlib.import_module("org.transcrypt.compiler")
            yield utils, compiler
        finally:
            sys.path[:] = path
            sys.argv[:] = argv


def _give_back_old_constants() -> None:
    """Python 3.14 took `.s` and `.n` from ast.Constant; Transcrypt reads them."""
    for name in ("s", "n"):
        if not hasattr(ast.Constant, name):
            setattr(ast.Constant, name, property(lambda self: self.value))


class _Environment:
    transpiler_name = "transcrypt"
    transpiler_version = VERSION
    executor_name = transpiler_name
    interpreter_name = "python"


def generate(
    entry: str, trees: Mapping[str, ast.Module], search: Sequence[Path], target: Path, maps: bool = True
) -> None:
    """Write each module's JavaScript and line map into `target`.

    `entry` is the name of the first module; `trees` holds the lowered modules by dotted name. `search` are the
    directories in which Transcrypt finds a file for each of them, and the JavaScript that they import.
    Raises GenerationFailed.
    """
    with _lock, _transcrypt() as (utils, compiler):
        sys.argv = ["transcrypt", "-b", "-n", "-e", "6", *(["-m"] if maps else []), "-od", str(target), entry]
        problems: list[BaseException] = []
        enhance = utils.enhanceException

        def first_problem(exception: BaseException, **words: Any) -> None:
            # Transcrypt replaces an exception at each level it passes; the first one tells what happened.
            if not isinstance(exception, utils.Error):
                problems.append(exception)
            enhance(exception, **words)

        original = compiler.Module, compiler.Generator
        compiler.Generator = _generator(compiler)
        compiler.Module = _module(compiler, trees)
        utils.enhanceException = first_problem
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                utils.commandArgs.parse()
                utils.commandArgs.source = str(search[0] / entry)
                compiler.Program([path.as_posix() for path in search], [], _Environment())
        except Exception as error:
            if not problems and not isinstance(error, utils.Error):
                raise
            raise GenerationFailed(str(error)) from (problems[0] if problems else error)
        finally:
            compiler.Module, compiler.Generator = original
            utils.enhanceException = enhance


def _module(compiler: ModuleType, trees: Mapping[str, ast.Module]) -> type:
    """Transcrypt's Module, with our trees for its own parsing."""

    class Module(compiler.Module):  # type: ignore[misc, name-defined]
        def parse(self) -> None:
            self.parseTree = trees[self.name]
            for node in ast.walk(self.parseTree):
                for child in ast.iter_child_nodes(node):
                    child.parentNode = node  # type: ignore[attr-defined]

    return Module


def _generator(compiler: ModuleType) -> type:
    """Transcrypt's Generator, with our way to write each kind of node."""
    return type("Generator", (ModuleEmitter, compiler.Generator), {})
