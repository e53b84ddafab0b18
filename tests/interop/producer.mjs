// Put jobs as a Node service would, and print the results: `node producer.mjs QUEUE GROUP` < [[id, data], ...]

import { text } from "node:stream/consumers";

import { Jobs } from "../../examples/node/jobs.mjs";
import { Server } from "../../examples/node/server.mjs";

const [queue, group] = process.argv.slice(2);
const wanted = JSON.parse(await text(process.stdin));
const server = await Server.connect(process.env.REDIS_URL);
const jobs = new Jobs(server, queue);
for (const [id, data] of wanted) {
  const { state } = await jobs.put(id, JSON.stringify(data), group, { reply: "producer" });
  if (state !== "queued") throw new Error(`${id}: ${state}`);
}
const results = {};
for (let last = "0-0"; Object.keys(results).length < wanted.length; ) {
  for (const [at, id, kind, text] of await jobs.replies("producer", last, 1000)) {
    last = at;
    if (kind === "result") results[id] = JSON.parse(text);
  }
}
console.log(JSON.stringify(results));
server.close();
