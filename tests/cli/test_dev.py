"""The parts of `capsule dev`; the whole of it runs in tests/browser/test_starter.py."""

import os
from pathlib import Path

import pytest

from capsule.cli.dev import environment, folders, is_broken
from capsule.cli.main import main


def test_the_app_s_folders_are_watched_and_what_is_made_is_not(tmp_path: Path) -> None:
    for name in ("jobs/mail", "dist/modules", "tests", ".capsule", "__pycache__", "node_modules/x"):
        (tmp_path / name).mkdir(parents=True)
    assert sorted(folders(tmp_path)) == [tmp_path, tmp_path / "jobs", tmp_path / "jobs" / "mail"]


def test_what_is_no_python_is_said_and_what_is_gone_is_not_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.py").write_text("x = = 1\n")
    (tmp_path / "nul.py").write_bytes(b"x = '\0'\n")
    (tmp_path / "good.py").write_text("x = 1\n")
    broken = [name for name in ("bad", "nul", "good", "gone") if is_broken(tmp_path / f"{name}.py", tmp_path)]
    assert broken == ["bad", "nul"]
    assert "bad.py: invalid syntax (bad.py, line 1). What runs goes on." in capsys.readouterr().out


def test_a_secret_is_made_once_for_the_owner_s_eyes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    first = environment(tmp_path, tmp_path)
    assert first == environment(tmp_path, tmp_path)
    assert len(first["SECRET_KEY"]) == 64
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert first["PYTHONPATH"] == os.pathsep.join([str(tmp_path), "elsewhere"])
    monkeypatch.setenv("SECRET_KEY", "given")
    assert environment(tmp_path, tmp_path)["SECRET_KEY"] == "given"


def test_a_folder_without_models_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dev", str(tmp_path)]) == 1
    assert "`capsule new FOLDER` makes a first app." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
