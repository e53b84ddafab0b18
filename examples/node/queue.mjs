// A queue that hands out at most once: put, get (contract 6).

import { MAJOR, contract, json, name } from "./contract.mjs";
import { CapsuleError } from "./errors.mjs";
import { Link } from "./link.mjs";

const NUMBER = 17; // 16 digits and a space before the text

export class Queue {
  #blocking = null;

  constructor(server, queue) {
    this.server = server;
    this.prefix = `${MAJOR}:{${name("scope", queue)}}:queue:`;
  }

  close() {
    this.#blocking?.close();
  }

  /** Add items, which are values; higher priorities come out first. How many wait then. */
  async put(items, priority = 0) {
    const { priority: most, queue: mostItems } = contract.limits;
    if (!Number.isInteger(priority) || Math.abs(priority) > most || !items.length) {
      throw new CapsuleError("INPUT", `Items, and a priority that is a whole number up to ${most}.`);
    }
    if (items.length > mostItems) throw new CapsuleError("LIMIT", `At most ${mostItems} items: split it.`);
    return this.server.run("queue", this.prefix, priority, ...items.map((item) => json(JSON.stringify(item))));
  }

  /** Take up to `n` items, waiting for the first of them at most `waitMs`. */
  async get(n, waitMs = 0) {
    const what = [1, `${this.prefix}items`, "MIN", "COUNT", n];
    if (waitMs <= 0) return items(await this.server.command("ZMPOP", ...what));
    // It holds up what is behind it: a connection apart. 0 would be for ever.
    if (!this.#blocking || this.#blocking.closed) this.#blocking = await Link.open(this.server.url);
    return items(await this.#blocking.call("BZMPOP", Math.max(0.001, waitMs / 1000), ...what));
  }
}

function items(reply) {
  return reply ? reply[1].map(([member]) => JSON.parse(member.slice(NUMBER))) : [];
}
