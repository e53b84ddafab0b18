// What a JavaScript developer writes with the compiled models: node models_javascript.mjs CAPSULE_JS
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const { Collection, Events, Model } = await import(pathToFileURL(process.argv[2]));

class Task extends Model {
  static type = "task";
  static props = { title: "string", done: { type: "boolean", default: false }, tags: "list" };
  static derived = { loud: { deps: ["title"], fn: (task) => task.get("title").toUpperCase() } };
  static clientEditable = ["title"];
  initialize() {
    this.seen = this.get("title");
  }
  canEdit(user) {
    return user === "ann" || this.deny("Only Ann.");
  }
}
class Urgent extends Task {
  get(name) {
    return name === "title" ? `!${super.get(name)}` : super.get(name);
  }
}
class Tasks extends Collection {
  static model = Task;
  comparator(a, b) {
    return a.id < b.id ? -1 : 1;
  }
}
class Member extends Model {
  static type = "member";
  static collections = { tasks: Tasks };
}

// Instances, classes, attributes.
const task = new Task({ title: "x", done: undefined });
assert.ok(task instanceof Task && task instanceof Model && task instanceof Events);
assert.equal(task.constructor, Task);
assert.equal(task.seen, "x");
assert.deepEqual(task.attributes, { title: "x", done: false });
assert.deepEqual(JSON.parse(JSON.stringify(task)), { title: "x", done: false });
assert.equal(task.get("missing"), undefined);
assert.equal(new Model({ a: null }).get("a"), null);
assert.equal(new Urgent({ title: "y" }).get("title"), "!y");
assert.equal(task.get("loud"), "X");

// Handlers: arguments, `this`, contexts, options as a trailing object.
const heard = [];
const context = { name: "context" };
task.on("change:title", function (model, value, options) {
  heard.push([this === task, model === task, value, options.from]);
});
task.on("change:loud", function () { heard.push(this.name); }, context);
task.set("title", "z", { from: "here" });
task.set({ title: "silent" }, { silent: true });
task.off(null, null, context);
task.set({ title: "end" });
assert.deepEqual(heard, [[true, true, "z", "here"], "context", [true, true, "end", undefined]]);
const late = () => heard.push("never");
task.on("change", late).off("change", late).set("title", "quiet");
assert.ok(!heard.includes("never"));

// Errors are Errors.
assert.throws(() => task.set("title", 5), (error) =>
  error instanceof Error && error.name === "PropError" && error.code === 422 && error.field === "title");
assert.throws(() => Task({ title: "x" }), TypeError);

// Rules.
assert.equal(task.safeSet({ title: "mine" }, "ann").allowed, true);
assert.equal(task.safeSet({ title: "mine" }, "bob").sentence, "Only Ann.");
assert.equal(task.can("edit", undefined).rule, "user");
class Promising extends Task {
  async canEdit() {
    return true;
  }
}
assert.equal(new Promising().safeSet({ title: "x" }, "ann").code, 403);

// Collections: length, iteration, order, ids.
const tasks = new Tasks([{ id: "b" }, { id: "a" }]);
assert.equal(tasks.length, 2);
assert.deepEqual([...tasks].map((one) => one.id), ["a", "b"]);
for (const one of tasks) assert.ok(one instanceof Task);
assert.equal(tasks.get("a").collection, tasks);
assert.equal(tasks.get("zip"), undefined);
assert.deepEqual(tasks.filter({ done: false }).length, 2);

// Trees.
const member = new Member({ id: "ann", tasks: [{ id: "t", title: "one" }] });
const published = [];
member.on("publish", (event) => published.push([event.event, event.model.id, event.changed]));
member.tasks.get("t").set("title", "two");
member.tasks.add({ id: "u" });
assert.deepEqual(published, [["change", "t", { title: "two" }], ["add", "u", undefined]]);
assert.deepEqual(member.tasks.get("t").path, ["tasks", "t"]);
assert.equal(member.modelGetter("task", "u"), member.tasks.get("u"));

// Hostile keys are ordinary, and no global is touched.
const odd = new Model(JSON.parse('{"__proto__": {"admin": true}, "constructor": 1, "toString": 2}'));
assert.equal(odd.get("admin"), undefined);
assert.deepEqual(Object.keys(odd.toJSON()), ["__proto__", "constructor", "toString"]);
assert.equal({}.admin, undefined);
assert.equal(new Collection().add({ toString: 1 }).get("toString"), 1);
assert.deepEqual(Object.keys(Array.prototype), []);
assert.deepEqual(Object.keys(Object.prototype), []);
