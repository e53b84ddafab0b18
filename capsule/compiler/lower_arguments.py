"""Arguments: each in the place that Python gives it, computed in the order in which the source names them."""

import ast

from capsule.compiler.index import Signature
from capsule.compiler.lower_builtins import Builtins
from capsule.compiler.lowering import Given
from capsule.compiler.nodes import array, call, constant, name


class Arguments(Builtins):
    def positional(self, node: ast.Call) -> list[ast.expr]:
        return [self.lower(argument) for argument in node.args]

    def arguments(
        self, node: ast.Call, signature: Signature | None, what: str, method: str | None = None
    ) -> list[ast.expr]:
        """The JavaScript arguments for a call whose parameters are known (or None: only positional ones then).

        `what` is the function in findings; `method` is a method's full name, for CPython's messages.
        """
        if signature is None:
            if node.keywords:
                self.refuse("CAP120", node, name=what)
            return self.positional(node)
        self.check_arguments(node, signature, what)
        result = self.positional(node)
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        given: list[Given] = [
            (keyword.arg, keyword.value, self.lower(keyword.value))
            for keyword in node.keywords
            if keyword.arg is None or keyword.arg in signature.by_name or signature.options
        ]
        unplaced = any(key is None for key, _, _ in given) and not self.only_options(node, signature)
        if unplaced or (given and starred):
            spread = self.spread([(key, value) for key, _, value in given], what)
            placed = call("$place", array(result), spread, described(signature), constant(what))
            return [ast.Starred(value=placed, ctx=ast.Load())]
        if starred and signature.star is None:
            most = constant(len(signature.names))
            more = [constant(signature.required), constant(method or what)]
            limited = call("$limited", array(result), most, *more, *([constant(1)] if method else []))
            return [ast.Starred(value=limited, ctx=ast.Load())]
        return self.placed(result, given, signature, what)

    def placed(
        self, result: list[ast.expr], given: list[Given], signature: Signature, what: str
    ) -> list[ast.expr]:
        """The positional arguments, then those by keyword in their places, then the trailing object."""
        by_place = [one for one in given if one[0] is not None and one[0] in signature.by_name]
        by_place.sort(key=lambda one: signature.names.index(str(one[0])))
        options = [one for one in given if one not in by_place]
        values = self.in_order(given, [*by_place, *options])
        names = signature.names
        places = {key: value for (key, _, _), value in zip(by_place, values, strict=False)}
        last = max([names.index(str(key)) for key in places], default=-1) + 1
        for position in range(len(result), len(names) if options else last):
            result.append(places.get(names[position], name("undefined")))
        if options:
            listed = zip(options, values[len(by_place) :], strict=True)
            pairs = [(key, value) for (key, _, _), value in listed]
            result.append(self.options(pairs, signature, what))
        return result

    def only_options(self, node: ast.Call, signature: Signature) -> bool:
        """Whether `**d` can only hold what goes into the options: all named parameters are given already."""
        given = len(node.args) + sum(1 for k in node.keywords if k.arg in signature.by_name)
        return signature.options and given >= len(signature.names)

    def options(
        self, options: list[tuple[str | None, ast.expr]], signature: Signature, what: str
    ) -> ast.expr:
        literal = self.spread(options, what)
        if any(key is None for key, _ in options):
            literal = call("$options", literal, described(signature), constant(what))
        return call("$keywords", literal) if signature.star is not None else literal

    def spread(self, options: list[tuple[str | None, ast.expr]], what: str) -> ast.expr:
        """An object of keywords; with `**` among them, one that is checked as CPython does."""
        if all(key is not None for key, _ in options):
            return ast.Dict(keys=[constant(key) for key, _ in options], values=[v for _, v in options])
        parts = [v if key is None else ast.Dict(keys=[constant(key)], values=[v]) for key, v in options]
        return call("$spread", constant(what), *parts)

    def check_arguments(self, node: ast.Call, signature: Signature, what: str) -> None:
        """A call that CPython would answer with a TypeError is refused here."""
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        spread = any(keyword.arg is None for keyword in node.keywords)
        given = [keyword.arg for keyword in node.keywords if keyword.arg is not None]
        if not starred and not signature.takes(len(node.args)):
            self.refuse("CAP122", node, name=what, most=len(signature.names), given=len(node.args))
        for key in given:
            known = key in signature.by_name or key in signature.keywords or signature.rest is not None
            if not known:
                self.refuse("CAP123", node, name=what, keyword=key)
            elif not starred and key in signature.by_name and key in signature.names[: len(node.args)]:
                self.refuse("CAP124", node, name=what, keyword=key)
        if starred or spread:
            return
        named = [p for p in signature.by_name if p in given]
        missing = [p for p in signature.names[len(node.args) : signature.required] if p not in named]
        missing += [p for p in signature.needed if p not in given]
        if missing:
            self.refuse("CAP125", node, name=what, missing=", ".join(missing))


def described(signature: Signature) -> ast.expr:
    """A signature as the runtime reads it: names, how many are required, keyword-only names, the needed ones of
    them, whether there are `*args`, `**kwargs`, and how many of the names cannot be keywords."""
    parts: list[ast.expr] = [
        array([constant(one) for one in signature.names]),
        constant(signature.required),
        array([constant(one) for one in signature.keywords]),
        constant(signature.star is not None),
        constant(signature.rest is not None),
    ]
    if signature.positional:
        parts.append(constant(signature.positional))
    return array(parts)
