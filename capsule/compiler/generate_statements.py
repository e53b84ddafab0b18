"""JavaScript for statements."""

import ast

from capsule.compiler.generate_base import Emitter


class Statements(Emitter):
    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Dict | ast.Lambda | ast.Constant):
            self.emit("(")
            self.visit(node.value)
            self.emit(")")
        else:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        if isinstance(target, ast.Name):
            frame = self.frames[-1]
            if getattr(node, "const", False):
                self.put(f"const {target.id}")
            elif target.id in frame.declared or target.id in frame.outer or target.id.startswith("$"):
                self.put(target.id)
            else:
                frame.declared.add(target.id)
                self.put(f"var {target.id}")
        else:
            self.visit(target)
        self.emit(" = ")
        if self.pure and len(self.frames) == 1 and isinstance(node.value, ast.Call):
            self.emit("/*@__PURE__*/ ")
        self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        self.emit("if (")
        self.visit(node.test)
        self.emit(") ")
        self.block(node.body)
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            self.emit(" else ")
            self.adaptLineNrString(node.orelse[0])
            self.visit(node.orelse[0])
        elif node.orelse:
            self.emit(" else ")
            self.block(node.orelse)

    # -- loops

    def loop(self, node: ast.For | ast.While, head: object) -> None:
        """A loop; with an else part, a `break` leaves the block around both."""
        assert callable(head)
        label = self.fresh("else") if node.orelse else None
        if label is not None:
            self.put(f"{label}: ")
            self.open()
        head()
        self.labels.append(label)
        self.block(node.body)
        self.labels.pop()
        if label is not None:
            self.emit("\n")
            self.statements(node.orelse)
            self.close()

    def visit_For(self, node: ast.For) -> None:
        counting = getattr(node, "counting", None)

        def elements() -> None:
            assert isinstance(node.target, ast.Name)
            text = node.target.id
            declared = text.startswith("$") or text in self.frames[-1].outer
            self.put(f"for ({text} of " if declared else f"for (var {text} of ")
            self.frames[-1].declared.add(text)
            self.visit(node.iter)
            self.emit(") ")

        def counts() -> None:
            assert counting is not None
            counter, start, stop, step = counting
            end = self.fresh("end")
            self.put(f"for (let {counter} = ")
            self.visit(start)
            self.put(f", {end} = ")
            self.visit(stop)
            move = "++" if step == 1 else "--" if step == -1 else f" += {step}"
            self.put(f"; {counter} {'<' if step > 0 else '>'} {end}; {counter}{move}) ")

        self.loop(node, elements if counting is None else counts)

    def visit_While(self, node: ast.While) -> None:
        def head() -> None:
            self.emit("while (")
            self.visit(node.test)
            self.emit(") ")

        self.loop(node, head)

    def visit_Break(self, node: ast.Break) -> None:
        label = self.labels[-1] if self.labels else None
        self.put("break" if label is None else f"break {label}")

    def visit_Continue(self, node: ast.Continue) -> None:
        self.emit("continue")

    # -- exceptions

    def visit_Raise(self, node: ast.Raise) -> None:
        self.emit("throw ")
        if node.exc is None:
            self.put(self.caught[-1] if self.caught else f"{self.use('$nothing')}()")
        else:
            self.visit(node.exc)

    def visit_Try(self, node: ast.Try) -> None:
        self.emit("try ")
        self.block(node.body)
        if node.handlers:
            self.handlers(node.handlers)
        if node.finalbody:
            self.emit(" finally ")
            self.block(node.finalbody)

    def handlers(self, handlers: list[ast.ExceptHandler]) -> None:
        error = self.fresh("e")
        self.put(f" catch ({error}) ")
        self.open()
        if len(handlers) == 1 and handlers[0].type is not None:
            self.adaptLineNrString(handlers[0])
            held = getattr(handlers[0], "plain", False)
            self.put(
                f"{self.use('$held')}({error}, " if held else f"{error} = {self.use('$caught')}({error}, "
            )
            self.visit(handlers[0].type)
            self.emit(");\n")
            self.caught.append(error)
            self.handler(handlers[0], error)
            self.caught.pop()
            self.close()
            return
        # The engine's own errors become Python's before anyone looks at them.
        self.put(f"{error} = {self.use('$py')}({error})")
        self.emit(";\n")
        self.caught.append(error)
        for index, handler in enumerate(handlers):
            if index:
                self.emit(" else ")
            if handler.type is not None:
                self.put(f"if ({self.use('$exc')}({error}, ")
                self.visit(handler.type)
                self.emit(")) ")
            self.adaptLineNrString(handler)
            self.open()
            self.handler(handler, error)
            self.close()
        if handlers[-1].type is not None:
            self.put(f" else throw {error};")
        self.emit("\n")
        self.caught.pop()
        self.close()

    def handler(self, handler: ast.ExceptHandler, error: str) -> None:
        text = handler.name
        if text is not None:
            frame = self.frames[-1]
            new = text not in frame.declared and text not in frame.outer and not text.startswith("$")
            frame.declared.add(text)
            self.put(f"{'var ' if new else ''}{text} = {error}")
            self.emit(";\n")
        if text is not None and getattr(handler, "unbind", False):
            self.emit("try ")
            self.block(handler.body)
            self.put(f" finally {{ {text} = undefined; }}")
            self.emit("\n")
        else:
            self.statements(handler.body)

    def visit_Return(self, node: ast.Return) -> None:
        self.emit("return")
        if node.value is not None:
            self.emit(" ")
            self.visit(node.value)
