"""`capsule new`: the files of a first app, that works and is meant to be changed."""

import argparse
import shutil
from pathlib import Path

import capsule
from capsule.cli.options import complain

NAME = "new"
HELP = "make a folder with a first app: models, server, page, tests"
EXAMPLE = "example: capsule new board && cd board && capsule dev"

STARTER = Path(capsule.__file__).parent / "starter"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLE
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the app goes: new, or empty")


def run(options: argparse.Namespace) -> int:
    """0: made. 1: the folder holds something, or cannot be written."""
    folder: Path = options.folder
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            return complain(NAME, f"{folder} is there already, and not empty. Name another folder.")
        shutil.copytree(
            STARTER, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "dist")
        )
        # Named so here, because it is for the app's files and not for ours.
        (folder / "gitignore").rename(folder / ".gitignore")
    except OSError as error:
        return complain(NAME, str(error))
    print(
        f"{folder} is made. Next:\n"
        f"  cd {folder}\n"
        "  pip install 'capsule[demo,parity]'   # what its server and its tests import\n"
        "  capsule dev"
    )
    return 0
