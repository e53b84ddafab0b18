from pathlib import Path

import pytest

from capsule.compiler.build import build

MODELS = Path(__file__).parents[2] / "examples" / "bang" / "models.py"


@pytest.fixture(scope="session")
def bang_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's models, compiled: the path of its main.js."""
    out = tmp_path_factory.mktemp("bang")
    build(MODELS, out)
    return out / "main.js"
