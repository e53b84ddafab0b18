// The public names of the compiled classes: node surface_trace.mjs CAPSULE_JS INPUT_JSON, where the input is a list of classes.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [core, input] = process.argv.slice(2);
const exported = await import(pathToFileURL(core));
const names = (cls) => {
  const found = new Set();
  for (let one = cls.prototype; one !== Object.prototype; one = Object.getPrototypeOf(one)) {
    for (const name of Object.getOwnPropertyNames(one)) found.add(name);
  }
  return [...found].filter((name) => !name.startsWith("_") && name !== "constructor");
};
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(input, "utf8")).map((name) => names(exported[name]))));
