import importlib
from importlib.metadata import version

import pytest

from capsule.cli.main import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    assert f"capsule {name}" in capsys.readouterr().out.split("example", 1)[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_one_thin_file(name: str) -> None:
    module = importlib.import_module(f"capsule.cli.{name}")
    assert callable(module.configure)
    assert callable(module.run)


def test_no_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([])
    assert left.value.code == 2
    assert "usage: capsule" in capsys.readouterr().err


def test_an_unknown_command_names_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["fly"])
    assert left.value.code == 2
    assert "worker" in capsys.readouterr().err


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"capsule {version('capsule')}\n"


def test_an_error_of_ours_is_one_sentence_not_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker", "json"]) == 1
    assert capsys.readouterr().err.startswith("capsule worker: json has no root")
