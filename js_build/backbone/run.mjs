/* Backbone's own tests of events, models and collections, run against our models:
 *
 *     npm run backbone -- FOLDER [CAPSULE_JS]
 *
 * FOLDER holds events.js, model.js and collection.js: the folder `test` of Backbone's repository at tag 1.6.1 (its npm
 * package leaves the tests out). CAPSULE_JS is a built core (default: ../dist/capsule.js). What is expected to fail, and
 * why, is in left-out.json. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import QUnit from "qunit";
import { surroundings } from "./adapter.mjs";
import { judge } from "./manifest.mjs";

const FILES = ["events", "model", "collection"];
const [folder, core = fileURLToPath(new URL("../dist/capsule.js", import.meta.url))] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: npm run backbone -- FOLDER [CAPSULE_JS]");
  process.exit(2);
}

// One of the tests makes a function from text, which sees globals alone.
const { Backbone, _ } = surroundings(await import(pathToFileURL(resolve(core))));
globalThis.Backbone = Backbone;
const leftOut = JSON.parse(readFileSync(new URL("left-out.json", import.meta.url), "utf8"));
const ran = Object.fromEntries(FILES.map((file) => [file, {}]));

QUnit.config.autostart = false;
QUnit.config.testTimeout = 1000;
for (const file of FILES) {
  const source = readFileSync(resolve(folder, `${file}.js`), "utf8");
  new Function("QUnit", "Backbone", "_", "window", source)(QUnit, Backbone, _, globalThis);
}
QUnit.on("testEnd", ({ fullName, status, errors }) => {
  const file = fullName[0].replace("Backbone.", "").toLowerCase();
  // Two tests of events.js have the same name; QUnit makes them differ by spaces at the end.
  ran[file][fullName[1]] = status === "passed" ? null : errors.map(sentence);
});
QUnit.on("runEnd", () => {
  const { lines, agreed } = judge(ran, leftOut);
  console.log(lines.join("\n"));
  process.exitCode = agreed ? 0 : 1;
});
QUnit.start();

function sentence({ message, actual, expected }) {
  return expected === undefined ? message : `${message ?? ""} (${show(actual)}, expected ${show(expected)})`.trim();
}

function show(value) {
  try {
    return JSON.stringify(value)?.slice(0, 80) ?? String(value);
  } catch {
    return String(value);
  }
}
