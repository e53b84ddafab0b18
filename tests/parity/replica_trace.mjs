// The calls that tests/parity/test_replica_parity.py recorded, on the compiled replica: node replica_trace.mjs MAIN_JS CALLS_JSON
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [bundle, input] = process.argv.slice(2);
const { Replica, Team } = await import(pathToFileURL(bundle));
const { options, calls } = JSON.parse(readFileSync(input, "utf8"));

const replica = new Replica(Team, "team.andyet", options);
let events = [];
replica.on("all", (name) => events.push(name));

const trace = calls.map(([name, argument]) => {
  events = [];
  const answer = name === "request" ? replica.request(argument).state : replica[name](argument);
  const answered = name === "request" || name === "connected" || name === "take" ? answer : null;
  return {
    answer: answered === null ? null : JSON.parse(JSON.stringify(answered)),
    events,
    pending: replica.pending.map((operation) => operation.n),
    state: replica.root.xport(),
  };
});
process.stdout.write(JSON.stringify(trace));
