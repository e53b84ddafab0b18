// Load compiled programs one by one and write down what each prints: node programs.mjs FOLDER < NAMES_JSON
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder] = process.argv.slice(2);
const names = JSON.parse(readFileSync(0, "utf8"));
const everything = [];
let printed = "";
const log = console.log;
const write = process.stdout.write;
console.log = (...parts) => void (printed += parts.join(" ") + "\n");
process.stdout.write = (text) => (printed += text, true);
for (const name of names) {
  printed = "";
  try {
    await import(pathToFileURL(`${folder}/${name}`));
  } catch (error) {
    printed += `uncaught ${error.name}\n`;
    if (!(error instanceof Error) || error.args === undefined) printed += `${error.stack}\n`;
  }
  everything.push(printed.split("\n"));
}
process.stdout.write = write;
console.log = log;
process.stdout.write(JSON.stringify(everything));
