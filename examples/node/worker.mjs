// A worker: `node worker.mjs [QUEUE [LEASE_MS]]`. Each job changes the scope that is its group, in effect once.
//
// A job's data is one of these; its result is {"code":200,"id":"<event>"}, or a code and a sentence.
//   {"do":"add","feed":"tasks","id":"t1","attrs":{...},"position":":end"}
//   {"do":"edit","feed":"tasks","id":"t1","attrs":{...}}
//   {"do":"move","feed":"tasks","id":"t1","position":"begin:"}
//   {"do":"delete","feed":"tasks","id":"t1"}

import { pathToFileURL } from "node:url";

import { versionOf } from "./contract.mjs";
import { Jobs } from "./jobs.mjs";
import { check, Scope } from "./scope.mjs";
import { backoff, Server } from "./server.mjs";
import { State } from "./state.mjs";

const BATCH = 100; // jobs claimed at once
const TRIES = 10; // evaluations of a job whose reads keep changing under it
const HOMELESS = { code: 422, sentence: "This worker's jobs have a group: the scope that they change." };
const MOST_ITEMS = 1_000; // a rule that looks at a whole feed

export class Worker {
  #stopping = false;
  #held = [];

  constructor(server, queue, options = {}) {
    this.server = server;
    this.jobs = new Jobs(server, queue, options);
  }

  /** Finish what is claimed, then leave. */
  stop() {
    this.#stopping = true;
  }

  async run() {
    const heartbeat = setInterval(() => this.#extend(), this.jobs.lease / 3);
    let reports = [];
    for (let attempt = 0; !this.#stopping || reports.length; ) {
      try {
        const { claims, due } = await this.jobs.step(reports, this.#stopping ? 0 : BATCH);
        [reports, attempt] = [[], 0];
        this.#held = claims;
        for (const claim of claims) reports.push(await this.#work(claim));
        if (!claims.length && !this.#stopping) await this.jobs.wait(due < 0 ? undefined : due);
      } catch (error) {
        // What is not reported comes back when its lease ends, and what was committed is then found by its id.
        if (error.code !== "CONNECTION") throw error;
        await backoff(attempt++);
      }
      this.#held = [];
    }
    clearInterval(heartbeat);
    this.jobs.close();
  }

  #extend() {
    // Whoever lost a claim learns it from its report.
    if (this.#held.length) this.jobs.extend(this.#held).catch(() => {});
  }

  /** All jobs of a claim, in as few commits as can be; the report on them. */
  async #work({ group, epoch, jobs }) {
    if (!group) return { group, epoch, entries: jobs.map(({ id }) => ["finish", id, JSON.stringify(HOMELESS)]) };
    const scope = new Scope(this.server, group);
    const results = new Map();
    const entries = [];
    try {
      // First of all: what a worker committed before it died must not be judged by a state that holds its effect.
      const found = await scope.lookup(jobs.map((job) => job.id));
      found.forEach((id, n) => id && results.set(jobs[n].id, { code: 200, id }));
      await this.#commit(scope, epoch, jobs, results);
    } catch (error) {
      if (error.code === "CONNECTION") throw error;
      const failed = jobs.find((job) => !results.has(job.id));
      // STALE: another worker has this group now, and our report will be `lost`. Anything else may pass: back off.
      const reason = { code: 500, name: "INTERNAL", sentence: error.message };
      entries.push(error.code === "STALE" ? ["release"] : ["fail", failed.id, JSON.stringify(reason)]);
    }
    const done = jobs.filter((job) => results.has(job.id));
    const finished = done.map(({ id }) => ["finish", id, JSON.stringify(results.get(id))]);
    return { group, epoch, entries: [...finished, ...entries] };
  }

  async #commit(scope, epoch, jobs, results) {
    let most = jobs.length;
    for (let tries = 1; results.size < jobs.length; tries++) {
      const left = jobs.filter((job) => !results.has(job.id)).slice(0, most);
      const { transactions, refused } = evaluate(await scope.snapshot(), left);
      let outcomes = [];
      try {
        if (transactions.length) outcomes = await scope.commit(transactions, epoch);
      } catch (error) {
        if (error.code !== "LIMIT") throw error;
        if (left.length === 1) results.set(left[0].id, { code: 413, sentence: error.message });
        most = Math.ceil(left.length / 2);
        continue;
      }
      outcomes.forEach(({ code, id, sentence }, n) => {
        if (code === "conflict" && tries < TRIES) return;
        results.set(transactions[n].op, id ? { code: 200, id } : { code: code === "notfound" ? 404 : 409, sentence });
      });
      // A refusal rests on the jobs before it: if one of those was not written, it is judged again.
      if (outcomes.every(({ id }) => id)) for (const [id, verdict] of refused) results.set(id, verdict);
    }
  }
}

/** What the jobs would do to this snapshot, one after the other: transactions, and verdicts on those that may not. */
function evaluate(snapshot, jobs) {
  const state = new State(snapshot);
  const version = versionOf(snapshot.id);
  const transactions = [];
  const refused = new Map();
  for (const job of jobs) {
    try {
      const { operation, event, reads } = plan(state, JSON.parse(job.data), version);
      const transaction = { op: job.id, reads, operations: [operation] };
      check(transaction);
      state.apply(event);
      transactions.push(transaction);
    } catch (error) {
      refused.set(job.id, { code: error.status ?? 422, sentence: error.message });
    }
  }
  return { transactions, refused };
}

function plan(state, { do: verb, feed, id, attrs, position = ":end" }, version) {
  const item = state.get(feed, id);
  if (verb === "add") {
    if (item) throw refusal(409, `The feed ${feed} has an item ${id} already.`);
    if (state.count(feed) >= MOST_ITEMS) throw refusal(409, `The feed ${feed} is full.`);
    const added = { ...attrs, id };
    const operation = ["publish", feed, id, JSON.stringify(added), position, "sorted_feed"];
    // The count is of the whole feed, so that is what was read: the version of an item would miss what others add.
    return { operation, event: ["publish", feed, id, added, position], reads: [["feed", feed, version]] };
  }
  if (!item) throw refusal(404, `The feed ${feed} has no item ${id}.`);
  const reads = [["item", feed, id, version]];
  if (verb === "edit") {
    const operation = ["edit", feed, id, JSON.stringify({ ...item, ...attrs, id }), JSON.stringify(attrs)];
    return { operation, event: ["edit", feed, id, attrs], reads };
  }
  const event = { delete: ["retract", feed, id], move: ["position", feed, id, position] }[verb];
  if (event) return { operation: event, event, reads };
  throw refusal(422, `There is no action ${verb}.`);
}

const refusal = (status, sentence) => Object.assign(new Error(sentence), { status });

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [queue = "chores", lease = 10_000] = process.argv.slice(2);
  const server = await Server.connect(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");
  const worker = new Worker(server, queue, { lease: Number(lease), owner: `node.${process.pid}` });
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => worker.stop());
  console.log(JSON.stringify({ "working on": queue }));
  await worker.run();
  server.close();
}
