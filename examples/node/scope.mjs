// A scope: commit, snapshot, log, lookup (contract 4 and 5).

import { randomInt } from "node:crypto";

import { CapsuleError } from "./errors.mjs";
import { contract, json, MAJOR, name } from "./contract.mjs";

const { operations: MOST_OPERATIONS, bytes: MOST_BYTES } = contract.limits;

export class Scope {
  constructor(server, scope) {
    this.server = server;
    this.name = name("scope", scope);
    this.prefix = `${MAJOR}:{${scope}}:`;
    this.channel = `${this.prefix}events`;
  }

  /**
   * Write transactions `{ op, reads, operations }` in one atomic step. One `{ code, id, sentence }` each: `id` is the
   * event that holds it (applied, known), `sentence` says why not. Throws STALE when the scope has seen a higher epoch.
   *   reads       ["scope", version]  ["feed", feed, version]  ["item", feed, id, version]
   *   operations  ["publish", feed, id, item, position, kind]  ["edit", feed, id, item, changes, [unset]]
   *               ["retract", feed, id]  ["position", feed, id, position]      (item and changes are JSON texts)
   *               ["config", feed, "", max_length or null, kind]  ["delete", feed]
   */
  async commit(transactions, epoch = "") {
    const flat = transactions.flatMap(check);
    const count = transactions.reduce((sum, { operations }) => sum + operations.length, 0);
    const bytes = flat.reduce((sum, word) => sum + Buffer.byteLength(String(word)), 0);
    if (count > MOST_OPERATIONS || bytes > MOST_BYTES) {
      throw new CapsuleError("LIMIT", `A commit of ${count} operations and ${bytes} bytes is too large: split it.`);
    }
    const nonce = randomInt(1, 2 ** 31);
    const [, ...texts] = await this.server.run("commit", this.prefix, nonce, epoch, transactions.length, ...flat);
    return transactions.map((_, n) => {
      const [code, text] = texts.slice(2 * n, 2 * n + 2);
      const passed = code === "applied" || code === "known";
      return { code, id: passed ? text : null, sentence: passed ? "" : text };
    });
  }

  /**
   * All of it at one moment, `{ id, feeds: [[name, [[id, text], ...]], ...], lengths: { name: count } }`; of collections in
   * `windows` (`{ "members.*.tasks": 50 }`) the last items. A scope of more than 10,000 items or 4 MiB comes in parts, which
   * this example does not put together: it takes them if nothing happened in between, and else begins again.
   */
  async snapshot(windows = {}) {
    const wanted = Object.entries(windows).flat();
    for (let attempt = 0; attempt < 5; attempt++) {
      const feeds = new Map();
      const lengths = {};
      let [cursor, first, last] = ["", null, null];
      do {
        const [id, next, ...flat] = await this.server.run("snapshot", this.prefix, cursor, "", "items", ...wanted);
        for (let n = 0; n < flat.length; n += 3) {
          const [feed, length, items] = flat.slice(n, n + 3);
          feeds.set(feed, [...(feeds.get(feed) ?? []), ...pairs(items)]);
          lengths[feed] = length;
        }
        [cursor, first, last] = [next, first ?? id, id];
      } while (cursor && first === last);
      if (first === last) return { id: first, feeds: [...feeds], lengths };
    }
    throw new CapsuleError("UNSETTLED", `The scope ${this.name} changed faster than it could be read.`);
  }

  /** Items that lie together, `{ id, length, start, items: [[id, text], ...] }`; null when the position names no item. */
  async page(feed, position, count) {
    const where = [name("feed", feed), name("position", position), count, "items"];
    const reply = await this.server.run("page", this.prefix, ...where);
    return reply && { id: reply[0], length: reply[1], start: reply[2], items: pairs(reply[3]) };
  }

  /** The items with these ids, null for one that is not there: `{ id, items: [text, ...] }`. */
  async get(feed, ids) {
    const words = [name("feed", feed), ...ids.map((each) => name("item", each))];
    const [id, ...items] = await this.server.run("get", this.prefix, ...words);
    return { id, items };
  }

  /** The frames after an event, [] when it is the last one, null when it is not in the log: take a snapshot. */
  log(since) {
    return this.server.run("log", this.prefix, name("event", since));
  }

  /** For each operation id, the event that holds it, or null. */
  async lookup(ops) {
    const names = ops.map((op) => name("operation", op));
    if (!names.length) return [];
    const recent = await this.server.command("HMGET", `${this.prefix}ops`, ...names);
    const older = await this.server.command("HMGET", `${this.prefix}opsold`, ...names);
    return recent.map((event, n) => event ?? older[n]);
  }
}

/** A transaction as the script reads it. Throws NAME or ITEM for one that can never be accepted. */
export function check({ op, reads = [], operations }) {
  const words = [...reads.flatMap(read), ...operations.flatMap(operation)];
  return [name("operation", op), reads.length, operations.length, ...words];
}

/** A frame's header and message. */
export function parse(frame) {
  const [header, line] = frame.split("\n");
  const [id, prev] = header.split(" ");
  return { id, prev, tx: JSON.parse(line).tx };
}

function pairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, n) => [flat[2 * n], flat[2 * n + 1]]);
}

function read([kind, ...rest]) {
  const version = rest.pop();
  const [feed, id] = rest;
  return [kind, feed === undefined ? "" : name("feed", feed), id === undefined ? "" : name("item", id), version];
}

function operation([verb, feed, id, ...rest]) {
  if (verb === "delete") return [verb, name("feed", feed), "", "", "", ""];
  if (verb === "config") return [verb, name("feed", feed), "", rest[0] ?? "", rest[1] ?? "feed", ""];
  const words = [verb, name("feed", feed), name("item", id)];
  if (verb === "publish") {
    const [item, position = ":end", kind = "feed"] = rest;
    return [...words, json(item), name("position", position), kind];
  }
  if (verb === "edit") {
    const [item, changes, unset = []] = rest;
    return [...words, json(item), json(changes, "object"), unset.length ? json(JSON.stringify(unset)) : ""];
  }
  if (verb === "position") return [...words, name("position", rest[0]), "", ""];
  return [...words, "", "", ""];
}
