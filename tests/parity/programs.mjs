// Loads compiled programs and writes down what each prints: a line of JSON [folder, [file, ...]] in, a line out.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const answer = process.stdout.write.bind(process.stdout);
let printed = "";
console.log = (...parts) => void (printed += `${parts.join(" ")}\n`);
process.stdout.write = (text) => ((printed += text), true);

async function load(folder, name) {
  printed = "";
  try {
    await import(pathToFileURL(`${folder}/${name}`));
  } catch (error) {
    // What ends a program is an engine's error where no `except` looked at it: told as one would have seen it.
    const { $py } = await import(pathToFileURL(`${folder}/runtime.errors.js`));
    printed += `uncaught ${$py(error).name}\n`;
  }
  return printed.split("\n");
}

for await (const line of createInterface({ input: process.stdin })) {
  const [folder, names] = JSON.parse(line);
  const everything = [];
  for (const name of names) everything.push(await load(folder, name));
  answer(`${JSON.stringify(everything)}\n`);
}
