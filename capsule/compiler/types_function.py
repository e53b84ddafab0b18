"""Signatures and docstrings: a Python function as JavaScript calls it."""

import ast

from capsule.compiler.types_annotation import Annotations, name_of
from capsule.compiler.types_program import FunctionNode

RESERVED = frozenset(
    {
        *("arguments", "await", "break", "case", "catch", "class", "const", "continue"),
        *("debugger", "default", "delete", "do", "else", "enum", "eval", "export"),
        *("extends", "false", "finally", "for", "function", "if", "implements", "import"),
        *("in", "instanceof", "interface", "let", "new", "null", "package", "private"),
        *("protected", "public", "return", "static", "super", "switch", "this", "throw"),
        *("true", "try", "typeof", "var", "void", "while", "with", "yield"),
    }
)


def function_type(node: FunctionNode, annotations: Annotations, *, skip: int = 0) -> str:
    """`(title: string, options?: { loud?: boolean }): void`; `skip` leaves `self` or `cls` out."""
    return f"({parameters(node.args, annotations, skip)}): {result(node, annotations)}"


def parameters(arguments: ast.arguments, annotations: Annotations, skip: int) -> str:
    """Keyword-only parameters are one trailing object in JavaScript."""
    positional = [*arguments.posonlyargs, *arguments.args]
    optional = len(positional) - len(arguments.defaults)
    shown = [
        f"{safe(argument.arg)}{'?' if at >= optional else ''}: {annotations.type(argument.annotation)}"
        for at, argument in enumerate(positional)
        if at >= skip
    ]
    if arguments.kwonlyargs:
        pairs = list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
        fields = "; ".join(
            f"{argument.arg}{'' if default is None else '?'}: {annotations.type(argument.annotation)}"
            for argument, default in pairs
        )
        mark = "" if any(default is None for _, default in pairs) else "?"
        shown.append(f"options{mark}: {{ {fields} }}")
    if arguments.vararg is not None:
        item = annotations.type(arguments.vararg.annotation)
        shown.append(f"...{safe(arguments.vararg.arg)}: Array<{item}>")
    return ", ".join(shown)


def result(node: FunctionNode, annotations: Annotations) -> str:
    unknown = "any" if gives(node) else "void"
    returned = unknown if node.returns is None else annotations.returned(node.returns)
    return f"Promise<{returned}>" if isinstance(node, ast.AsyncFunctionDef) else returned


def gives(node: FunctionNode) -> bool:
    """Whether a function without annotation may give something: it returns a value or yields, itself."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Yield | ast.YieldFrom) or (
            isinstance(one, ast.Return) and one.value is not None
        ):
            return True
        if not isinstance(one, FunctionNode | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(one))
    return False


def member(node: FunctionNode, annotations: Annotations) -> str:
    """A method, static method or property as a line of a class."""
    decorators = {name_of(decorator) for decorator in node.decorator_list}
    if "property" in decorators:
        return f"get {node.name}(): {result(node, annotations)};"
    if "setter" in decorators:
        value = annotations.type(node.args.args[1].annotation) if len(node.args.args) > 1 else "any"
        return f"set {node.name}(value: {value});"
    static = "static " if decorators & {"staticmethod", "classmethod"} else ""
    skip = 0 if "staticmethod" in decorators else 1
    return f"{static}{node.name}{function_type(node, annotations, skip=skip)};"


def documentation(node: FunctionNode | ast.ClassDef, indent: str = "") -> str:
    """The docstring as a JSDoc comment, or nothing."""
    text = ast.get_docstring(node)
    if not text:
        return ""
    lines = text.replace("*/", "*\\/").splitlines()
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"


def safe(name: str) -> str:
    """A parameter's name is only documentation, but not every word may be one."""
    return f"{name}_" if name in RESERVED else name
