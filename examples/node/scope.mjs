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

  /** All of it at one moment: `{ id, feeds: [[name, [[id, text], ...]], ...] }`. */
  async snapshot() {
    const [id, ...flat] = await this.server.run("snapshot", this.prefix);
    return { id, feeds: pairs(flat).map(([feed, items]) => [feed, pairs(items)]) };
  }

  /** The frames after an event, [] when it is the last one, null when it is not in the log: take a snapshot. */
  log(since) {
    return this.server.run("log", this.prefix, name("event", since));
  }

  /** For each operation id, the event that holds it, or null. */
  async lookup(ops) {
    const names = ops.map((op) => name("operation", op));
    return names.length ? this.server.command("HMGET", `${this.prefix}ops`, ...names) : [];
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
