"""capsule: realtime models, written once in Python, alive in the browser and on the server."""

from capsule.shared import (
    Collection,
    DeclarationError,
    Events,
    InputError,
    Model,
    ModelError,
    Operation,
    PropError,
    Verdict,
)

__all__ = [
    "Collection",
    "DeclarationError",
    "Events",
    "InputError",
    "Model",
    "ModelError",
    "Operation",
    "PropError",
    "Verdict",
]
