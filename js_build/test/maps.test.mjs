/* Source maps: a stack trace leads to the line of the .py file, from the modules and from the minified bundle. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, isAbsolute } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const app = new URL("../dist/app/", import.meta.url);
const lines = readFileSync(new URL("../types/models.py", import.meta.url), "utf8").split("\n");
const raising = lines.findIndex((line) => line.includes('raise ValueError("no such luck")')) + 1;

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The numbers of one segment: base64 digits, the low five bits first, the lowest of all the sign. */
function decode(segment) {
  const numbers = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) * 2 ** shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value % 2 ? -(value - 1) / 2 : value / 2);
    [value, shift] = [0, 0];
  }
  return numbers;
}

/** Where a place in a generated file (line and column from 1) comes from: file and line from 1. */
function original(map, line, column) {
  let [source, sourceLine, found] = [0, 0, null];
  for (const [at, text] of map.mappings.split(";").entries()) {
    let start = 0;
    for (const segment of text.split(",").filter(Boolean)) {
      const [columns, sources = 0, sourceLines = 0] = decode(segment);
      start += columns;
      source += sources;
      sourceLine += sourceLines;
      if (at === line - 1 && start <= column - 1) found = { file: map.sources[source], line: sourceLine + 1 };
    }
  }
  return found;
}

for (const file of ["modules/models.js", "bundle.js"]) {
  const map = JSON.parse(readFileSync(new URL(`${file}.map`, app), "utf8"));

  test(`the raw stack of ${file} decodes to the .py line`, async () => {
    const { Task } = await import(new URL(file, app));
    try {
      new Task({ title: "x" }).fail();
      assert.fail("nothing was raised");
    } catch (error) {
      const frames = [...error.stack.matchAll(new RegExp(`${file}:(\\d+):(\\d+)`, "g"))];
      const places = frames.map(([, line, column]) => original(map, Number(line), Number(column)));
      const place = places.find((one) => one && basename(one.file) === "models.py");
      assert.ok(place, error.stack);
      assert.equal(place.line, raising);
    }
  });

  test(`node --enable-source-maps shows the .py line for ${file}`, () => {
    const script = `import { Task } from ${JSON.stringify(fileURLToPath(new URL(file, app)))};
      try { new Task({ title: "x" }).fail(); } catch (error) { console.log(error.stack); }`;
    const args = ["--enable-source-maps", "--input-type=module", "-e", script];
    const stack = execFileSync(process.execPath, args, { encoding: "utf8" });
    assert.match(stack, new RegExp(`models\\.py:${raising}:`));
  });

  test(`the map of ${file} holds the sources and names no folder of the machine that made it`, () => {
    const at = map.sources.findIndex((source) => basename(source) === "models.py");
    assert.match(map.sourcesContent[at], /class Task\(Model\):/);
    assert.deepEqual(map.sources.filter((source) => isAbsolute(source) || source.startsWith("file:")), []);
  });
}
