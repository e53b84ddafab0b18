"""Names, attributes and subscripts."""

import ast

from capsule.compiler.index import Class, method_role
from capsule.compiler.lowering import TYPES, Lowering, js_name
from capsule.compiler.methods import ARGUMENTS, METHODS, UNSHARED_MEMBERS
from capsule.compiler.nodes import NONE, call, constant, is_super, member, name, simple
from capsule.compiler.scopes import Scope

# What JavaScript's own arrays, texts, functions and objects have: reading one of these from a value that is not known
# to be an instance must not find the engine's.
NATIVE = frozenset(
    """length name size message stack prototype constructor caller arguments at concat every fill find findIndex
    flat flatMap forEach includes indexOf lastIndexOf map push reduce reverse shift slice some splice unshift entries
    charAt charCodeAt codePointAt match matchAll normalize padEnd padStart repeat search substr substring trim trimEnd
    trimStart toLowerCase toUpperCase toString valueOf hasOwnProperty toLocaleString toFixed toPrecision
    call apply bind has delete then next return throw""".split()
)

# Builtins that are classes in Python though they look like functions.
CLASSES = frozenset({"object", "type", "enumerate", "filter", "map", "reversed", "slice", "zip"})

# Python's names for what an object is made of. They have no JavaScript side.
FORBIDDEN = frozenset(
    """__dict__ __doc__ __module__ __mro__ __bases__ __subclasses__ __slots__ __weakref__ __code__ __globals__
    __closure__ __defaults__ __annotations__ __wrapped__ __func__ __self__ __traceback__ __proto__ __context__
    __suppress_context__ __notes__ __kwdefaults__""".split()
)


class Names(Lowering):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        text = node.id
        holder = self.scope.find(text)
        if holder is None:
            return self.builtin_name(node)
        if holder.kind == "class":
            return name(f"$class_{js_name(text)}")
        check = self.check_of(node, holder)
        if check is not None:
            return call(check, name(js_name(text)), constant(text))
        if self.typing_name(node) is not None and holder.kind == "module":
            return self.typing_value(node)
        return name(js_name(text))

    def check_of(self, node: ast.Name, holder: Scope) -> str | None:
        """What of the runtime raises where nothing may be bound to the name; None where something surely is."""
        if any(id(node) in flow.unsure for flow in self.flows):
            here = holder is self.scope.function
            return "$global" if holder.kind == "module" else "$local" if here else "$free"
        late = holder.kind == "module" and node.id in self.late and self.scope.function is not holder
        return "$global" if late else None

    def typing_value(self, node: ast.Name) -> ast.expr:
        """What is left of a name of `typing` at run time."""
        if self.typing_name(node) == "TYPE_CHECKING":
            return constant(False)
        return NONE

    def builtin_name(self, node: ast.Name) -> ast.expr:
        text = node.id
        if text.startswith("$"):
            # Of what shorthand.py has written.
            return name(text)
        if text == "__name__":
            return constant("__main__" if self.source.entry else self.source.name)
        if self.is_builtin(text):
            if text in ("property", "staticmethod", "classmethod", "super"):
                self.refuse("CAP142", node, name=text)
            plain = text[0].islower() and text not in TYPES and text not in CLASSES
            return call("$builtin", name(text)) if plain else name(text)
        if text in UNSHARED:
            self.refuse("CAP140", node, name=text)
        else:
            self.refuse("CAP141", node, name=text)
        return name(js_name(text))

    # -- attributes

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        attribute = node.attr
        if attribute in FORBIDDEN:
            self.refuse("CAP143", node, name=attribute)
            return NONE
        if is_super(node.value):
            if not self.super_allowed(node):
                return NONE
            if self.index.is_method(attribute):
                self.refuse("CAP128", node, name=attribute)
            return member(name("$super"), attribute)
        module = self.module_of(node.value)
        if module is not None:
            return self.module_attribute(node, module)
        if self.typing_name(node) is not None:
            return NONE
        if isinstance(node.value, ast.Name) and self.is_builtin(node.value.id) and node.value.id in TYPES:
            if attribute == "__name__":
                return member(name(node.value.id), "name")
            return name(f"$m_{attribute}")
        if attribute == "__class__":
            return call("$type", self.lower(node.value))
        if attribute == "__name__":
            holder = self.lower(node.value)
            return member(holder, "name") if self.trust is not None else call("$nameOf", holder)
        mangled = self.mangle(attribute)
        value = self.lower(node.value)
        return self.read(node.value, value, mangled)

    def read(self, source: ast.expr, value: ast.expr, attribute: str) -> ast.expr:
        """`value.attribute`, with a bound method, an AttributeError or a plain read, as Python's would be."""
        receiver = self.is_receiver(source)
        if self.has_attribute(source, attribute):
            return member(value, attribute)
        method = self.index.is_method(self.unmangled(attribute))
        if method and (receiver or attribute not in METHODS):
            return call("$bind", value, constant(attribute))
        if attribute in METHODS and not receiver and (method or attribute not in self.index.sure):
            called = "$m_formatting" if attribute == "format" else f"$m_{attribute}"
            return call("$method", value, constant(attribute), self.counted(attribute, called))
        if attribute in UNSHARED_MEMBERS and attribute not in self.index.sure | self.index.assigned:
            self.refuse("CAP143", source, name=attribute)
        if attribute in NATIVE and not receiver:
            return call("$read", value, constant(attribute))
        if simple(value):
            return call("$attr", member(value, attribute), value, constant(attribute))
        return call("$read", value, constant(attribute))

    def counted(self, attribute: str, called: str) -> ast.expr:
        """What calls a method of builtin types that is a value: with the numbers of arguments that it takes."""
        if attribute not in ARGUMENTS:
            return name(called)
        least, most = ARGUMENTS[attribute]
        return call("$counted", name(called), constant(attribute), constant(least), constant(most))

    def has_attribute(self, source: ast.expr, attribute: str) -> bool:
        """Whether the value surely has an attribute of this name, which is no method."""
        receiver = self.is_receiver(source) and bool(self.classes)
        private = attribute
        attribute = self.unmangled(attribute)
        outside = private == attribute and attribute.startswith("__") and not attribute.endswith("__")
        if outside or (private != attribute and len(self.family()) > 1):
            return False
        if self.trust is not None:
            # mypy has seen to it.
            sure = attribute in self.index.sure and attribute not in self.index.deleted
            if receiver and sure and self.index.holds(self.classes[-1], attribute):
                return True
            sure = sure and not self.index.is_method(attribute)
            return sure and (self.is_receiver(source) or attribute not in NATIVE)
        if not receiver:
            made = self.instance_of(source)
            return made is not None and self.attributes.certain(made, attribute)
        holder = self.scope.find("self" if isinstance(source, ast.Name) and source.id == "self" else "cls")
        method = holder.node if holder is not None else None
        here = self.classes[-1]
        if not isinstance(method, ast.FunctionDef) or method_role(method) == "static":
            return False
        if method_role(method) == "class" or method.name == "__init_subclass__":
            return self.attributes.of_class(here, attribute)
        return self.attributes.certain(here, attribute, source.lineno if method.name == "__init__" else None)

    def module_attribute(self, node: ast.Attribute, module: str) -> ast.expr:
        self.check_library(module, node.attr, node)
        value = self.lower(node.value)
        return member(value, node.attr)

    def super_allowed(self, node: ast.expr) -> bool:
        """JavaScript has `super` in methods and in arrows within them, not in functions."""
        inner = node
        while isinstance(inner, ast.Attribute | ast.Call):
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
                if inner.args:
                    self.refuse("CAP126", node)
                    return False
                break
            inner = inner.func if isinstance(inner, ast.Call) else inner.value
        scope = self.scope
        while scope.kind == "comprehension" and scope.parent is not None:
            if isinstance(scope.node, ast.GeneratorExp):
                break
            scope = scope.parent
        if scope.kind != "method":
            self.refuse("CAP127", node)
            return False
        return True

    # -- subscripts

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if self.is_generic(node.value):
            return self.lower(node.value)
        if self.typing_name(node) is not None:
            return NONE
        value = self.lower(node.value)
        if isinstance(node.slice, ast.Slice):
            return call("$slice", value, *self.slice_parts(node.slice))
        return call("$get", value, self.lower(node.slice))

    def is_generic(self, node: ast.expr) -> bool:
        """`dict[str, int]`: a type with parameters, which exist for the type checker alone."""
        if isinstance(node, ast.Name) and self.is_builtin(node.id):
            return node.id in TYPES or node.id in ("type", "map", "filter", "zip")
        target = self.resolve(node)
        return isinstance(target, Class) and not self.index.is_enum(target)

    def visit_Starred(self, node: ast.Starred) -> ast.expr:
        return ast.Starred(value=call("$listing", self.lower(node.value)), ctx=ast.Load())

    # -- displays

    def visit_List(self, node: ast.List) -> ast.expr:
        return ast.List(elts=[self.lower(e) for e in node.elts], ctx=ast.Load())

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        return call("$tuple", ast.List(elts=[self.lower(e) for e in node.elts], ctx=ast.Load()))

    def visit_Set(self, node: ast.Set) -> ast.expr:
        return call("$set_of", ast.List(elts=[self.set_element(e) for e in node.elts], ctx=ast.Load()))

    def set_element(self, node: ast.expr) -> ast.expr:
        """A set makes no room: it does not ask what is spread in it for its length."""
        if isinstance(node, ast.Starred):
            return ast.Starred(value=call("$iter", self.lower(node.value)), ctx=ast.Load())
        return self.lower(node)

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        """An object literal where the keys are literal texts in an order that JavaScript keeps; else built by pairs."""
        literal = [
            key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
        ]
        if len(literal) == len(node.keys) and len(set(literal)) == len(literal) and keeps_order(literal):
            return ast.Dict(keys=list(node.keys), values=[self.lower(v) for v in node.values])
        parts: list[ast.expr] = []
        pairs: list[ast.expr] = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                if pairs:
                    parts.append(call("$pairs", ast.List(elts=pairs, ctx=ast.Load())))
                    pairs = []
                parts.append(self.lower(value))
            else:
                pair: list[ast.expr] = [self.lower(key), self.lower(value)]
                pairs.append(ast.List(elts=pair, ctx=ast.Load()))
        if pairs:
            parts.append(call("$pairs", ast.List(elts=pairs, ctx=ast.Load())))
        return parts[0] if len(parts) == 1 and node.keys[0] is not None else call("$dict", *parts)


UNSHARED = frozenset(
    """id vars dir globals locals exec eval compile open input bytes bytearray complex memoryview breakpoint help aiter
    anext copyright credits exit quit license __import__ __file__ __doc__ __builtins__ ExceptionGroup
    BaseExceptionGroup ReferenceError SystemError FloatingPointError BlockingIOError ChildProcessError
    ProcessLookupError IOError EnvironmentError UnicodeDecodeError UnicodeEncodeError BytesWarning FutureWarning
    ImportWarning PendingDeprecationWarning ResourceWarning RuntimeWarning SyntaxWarning UnicodeWarning
    EncodingWarning Ellipsis __debug__ __spec__ __loader__ __package__ GeneratorExit""".split()
)


def keeps_order(keys: list[str]) -> bool:
    """JavaScript moves integer-like keys to the front, in numeric order."""
    return not any(key.isdigit() for key in keys)
