"""What compiler.py measures: one function a construct, that does it `n` times and returns something to check it by."""


class Point:
    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y

    def sum(self) -> int:
        return self.x + self.y


class Point3(Point):
    def __init__(self, x: int, y: int, z: int) -> None:
        super().__init__(x, y)
        self.z = z

    def sum(self) -> int:
        return super().sum() + self.z


def add(a: int, b: int = 1) -> int:
    return a + b


def named(a: int, *, b: int = 1) -> int:
    return a + b


def numbers(n: int):  # type: ignore[no-untyped-def]  # stock Transcrypt cannot import Iterator
    for i in range(n):  # noqa: UP028 - `yield from` is another construct
        yield i


def attribute_get(n: int) -> float:
    point = Point(1, 2)
    total = 0
    for _ in range(n):
        total += point.x
    return total


def attribute_set(n: int) -> float:
    point = Point(1, 2)
    for i in range(n):
        point.x = i
    return point.x


def method_call(n: int) -> float:
    point = Point(1, 2)
    total = 0
    for _ in range(n):
        total += point.sum()
    return total


def super_call(n: int) -> float:
    point = Point3(1, 2, 3)
    total = 0
    for _ in range(n):
        total += point.sum()
    return total


def function_call(n: int) -> float:
    total = 0
    for _ in range(n):
        total = add(total)
    return total


def keyword_call(n: int) -> float:
    total = 0
    for _ in range(n):
        total = named(total, b=2)
    return total


def create_instance(n: int) -> float:
    total = 0
    for i in range(n):
        total += Point(i, 1).y
    return total


def integer_arithmetic(n: int) -> float:
    total = 0
    for i in range(n):
        total = (total * 3 + i) % 1000003
    return total


def float_arithmetic(n: int) -> float:
    total = 0.5
    for _ in range(n):
        total = total * 0.5 + 1.25
    return total


def dict_literal(n: int) -> float:
    total = 0
    for i in range(n):
        made = {"a": i, "b": 2, "c": 3}
        total += len(made)
    return total


def dict_get(n: int) -> float:
    table = {"a": 1, "b": 2}
    total = 0
    for _ in range(n):
        total += table.get("a", 0)
    return total


def dict_item(n: int) -> float:
    table = {"a": 1, "b": 2}
    total = 0
    for _ in range(n):
        total += table["b"]
    return total


def dict_loop(n: int) -> float:
    table = {"a": 1, "b": 2, "c": 3, "d": 4}
    total = 0
    for _ in range(n):
        for _key, value in table.items():
            total += value
    return total


def in_dict(n: int) -> float:
    table = {"a": 1, "b": 2}
    total = 0
    for _ in range(n):
        if "b" in table:
            total += 1
    return total


def in_list(n: int) -> float:
    names = ["a", "b", "c", "d"]
    total = 0
    for _ in range(n):
        if "d" in names:
            total += 1
    return total


def equal_text(n: int) -> float:
    names = ["a", "b"]
    total = 0
    for i in range(n):
        if names[i % 2] == "b":
            total += 1
    return total


def equal_list(n: int) -> float:
    a, b = [1, 2, [3]], [1, 2, [3]]
    total = 0
    for _ in range(n):
        if a == b:
            total += 1
    return total


def truth_of_list(n: int) -> float:
    things = [[], [1]]
    total = 0
    for i in range(n):
        if things[i % 2]:
            total += 1
    return total


def list_append(n: int) -> float:
    made = []
    for i in range(n):
        made.append(i)
    return len(made)


def list_index(n: int) -> float:
    values = [1, 2, 3, 4]
    total = 0
    for i in range(n):
        total += values[i % 4]
    return total


def list_slice(n: int) -> float:
    values = [1, 2, 3, 4, 5, 6, 7, 8]
    total = 0
    for _ in range(n):
        total += len(values[2:-1])
    return total


def list_loop(n: int) -> float:
    values = [1, 2, 3, 4, 5, 6, 7, 8]
    total = 0
    for _ in range(n):
        for value in values:
            total += value
    return total


def comprehension(n: int) -> float:
    values = [1, 2, 3, 4, 5, 6, 7, 8]
    total = 0
    for _ in range(n):
        total += len([value * 2 for value in values if value > 2])
    return total


def sort_with_key(n: int) -> float:
    values = [{"k": 5}, {"k": 3}, {"k": 8}, {"k": 1}, {"k": 9}, {"k": 2}]
    total = 0
    for _ in range(n):
        total += sorted(values, key=lambda one: one["k"])[0]["k"]
    return total


def unpack(n: int) -> float:
    total = 0
    pair = [1, 2]
    for _ in range(n):
        a, b = pair
        total += a + b
    return total


def f_string(n: int) -> float:
    total = 0
    for i in range(n):
        total += len(f"item {i} of {n}")
    return total


def f_string_format(n: int) -> float:
    total = 0
    for i in range(n):
        total += len(f"{i:05d}")
    return total


def text_methods(n: int) -> float:
    total = 0
    for _ in range(n):
        total += len("  a,b,c ".strip().split(","))
    return total


def text_length(n: int) -> float:
    text = "a text of some length"
    total = 0
    for _ in range(n):
        total += len(text)
    return total


def try_except(n: int) -> float:
    total = 0
    for _ in range(n):
        try:
            total += 1
        except ValueError:
            total = 0
    return total


def raise_and_catch(n: int) -> float:
    total = 0
    for _ in range(n):
        try:
            raise ValueError("x")
        except ValueError:
            total += 1
    return total


def is_instance(n: int) -> float:
    things = [Point(1, 2), "text", 5]
    total = 0
    for i in range(n):
        if isinstance(things[i % 3], Point):
            total += 1
    return total


def is_instance_of_str(n: int) -> float:
    things = [Point(1, 2), "text", 5]
    total = 0
    for i in range(n):
        if isinstance(things[i % 3], str):
            total += 1
    return total


def closure(n: int) -> float:
    total = 0
    for i in range(n):
        double = lambda value: value + value + i  # noqa: E731, B023
        total += double(1)  # type: ignore[no-untyped-call]
    return total


def generator(n: int) -> float:
    total = 0
    for value in numbers(n):
        total += value
    return total
