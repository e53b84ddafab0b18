/* What importing the bundle does to the page, and what it costs. Each import has a process of its own. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const app = fileURLToPath(new URL("../dist/app/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "capsule-page-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs a module in a process of its own; its last line is JSON. */
function run(script) {
  const file = join(folder, "run.mjs");
  writeFileSync(file, script);
  return JSON.parse(execFileSync(process.execPath, [file], { encoding: "utf8" }).trim().split("\n").at(-1));
}

for (const file of ["main.js", "bundle.js"]) {
  test(`importing ${file} adds no name to the page and changes none`, () => {
    const changed = run(`
      const places = { globalThis, Object, Function, Array, String, Number, Boolean, Error, Map, Set, Promise, JSON, Math, Symbol };
      for (const name of ["Object", "Function", "Array", "String", "Number", "Boolean", "Error", "Map", "Set", "Promise", "Symbol"]) {
        places[name + ".prototype"] = globalThis[name].prototype;
      }
      places.iterator = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
      const look = () => Object.fromEntries(Object.entries(places).map(([name, place]) => [name, Reflect.ownKeys(place).map(
        (key) => [key, Object.getOwnPropertyDescriptor(place, key)])]));
      const before = look();
      const used = await import(${JSON.stringify(join(app, file))});
      const member = new used.Member({ name: "a", tasks: [{ id: "T1", title: "x" }] });
      member.tasks.get("T1").set({ title: "y" });
      JSON.stringify(member);
      const after = look();
      const changed = [];
      for (const name of Object.keys(places)) {
        for (const [key] of after[name].slice(before[name].length)) changed.push([name, String(key)]);
        for (const [at, [key, was]] of before[name].entries()) {
          const is = after[name][at]?.[1];
          if (!is || ["value", "get", "set", "enumerable", "configurable", "writable"].some((one) => !Object.is(was[one], is[one]))) {
            changed.push([name, String(key)]);
          }
        }
      }
      const listed = [];
      for (const key in []) listed.push(key);
      for (const key in {}) listed.push(key);
      console.log(JSON.stringify({ changed, listed }));
    `);
    // One symbol, which no name can meet: what says that a core is here already.
    assert.deepEqual(changed, { changed: [["globalThis", "Symbol(capsule.core)"]], listed: [] });
  });
}

test("a second core in one page is an error, not a second registry of classes", () => {
  cpSync(app, join(folder, "second"), { recursive: true });
  const script = `
    await import(${JSON.stringify(join(app, "capsule.js"))});
    await import(${JSON.stringify(join(folder, "second", "capsule.js"))});
  `;
  const done = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.notEqual(done.status, 0);
  assert.match(done.stderr, /twice|two|second|already/i);
});

/** The size of a minified bundle of a script that imports from the app. */
async function size(script, from) {
  const result = await build({
    stdin: { contents: script.replace("FROM", JSON.stringify(join(app, from))), resolveDir: app },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    logLevel: "error",
  });
  const [{ contents }] = result.outputFiles;
  return { raw: contents.length, gzip: gzipSync(contents, { level: 9 }).length };
}

test("the core is a build of its own", () => {
  const names = run(`console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(join(app, "..", "capsule.js"))}))));`);
  for (const name of ["Events", "Model", "Collection", "Verdict", "Replica", "connect", "bind", "each"]) {
    assert.ok(names.includes(name), name);
  }
});

test("an import of one unused name costs at most 200 bytes", async (t) => {
  for (const name of ["Events", "Model", "Verdict", "connect", "bind"]) {
    const { raw } = await size(`import { ${name} } from FROM;`, "capsule.js");
    const used = await size(`import { ${name} } from FROM; console.log(${name});`, "capsule.js");
    t.diagnostic(`${name}: ${raw} bytes unused, ${used.raw} (${used.gzip} gzipped) used`);
    assert.ok(raw <= 200, `${name}: ${raw}`);
    assert.ok(used.raw > raw);
  }
});

test("sizes", async (t) => {
  const events = await size('import { Events } from FROM; new Events().on("x", () => {});', "capsule.js");
  const models = await size("import { Model, Collection } from FROM; console.log(Model, Collection);", "capsule.js");
  const bundle = readFileSync(join(app, "bundle.js"));
  const whole = { raw: bundle.length, gzip: gzipSync(bundle, { level: 9 }).length };
  for (const [what, { raw, gzip }] of Object.entries({ events, models, whole })) {
    t.diagnostic(`${what}: ${raw} bytes, ${gzip} gzipped`);
  }
  assert.ok(events.raw < models.raw && models.raw < whole.raw);
});
