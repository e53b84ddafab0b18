// What functions of the seam's JavaScript half answer: node seam_trace.mjs PLATFORM_JS CALLS_JSON
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [path, input] = process.argv.slice(2);
const seam = await import(pathToFileURL(path));
const answers = JSON.parse(readFileSync(input, "utf8")).map(([name, ...args]) => {
  try {
    const answer = seam[name](...args);
    const named = name === "raw" || name === "write" || name === "erase";
    if (named && answer === seam.MISSING) return "MISSING";
    return [answer === seam.SAME ? "SAME" : answer === undefined ? null : answer, args];
  } catch (error) {
    return ["raised", error.name];
  }
});
process.stdout.write(JSON.stringify(answers));
