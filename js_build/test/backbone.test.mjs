/* What surrounds Backbone's own tests (backbone/run.mjs, which needs them in a folder): the adapter, and a manifest that is
 * held to exactly. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { surroundings } from "../backbone/adapter.mjs";
import { judge } from "../backbone/manifest.mjs";

const core = await import("../dist/capsule.js");
const leftOut = JSON.parse(readFileSync(new URL("../backbone/left-out.json", import.meta.url), "utf8"));

test("a run agrees with its manifest when exactly what it names fails", () => {
  const ran = { events: { on: null, sync: ["no such method"] } };
  const { lines, agreed } = judge(ran, { events: { sync: "Ajax is not ours." } });
  assert.equal(agreed, true);
  assert.deepEqual(lines, ["events: 1 of 2 pass, 1 are left out"]);
});

for (const [what, tests, reasons] of [
  ["a failure that the manifest does not name", { on: ["wrong"] }, {}],
  ["a test that is left out and passes", { on: null }, { on: "It cannot work here." }],
  ["a test that does not exist", { on: null }, { off: "It cannot work here." }],
  ["a test that is left out without a reason", { on: ["wrong"] }, { on: "" }],
]) {
  test(`${what} breaks the agreement`, () => {
    const { lines, agreed } = judge({ events: tests }, { events: reasons });
    assert.equal(agreed, false);
    assert.equal(lines.length, 2);
  });
}

test("a file that the manifest names and that was not run breaks the agreement", () => {
  assert.equal(judge({ events: {} }, { router: {} }).agreed, false);
});

test("every test that is left out of Backbone's has its reason, most of them that there is no Ajax", () => {
  const reasons = Object.values(leftOut).flatMap((tests) => Object.values(tests));
  assert.ok(reasons.every((reason) => reason.length > 40 && reason.endsWith(".")));
  assert.equal(reasons.filter((reason) => !/Ajax|URL/.test(reason)).length, 4);
});

test("the adapter gives Backbone's idioms classes of ours, and leaves the bundle's as they are", () => {
  const { Backbone, _ } = surroundings(core);
  const Task = Backbone.Model.extend({ label() { return this.get("title"); } }, { kind: "task" });
  assert.ok(new Task() instanceof core.Model);
  assert.equal(new Task({ title: "x" }).label() + Task.kind, "xtask");
  const odd = { count: 0 };
  _.extend(odd, Backbone.Events).on("event", function () { this.count += 1; }).trigger("event");
  assert.equal(odd.count, 1);
  assert.ok(odd instanceof core.Events);
  for (const name of ["extend", "mixin"]) assert.equal(core.Model[name], undefined);
  for (const name of ["chain", "sample"]) assert.equal(core.Collection.prototype[name], undefined);
});

test("the runner fails for one failing test, and says which", () => {
  const folder = mkdtempSync(join(tmpdir(), "capsule-"));
  try {
    const file = (name, body) => writeFileSync(join(folder, `${name}.js`), `QUnit.module("Backbone.${name}"); ${body}`);
    file("events", "QUnit.test('good', (assert) => assert.ok(new Backbone.Model().on));");
    file("model", "QUnit.test('bad', (assert) => assert.equal(new Backbone.Model({a: 1}).get('a'), 2));");
    file("collection", "");
    const runner = fileURLToPath(new URL("../backbone/run.mjs", import.meta.url));
    const done = spawnSync(process.execPath, [runner, folder], { encoding: "utf8" });
    assert.equal(done.status, 1, done.stderr);
    assert.match(done.stdout, /^model: bad: FAILED/m);
    assert.match(done.stdout, /^events: 1 of 1 pass/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
