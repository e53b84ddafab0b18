"""What people expect of typed models, learnt from the libraries that came after Backbone, each with its test by name.

The tests here are those that no source file's own tests have.
"""

import ast
from pathlib import Path
from typing import Any

import pytest

from capsule.shared import Collection, DeclarationError, Model, ModelError, PropError

HERE = Path(__file__).parent
# The behaviour: the test that holds it.
BEHAVIOURS: dict[str, str] = {
    "the constructor fills declared props": "test_right_after_construction_nothing_has_changed",
    "right after construction nothing counts as changed": "test_right_after_construction_nothing_has_changed",
    "a subclass keeps the props of its base": "test_declarations_merge_over_the_bases",
    "a subclass keeps the methods of its base": "test_a_subclass_is_an_instance_of_its_bases_and_keeps_their_methods",
    "a prop may be called type": "test_any_prop_name_is_legal",
    "instances are of every class in the chain": "test_a_subclass_is_an_instance_of_its_bases_and_keeps_their_methods",
    "the id can be another prop": "test_the_id_can_be_another_prop",
    "isValid asks for required props": "test_required_props_make_a_model_valid",
    "unset takes a list of names": "test_unset_and_clear",
    "unset of an undeclared name does nothing": "test_unset_of_what_is_not_declared_does_nothing",
    "unset wins over a value": "test_unset_wins_over_a_value",
    "previous attributes contain defaults": "test_previous_attributes_contain_defaults_that_were_never_set",
    "lists and objects are copied in and out": "test_declared_lists_are_copied_in_and_out",
    "unset of an enumerated prop gives nothing, or its default": "test_enumerated_props_can_be_unset_and_cleared",
    "clear works with enumerated props": "test_enumerated_props_can_be_unset_and_cleared",
    "false and null are real defaults": "test_false_and_null_are_real_defaults",
    "list and object defaults are fresh for each instance": "test_typed_defaults_are_made_for_each_instance",
    "a literal list or object as default is refused": "test_a_wrong_declaration_says_so_when_the_class_is_first_used",
    "a default may be a function": "test_defaults_are_values_or_made_by_a_function",
    "undeclared names are rejected, ignored or kept": "test_extra_properties_are_rejected_ignored_or_allowed",
    "a wrong type is an error": "test_types",
    "a model knows whether its required props are there": "test_required_props_make_a_model_valid",
    "previous gives what was there": "test_previous_and_changed_attributes",
    "attributes have session props, stored items have not": "test_item_json_leaves_out_collections_session_and_derived",
    "null only where it is allowed": "test_null_is_taken_only_where_it_is_allowed",
    "a prop may have a test": "test_constraints",
    "a prop may be an enumeration": "test_constraints",
    "a default from a function is made once": "test_a_default_made_by_a_function_is_made_once",
    "toggle flips booleans and steps through values": "test_toggle_flips_booleans_and_steps_through_values",
    "a test sees the model": "test_a_test_can_be_a_method_of_the_model",
    "a subclass keeps the collections of its base": "test_declarations_merge_over_the_bases",
    "initialize sees children and collections": "test_initialize_sees_its_children",
    "a model knows its collection until it is removed": "test_remove_answers_what_went_and_tells_where_it_was",
    "nested data makes children": "test_nested_data_makes_children_and_collections_that_know_their_parents",
    "nested data updates children in place": "test_setting_nested_data_updates_children_in_place",
    "null for a child leaves the child": "test_null_for_a_child_or_a_collection_leaves_it",
    "a collection that fills itself keeps its content": "test_a_collection_that_fills_itself_keeps_its_content",
    "changes of children bubble under their names": "test_a_childs_changes_are_heard_on_its_owner_under_its_name",
    "a model can be replaced, and the old one is let go": "test_a_child_can_be_replaced_by_another_model",
    "setting one child leaves the others heard": "test_replacing_one_child_leaves_the_others_heard",
    "changedAttributes of a diff ignores children": "test_changed_attributes_of_a_diff_ignores_children",
    "times are integers, and null is not 1970": "test_a_time_is_an_integer_and_null_stays_null",
    "one declaration can serve two classes": "test_a_declaration_can_serve_two_classes",
    "setOnce": "test_set_once_counts_from_the_constructor_or_the_first_set",
    "a time may be set back to null": "test_a_time_is_an_integer_and_null_stays_null",
    "names that would collide are refused": "test_names_cannot_mean_two_things",
    "a method may have a prop's name": "test_a_method_and_a_prop_may_have_one_name",
    "toJSON goes through children": "test_xport_is_the_whole_subtree_and_mport_takes_it_back",
    "a refused child is not listened to": "test_a_child_that_is_refused_is_not_listened_to",
    "own listeners on a child survive its replacement": "test_ones_own_listeners_on_a_child_survive_its_replacement",
    "a collection knows its parent": "test_nested_data_makes_children_and_collections_that_know_their_parents",
    "ids may be any text": "test_ids_may_be_anything",
}


class Task(Model):
    type = "task"
    props = {
        "title": {"type": "string", "default": "new"},
        "size": {"type": "string", "values": ["s", "m"]},
        "state": {"type": "string", "values": ["open", "shut"], "default": "open"},
        "due": {"type": "time", "allowNull": True},
        "made": {"type": "time", "required": True},
    }

    def label(self) -> str:
        return f"{self.get('title')}."


class Urgent(Task):
    props = {"level": "integer"}


class Profile(Model):
    props = {"bio": "string"}


class Links(Collection):
    def initialize(self) -> None:
        self.add({"id": "own"})


class Member(Model):
    children = {"profile": Profile, "work": Profile}
    collections = {"links": Links}
    profile: Profile
    work: Profile
    links: Links


def test_every_behaviour_has_its_test() -> None:
    found: set[str] = set()
    for path in HERE.glob("test_*.py"):
        tree = ast.parse(path.read_text())
        found |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert sorted(set(BEHAVIOURS.values()) - found) == []


def test_right_after_construction_nothing_has_changed() -> None:
    task = Task({"title": "x", "made": 5})
    assert [task.get("title"), task.get("made"), task.get("state")] == ["x", 5, "open"]
    assert [task.changed, task.hasChanged(), task.changedAttributes()] == [{}, False, False]
    assert [task.previous("title"), task.previousAttributes()] == [None, {}]


def test_a_subclass_is_an_instance_of_its_bases_and_keeps_their_methods() -> None:
    urgent = Urgent({"level": 1})
    assert [isinstance(urgent, cls) for cls in (Urgent, Task, Model, Profile)] == [True, True, True, False]
    assert urgent.label() == "new."


def test_the_id_can_be_another_prop() -> None:
    class Page(Model):
        idAttribute = "slug"
        props = {"slug": "string", "id": "integer"}

    page = Page({"slug": "home", "id": 5})
    pages = Collection([page])
    assert [page.id, page.get("id"), page.isNew(), pages.get("home"), pages.get(5)] == [
        "home",
        5,
        False,
        page,
        None,
    ]


def test_unset_of_what_is_not_declared_does_nothing() -> None:
    task = Task({"title": "x"})
    heard: list[str] = []
    task.on("all", lambda name: heard.append(name))
    assert task.unset(["zip", "size"]) is task
    assert heard == []


def test_previous_attributes_contain_defaults_that_were_never_set() -> None:
    task = Task()
    task.set("title", "x")
    assert task.previousAttributes() == {"title": "new", "state": "open"}
    assert task.previous("title") == "new"


def test_enumerated_props_can_be_unset_and_cleared() -> None:
    task = Task({"size": "m", "state": "shut"})
    task.unset("size")
    task.unset("state")
    assert [task.get("size"), task.get("state")] == [None, "open"]
    task.set({"size": "s", "state": "shut"})
    task.clear()
    assert task.attributes == {"title": "new", "state": "open"}


def test_false_and_null_are_real_defaults() -> None:
    class Odd(Model):
        props = {
            "no": {"type": "boolean", "default": False},
            "nothing": {"type": "string", "allowNull": True, "default": None},
        }

    assert Odd().attributes == {"no": False, "nothing": None}


def test_null_is_taken_only_where_it_is_allowed() -> None:
    task = Task({"due": None})
    assert task.attributes["due"] is None
    with pytest.raises(PropError, match='"title" of Task must be a string, but null was given'):
        task.set("title", None)


def test_a_default_made_by_a_function_is_made_once() -> None:
    made: list[int] = []

    def make() -> str:
        made.append(1)
        return "m"

    class Sized(Model):
        props = {"size": {"type": "string", "values": ["s", "m"], "default": make}}

    sized = Sized()
    assert [sized.get("size"), sized.get("size"), made] == ["m", "m", [1]]
    assert [Sized({"size": "s"}).get("size"), made] == ["s", [1]]


def test_a_time_is_an_integer_and_null_stays_null() -> None:
    task = Task({"due": 5, "made": 1})
    assert task.set("due", None).get("due") is None
    assert task.set("due", 1_700_000_000_000).get("due") == 1_700_000_000_000
    for text in ["2026-11-23", "5", 1.5]:
        with pytest.raises(PropError, match="integer milliseconds"):
            task.set("due", text)
    with pytest.raises(PropError):
        task.set("made", None)


def test_null_for_a_child_or_a_collection_leaves_it() -> None:
    member = Member({"profile": {"bio": "x"}, "links": [{"id": "a"}]})
    profile = member.profile
    member.set({"profile": None, "links": None})
    assert [member.profile is profile, profile.get("bio"), member.links.pluck("id")] == [True, "x", ["a"]]


def test_a_collection_that_fills_itself_keeps_its_content() -> None:
    assert Member().links.pluck("id") == ["own"]


def test_replacing_one_child_leaves_the_others_heard() -> None:
    member = Member()
    heard: list[str] = []
    member.on("all", lambda name: heard.append(name))
    member.set("profile", Profile({"bio": "new"}))
    member.work.set("bio", "x")
    member.profile.set("bio", "y")
    assert [name for name in heard if "." in name] == ["change:work.bio", "change:profile.bio"]


def test_changed_attributes_of_a_diff_ignores_children() -> None:
    assert Member().changedAttributes({"profile": {"bio": "x"}, "links": []}) is False
    assert Member().changedAttributes({"profile": 1, "name": "Ann"}) == {"name": "Ann"}


def test_a_method_and_a_prop_may_have_one_name() -> None:
    """Attributes are read through `get`: there is nothing to collide with. Children are members, and may not."""

    class Named(Model):
        props = {"label": "string", "get": "string"}

        def label(self) -> str:
            return "method"

    named = Named({"label": "prop", "get": "prop"})
    assert [named.label(), named.get("label"), named.get("get")] == ["method", "prop", "prop"]

    class Clash(Model):
        children = {"label": Profile}

        def label(self) -> str:
            return "method"

    with pytest.raises(DeclarationError, match="already a member of the class"):
        Clash()


def test_a_child_that_is_refused_is_not_listened_to() -> None:
    member, other = Member(), Member()
    heard: list[str] = []
    member.on("all", lambda name: heard.append(name))
    with pytest.raises(ModelError, match="already part of another"):
        member.set("profile", other.work)
    other.work.set("bio", "x")
    assert heard == []
    assert other.work.parent is other


def test_ones_own_listeners_on_a_child_survive_its_replacement() -> None:
    member = Member()
    old = member.profile
    heard: list[Any] = []
    member.listenTo(old, "change:bio", lambda model, value: heard.append(value))
    member.set("profile", Profile())
    old.set("bio", "still heard")
    assert heard == ["still heard"]
    assert old.parent is None
