"""Which test keeps out of which trap: bugs of earlier systems of this kind, each with a test by name in Python and,
where the browser runs that code too, in JavaScript.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRAPS = "tests/shared/test_traps.py::test_"
JAVASCRIPT = ROOT / "js_build" / "test" / "traps.test.mjs"

# The trap as the JavaScript test is called (or would be), and its Python test.
BOTH: dict[str, str] = {
    "one allowed key does not let the others through": TRAPS
    + "capsule_1_one_allowed_key_does_not_let_the_others_through",
    "one verdict answers for a whole hash": TRAPS + "capsule_2_one_verdict_for_the_whole_hash",
    "an add is asked about a model that has its parent, and one that is refused is not added": TRAPS
    + "capsule_3_an_add_asks_about_a_model_that_has_its_parent",
    "exposed methods get their arguments": TRAPS + "capsule_4_exposed_methods_get_their_arguments",
    "set leaves the caller's hash alone, and a list that is not set is fine": TRAPS
    + "capsule_5_set_leaves_the_callers_hash_alone_and_an_unset_list_is_fine",
    "a registry belongs to its root, and forgets": TRAPS
    + "capsule_6_a_registry_belongs_to_its_root_and_forgets",
    "a change event carries what changed, and nothing else": TRAPS
    + "capsule_7_a_change_event_carries_what_changed_alone",
    "removals name their collection, additions their position, and child models bubble": TRAPS
    + "capsule_8_removals_name_their_collection_additions_their_position_and_children_bubble",
    "moving an unknown id moves nothing, and positions are clamped": TRAPS
    + "capsule_9_moving_an_unknown_id_moves_nothing_and_positions_are_clamped",
    "a wrong type is an error with a code, and an unknown type is told early": TRAPS
    + "capsule_10_a_wrong_type_is_an_error_with_a_code_and_unknown_types_are_told_early",
    "untrusted names and values are refused with a code, and nothing is half done": TRAPS
    + "untrusted_input_is_refused_with_its_code_and_nothing_is_half_done",
    "nobody is refused before any rule runs": TRAPS + "nobody_is_refused_before_any_rule_runs",
    "only exactly true allows: a sentence, a verdict and a promise do not": TRAPS
    + "a_sentence_or_any_other_truth_does_not_allow",
    "ids have no dots": TRAPS + "ids_have_no_dots",
}
# What only one side has: the page's bindings, the worker, the store.
ONE: dict[str, str] = {
    "a binding shows text, never markup": (
        "tests/browser/test_dom.py::test_text_follows_the_attribute_and_markup_stays_text"
    ),
    "an action that was applied before is looked up, not evaluated again": (
        "tests/worker/test_worker.py::test_an_operation_that_was_applied_before_is_answered_as_done"
    ),
    "a rule that counts a collection reads the feed's version": (
        "tests/feeds/test_commit_reads.py::test_a_read_conflicts_when_what_it_names_has_changed_since"
    ),
}


def python_tests(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("trap", [*BOTH, *ONE])
def test_a_trap_has_its_test_in_python(trap: str) -> None:
    path, name = (BOTH | ONE)[trap].split("::")
    assert name in python_tests(path)


def test_a_trap_of_the_models_has_its_test_in_javascript_and_no_other_is_there() -> None:
    assert set(re.findall(r'^test\("(.+?)", ', JAVASCRIPT.read_text(), re.MULTILINE)) == set(BOTH)


def test_no_test_of_a_trap_is_left_out_of_the_table() -> None:
    listed = {name.split("::")[1] for name in BOTH.values()}
    path = TRAPS.split("::")[0]
    others = {
        "test_capsule_3_nothing_is_added_when_an_attribute_was_refused",
        "test_capsule_11_of_radio_models_the_last_one_to_be_chosen_wins",
        "test_untrusted_arguments_are_left_as_they_were",
        "test_untrusted_sizes_are_looked_at_only_up_to_their_limits",
        "test_a_verdict_cannot_be_taken_for_yes",
        "test_schema_and_safe_set_have_one_whitelist",
    }
    assert {name for name in python_tests(path) if name.startswith("test_")} == listed | others
