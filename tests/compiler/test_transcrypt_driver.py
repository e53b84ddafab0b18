"""Transcrypt is pinned: what we extend of it must be there, and nothing of it may stay behind."""

import ast
import inspect
import sys
import warnings
from importlib import metadata
from pathlib import Path

import pytest

from capsule.compiler import transcrypt_driver
from capsule.compiler.build import build
from capsule.compiler.errors import GenerationFailed, TranscryptMissing
from capsule.compiler.sources import RUNTIME


def test_the_pinned_version_is_installed() -> None:
    assert metadata.version("transcrypt") == transcrypt_driver.VERSION == "3.9.5"


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: "3.10.0")
    with pytest.raises(TranscryptMissing, match=r"3\.10\.0"):
        transcrypt_driver.check_version()


def test_a_missing_transcrypt_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(TranscryptMissing, match="pip install transcrypt=="):
        transcrypt_driver.check_version()


def test_what_we_hook_has_the_signatures_that_we_know() -> None:
    with transcrypt_driver._transcrypt() as (utils, compiler):
        assert list(inspect.signature(compiler.Program).parameters) == [
            "moduleSearchDirs",
            "symbols",
            "envir",
        ]
        assert list(inspect.signature(compiler.Module).parameters) == [
            "program",
            "name",
            "__name__",
            "filter",
        ]
        assert list(inspect.signature(compiler.Module.parse).parameters) == ["self"]
        generator = compiler.Generator
        assert list(inspect.signature(generator).parameters) == ["module"]
        assert list(inspect.signature(generator.emit).parameters) == ["self", "fragment", "formatter"]
        assert list(inspect.signature(generator.adaptLineNrString).parameters) == ["self", "node", "offset"]
        assert list(inspect.signature(utils.enhanceException).parameters) == ["exception", "kwargs"]
        assert list(inspect.signature(compiler.Program.provide).parameters)[:2] == ["self", "moduleName"]


def test_a_build_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("x = 1\n")
    path, argv = list(sys.path), list(sys.argv)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        build(tmp_path / "m.py", tmp_path / "dist")
    assert (sys.path, sys.argv) == (path, argv)
    assert heard == []


def test_python_3_14_gets_its_old_constants_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("s", "n"):
            if hasattr(ast.Constant, name):
                monkeypatch.delattr(ast.Constant, name)
        assert not hasattr(ast.Constant(value=1), "s")
        transcrypt_driver._give_back_old_constants()
        assert ast.Constant(value="x").s == "x"
        assert ast.Constant(value=5).n == 5
        for name in ("s", "n"):
            delattr(ast.Constant, name)


def test_a_module_that_is_not_there_is_a_failure_with_its_name(tmp_path: Path) -> None:
    tree = ast.fix_missing_locations(
        ast.Module(body=[ast.ImportFrom(module="os", names=[], level=0)], type_ignores=[])
    )
    (tmp_path / "stage").mkdir()
    (tmp_path / "stage" / "lonely.py").touch()
    with pytest.raises(GenerationFailed, match="os"):
        transcrypt_driver.generate(
            "lonely", {"lonely": tree}, [tmp_path / "stage", RUNTIME], tmp_path / "made"
        )
