// The same operations as tests/parity/test_bang_parity.py, on the compiled models: node bang_trace.mjs MAIN_JS STEPS_JSON
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [bundle, input] = process.argv.slice(2);
const { Operation, Scope, Team, Transaction, perform } = await import(pathToFileURL(bundle));
const { snapshot, steps } = JSON.parse(readFileSync(input, "utf8"));

const scope = new Scope(Team, "team.andyet");
scope.load(snapshot);
let events = [];

const note = (place) => (name, model) => events.push([place, name, model?.id ?? null]);
scope.root.on("all", (name) => events.push([".", name, null]));
const collections = [scope.root.members, scope.root.chat];
for (const member of scope.root.members) collections.push(member.tasks, member.shipped);
for (const collection of collections) collection.on("all", note(collection.path));

const trace = steps.map(({ action, op, user, now }) => {
  events = [];
  const recorder = new Transaction(scope.root);
  const verdict = perform(scope, action, new Operation(op, user, now));
  if (!verdict.allowed) recorder.undo();
  recorder.stop();
  return { verdict: verdict.toJSON(), events, operations: recorder.operations, state: scope.root.xport() };
});
process.stdout.write(JSON.stringify(trace));
