/* Traps that somebody fell into before, by name, in JavaScript. tests/parity/test_traps.py lists them with their Python tests. */
import assert from "node:assert/strict";
import { test } from "node:test";

const { Collection, DeclarationError, Model, Operation, PropError } = await import("../dist/capsule.js");

class Task extends Model {
  static type = "task";
  static props = {
    title: "string",
    done: { type: "boolean", default: false },
    owner: "string",
    tags: { type: "list", default: () => [] },
  };
  static clientEditable = ["title", "done", "tags"];
  static exposedServerMethods = ["rename"];
  canEdit(user) { return user === this.get("owner") || this.deny("Only the owner."); }
  canCall() { return true; }
  rename(title) { this.set({ title }); }
}
class Tasks extends Collection {
  static model = Task;
  static sorted = true;
  canAdd(user, task) {
    this.asked = [task.parent === this.parent, task.root === this.root, this.includes(task)];
    return false;
  }
}
class Profile extends Model {
  static props = { bio: "string" };
}
class Team extends Model {
  static type = "team";
  static children = { profile: Profile };
  static collections = { tasks: Tasks };
}

function team() {
  return new Team({ id: "7", tasks: [{ id: "a", title: "one", owner: "ann" }, { id: "b", owner: "ann" }] });
}

function heard(root) {
  const events = [];
  root.on("publish", (event) => events.push(event));
  return events;
}

test("one allowed key does not let the others through", () => {
  const task = team().tasks.get("a");
  for (const smuggled of [{ id: "z" }, { owner: "bob" }, { role: "admin" }]) {
    assert.equal(task.safeSet({ title: "new", ...smuggled }, "ann").allowed, false);
  }
  assert.deepEqual([task.id, task.get("title"), task.get("owner")], ["a", "one", "ann"]);
});

test("one verdict answers for a whole hash", () => {
  const verdict = team().tasks.get("a").safeSet({ title: 1, done: 2, zip: 3 }, "ann");
  assert.deepEqual([verdict.code, verdict.field], [422, "zip"]);
});

test("an add is asked about a model that has its parent, and one that is refused is not added", () => {
  const { tasks } = team();
  assert.equal(tasks.safeAdd({ title: "x" }, "ann", { id: "new" }).code, 403);
  assert.deepEqual(tasks.asked, [true, true, false]);
  assert.equal(tasks.safeAdd({ zip: 1 }, "ann", { id: "new" }).code, 422);
  assert.deepEqual([tasks.length, tasks.get("new")], [2, undefined]);
});

test("exposed methods get their arguments", () => {
  const task = team().tasks.get("a");
  assert.equal(task.safeCall("rename", ["other"], "ann").allowed, true);
  assert.equal(task.get("title"), "other");
});

test("set leaves the caller's hash alone, and a list that is not set is fine", () => {
  const task = team().tasks.get("a");
  const given = Object.freeze({ title: "x", tags: Object.freeze(["a"]) });
  task.set(given);
  task.get("tags").push("b");
  assert.deepEqual(task.get("tags"), ["a"]);
  assert.deepEqual(task.unset("tags").get("tags"), []);
});

test("a registry belongs to its root, and forgets", () => {
  const [one, two] = [team(), team()];
  one.tasks.add({ id: "secret" });
  assert.equal(one.modelGetter("task", "secret"), one.tasks.get("secret"));
  assert.equal(two.modelGetter("task", "secret") ?? null, null);
  one.tasks.remove("secret");
  assert.equal(one.modelGetter("task", "secret") ?? null, null);
});

test("a change event carries what changed, and nothing else", () => {
  const root = team();
  const events = heard(root);
  root.tasks.get("a").set({ title: "new", owner: "ann" });
  assert.deepEqual(events.map((event) => event.changed), [{ title: "new" }]);
});

test("removals name their collection, additions their position, and child models bubble", () => {
  const root = team();
  const events = heard(root);
  root.tasks.remove("a");
  root.tasks.add({ id: "c" }, { at: 0 });
  root.profile.set({ bio: "x" });
  assert.deepEqual([events[0].collection, events[0].at], [root.tasks, 0]);
  assert.deepEqual([events[1].event, events[1].at], ["add", 0]);
  assert.deepEqual([events[2].model, events[2].changed], [root, { profile: { bio: "x" } }]);
});

test("moving an unknown id moves nothing, and positions are clamped", () => {
  const { tasks } = team();
  assert.equal(tasks.moveItem("zip", { first: true }) ?? null, null);
  assert.deepEqual(tasks.pluck("id"), ["a", "b"]);
  assert.deepEqual(tasks.moveItem("a", 99).collection.pluck("id"), ["b", "a"]);
  assert.deepEqual(tasks.moveItem("a", -99).collection.pluck("id"), ["a", "b"]);
});

test("a wrong type is an error with a code, and an unknown type is told early", () => {
  assert.throws(() => new Task().set({ title: 5 }), (error) =>
    error instanceof PropError && error instanceof Error && error.code === 422 && error.field === "title");
  class Odd extends Model {
    static props = { title: "strnig" };
  }
  assert.throws(() => new Odd(), DeclarationError);
});

test("untrusted names and values are refused with a code, and nothing is half done", () => {
  const root = team();
  const task = root.tasks.get("a");
  const before = JSON.stringify(root);
  const events = heard(root);
  for (const key of ["id", "__proto__", "constructor", "hasOwnProperty", "prototype", "__class__", "safeSet"]) {
    const verdict = task.safeSet(JSON.parse(`{"title": "x", "${key}": {"polluted": 1}}`), "ann");
    assert.ok([403, 422].includes(verdict.code), key);
  }
  for (const attrs of [null, undefined, [], "title", 5, new Map(), () => 1, Symbol("x"), 5n]) {
    assert.equal(task.safeSet(attrs, "ann").code, 422);
  }
  for (const title of [NaN, Infinity, 2 ** 53 + 2, "\ud800", [], {}, null, new Date(), Symbol("x"), 5n, () => 1]) {
    assert.equal(task.safeSet({ title }, "ann").code, 422);
  }
  assert.deepEqual([JSON.stringify(root), events, {}.polluted], [before, [], undefined]);
});

test("nobody is refused before any rule runs", () => {
  const asked = [];
  class Unowned extends Model {
    static clientEditable = ["a"];
    canEdit(user) { asked.push(user); return user === this.get("owner"); }
  }
  for (const nobody of [null, undefined, "", 0, NaN, false]) {
    assert.equal(new Unowned().safeSet({ a: 1 }, nobody).rule, "user");
    assert.equal(new Unowned().can("edit", nobody).allowed, false);
  }
  assert.deepEqual(asked, []);
});

test("only exactly true allows: a sentence, a verdict and a promise do not", async () => {
  for (const answer of ["Only the owner.", { allowed: true }, 1, [true], Promise.resolve(true), Promise.reject(new Error("no")), new Boolean(true)]) {
    class Odd extends Model {
      static clientEditable = ["a"];
      canEdit() { return answer; }
    }
    assert.equal(new Odd().safeSet({ a: 1 }, "ann").allowed, false);
  }
  // A rejected promise of a rule is nobody's business: it must not end the process.
  await new Promise((resolve) => setTimeout(resolve, 5));
});

test("ids have no dots", () => {
  const root = team();
  assert.equal(root.tasks.safeAdd({ title: "x" }, "ann", { id: "42.tasks.T1" }).field, "id");
  root.operation = new Operation("ann.client01.1", "ann", 5);
  assert.doesNotMatch(root.newId(), /\./);
});
