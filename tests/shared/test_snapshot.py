from typing import Any

import pytest

from capsule.shared import Collection, InputError, Model, PropError


class Task(Model):
    props = {"title": {"type": "string", "max": 3}, "n": "integer"}


class Tasks(Collection):
    model = Task


class Profile(Model):
    props = {"bio": "string"}


class Team(Model):
    props = {"name": "string"}
    collections = {"tasks": Tasks}
    children = {"profile": Profile}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (None, "Team"),
        ([], "Team"),
        ("x", "Team"),
        ({"tasks": {}}, "Team.tasks"),
        ({"tasks": [5]}, "Team.tasks[0]"),
        ({"tasks": [{}]}, "Team.tasks[0]"),
        ({"tasks": [{"id": "a"}, {"id": "a"}]}, "Team.tasks[1]"),
        ({"tasks": [{"id": 5}]}, "Team.tasks[0]"),
        ({"tasks": [{"id": "a", "constructor": 1}]}, "Team.tasks[0].constructor"),
        ({"tasks": [{"id": "a", "set": 1}]}, "Team.tasks[0].set"),
        ({"__class__": 1}, "Team.__class__"),
        ({"profile": [1]}, "Team.profile"),
        ({"name": float("nan")}, "Team.name"),
        ({"name": "\ud800"}, "Team.name"),
        ({5: 1}, "Team"),
    ],
)
def test_what_xport_never_gives_is_refused_with_its_place(data: Any, field: Any) -> None:
    team = Team({"name": "x"})
    with pytest.raises(InputError) as caught:
        team.mport(data)
    assert [caught.value.field, caught.value.code] == [field, 422]
    assert team.xport() == {"name": "x", "tasks": [], "profile": {}}


def test_types_are_checked_but_not_constraints_that_may_have_been_narrowed() -> None:
    team: Any = Team()
    with pytest.raises(PropError):
        team.mport({"tasks": [{"id": "a", "n": "many"}]})
    team.mport({"tasks": [{"id": "a", "title": "longer than three"}]})
    assert team.tasks.get("a").get("title") == "longer than three"


def test_a_collection_takes_its_own_part() -> None:
    tasks = Tasks([{"id": "x"}])
    with pytest.raises(InputError, match=r"Tasks\[0\]"):
        tasks.mport([{"id": "a.b"}])
    with pytest.raises(InputError):
        tasks.mport([float("inf")])
    tasks.mport([{"id": "a"}, {"id": "b"}])
    assert tasks.xport() == [{"id": "a"}, {"id": "b"}]
    tasks.mport([])
    assert tasks.length == 0


def test_a_large_team_is_no_problem_and_an_endless_one_is() -> None:
    class Comment(Model):
        pass

    class Comments(Collection):
        model = Comment

    Comment.collections = {"replies": Comments}
    wide = [{"id": f"c{index}", **{f"k{key}": key for key in range(50)}} for index in range(3000)]
    comments = Comments()
    comments.mport(wide)
    assert comments.length == 3000
    deep: Any = []
    for _ in range(40):
        deep = [{"id": "x", "replies": deep}]
    with pytest.raises(InputError, match="too deep"):
        comments.mport(deep)


def test_items_of_a_factory_are_looked_at_as_json() -> None:
    class Zoo(Collection):
        def model(self, attrs: Any, options: Any) -> Any:
            return Task(attrs, options)

    zoo = Zoo()
    zoo.mport([{"id": "a"}])
    with pytest.raises(InputError, match="finite"):
        zoo.mport([{"id": "a", "n": float("nan")}])
    assert zoo.xport() == [{"id": "a"}]
