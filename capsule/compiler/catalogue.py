"""Every rule of `capsule check`: code, sentence, reason, fix, an example. Codes never change their meaning."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """`message` and `fix` may name what was found, in braces."""

    code: str
    message: str
    why: str
    fix: str
    bad: str
    good: str


def _rules(*rules: Rule) -> dict[str, Rule]:
    return {rule.code: rule for rule in rules}


# What the examples about models begin with.
TASK = "from capsule import Model\nclass Task(Model):\n    type = 'task'\n"
TEAM = (
    "from capsule import Collection, Model\nclass Tasks(Collection):\n    sorted = True\n"
    "class Others(Collection):\n    sorted = False\n"
)

LATER = "It is not in the shared subset of Python yet."

RULES: dict[str, Rule] = _rules(
    # -- syntax
    Rule("CAP100", "The file is not valid Python: {problem}", "Nothing can be compiled from it.",
         "Correct the syntax.", "def f(:\n    pass", "def f():\n    pass"),
    Rule("CAP101", "`match` is not in shared code.", LATER, "Write if/elif with isinstance() and ==.",
         "x = 1\nmatch x:\n    case 1:\n        print(1)", "x = 1\nif x == 1:\n    print(1)"),
    Rule("CAP102", "`except*` is not in shared code.", LATER, "Catch the exceptions one by one with `except`.",
         "try:\n    int('x')\nexcept* ValueError:\n    pass", "try:\n    int('x')\nexcept ValueError:\n    pass"),
    Rule("CAP103", "Shared code is not asynchronous.",
         "Models answer at once on both sides; a promise would always count as true.",
         "Do the waiting in the server's or the page's own code and hand the result in.",
         "async def f():\n    return 1", "def f():\n    return 1"),
    Rule("CAP104", "`yield` stands in a `try` with `finally` or a bare `except`, or in a `with`.",
         "Python runs the rest of them when a generator is dropped before its end; JavaScript never does.",
         "Return a list, or do this work in the code around the loop.",
         "def f():\n    try:\n        yield 1\n    finally:\n        print('left')",
         "def f():\n    yield 1\ntry:\n    print(list(f()))\nfinally:\n    print('left')"),
    Rule("CAP110", "`@` (matrix multiplication) is not in shared code.", "JavaScript has no such operator.",
         "Call a method.", "a = 1\nb = a @ a", "a = 1\nb = a * a"),
    Rule("CAP111", "{what} values are not in shared code.", "They have no counterpart in JavaScript.",
         "Use str, int or float.", "x = b'abc'", "x = 'abc'"),
    Rule("CAP112", "`...` is not a value in shared code.", "It has no counterpart in JavaScript.",
         "Write `pass` for an empty body, None for no value.", "x = ...", "x = None"),
    Rule("CAP113", "Assigning to this is not in shared code: {what}.", "It cannot be written the same in JavaScript.",
         "Assign to names, attributes and items, one at a time.",
         "a = [1, 2]\na[0:1] += [3]", "a = [1, 2]\na = [3] + a"),
    # -- calls
    Rule("CAP120", "`{name}` is called with keywords, but its parameters are not known here.",
         "JavaScript passes arguments by place. Without one signature the place of a keyword is a guess.",
         "Pass the arguments by place, or call a function or method of the program's own.",
         "import json\ndef f(options):\n    return json.dumps(1, **options)",
         "import json\ndef f(indent):\n    return json.dumps(1, indent=indent)"),
    Rule("CAP122", "`{name}` takes at most {most} positional arguments; {given} are given.",
         "Python raises a TypeError; JavaScript would ignore the rest.", "Leave out the arguments that are too many.",
         "def f(a):\n    return a\nf(1, 2)", "def f(a):\n    return a\nf(1)"),
    Rule("CAP123", "`{name}` has no keyword `{keyword}`.", "Python raises a TypeError; JavaScript would ignore it.",
         "Check the name of the keyword.", "def f(a):\n    return a\nf(1, b=1)", "def f(a):\n    return a\nf(a=1)"),
    Rule("CAP124", "`{name}` gets `{keyword}` twice.", "Python raises a TypeError; JavaScript would take one of them.",
         "Pass it once.", "def f(a):\n    return a\nf(1, a=2)", "def f(a):\n    return a\nf(1)"),
    Rule("CAP125", "The call of `{name}` leaves out: {missing}.",
         "Python raises a TypeError; JavaScript would go on without a value.", "Pass every required argument.",
         "def f(a):\n    return a\nf()", "def f(a):\n    return a\nf(1)"),
    Rule("CAP126", "`super()` has arguments.", "JavaScript's super is always that of the method it stands in.",
         "Write `super()` alone.",
         "class A:\n    def f(self):\n        return super(A, self).f()",
         "class A:\n    def f(self):\n        return 1"),
    Rule("CAP127", "`super()` stands in a nested function, a lambda or a generator expression.",
         "JavaScript has super in methods only.", "Call super() in the method and pass the result in.",
         "class A:\n    def f(self):\n        return lambda: super().f()",
         "class A:\n    def f(self):\n        return 1"),
    Rule("CAP128", "`{name}` of super() is used as a value.", "JavaScript's super can only be called or read.",
         "Call it: `super().method(...)`.",
         "class A:\n    def f(self):\n        return 1\nclass B(A):\n    def f(self):\n        return super().f",
         "class A:\n    def f(self):\n        return 1\nclass B(A):\n    def f(self):\n        return super().f()"),
    Rule("CAP129", "`type()` makes a class.", "Classes are known when the code is compiled.",
         "Write a class statement.", "A = type('A', (), {{}})".replace("{{}}", "{}"), "class A:\n    pass"),
    # -- classes
    Rule("CAP130", "A class has keywords (a metaclass?).", "JavaScript's classes have no metaclass.",
         "Do this work in a function that gets the class, or in `__init_subclass__`.",
         "class A(metaclass=type):\n    pass", "class A:\n    pass"),
    Rule("CAP131", "`{name}` has more than one base class.", "JavaScript's classes have one base.",
         "Keep one base; hold the other object in an attribute.",
         "class A:\n    pass\nclass B:\n    pass\nclass C(A, B):\n    pass",
         "class A:\n    pass\nclass C(A):\n    pass"),
    Rule("CAP132", "A class extends the builtin `{name}`.",
         "Lists, dicts and texts are JavaScript's own, and have no Python class to extend.",
         "Hold the value in an attribute.", "class A(dict):\n    pass",
         "class A:\n    def __init__(self):\n        self.values = {}"),
    Rule("CAP133", "A class body holds more than methods, attributes and classes.",
         "JavaScript's class bodies hold definitions only.", "Move the statement below the class.",
         "class A:\n    print('x')", "class A:\n    pass\nprint('x')"),
    Rule("CAP134", "A class attribute is a lambda, and not the only one of this assignment.",
         "Python makes a method of it, JavaScript a plain function.",
         "Write a method, or one assignment for each name.",
         "class A:\n    f = g = lambda self: 1", "class A:\n    f = lambda self: 1"),
    Rule("CAP135", "A member may not be called `{name}`.", "JavaScript's classes have that name themselves.",
         "Choose another name.", "class A:\n    prototype = 1", "class A:\n    proto = 1"),
    Rule("CAP136", "`{name}` is not in shared code.", "Nothing calls it in JavaScript.",
         "Write an ordinary method and call it.",
         "class A:\n    def __getattr__(self, name):\n        return name",
         "class A:\n    def read(self, name):\n        return name"),
    Rule("CAP137", "The decorator `{name}` cannot be on this method.",
         "A method that a decorator of the program replaces is a plain function: it has no `super()`, and cannot be a "
         "property, a static or a class method besides. A setter belongs to the property of its own class.",
         "Do the one thing in a method of its own, and call that.",
         "def d(f):\n    return f\nclass A:\n    def f(self):\n        return 1\n"
         "class B(A):\n    @d\n    def f(self):\n        return super().f()",
         "def d(f):\n    return f\nclass A:\n    def f(self):\n        return 1\n"
         "class B(A):\n    @d\n    def g(self):\n        return self.f()"),
    Rule("CAP138", "The method `{name}` has no parameter for its instance.", "Every call of it would fail.",
         "Add `self`, or @staticmethod.", "class A:\n    def f():\n        return 1",
         "class A:\n    @staticmethod\n    def f():\n        return 1"),
    # -- names
    Rule("CAP140", "`{name}` is not in shared code.",
         "It is about files, memory or Python itself, and has no counterpart in JavaScript.",
         "Do this on the server, outside the shared models.", "x = id(1)", "x = 1"),
    Rule("CAP141", "The name `{name}` is not defined.", "Python raises a NameError when the line runs.",
         "Define or import it.", "x = nothing", "nothing = 1\nx = nothing"),
    Rule("CAP142", "`{name}` is used as a value.", "It is part of a definition in JavaScript.",
         "Use it as a decorator (or call `super().method()`).", "x = property", "x = 1"),
    Rule("CAP143", "The attribute `{name}` is not in shared code.", "JavaScript's objects are made otherwise.",
         "Keep what you need in attributes of your own.",
         "class A:\n    pass\nx = A().__dict__", "class A:\n    pass\nx = A()"),
    Rule("CAP144", "Nothing in this program has a method `{name}`.",
         "Python raises an AttributeError; JavaScript's own value might have a method of that name.",
         "Check the name. Python's methods of str, list, dict and set are known.",
         "x = [1]\nx.push(2)", "x = [1]\nx.append(2)"),
    Rule("CAP145", "`:=` in a class body.", "The name would be a class attribute in Python.",
         "Assign it with `=`.", "class A:\n    x = (y := 1)", "class A:\n    y = 1\n    x = y"),
    Rule("CAP147", "An attribute of a module is assigned.", "JavaScript's modules are read-only from outside.",
         "Give the module a function that sets it.", "import math\nmath.pi = 3", "pi = 3"),
    Rule("CAP148", "`is_integer` is asked of an int.",
         "Python 3.11's int has no such method, 3.12's has: the same line would do two things.",
         "Leave it out, or write `float(x).is_integer()`.",
         "print((5).is_integer())", "print(float(5).is_integer())"),
    # -- values
    Rule("CAP151", "An item of a {kind} is assigned.", "Python raises a TypeError.", "Use a list.",
         "t = (1, 2)\nt[0] = 3", "t = [1, 2]\nt[0] = 3"),
    Rule("CAP152", "The order of a set shows here.",
         "CPython orders texts in a set by a number that is another one in each process.",
         "Write sorted(...) around it.", "for x in {'b', 'a'}:\n    print(x)",
         "for x in sorted({'b', 'a'}):\n    print(x)"),
    # -- imports
    Rule("CAP160", "`{name}` cannot be imported in shared code.",
         "Shared code has no files, clock, random or network, and only what is compiled with it.",
         "Import your own shared modules, capsule, typing, or what docs/compiler.md lists of Python's own. "
         "Pass other values in.",
         "import os", "import math"),
    Rule("CAP161", "`import *` hides which names a module has.", "The compiler must know each name.",
         "Name what you import.", "from math import *", "from math import floor"),
    Rule("CAP162", "`import {name}` binds only its first part.", "JavaScript's imports have one plain name.",
         "Write `from package import module` or `import package.module as name`.",
         "import capsule.shared.codes", "from capsule.shared import codes"),
    Rule("CAP163", "An import stands inside a function, a class or another statement.",
         "JavaScript's imports stand at the top.", "Move it to the top of the file.",
         "def f():\n    import math\n    return math.pi", "import math\ndef f():\n    return math.pi"),
    Rule("CAP164", "`{name}` is imported, but its module assigns it again.",
         "Python copies the value once; JavaScript's import would go on to follow the variable.",
         "Import a function that returns it.",
         "from counter import count, up\nup()\nprint(count)\n# counter.py\ncount = 0\n"
         "def up():\n    global count\n    count += 1",
         "from counter import count, up\nup()\nprint(count())\n# counter.py\nstate = [0]\n"
         "def count():\n    return state[0]\ndef up():\n    state[0] += 1"),
    Rule("CAP165", "`{name}` is imported, and bound again or deleted.", "JavaScript's imports are constant.",
         "Give one of the two another name: `import ... as`.",
         "import math\nmath = math.pi\nprint(math)", "import math\npi = math.pi\nprint(pi)"),
    # -- exceptions to rules
    Rule("CAP190", "An exception gives no reason.",
         "Who reads the line must learn why it may differ there, or it will spread.",
         "Write the reason after the bracket: `# capsule: allow[CAP160] only the server's methods log`.",
         "import logging  # capsule: allow[CAP160]",
         "import logging  # capsule: allow[CAP160] only the server's methods log"),
    Rule("CAP191", "`{name}` is allowed here, but nothing of that code is found.",
         "An exception that outlives its cause would silence the next finding on that line.",
         "Remove the code, or the comment, or move it to the line of the finding or the line above.",
         "x = 1  # capsule: allow[CAP152] it was a loop over a set once", "x = 1"),
    Rule("CAP192", "`{name}` cannot be allowed.",
         "There is no JavaScript for what it refuses: the line would be dropped in silence.",
         "Write it as `capsule check --explain` says. What can be allowed: {codes}.",
         "x = 1  # capsule: allow[CAP101] we need it", "x = 1"),
    Rule("CAP193", "This exception is not understood.", "It allows nothing as it is written.",
         "Write `# capsule: allow[CAP152] the reason`, with one code or several between commas.",
         "x = 1  # capsule: allow CAP152 its order is not shown", "x = 1"),
    # -- models
    Rule("CAP200", "`{name}` of {owner} {problem}.",
         "A class with `props` has these attributes and no others: `get` of another gives nothing, `set` raises.",
         "Check the spelling{near}, or declare it in `props` or `session`.",
         f"{TASK}    props = {{'title': 'string'}}\n    def shout(self):\n        return self.get('titel').upper()",
         f"{TASK}    props = {{'title': 'string'}}\n    def shout(self):\n        return self.get('title').upper()"),
    Rule("CAP201", "`{name}` of {owner} {problem}.", "The model raises a PropError when the line runs.",
         "Give a value of the prop's type, or declare another type.",
         f"{TASK}    props = {{'done': 'boolean'}}\n    def finish(self):\n        self.set({{'done': 'yes'}})",
         f"{TASK}    props = {{'done': 'boolean'}}\n    def finish(self):\n        self.set({{'done': True}})"),
    Rule("CAP202", "The prop `{name}` of {owner} {problem}.",
         "The declaration contradicts itself: the class cannot be used, or its instances begin with a wrong value.",
         "Types: string, number, integer, boolean, time, list, object, any, ref. Defaults and values are of that type.",
         f"{TASK}    props = {{'stars': {{'type': 'integer', 'default': '0'}}}}",
         f"{TASK}    props = {{'stars': {{'type': 'integer', 'default': 0}}}}"),
    Rule("CAP203", "{list} names `{name}`, but {owner} has no {what} of that name.",
         "A name that is not there allows nothing, and the one that was meant stays closed.",
         "Check the spelling{near}.",
         f"{TASK}    props = {{'title': 'string'}}\n    clientEditable = ['titel']",
         f"{TASK}    props = {{'title': 'string'}}\n    clientEditable = ['title']"),
    Rule("CAP204", "{owner} has no literal `type`.",
         "What is stored and sent is known by this name. The class's own name is another one after minification.",
         "Write a string in the class body, such as `type = 'task'`, and never change it.",
         "from capsule import Model\nclass Task(Model):\n    props = {'title': 'string'}",
         f"{TASK}    props = {{'title': 'string'}}"),
    Rule("CAP205", "`{name}` of {owner} {problem}.",
         "What is nested is made from `children` and `collections`; annotations are believed by editors and types.",
         "Let the annotation and the entry name the same class.",
         f"{TEAM}class Team(Model):\n    type = 'team'\n    collections = {{'tasks': Tasks}}\n    tasks: Others",
         f"{TEAM}class Team(Model):\n    type = 'team'\n    collections = {{'tasks': Tasks}}\n    tasks: Tasks"),
    Rule("CAP206", "`{written}` is a Verdict, and its truth is asked.",
         "A refusal is an object, and JavaScript's objects are true: everybody would be let in. Python raises.",
         "Ask for `.allowed`.",
         "from capsule import Model\ndef rename(task: Model, user: str) -> str:\n"
         "    if task.safeSet({'title': 'x'}, user):\n        return 'done'\n    return 'refused'",
         "from capsule import Model\ndef rename(task: Model, user: str) -> str:\n"
         "    if task.safeSet({'title': 'x'}, user).allowed:\n        return 'done'\n    return 'refused'"),
    Rule("CAP207", "What `get` gives for `{name}` is changed in place.",
         "A declared list or object is given as a copy, and the change is lost; another is changed without an event.",
         "Make a new value and `set` it.",
         f"{TASK}    props = {{'tags': 'list'}}\n    def tag(self, tag):\n        self.get('tags').append(tag)",
         f"{TASK}    props = {{'tags': 'list'}}\n    def tag(self, tag):\n"
         "        self.set({'tags': self.get('tags') + [tag]})"),
    Rule("CAP208", "The rule `{name}` {problem}.",
         "A rule allows by answering exactly True. `deny` keeps the sentence and answers False: return that.",
         "Return a bool: `return user == self.get('owner') or self.deny('Only the owner may.')`.",
         f"{TASK}    def canDelete(self, user):\n        if user != self.get('owner'):\n"
         "            self.deny('Only the owner may.')\n        return True",
         f"{TASK}    def canDelete(self, user):\n        if user != self.get('owner'):\n"
         "            return self.deny('Only the owner may.')\n        return True"),
    Rule("CAP209", "`{name}` gets its options as keywords.",
         "Methods with a Backbone signature take one dict of options on both sides, behind the other arguments.",
         "Write the options as a dict: `{written}`.",
         f"{TASK}    def hush(self):\n        self.set({{'title': 'x'}}, silent=True)",
         f"{TASK}    def hush(self):\n        self.set({{'title': 'x'}}, {{'silent': True}})"),
)  # fmt: skip
