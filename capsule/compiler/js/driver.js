/**
 * The browser's driver: one WebSocket around a replica. The replica (shared Python, compiled) decides what is said;
 * this file only carries lines, and comes back when the connection is lost. The protocol is written in docs/protocol.md.
 */
import { Events, Replica } from "./capsule.shared.js";

// Knocking again would not help: the user must log in, or the page must be reloaded.
const FINAL = new Set([4401, 4426]);
const HEARTBEAT = 25_000;
const BACKOFF_FIRST = 500;
const BACKOFF_MOST = 30_000;
const PROMPT = 5_000; // how soon a page that wakes up expects an answer
const BUSY = 1_000; // what the gateway had no time for is sent again after about this long
const PATIENCE = 20_000; // how long a connection may take to open

/**
 * Connect a root model to a scope. Options:
 *   url     where the gateway is: "/live", "wss://example.org/live"
 *   root    the class of the root model
 *   scope   "team.7"
 *   user    who is logged in, if the page knows; the gateway says so anyway
 *   schema  the hash of the models, from the build
 *   feeds   the only feeds that are wanted: ["chat"]
 *   WebSocket  a class to use instead of the platform's
 */
export const connect = (options) => new Session(options);

/**
 * A connected root. Events: "status" (status), "ready" (the first state is here), "presence" (session -> user and state),
 * "rejected" (operation, verdict), "settled" (operation), "synced", "error" (the gateway's error line), "closed" (code, reason).
 */
export class Session extends Events {
  constructor({ url, root, scope, user, schema, feeds, client, before, WebSocket = globalThis.WebSocket }) {
    super();
    if (WebSocket === undefined) throw new TypeError("There is no WebSocket here: give connect() one as {WebSocket}.");
    this.url = new URL(url, globalThis.location?.href).href.replace(/^http/, "ws");
    this.status = "connecting";
    this.replica = new Replica(root, scope, { client: client ?? newClientId(), user, schema, feeds, now: Date.now });
    this._Socket = WebSocket;
    this._socket = null;
    this._attempt = 0;
    this._timers = { retry: 0, beat: 0, drain: 0, busy: 0 };
    this._heard = this._pinged = 0;
    this._unlisten = [];
    this.replica.on("all", (name, ...args) => this._said(name, args));
    this._keeper = before?.(this.replica) ?? null;
    this._listen(globalThis, "online", () => this._hurry());
    this._listen(globalThis, "offline", () => this._drop());
    this._listen(globalThis.document, "visibilitychange", () => {
      if (document.visibilityState === "visible") this._hurry();
    });
    this._open();
  }

  /** The live root model: what it shows is the confirmed state with the user's own pending changes on top. */
  get root() {
    return this.replica.root;
  }

  get presence() {
    return this.replica.presence;
  }

  /** Whether what is pending survives the page (offline.js). */
  get durable() {
    return this._keeper !== null;
  }

  /** Tell the others in this scope something that is not kept: what is selected, that somebody types. */
  setPresence(state) {
    this.replica.setPresence(state);
  }

  /** Leave for good. */
  close() {
    this._finish(1000, "");
  }

  // -- the connection

  _open() {
    clearTimeout(this._timers.retry);
    this._setStatus("connecting");
    const socket = this._dial();
    this._socket = socket;
    clearTimeout(this._timers.beat);
    this._timers.beat = setTimeout(() => this._drop(), PATIENCE);
    // A socket that was given up may yet speak.
    socket.onopen = () => socket === this._socket && this._opened();
    socket.onmessage = (event) => socket === this._socket && this._received(event.data);
    socket.onclose = (event) => socket === this._socket && this._lost(event.code, event.reason);
  }

  _dial() {
    return new this._Socket(this.url);
  }

  _opened() {
    this._heard = this._pinged = Date.now();
    this._socket.send(this.replica.hello());
    for (const line of this.replica.connected()) this._socket.send(line);
    this._beat();
  }

  _received(text) {
    this._heard = Date.now();
    try {
      this.replica.receive(text);
    } catch (error) {
      // A listener of the page threw. The state is right; the page's own error handling should see it.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  _lost(code, reason) {
    this._forget();
    if (FINAL.has(code)) return this._finish(code, reason);
    if (this.status === "closed") return;
    this._setStatus("offline");
    // Full jitter: after a restart of the gateway, no page comes at the same moment as any other.
    const most = Math.min(BACKOFF_MOST, BACKOFF_FIRST * 2 ** this._attempt++);
    this._timers.retry = setTimeout(() => this._open(), Math.random() * most);
  }

  /** Give the socket up without waiting for its closing handshake, which a dead network never ends. */
  _drop() {
    const socket = this._socket;
    if (socket === null) return;
    this._lost(1006, "");
    socket.close();
  }

  _forget() {
    this._socket = null;
    clearTimeout(this._timers.beat);
    clearTimeout(this._timers.drain);
    clearTimeout(this._timers.busy);
    this.replica.disconnected();
  }

  _finish(code, reason) {
    if (this.status === "closed") return;
    clearTimeout(this._timers.retry);
    const socket = this._socket;
    this._forget();
    if (socket !== null) socket.close();
    for (const unlisten of this._unlisten) unlisten();
    this._setStatus("closed");
    this.trigger("closed", code, reason);
  }

  // -- time

  /** Ping every `heartbeat`; a ping that nothing has followed until then means a dead connection. */
  _beat(after = this.replica.heartbeat || HEARTBEAT) {
    clearTimeout(this._timers.beat);
    this._timers.beat = setTimeout(() => {
      if (this._heard < this._pinged) return this._drop();
      this._ping();
      this._beat();
    }, after);
  }

  _ping() {
    this._pinged = Date.now();
    this._socket.send('{"verb":"ping"}');
  }

  /** The network is back, or somebody looks at the page again: find out at once whether the connection lives. */
  _hurry() {
    if (this.status === "closed") return;
    if (this._socket === null) return this._open();
    if (this._socket.readyState !== 1) return;
    this._ping();
    this._beat(PROMPT);
  }

  _listen(target, name, handler) {
    if (typeof target?.addEventListener !== "function") return;
    target.addEventListener(name, handler);
    this._unlisten.push(() => target.removeEventListener(name, handler));
  }

  // -- what the replica says

  _said(name, args) {
    if (name === "send") {
      if (this._keeper === null) this._send();
      else this._keeper.write().then(() => this._send());
    } else if (name === "busy") {
      clearTimeout(this._timers.busy);
      this._timers.busy = setTimeout(() => this.replica.resend(), BUSY * (0.5 + Math.random()));
    } else if (name === "drain") {
      this._timers.drain = setTimeout(() => this._drop(), args[0]);
    } else {
      if (name === "synced") {
        this._attempt = 0;
        this._setStatus("online");
      }
      this.trigger(name, ...args);
    }
  }

  _send() {
    if (this._socket?.readyState === 1) for (const line of this.replica.take()) this._socket.send(line);
  }

  _setStatus(status) {
    if (status === this.status) return;
    this.status = status;
    this.trigger("status", status);
  }
}

function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => "abcdefghijklmnopqrstuvwxyz0123456789"[byte % 36]).join("");
}
