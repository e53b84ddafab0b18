// One socket that speaks RESP2: commands out, replies in, in order. It never reconnects and never sends anything twice.

import net from "node:net";
import tls from "node:tls";

import { CapsuleError, fromReply } from "./errors.mjs";

const CRLF = Buffer.from("\r\n");
const CONNECT_MS = 5_000;
const MORE = Symbol("the reply is not complete yet");

export class Link {
  #socket;
  #bytes = Buffer.alloc(0);
  #at = 0;
  #waiting = [];
  closed = false;
  onPush = null; // set on a subscriber's link: takes every reply
  onClose = () => {};

  /** Connect and log in: redis://user:password@host:6379/0, rediss://..., unix:///path/to.sock */
  static async open(address) {
    const url = new URL(address);
    const link = new Link();
    try {
      await link.#connect(url);
      const password = decodeURIComponent(url.password);
      if (password) await link.call("AUTH", ...(url.username ? [decodeURIComponent(url.username)] : []), password);
      const db = url.protocol === "unix:" ? "" : url.pathname.slice(1);
      if (db && db !== "0") await link.call("SELECT", db);
      await link.call("PING"); // a server that is still loading its data says so here
    } catch (error) {
      link.close();
      throw error;
    }
    return link;
  }

  #connect(url) {
    const host = url.hostname.replace(/^\[|\]$/g, ""); // an IPv6 address
    const tcp = { host, port: Number(url.port || 6379), servername: net.isIP(host) ? "" : host };
    const where = url.protocol === "unix:" ? { path: decodeURIComponent(url.pathname) } : tcp;
    const socket = (this.#socket = (url.protocol === "rediss:" ? tls : net).connect(where));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000); // a subscriber says nothing: without it, a peer that vanished is never missed
    socket.on("data", (data) => this.#received(data));
    socket.on("close", () => this.close());
    const late = setTimeout(() => socket.destroy(new Error(`No connection for ${CONNECT_MS} ms.`)), CONNECT_MS);
    return new Promise((resolve, reject) => {
      socket.once("close", () => clearTimeout(late));
      socket.once("connect", () => clearTimeout(late));
      socket.once(url.protocol === "rediss:" ? "secureConnect" : "connect", resolve);
      socket.on("error", (error) => reject(new CapsuleError("CONNECTION", error.message)));
    });
  }

  /** Send a command; its reply: text, number, null, or a list of these. */
  call(...words) {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new CapsuleError("CONNECTION", "The connection is closed."));
      this.#waiting.push({ resolve, reject });
      this.send(...words);
    });
  }

  /** Send a command whose replies go to `onPush`. */
  send(...words) {
    const parts = [`*${words.length}\r\n`];
    for (const word of words) {
      const text = String(word);
      parts.push(`$${Buffer.byteLength(text)}\r\n${text}\r\n`);
    }
    this.#socket.write(parts.join(""));
  }

  /** Whoever waits is told that nobody knows whether the command ran. */
  close() {
    if (this.closed) return;
    this.closed = true;
    this.#socket?.destroy();
    const lost = new CapsuleError("CONNECTION", "The connection broke before the reply: repeat it with the same ids.");
    for (const { reject } of this.#waiting.splice(0)) reject(lost);
    this.onClose();
  }

  #received(data) {
    this.#bytes = this.#bytes.length ? Buffer.concat([this.#bytes, data]) : data;
    while (!this.closed) {
      this.#at = 0;
      let reply;
      try {
        reply = this.#parse();
      } catch {
        return this.close(); // not RESP: nothing after this can be trusted
      }
      if (reply === MORE) return;
      this.#bytes = this.#bytes.subarray(this.#at);
      if (this.onPush) {
        this.onPush(reply);
        continue;
      }
      const asked = this.#waiting.shift();
      if (!asked) return this.close();
      if (!(reply instanceof CapsuleError)) asked.resolve(reply);
      else asked.reject(reply);
      if (reply instanceof CapsuleError && reply.code === "CONNECTION") this.close();
    }
  }

  #parse() {
    const end = this.#bytes.indexOf(CRLF, this.#at);
    if (end < 0) return MORE;
    const type = String.fromCharCode(this.#bytes[this.#at]);
    const line = this.#bytes.toString("utf8", this.#at + 1, end);
    this.#at = end + 2;
    if (type === "+") return line;
    if (type === "-") return fromReply(line);
    if (type === ":") return Number(line);
    const size = Number(line);
    if (size < 0) return null;
    if (type === "$") {
      if (this.#bytes.length < this.#at + size + 2) return MORE;
      const text = this.#bytes.toString("utf8", this.#at, this.#at + size);
      this.#at += size + 2;
      return text;
    }
    if (type !== "*") throw new Error(`No RESP2 reply begins with ${type}.`);
    const list = [];
    for (let i = 0; i < size; i++) {
      const part = this.#parse();
      if (part === MORE) return MORE;
      list.push(part);
    }
    return list;
  }
}
