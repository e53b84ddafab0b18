// What the compiled models_trace.py writes: node models_trace.mjs MAIN_JS INPUT_JSON, where the input is [function, argument, ...].
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [bundle, input] = process.argv.slice(2);
const trace = await import(pathToFileURL(bundle));
const [name, list] = JSON.parse(readFileSync(input, "utf8"));
// `undefined` is left out of objects by JSON, and is null in lists: as shared code sees it.
process.stdout.write(JSON.stringify(list.map((item) => trace[name](item))));
