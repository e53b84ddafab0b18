// The compiled models_machine.py, step by step: node models_live.mjs MAIN_JS. A line in (null: begin anew) is a line out.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { Machine } = await import(pathToFileURL(process.argv[2]));
let machine = new Machine();
for await (const line of createInterface({ input: process.stdin })) {
  const step = JSON.parse(line);
  if (step === null) machine = new Machine();
  process.stdout.write(`${JSON.stringify(step === null ? null : machine.do(step))}\n`);
}
