from typing import Any

import pytest

from capsule.shared import Collection, Model, ModelError, Operation


class Task(Model):
    type = "task"


class Tasks(Collection):
    model = Task
    sorted = True


class Chat(Collection):
    model = Task
    maxLength = 3
    radioProperties = ["pinned"]


class Profile(Model):
    collections = {"links": Tasks}
    links: Tasks


class Member(Model):
    type = "member"
    collections = {"tasks": Tasks}
    children = {"profile": Profile}
    tasks: Tasks
    profile: Profile


class Members(Collection):
    model = Member


class Team(Model):
    type = "team"
    collections = {"members": Members, "chat": Chat, "tasks": Tasks}
    members: Members
    chat: Chat
    tasks: Tasks


def team() -> Any:
    return Team({"id": "7", "members": [{"id": "42"}], "tasks": [{"id": "a"}, {"id": "b"}, {"id": "c"}]})


def ids(collection: Any) -> str:
    return "".join([model.id for model in collection])


def published(root: Any) -> list[Any]:
    heard: list[Any] = []

    def note(event: Any) -> None:
        what = [event["event"], event["model"].id, event.get("at")]
        heard.append([*what, event["from"]] if "from" in event else what)

    root.on("publish", note)
    return heard


def test_paths_are_feed_names() -> None:
    root = team()
    member = root.members.get("42")
    member.tasks.add({"id": "t"})
    member.profile.links.add({"id": "l"})
    assert [root.path, root.members.path, member.path] == [[".", "7"], "members", ["members", "42"]]
    assert [member.tasks.path, member.tasks.at(0).path] == ["members.42.tasks", ["members.42.tasks", "t"]]
    assert [member.profile.path, member.profile.links.path] == [["members", "42"], "members.42.profile-links"]
    assert member.childCollection("profile-links") is member.profile.links
    assert [Tasks().path, Tasks().root, member.tasks.root] == ["", None, root]


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        ({"first": True}, "cab"),
        ({"last": True}, "abc"),
        ({"before": "b"}, "acb"),
        ({"after": "a"}, "acb"),
        ({"at": 1}, "acb"),
        (0, "cab"),
        (99, "abc"),
        (-5, "cab"),
        (None, "abc"),
        ({"before": "unknown"}, "abc"),
    ],
)
def test_move_item_takes_every_kind_of_position(position: Any, expected: str) -> None:
    root = team()
    heard: list[Any] = []
    root.tasks.on(
        "move", lambda model, collection, options: heard.append([model.id, options["from"], options["at"]])
    )
    moved = root.tasks.moveItem("c", position)
    assert ids(root.tasks) == expected
    assert moved.id == "c"
    assert heard == ([] if expected == "abc" else [["c", 2, expected.index("c")]])


def test_a_move_is_published_and_heard_on_the_model() -> None:
    root = team()
    heard = published(root)
    seen: list[Any] = []
    root.tasks.get("a").on("move", lambda: seen.append("moved"))
    root.tasks.moveItem("a", {"after": "b"}, {"remote": True})
    root.tasks.moveItem("a", {"first": True}, {"silent": True})
    assert heard == [["move", "a", 1, 0], ["move", "a", 0, 1]]
    assert seen == ["moved"]


def test_position_problems_are_sentences() -> None:
    tasks = team().tasks
    for position in [{}, {"first": True}, {"last": True}, {"before": "a"}, {"after": "c"}]:
        assert tasks.positionProblem(position, "b") is None
    for position in [
        None,
        [],
        "first",
        {"first": True, "last": True},
        {"first": 1},
        {"before": "zip"},
        {"after": 5},
        {"at": 1},
        {"before": "b"},
        {"__proto__": "a"},
    ]:
        assert isinstance(tasks.positionProblem(position, "b"), str)


# -- publish


def test_additions_and_removals_are_published_before_listeners_hear_of_them() -> None:
    root = team()
    order: list[str] = []
    root.on("publish", lambda event: order.append("publish " + event["event"]))
    root.tasks.on("add remove", lambda: order.append("heard"))
    root.tasks.add({"id": "x"}, {"at": 0})
    root.tasks.remove("x")
    assert order == ["publish add", "heard", "publish remove", "heard"]


def test_a_model_with_content_is_one_addition_and_one_removal() -> None:
    root = team()
    heard = published(root)
    root.members.add({"id": "43", "tasks": [{"id": "t"}], "profile": {"x": 1}})
    root.members.remove("43")
    assert heard == [["add", "43", 1], ["remove", "43", 1]]


def test_changes_made_while_a_model_is_set_up_are_part_of_its_addition() -> None:
    class Eager(Model):
        def initialize(self) -> None:
            self.set("eager", True)

    class Eagers(Collection):
        model = Eager

    class Root(Model):
        collections = {"items": Eagers}
        items: Eagers

    root = Root()
    heard: list[Any] = []
    root.on("publish", lambda event: heard.append([event["event"], event["model"].get("eager")]))
    root.items.add([{"id": "a"}, {"id": "b"}])
    assert heard == [["add", True], ["add", True]]


def test_a_listener_of_add_may_change_what_was_added() -> None:
    root = team()
    heard: list[str] = []
    root.on("publish", lambda event: heard.append(event["event"] + event["model"].id))
    root.tasks.on("add", lambda: root.tasks.get("y").set("n", 1))
    root.tasks.add([{"id": "x"}, {"id": "y"}])
    assert heard == ["addx", "addy", "changey"]


def test_reset_set_and_sort_publish_what_can_be_replayed() -> None:
    for act in [
        lambda tasks: tasks.reset([{"id": "z"}, {"id": "a"}]),
        lambda tasks: tasks.set([{"id": "c"}, {"id": "x"}, {"id": "a"}, {"id": "y"}]),
        lambda tasks: tasks.add([{"id": "x"}, {"id": "y"}], {"at": 1}),
        lambda tasks: tasks.set([]),
        lambda tasks: tasks.remove(["c", "a"]),
        lambda tasks: tasks.set([{"id": "b"}], {"remove": False}),
    ]:
        root, mirror = team(), ["a", "b", "c"]

        def replay(event: Any, mirror: list[str] = mirror) -> None:
            if event["event"] == "add":
                mirror.insert(event["at"], event["model"].id)
            elif event["event"] == "remove":
                assert mirror.pop(event["at"]) == event["model"].id
            else:
                assert mirror.pop(event["from"]) == event["model"].id
                mirror.insert(event["at"], event["model"].id)

        root.on("publish", replay)
        act(root.tasks)  # type: ignore[no-untyped-call]
        assert "".join(mirror) == ids(root.tasks)


def test_a_sorted_by_comparator_collection_publishes_adds_from_the_front() -> None:
    root = team()
    root.tasks.comparator = "n"
    heard = published(root)
    root.tasks.reset([], {"silent": True})
    del heard[:]
    root.tasks.add([{"id": "x", "n": 3}, {"id": "y", "n": 1}])
    assert heard == [["add", "y", 0], ["add", "x", 1]]


def test_detached_models_publish_nothing() -> None:
    root = team()
    task = root.tasks.get("a")
    root.tasks.remove(task)
    heard = published(root)
    task.set("n", 1)
    Team({"tasks": [{"id": "z"}]}).tasks.at(0).set("n", 1)
    assert heard == []


# -- one place


def test_a_model_has_one_place_in_one_tree() -> None:
    root = team()
    task = root.tasks.get("a")
    with pytest.raises(ModelError, match='in "tasks" already'):
        root.chat.add(task)
    with pytest.raises(ModelError, match="child model"):
        root.tasks.add(root.members.at(0).profile)
    with pytest.raises(ModelError, match="what it holds"):
        root.members.add(root)
    assert root.chat.length == 0
    root.tasks.remove(task)
    root.chat.add(task)
    assert task.path == ["chat", "a"]


def test_a_collection_in_no_tree_may_share_models_and_does_not_own_them() -> None:
    free = Tasks([{"id": "x"}])
    root = team()
    root.tasks.add(free.at(0))
    assert free.at(0).collection is root.tasks
    favourites = Tasks([root.tasks.get("a")])
    assert favourites.at(0).collection is root.tasks
    heard: list[Any] = []
    root.on("publish", lambda event: heard.append(event["event"]))
    favourites.remove("a")
    assert heard == []
    root.tasks.get("a").set("n", 1)
    assert heard == ["change"]


# -- inside an operation


def test_models_without_an_id_get_one_inside_an_operation() -> None:
    root = team()
    root.operation = Operation("ann.client01.5", "ann", 9)
    root.tasks.add([{}, {}])
    assert [model.id for model in root.tasks][3:] == ["client01-5-1", "client01-5-2"]
    assert [root.tasks.newId(), root.tasks.now()] == ["client01-5-3", 9]
    root.operation = None
    with pytest.raises(RuntimeError, match="inside an operation"):
        root.tasks.newId()
    with pytest.raises(RuntimeError, match="in a tree"):
        Tasks().now()


def test_max_length_evicts_the_first_only_within_an_operation() -> None:
    root = team()
    root.chat.add([{"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "d"}])
    assert ids(root.chat) == "abcd"
    root.operation = Operation("ann.client01.5", "ann", 9)
    root.chat.add({"id": "e"}, {"remote": True})
    assert ids(root.chat) == "abcde"
    heard = published(root)
    root.chat.add({"id": "f"})
    assert ids(root.chat) == "def"
    assert heard == [["add", "f", 5], ["remove", "a", 0], ["remove", "b", 0], ["remove", "c", 0]]
    root.chat.get("d").set("n", 1)
    assert ids(root.chat) == "def"


# -- radio


def test_radio_properties_the_last_one_wins() -> None:
    root = team()
    chat = root.chat
    chat.add([{"id": "a", "pinned": True}, {"id": "b"}])
    chat.get("b").set("pinned", True)
    assert chat.pluck("pinned") == [False, True]
    chat.add({"id": "c", "pinned": True})
    assert chat.pluck("pinned") == [False, False, True]
    chat.get("a").set("pinned", True, {"remote": True})
    assert chat.pluck("pinned") == [True, False, True]
    chat.get("b").set("pinned", "yes")
    assert chat.pluck("pinned") == [True, "yes", True]


def test_set_all() -> None:
    tasks = team().tasks
    tasks.setAll({"n": 1})
    assert tasks.pluck("n") == [1, 1, 1]
