"""Whose a name is, as Python's own symbol table would say it."""

import ast
from textwrap import dedent

from capsule.compiler.scopes import Scope, body_names, declared_outer, function_scope, parameters


def function(text: str) -> ast.FunctionDef:
    node = ast.parse(dedent(text)).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


EVERYTHING = """
    def f(a, /, b, *c, d, **e):
        global g
        import os.path, json as j
        from m import n as o
        for i, (k, *l) in x:
            with y as z: pass
        try: pass
        except E as error: q = 1
        [inner for inner in (w := [1])]
        def h(): hidden = 1
        class C: inside = 1
        g = r = 1
        s.attribute = t[0] = 1
        u: int
        lambda v: v
"""


def test_a_body_binds_what_its_own_statements_bind() -> None:
    found = body_names(function(EVERYTHING).body)
    assert found == {"os", "j", "o", "i", "k", "l", "z", "error", "q", "w", "h", "C", "g", "r", "u"}


def test_a_function_owns_its_parameters_and_not_what_it_gives_away() -> None:
    scope = function_scope(function(EVERYTHING), Scope("module", ast.Module([], [])))
    assert set(parameters(function(EVERYTHING).args)) == {"a", "b", "c", "d", "e"} <= scope.names
    assert "g" not in scope.names
    assert scope.outer == {"g"}
    assert scope.kind == "function"


def test_nonlocal_in_a_nested_statement_counts_that_of_a_nested_function_does_not() -> None:
    body = function("def f():\n    if x:\n        nonlocal a\n    def g():\n        nonlocal b\n").body
    assert declared_outer(body) == {"a"}


def test_a_class_body_is_seen_from_itself_alone() -> None:
    module = Scope("module", ast.Module([], []), names={"a", "x"})
    inside = Scope("class", ast.Pass(), module, {"x"})
    method = function_scope(function("def m(self):\n    y = 1\n"), inside)
    assert method.kind == "method"
    assert inside.find("x") is inside
    assert method.find("x") is module
    assert method.find("y") is method
    assert method.find("nowhere") is None


def test_temporaries_are_declared_by_the_function_around_and_never_twice() -> None:
    outer = function_scope(function("def f():\n    pass\n"), Scope("module", ast.Module([], [])))
    inner = Scope("comprehension", ast.Pass(), Scope("class", ast.Pass(), outer))
    made = [inner.temporary(), outer.temporary("u"), inner.temporary()]
    assert made == ["$t1", "$u2", "$t3"] == outer.declared
    assert not any(name.isidentifier() for name in made)
