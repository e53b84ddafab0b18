"""`scripts/setup` says what is missing, in a sentence, before it does anything."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "dirname", "cat", "cksum", "id", "rm", "env")

REAL = f'exec "{sys.executable}" "$@"\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing set up, and a PATH (`bin`) that has neither apt-get nor sudo."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "scripts/setup", tmp_path / "scripts/setup")
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def program(checkout: Path, name: str, body: str) -> None:
    path = checkout / "bin" / name
    path.write_text(f"#!{shutil.which('bash')}\n{body}")
    path.chmod(0o755)


def setup(checkout: Path, *arguments: str) -> tuple[int, str]:
    environment = {"PATH": str(checkout / "bin"), "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run(
        [str(checkout / "bin/bash"), str(checkout / "scripts/setup"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def test_without_python_it_names_the_packages(checkout: Path) -> None:
    status, text = setup(checkout, "demo")
    assert status == 1
    assert "Python 3.11 or later is missing" in text
    assert "python3 python3-venv" in text


def test_an_old_python_is_refused_with_its_version(checkout: Path) -> None:
    program(checkout, "python3", '[ "$1" = -V ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    status, text = setup(checkout, "demo")
    assert status == 1
    assert "Python 3.11 to 3.14 is needed; python3 is Python 3.9.2. Set PYTHON" in text


def test_a_python_without_ensurepip_leads_to_python3_venv(checkout: Path) -> None:
    program(checkout, "python3", f'[ "$2" = "import ensurepip" ] && exit 1\n{REAL}')
    status, text = setup(checkout, "demo")
    assert status == 1
    assert "ensurepip (the package python3-venv) is missing" in text
    assert not (checkout / ".venv").exists()


def test_what_apt_get_can_bring_is_installed(checkout: Path) -> None:
    """A stand-in for apt-get that brings ensurepip, run as root or through sudo."""
    asked = checkout / "asked"
    program(checkout, "apt-get", f'echo "$@" >>{asked}\n')
    program(checkout, "sudo", '[ "$1" = -n ] && shift\nexec "$@"\n')
    program(checkout, "true", "exit 0\n")
    program(
        checkout,
        "python3",
        f'[ "$2" = "import ensurepip" ] && exec test -e {asked}\n[ "$2" = venv ] && echo "a venv" && exit 3\n{REAL}',
    )
    status, text = setup(checkout, "demo")
    assert "installing python3-venv" in text
    assert asked.read_text().splitlines()[-1].endswith("--no-install-recommends python3-venv")
    assert (status, "a venv" in text) == (3, True)


def test_an_unknown_purpose_is_refused(checkout: Path) -> None:
    assert setup(checkout, "everything")[0] == 1
