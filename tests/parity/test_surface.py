"""The whole of Backbone's and of Capsule's surface is there, and the same names on both sides."""

from pathlib import Path
from typing import Any

import pytest

from capsule.shared import Collection, Events, Model, Operation, Verdict
from tests.parity.node import run_node

CLASSES: dict[str, Any] = {
    "Events": Events,
    "Model": Model,
    "Collection": Collection,
    "Verdict": Verdict,
    "Operation": Operation,
}
# Backbone 1.6.1, without Ajax (sync, fetch, save, url, create), and without what needs Underscore's wrapper or random
# numbers (chain, sample, shuffle).
BACKBONE = {
    "Events": "on once off trigger listenTo listenToOnce stopListening bind unbind",
    "Model": """
        idAttribute cidPrefix validationError preinitialize initialize parse toJSON get escape has matches set
        unset clear hasChanged changedAttributes previous previousAttributes destroy clone isNew isValid keys
        values pairs invert pick omit isEmpty
    """,
    "Collection": """
        model comparator preinitialize initialize parse toJSON add remove set reset push pop unshift shift
        slice get has at where findWhere sort pluck clone modelId values keys entries length forEach each map
        collect reduce foldl inject reduceRight foldr find detect filter select reject every all some any
        include includes contains invoke max min toArray size first head take initial rest tail drop last
        without difference indexOf lastIndexOf isEmpty partition groupBy countBy sortBy indexBy findIndex
        findLastIndex
    """,
}
CAPSULE = {
    "Model": """
        type parent root path collection modelGetter getRef xport mport itemJSON toggle safeSet safeDelete
        safeMove safeCall can deny stamp clientEditable clientAddable exposedServerMethods anonymous
        extraProperties setServer deleteServer moveServer toggleServer callServerMethod newId now link
        operation
    """,
    "Collection": """
        root path sorted maxLength radioProperties filterByProperty findByProperty setAll moveItem safeAdd can
        deny anonymous addServer newId now xport mport
    """,
    "Verdict": "toJSON fromJSON",
    "Operation": "newId",
}


def public(cls: Any) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


@pytest.mark.parametrize("surface", [BACKBONE, CAPSULE], ids=["backbone", "capsule"])
def test_the_surface_is_whole(surface: dict[str, str]) -> None:
    for name, members in surface.items():
        assert sorted(set(members.split()) - public(CLASSES[name])) == []


def test_both_sides_have_the_same_names(models_bundle: Path, tmp_path: Path) -> None:
    theirs = run_node("surface_trace.mjs", models_bundle.with_name("capsule.js"), list(CLASSES), tmp_path)
    for cls, names in zip(CLASSES.values(), theirs, strict=True):
        # JavaScript's word for `__repr__`.
        assert set(names) - {"toString"} == public(cls)
