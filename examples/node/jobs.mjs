// A queue: put, step, extend, and waiting (contract 6).

import { MAJOR, name } from "./contract.mjs";
import { CapsuleError } from "./errors.mjs";
import { Link } from "./link.mjs";

const POLL_MS = 1_000;

export class Jobs {
  #blocking = null;

  /** Milliseconds. The policy: attempts, first and longest backoff, how long a result is kept. */
  constructor(server, queue, { lease = 10_000, policy = [4, 250, 4_000, 3_600_000], owner = "node" } = {}) {
    Object.assign(this, { server, lease, policy, owner });
    this.prefix = `${MAJOR}:{${name("scope", queue)}}:jobs:`;
  }

  close() {
    this.#blocking?.close();
  }

  /**
   * `{ state, result }`: queued, waiting, done (with the result), gap. The id makes it safe to repeat. Without a group
   * (null) a job is on its own, and may have a delay and a priority. Times are milliseconds.
   */
  async put(id, data, group, { reply = "", chain = { client: "", n: 0, first: false }, ...terms } = {}) {
    if (reply) name("scope", reply);
    if (chain.client) name("operation", chain.client);
    const link = [chain.client, chain.n, chain.first ? 1 : 0];
    const words = [name("operation", id), data, group ? name("scope", group) : "", reply, options(terms, group), ...link];
    const [state, result] = await this.server.run("put", this.prefix, ...words);
    return { state, result: state === "done" ? result : null };
  }

  /**
   * A worker's round: report, then claim up to `n` jobs. A report is `{ group, epoch, entries }`, an entry
   * ["finish" | "fail" | "bury", id, result] or ["release"]. Returns `{ outcomes, due, claims }`, a claim being
   * `{ group, epoch, jobs: [{ id, data, attempts }] }`; its group is "" for jobs without one.
   */
  async step(reports, n) {
    const flat = reports.flatMap(({ group, epoch, entries }) => [
      group, epoch, entries.length, ...entries.flatMap(([verb, id = "", result = ""]) => [verb, id, result]),
    ]);
    const words = [this.lease, n, this.owner, ...this.policy, reports.length, ...flat];
    const [outcomes, due, claims] = await this.server.run("step", this.prefix, ...words);
    return { outcomes, due, claims: claims.map(([group, epoch, jobs]) => ({ group, epoch, jobs: triples(jobs) })) };
  }

  /** Claim up to `n` jobs, waiting for the first of them at most `waitMs`. */
  async claim(n, waitMs = 0) {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const { claims, due } = await this.step([], n);
      const left = deadline - Date.now();
      if (claims.length || left <= 0) return claims;
      await this.wait(Math.min(left, due < 0 ? POLL_MS : due));
    }
  }

  /** Until there may be something to claim, a second at most. BLPOP holds up what is behind it: a connection apart. */
  async wait(ms = POLL_MS) {
    if (!this.#blocking || this.#blocking.closed) this.#blocking = await Link.open(this.server.url);
    const seconds = Math.max(0.01, Math.min(ms, POLL_MS) / 1000); // 0 would be for ever
    await this.#blocking.call("BLPOP", `${this.prefix}wake`, seconds);
  }

  /** Heartbeat: for each claim, whether it is still ours. */
  async extend(claims) {
    const words = claims.flatMap(({ group, epoch }) => [group, epoch]);
    const held = await this.server.run("extend", this.prefix, this.lease, ...words);
    return held.map((each) => each === 1);
  }

  /** Say how far a job of a claim is; false if the claim is not ours any more. */
  async progress({ group, epoch }, id, text) {
    return (await this.server.run("progress", this.prefix, group, epoch, id, text)) === 1;
  }

  /** What came on a reply stream after `last`: `[[stream id, job id, "result" or "progress", text], ...]`. */
  async replies(stream, last = "0-0", blockMs = 0) {
    const link = blockMs ? await Link.open(this.server.url) : this.server;
    const key = `${this.prefix}reply:${name("scope", stream)}`;
    const words = ["XREAD", "COUNT", 1000, ...(blockMs ? ["BLOCK", blockMs] : []), "STREAMS", key, last];
    try {
      const found = await (blockMs ? link.call(...words) : link.command(...words));
      // An entry holds one or more: id, the job, its kind, the text, and again.
      return (found?.[0][1] ?? []).flatMap(([entry, fields]) =>
        Array.from({ length: fields.length / 4 }, (_, n) => [entry, ...fields.slice(4 * n + 1, 4 * n + 4)]),
      );
    } finally {
      if (blockMs) link.close();
    }
  }
}

const LETTERS = { attempts: "a", backoff: "b", longest: "m", expires: "e", delay: "d", at: "t", priority: "p" };

function options(terms, group) {
  const words = Object.entries(terms).filter(([, value]) => value !== undefined);
  for (const [term, value] of words) {
    if (!LETTERS[term] || !Number.isInteger(value)) throw new CapsuleError("INPUT", `No ${term} of ${value} for a job.`);
    if (group && ["delay", "at", "priority"].includes(term)) {
      throw new CapsuleError("INPUT", `A job in a group has no ${term}: its group runs in the order of its puts.`);
    }
  }
  return words.map(([term, value]) => `${LETTERS[term]}${value}`).join(" ");
}

function triples(flat) {
  return Array.from({ length: flat.length / 3 }, (_, n) => {
    const [id, data, attempts] = flat.slice(3 * n, 3 * n + 3);
    return { id, data, attempts };
  });
}
