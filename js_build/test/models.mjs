/* The compiled models, used as if they had been written in JavaScript. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

const dist = new URL("../dist/app/", import.meta.url);

/** The behaviour of `main.js` or `bundle.js`. One process can hold only one of them: each is a core. */
export async function behaves(file) {
  const app = await import(new URL(file, dist));
  const { Collection, Events, LIMIT, Member, Model, Note, PropError, ship, Task, Tasks, Urgent } = app;

  describe(file, () => {
    test("new, get and set", () => {
      const task = new Task({ title: "write" });
      assert.equal(task.get("title"), "write");
      assert.equal(task.get("done"), false);
      assert.equal(task.set({ title: "read" }), task);
      assert.equal(task.set("done", true, { silent: true }).get("done"), true);
      assert.equal(LIMIT, 80);
    });

    test("get of what is missing is undefined, an explicit null stays null, and xport tells them apart", () => {
      const task = new Task({ title: "x", due: null });
      assert.equal(task.get("owner"), undefined);
      assert.equal(task.get("due"), null);
      assert.deepEqual(Object.keys(task.xport()).sort(), ["done", "due", "level", "title"]);
      assert.equal(new Note({ a: undefined }).get("a") ?? null, null);
    });

    test("a class is a class: instanceof, constructor, name, and no call without new", () => {
      const urgent = new Urgent({ title: "x" });
      for (const of of [Urgent, Task, Model, Events]) assert.ok(urgent instanceof of);
      assert.ok(!(new Note() instanceof Task));
      assert.equal(urgent.constructor, Urgent);
      assert.equal(Task.name, "Task");
      assert.throws(() => Task({ title: "x" }), TypeError);
      assert.match(Function.prototype.toString.call(Task), /^class/);
    });

    test("change events come with model, value and options, before `change`", () => {
      const heard = [];
      const task = new Task({ title: "a" });
      task.on("change:title", (model, value, options) => heard.push([model === task, value, options.mine]));
      task.on("change", () => heard.push("change"));
      task.set({ title: "b" }, { mine: 1 });
      task.set({ title: "b" });
      task.off("change:title").set({ title: "c" });
      assert.deepEqual(heard, [[true, "b", 1], "change", "change"]);
    });

    test("`this` of a handler is its context, and off takes a context away", () => {
      const task = new Task({ title: "a" });
      const context = { count: 0 };
      task.on("change:title", function () { this.count += 1; }, context);
      task.set({ title: "b" });
      task.off(null, null, { count: 1 });
      task.set({ title: "c" });
      task.off(null, null, context);
      task.set({ title: "d" });
      assert.equal(context.count, 2);
    });

    test("Python code calls the method that a JavaScript subclass overrides", () => {
      class Loud extends Task {
        label(prefix = "") { return super.label(prefix, { loud: true }) + "!"; }
        initialize() { this.ready = true; }
        get(name) { return name === "title" ? `*${super.get(name)}*` : super.get(name); }
      }
      const task = new Loud({ title: "hey" });
      assert.equal(task.describe(), "<*HEY*!>");
      assert.equal(task.ready, true);
      assert.ok(task instanceof Task);
      assert.equal(new Tasks([task]).first(), task);
    });

    test("keyword-only parameters are a trailing object, defaults may be left out", () => {
      const task = new Task({ title: "Hey" });
      assert.equal(task.label(), "Hey");
      assert.equal(task.label("> "), "> Hey");
      assert.equal(task.label(undefined), "Hey");
      assert.equal(task.label("> ", { loud: true }), "> HEY");
      assert.equal(task.label("> ", {}), "> Hey");
    });

    test("plain objects of every kind, null and undefined are taken, and stay as they were", () => {
      const bare = Object.assign(Object.create(null), { title: "bare" });
      const frozen = Object.freeze({ title: "frozen" });
      assert.equal(new Task(bare).get("title"), "bare");
      assert.equal(new Task(frozen).get("title"), "frozen");
      assert.equal(new Task(JSON.parse('{"title": "json"}')).get("title"), "json");
      for (const nothing of [null, undefined]) {
        assert.equal(new Task(nothing, nothing).get("done"), false);
        assert.equal(new Tasks(nothing, nothing).length, 0);
        assert.equal(new Task({ title: "x" }).set(nothing).get("title"), "x");
        assert.equal(new Task({ title: "x" }).next(nothing) ?? null, null);
      }
      assert.deepEqual(ship(new Task({ title: "x" }), { note: "n" }), { title: "x", note: "n" });
      assert.equal(ship(new Task({ title: "x" })).note ?? null, null);
      assert.deepEqual(Object.keys(bare), ["title"]);
    });

    test("collections are iterable, spread, and have no index of their own", () => {
      const tasks = new Tasks([{ title: "a" }, { title: "b", done: true }]);
      assert.deepEqual([...tasks].map((task) => task.get("title")), ["a", "b"]);
      const seen = [];
      for (const task of tasks) seen.push(task.get("done"));
      assert.deepEqual(seen, [false, true]);
      assert.equal(tasks.length, 2);
      assert.deepEqual(tasks.open().map((task) => task.get("title")), ["a"]);
      assert.ok(Array.isArray(tasks.open()));
      assert.equal(new Set(tasks).size, 2);
      assert.equal(tasks.at(-1), tasks.models[1]);
      assert.equal(tasks.remove("zip"), undefined);
    });

    test("children and collections are there, with the data they were made from", () => {
      const member = new Member({ name: "ann", tasks: [{ id: "T1", title: "a" }], profile: { name: "Ann" } });
      assert.equal(member.tasks.get("T1").parent, member);
      assert.equal(member.profile.get("name"), "Ann");
      const again = JSON.parse(JSON.stringify(member));
      assert.deepEqual(again, JSON.parse(JSON.stringify(new Member().mport(again))));
    });

    test("an exception is an Error with a name, a message and a stack", () => {
      assert.throws(
        () => new Task({ title: "x" }).fail(),
        (error) =>
          error instanceof Error && error.name === "ValueError" && error.message === "no such luck" && /\n/.test(error.stack),
      );
      assert.throws(
        () => new Task({ titel: "x" }),
        (error) => error instanceof PropError && error instanceof Error && error.code === 422 && error.field === "titel",
      );
    });

    test("keys from JSON that name what every object has are ordinary keys, or refused: never followed", () => {
      const evil = () => JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 1, "hasOwnProperty": 2, "toString": 3}');
      const note = new Note(evil());
      assert.equal({}.polluted, undefined);
      assert.equal(note.get("polluted") ?? null, null);
      assert.deepEqual(note.get("__proto__"), { polluted: 1 });
      assert.equal(note.get("constructor"), 1);
      assert.equal(note.get("hasOwnProperty"), 2);
      assert.equal(note.get("valueOf") ?? null, null);
      assert.equal(note.has("valueOf"), false);
      assert.equal(Object.getPrototypeOf(note), Note.prototype);
      assert.deepEqual(JSON.parse(JSON.stringify(note)), evil());
      const heard = [];
      note.on("change:__proto__", (model, value) => heard.push(value)).set(JSON.parse('{"__proto__": 5}'));
      assert.deepEqual(heard, [5]);
      assert.throws(() => new Task(evil()), PropError);
      const task = new Task({ owner: "ann", title: "x" });
      for (const key of ["__proto__", "constructor", "hasOwnProperty", "id", "owner"]) {
        const verdict = task.safeSet(JSON.parse(`{"${key}": "bob", "title": "taken"}`), "ann");
        assert.equal(verdict.allowed, false, key);
      }
      assert.equal(task.get("title"), "x");
      const notes = new Collection([{ id: "__proto__" }, { id: "constructor" }]);
      assert.equal(notes.get("__proto__").id, "__proto__");
      assert.equal(notes.get("toString") ?? null, null);
    });

    test("no name of the compiler's shows: not on instances, classes or what they give", () => {
      const task = new Task({ title: "x" });
      const names = new Set(Object.getOwnPropertyNames(Task));
      for (let of = task; of !== Object.prototype; of = Object.getPrototypeOf(of)) {
        for (const name of Object.getOwnPropertyNames(of)) names.add(name);
      }
      assert.deepEqual([...names].filter((name) => /^py_|\$/.test(name)), []);
      const listed = [];
      for (const name in task) listed.push(name);
      for (const name in Task) listed.push(name);
      for (const name in task.xport()) listed.push(name);
      assert.deepEqual(listed.filter((name) => /^py_|^__|\$/.test(name)), []);
    });
  });
}
