"""Runs each program whose path is in the JSON list on stdin; prints {path: [error, printed]}."""

import contextlib
import io
import json
import sys
import types

results = {}
for path in json.load(sys.stdin):
    printed, error = io.StringIO(), ""
    # The programs' classes look for their module by name.
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    with open(path, encoding="utf-8") as file, contextlib.redirect_stdout(printed):
        try:
            exec(compile(file.read(), path, "exec"), module.__dict__)
        except BaseException as raised:
            error = f"{type(raised).__name__}: {raised}"
    results[path] = [error, printed.getvalue()]
json.dump(results, sys.stdout)
