// The client under test of `capsule contract test -- node conformance.mjs`: requests on stdin, answers on stdout, one
// line of JSON each, as docs/conformance.md says.

import { createInterface } from "node:readline";

import { Follower } from "./follower.mjs";
import { Jobs } from "./jobs.mjs";
import { Queue } from "./queue.mjs";
import { Scope } from "./scope.mjs";
import { Server } from "./server.mjs";
import { State } from "./state.mjs";

let server = null;
let reader = null; // { follower, state, seen, wanted }
let queues = new Map();

const scope = (name) => new Scope(server, name);

function jobs({ queue, lease = 10_000 }) {
  const key = `${queue} ${lease}`;
  if (!queues.has(key)) queues.set(key, new Jobs(server, queue, { lease }));
  return queues.get(key);
}

function handout(queue) {
  const key = `${queue} at most once`;
  if (!queues.has(key)) queues.set(key, new Queue(server, queue));
  return queues.get(key);
}

function close() {
  reader?.follower.close();
  for (const queue of queues.values()) queue.close();
  server?.close();
  [server, reader, queues] = [null, null, new Map()];
}

function follow({ scope: name, since = null, feeds = [] }) {
  const me = (reader = { seen: [], state: new State({ feeds }), wanted: () => {} });
  me.follower = new Follower(
    scope(name),
    {
      onSnapshot(snapshot) {
        me.state = new State(snapshot);
        me.seen.push(["snapshot", snapshot.id]);
        me.wanted();
      },
      onEvent({ id, tx }) {
        for (const [, events] of tx) events.forEach((event) => me.state.apply(event));
        me.seen.push(["event", id]);
        me.wanted();
      },
      onCurrent: (id) => me.live?.(id),
    },
    since,
  );
  return new Promise((resolve) => (me.live = (id) => resolve({ id })));
}

/** Wait until the reader's last event is this one. */
function readUntil({ id }) {
  const me = reader;
  return new Promise((resolve) => {
    me.wanted = () => {
      if (me.follower.id === id) resolve({ id, seen: me.seen.splice(0), feeds: me.state.feeds() });
    };
    me.wanted();
  });
}

const operations = {
  async connect({ url }) {
    close();
    server = await Server.connect(url);
    return {};
  },
  async commit({ scope: name, transactions, epoch }) {
    const outcomes = await scope(name).commit(transactions, epoch);
    return { outcomes: outcomes.map(({ code, id }) => [code, id]) };
  },
  snapshot: ({ scope: name, windows }) => scope(name).snapshot(windows),
  page: async ({ scope: name, feed, position, count }) => ({ page: await scope(name).page(feed, position, count) }),
  get: ({ scope: name, feed, ids }) => scope(name).get(feed, ids),
  "queue-put": async ({ queue, items, priority }) => ({ length: await handout(queue).put(items, priority) }),
  "queue-get": async ({ queue, n, wait }) => ({ items: await handout(queue).get(n, wait) }),
  log: async ({ scope: name, since }) => ({ frames: await scope(name).log(since) }),
  lookup: async ({ scope: name, ops }) => ({ events: await scope(name).lookup(ops) }),
  follow,
  "read-until": readUntil,
  put: ({ do: _, queue, id, data, group, ...terms }) => jobs({ queue }).put(id, data, group, terms),
  async claim({ queue, lease, n, wait }) {
    const claims = await jobs({ queue, lease }).claim(n, wait);
    for (const each of claims) each.jobs = each.jobs.map(({ id, data, attempts }) => [id, data, attempts]);
    return { claims };
  },
  report: async ({ queue, reports }) => ({ outcomes: (await jobs({ queue }).step(reports, 0)).outcomes }),
  extend: async ({ queue, lease, claims }) => ({ held: await jobs({ queue, lease }).extend(claims) }),
  progress: async ({ queue, claim, id, text }) => ({ held: await jobs({ queue }).progress(claim, id, text) }),
  async replies({ queue, stream, since }) {
    const found = await jobs({ queue }).replies(stream, since);
    return { replies: found.filter(([, , kind]) => kind === "result").map(([, id, , text]) => [id, text]) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    const operation = operations[request.do];
    answer = operation ? await operation(request) : { error: "UNSUPPORTED", sentence: request.do };
  } catch (error) {
    answer = { error: error.code ?? "INTERNAL", sentence: error.stack };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
close();
