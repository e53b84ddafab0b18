// A server: the handshake of contract 1, one connection for commands, and the scripts.

import { CapsuleError } from "./errors.mjs";
import { contract, MAJOR, MINOR } from "./contract.mjs";
import { Link } from "./link.mjs";

const WAIT_MS = 10_000; // how long a command waits for a connection
const BACKOFF_MOST_MS = 2_000;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A random part of a time that doubles: clients that lost one server do not come back in step. */
export const backoff = (attempt) => sleep(Math.random() * Math.min(BACKOFF_MOST_MS, 50 * 2 ** attempt));

export class Server {
  #link = null;
  #opening = null;
  #closed = false;

  constructor(url) {
    this.url = url;
  }

  /** Connect for the first time. Unlike later, a failure is final: the address may be wrong. */
  static async connect(url) {
    const server = new Server(url);
    server.#link = await checked(url);
    return server;
  }

  close() {
    this.#closed = true;
    this.#link?.close();
  }

  /** One command, sent once. CONNECTION: it may or may not have run; the caller repeats it with the same ids. */
  async command(...words) {
    return (await this.#open()).call(...words);
  }

  /** A script of the contract. One that the server does not know (it restarted) did not run: it may be sent again. */
  async run(name, prefix, ...args) {
    const { sha1, source } = contract.scripts[name];
    const link = await this.#open();
    try {
      return await link.call("EVALSHA", sha1, 1, prefix, ...args);
    } catch (error) {
      if (error.code !== "NOSCRIPT") throw error;
    }
    await link.call("SCRIPT", "LOAD", source);
    return link.call("EVALSHA", sha1, 1, prefix, ...args);
  }

  #open() {
    if (this.#link && !this.#link.closed) return this.#link;
    this.#opening ??= this.#reopen().finally(() => (this.#opening = null));
    return this.#opening;
  }

  async #reopen() {
    const deadline = Date.now() + WAIT_MS;
    for (let attempt = 0; !this.#closed; attempt++) {
      try {
        return (this.#link = await checked(this.url));
      } catch (error) {
        if (error.code !== "CONNECTION") throw error;
        if (Date.now() > deadline) throw error;
      }
      await backoff(attempt);
    }
    throw new CapsuleError("CONNECTION", "This client was closed.");
  }
}

/** A link to a server that may be used; asked of every new one, since another server may answer at the same address. */
async function checked(url) {
  const link = await Link.open(url);
  try {
    await checkVersion(link);
    await checkContract(link);
  } catch (error) {
    link.close();
    throw error;
  }
  return link;
}

async function checkVersion(link) {
  const info = await link.call("INFO", "server");
  const of = (kind) => new RegExp(`^${kind}_version:(\\d+)\\.(\\d+)`, "m").exec(info)?.slice(1).map(Number);
  const kind = of("valkey") ? "valkey" : "redis"; // Valkey reports a redis_version as well
  const [major, minor] = of(kind) ?? [0, 0];
  const [leastMajor, leastMinor] = contract.servers[kind].split(".").map(Number);
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    const wanted = contract.servers[kind];
    throw new CapsuleError("SERVER_TOO_OLD", `The server is ${kind} ${major}.${minor}, it should be ${wanted}.`);
  }
}

async function checkContract(link) {
  const key = `${MAJOR}:contract`;
  const [minor, minClient] = await link.call("HMGET", key, "minor", "min_client");
  if (minClient !== null && Number(MINOR) < Number(minClient)) {
    throw new CapsuleError("CONTRACT", `This client is too old: its minor is ${MINOR}, the least ${minClient}.`);
  }
  // 0: everything that was ever written under this major version can be read.
  if (minor !== null && Number(minor) >= Number(MINOR)) return;
  await link.call("HSET", key, "minor", MINOR, "min_client", minClient ?? 0);
}
