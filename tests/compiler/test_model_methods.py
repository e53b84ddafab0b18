"""How methods use attributes: CAP200 (names), CAP201 (values), CAP207 (what `get` gives)."""

from pathlib import Path

import pytest

from tests.compiler.models import found, in_task, told


def code(statement: str, folder: Path) -> list[str]:
    return [one.code for one in found(in_task(f"def do(self, x):\n    {statement}\n"), folder)]


@pytest.mark.parametrize(
    "use",
    [
        'return self.get("titel")',
        'return self.has("titel")',
        'return self.previous("titel")',
        'return self.hasChanged("titel")',
        'self.unset("titel")',
        'self.unset(["done", "titel"])',
        'self.toggle("dune")',
        'self.set("titel", "x")',
        'self.set({"titel": "x", "done": True})',
        'self.set({"titel": x}, {"silent": True})',
        'self.set({"late": True})',
        'return self.get("person")',
        'return self.person.get("citty")',
        'return [self.get("titel") for one in x]',
        'return lambda: self.get("titel")',
    ],
)
def test_a_name_that_is_not_declared_is_found(use: str, tmp_path: Path) -> None:
    assert code(use, tmp_path) == ["CAP200"]


@pytest.mark.parametrize(
    "use",
    [
        'return self.get("title")',
        'return self.get("id")',
        'return self.get("late")',
        'return self.get("open")',
        "return self.get(x)",
        'return x.get("titel")',
        'return self.person.get("city")',
        'self.set({"person": {"city": "Bonn"}})',
        'self.set({**x, "title": "y"})',
        'self.unset("tags")',
        'return (lambda self: self.get("titel"))(x)',
        'return self.attributes.get("titel")',
    ],
)
def test_a_name_that_is_declared_or_not_known_passes(use: str, tmp_path: Path) -> None:
    assert code(use, tmp_path) == []


def test_the_fix_names_the_nearest_attribute(tmp_path: Path) -> None:
    (one,) = found(in_task('def do(self):\n    return self.get("titel")\n'), tmp_path)
    assert one.message == "`titel` of Task is not declared."
    assert 'did you mean "title"?' in one.fix
    assert one.source[one.column - 1 : one.end - 1] == '"titel"'


@pytest.mark.parametrize("policy", ["allow", "ignore"])
def test_a_class_that_takes_extra_properties_may_use_any_name(policy: str, tmp_path: Path) -> None:
    body = f"extraProperties = {policy!r}\n"
    assert told(in_task('def do(self):\n    return self.get("titel")\n', body), tmp_path) == []


def test_a_base_may_use_what_its_subclasses_declare(tmp_path: Path) -> None:
    text = """
    class Shape(Model):
        props = {"name": "string"}

        def size(self) -> Any:
            return self.get("radius")


    class Circle(Shape):
        type = "circle"
        props = {"radius": "number"}

        def label(self) -> Any:
            return self.get("name")
    """
    assert told(text, tmp_path) == []
    assert told(text.replace('"radius": "number"', '"width": "number"'), tmp_path) == [
        "CAP200: `radius` of Shape is not declared."
    ]


@pytest.mark.parametrize(
    "props",
    ["make()", '{**make(), "a": "string"}', '{key: "string" for key in make()}', "OTHERS | make()"],
)
def test_props_that_are_computed_are_not_judged(props: str, tmp_path: Path) -> None:
    text = f"""
    OTHERS = {{"b": "string"}}

    def make() -> Any:
        return {{}}


    class Task(Model):
        type = "task"
        props = {props}

        def do(self) -> Any:
            return self.get("c")
    """
    assert [one for one in told(text, tmp_path) if one.startswith("CAP2")] == []


def test_props_come_through_constants_and_spreads(tmp_path: Path) -> None:
    text = """
    WORDS = {"title": "string"}

    class Base(Model):
        props = {**WORDS, "done": "boolean"}

    class Task(Base):
        type = "task"
        idAttribute = "slug"
        props = {**WORDS, **Base.props}

        def do(self) -> Any:
            return [self.get("title"), self.get("done"), self.get("slug"), self.get("id")]
    """
    assert told(text, tmp_path) == ["CAP200: `id` of Task is not declared."]


@pytest.mark.parametrize("change", ['WORDS["more"] = "string"', 'WORDS.update({"more": "string"})'])
def test_a_constant_that_is_changed_in_place_is_not_judged(change: str, tmp_path: Path) -> None:
    text = f"""
    WORDS = {{"title": "string"}}
    {change}

    class Task(Model):
        type = "task"
        props = WORDS

        def do(self) -> Any:
            return self.get("more")
    """
    assert told(text, tmp_path) == []


def test_backbone_mode_takes_every_name(tmp_path: Path) -> None:
    text = 'class Note(Model):\n    def do(self) -> Any:\n        return self.get("anything")\n'
    assert told(text, tmp_path) == []


def test_a_get_of_the_app_s_own_is_its_own_affair(tmp_path: Path) -> None:
    body = "def get(self, attr):\n    return 1\n"
    assert told(in_task('def do(self):\n    return self.get("titel")\n', body), tmp_path) == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ('"title": 5', "`title` of Task must be a string, but 5 is given."),
        ('"title": None', "`title` of Task must be a string, but null is given."),
        ('"done": "yes"', '`done` of Task must be a boolean, but "yes" is given.'),
        ('"done": 1', "`done` of Task must be a boolean, but 1 is given."),
        ('"stars": True', "`stars` of Task must be an integer, but true is given."),
        ('"stars": -1.5', "`stars` of Task must be an integer, but -1.5 is given."),
        ('"at": "now"', '`at` of Task must be a time in integer milliseconds, but "now" is given.'),
        ('"level": "lwo"', '`level` of Task has no value "lwo" (did you mean "low"?).'),
        ('"owner": "a b"', '`owner` of Task must be the id of a model, but "a b" is given.'),
        ('"tags": {}', "`tags` of Task must be a list, but {} is given."),
        ('"tags": ("a",)', "`tags` of Task must be a list, but ('a',) is given."),
        ('"data": []', "`data` of Task must be an object, but [] is given."),
    ],
)
def test_a_literal_of_the_wrong_type_is_found(values: str, problem: str, tmp_path: Path) -> None:
    assert told(in_task(f"def do(self):\n    self.set({{{values}}})\n"), tmp_path) == [f"CAP201: {problem}"]
    name, value = values.split(": ", 1)
    assert told(in_task(f"def do(self):\n    self.set({name}, {value})\n"), tmp_path) == [
        f"CAP201: {problem}"
    ]


@pytest.mark.parametrize(
    "values",
    [
        '"title": f"{x}"',
        '"title": x',
        '"done": not x',
        '"stars": 2.0',
        '"stars": len(x)',
        '"note": None',
        '"level": "high"',
        '"owner": "ann_1"',
        '"tags": [1 for one in x]',
        '"data": {"a": 1}',
        '"raw": None',
        '"raw": [1]',
    ],
)
def test_a_value_that_fits_or_is_not_known_passes(values: str, tmp_path: Path) -> None:
    assert code(f"self.set({{{values}}})", tmp_path) == []


@pytest.mark.parametrize("options", ['{"unset": True}', "x"])
def test_values_are_not_judged_where_options_may_ignore_them(options: str, tmp_path: Path) -> None:
    assert code(f'self.set({{"title": None}}, {options})', tmp_path) == []


@pytest.mark.parametrize(
    "lines",
    [
        'self.get("tags").append(x)',
        'self.get("tags")[0] = x',
        'del self.get("tags")[0]',
        'self.get("tags")[0] += 1',
        'self.get("data").update(x)',
        'tags = self.get("tags")\n    tags.append(x)',
        'tags = self.get("tags")\n    tags += [x]',
        'data = self.get("data")\n    data["a"] = x\n    data["b"] = x',
    ],
)
def test_a_change_that_never_reaches_the_model_is_found(lines: str, tmp_path: Path) -> None:
    assert set(code(lines, tmp_path)) == {"CAP207"}


@pytest.mark.parametrize(
    "lines",
    [
        'self.set({"tags": self.get("tags") + [x]})',
        'tags = list(self.get("tags"))\n    tags.append(x)',
        'tags = self.get("tags")[:]\n    tags.append(x)',
        'tags = self.get("tags")\n    tags.append(x)\n    self.set({"tags": tags})',
        'tags = self.get("tags")\n    tags.sort()\n    return tags[0]',
        'tags = self.get("tags")\n    tags = tags + [x]\n    return tags',
        'tags = self.get("tags")\n    if x:\n        tags = []\n    tags.append(x)',
        'return self.get("tags").pop()',
        'count = self.get("stars")\n    count += 1\n    self.set({"stars": count})',
        'for tag in self.get("tags"):\n        x.append(tag)',
        'x.get("tags").append(1)',
        "self.get(x).append(1)",
    ],
)
def test_a_copy_may_be_changed(lines: str, tmp_path: Path) -> None:
    assert code(lines, tmp_path) == []


def test_in_backbone_mode_a_list_is_the_model_s_own_and_an_object_may_be_the_app_s(tmp_path: Path) -> None:
    text = """
    class Note(Model):
        def tag(self, x: Any) -> None:
            tags = self.get("tags")
            tags.append(x)
            self.set({"tags": tags})

        def join(self, x: Any) -> None:
            self.get("friends").add(x)
    """
    assert told(text, tmp_path) == ["CAP207: What `get` gives for `tags` is changed in place."]
