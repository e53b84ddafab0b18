// Each cell of the subscription's table, on the compiled replica: node subscription_trace.mjs MAIN_JS SEQUENCES_JSON
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [bundle, input] = process.argv.slice(2);
const { Replica, Team } = await import(pathToFileURL(bundle));

const run = ({ options, calls }) => {
  const replica = new Replica(Team, "team.andyet", options);
  let events = [];
  replica.on("all", (name) => events.push(name));
  return calls.map(([name, argument]) => {
    events = [];
    let answer = null;
    let raised = false;
    try {
      answer = replica[name](...(Array.isArray(argument) ? argument : [argument]));
    } catch {
      raised = true;
    }
    return {
      answer: name === "connected" || name === "take" ? answer.map((line) => JSON.parse(line)) : null,
      raised,
      events,
      state: replica.state,
      at: replica.base.eventId,
      pending: replica.pending.map((operation) => operation.n),
      shown: replica.root.xport(),
      older: replica.view.older(),
      total: replica.root.chat.totalLength,
      pages: Object.keys(replica.pages),
      presence: replica.presence,
    };
  });
};

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(input, "utf8")).map(run)));
