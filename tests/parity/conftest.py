from pathlib import Path

import pytest

from capsule.compiler.build import build

MODELS = Path(__file__).parents[2] / "examples" / "bang" / "models.py"


@pytest.fixture(scope="session")
def models_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """models_trace.py, compiled: the path of its main.js."""
    out = tmp_path_factory.mktemp("models")
    build(Path(__file__).with_name("models_trace.py"), out)
    return out / "main.js"


@pytest.fixture(scope="session")
def bang_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's models, compiled: the path of its main.js."""
    out = tmp_path_factory.mktemp("bang")
    build(MODELS, out)
    return out / "main.js"
