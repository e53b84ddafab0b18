/**
 * Several tabs of one user on one connection. One tab leads: it has the WebSocket. The others are its guests. They speak
 * the protocol with the leader, over a BroadcastChannel, as if it were the gateway: it passes events on to all, sends a
 * guest's actions out under that guest's own client id and numbers, and gives a guest that comes its own confirmed state.
 *
 * A Web Lock says who leads; the browser hands it on when the leader's page ends, however it ends. A leader that does not
 * answer (a frozen tab) has it taken away. Nothing depends on there being one leader at a time: a guest listens to the one
 * that it joined, and to lose it is to lose a connection. The replica then comes back as it always does, with the event
 * that it is at and the actions that it waits for, and the server does none of them twice.
 */
import { saveReplica } from "./capsule.shared.js";
import { Session } from "./capsule.driver.js";

const ANSWER = 3_000; // a leader that leaves a newcomer without an answer for so long is frozen
const TAIL = 256; // the last frames: what a guest may have missed while it had no leader
const SOMEBODY_ELSE = 4401;

/**
 * `connect`, where the tabs of one user share a connection. Options as for `connect`; `user` is needed, for only tabs of
 * the same user, address, scope and models share. Where the browser lacks the means, each tab has its own connection.
 */
export function connectShared(options) {
  if (!options.user) throw new TypeError("connectShared() needs to know the user: tabs of different users share nothing.");
  const able = globalThis.navigator?.locks !== undefined && globalThis.BroadcastChannel !== undefined;
  return able ? new SharedSession(options) : new Session(options);
}

class SharedSession extends Session {
  // Session's constructor comes to `_dial` before it has returned: hence no fields, and this.
  _enter() {
    const { client, user, scope, feeds, schema, root } = this.replica;
    const { protocol } = parse(this.replica.hello());
    this._group = `capsule tabs 1 ${JSON.stringify([protocol, this.url, user, scope, feeds, schema, shape(root.constructor)])}`;
    this._user = user;
    this._leads = false;
    this._admits = false; // of the leader: whether it is connected and current, so that guests may come
    this._states = new Map(); // of the leader: the presence that each tab told, the last one last
    this._asking = new Map(); // of the leader: the `subscribe` of guests that wait until it is current
    this._frames = []; // the last ones without a gap, and so of one view: a change of it comes with a snapshot instead
    this.replica.on("frame", (frame) => {
      this._frames = this._frames.at(-1)?.id === frame.prev ? [...this._frames.slice(1 - TAIL), frame] : [frame];
    });
    this._channel = new BroadcastChannel(this._group);
    this._channel.onmessage = ({ data }) => this._overheard(data);
    this._ended = new Promise((resolve) => (this._end = resolve));
    // The leader waits for this lock, to know when this tab is gone. Only then may a leader be asked for.
    this._alive = new Promise((resolve) => navigator.locks.request(`${this._group} ${client}`, () => (resolve(), this._ended)));
    this._stand();
  }

  _dial() {
    if (this._group === undefined) this._enter();
    return this._leads ? super._dial() : new Passage(this);
  }

  /** To all tabs; to one of them, if it says `to`. */
  _post(message) {
    if (this.status !== "closed") this._channel.postMessage({ from: this.replica.client, ...message });
  }

  // -- who leads

  _stand() {
    this._standing = new AbortController();
    this._request({ signal: this._standing.signal });
  }

  _takeOver() {
    this._standing.abort();
    this._request({ steal: true });
  }

  _request(options) {
    const granted = () => (this.status === "closed" ? undefined : this._lead());
    navigator.locks.request(this._group, options, granted).catch((error) => {
      if (error.name !== "AbortError") throw error;
      if (this._leads) this._deposed();
    });
  }

  _lead() {
    if (this._socket?.readyState === 1) this._drop();
    this._socket?.close();
    this._leads = true;
    this._post({ leads: true });
    this._open();
    return this._ended;
  }

  _deposed() {
    this._leads = this._admits = false;
    if (this.status === "closed") return;
    this._drop();
    this._stand();
  }

  // -- the connection

  _received(text) {
    if (!this._leads) return super._received(text);
    const lines = text.split("\n").map((line) => [line, parse(line)]);
    if (lines.some(([, message]) => message.verb === "welcome" && message.user !== this._user)) {
      // Somebody else has logged in since. What comes now is theirs: no tab of this user shall have it.
      const socket = this._socket;
      this._lost(SOMEBODY_ELSE, "Somebody else is logged in.");
      return socket.close();
    }
    super._received(text);
    for (const [line, message] of lines) this._passOn(line, message);
    this._admit();
  }

  _lost(code, reason) {
    if (this._leads) this._dismiss(code, reason);
    super._lost(code, reason);
  }

  _finish(code, reason) {
    if (this.status === "closed") return;
    if (this._leads) this._dismiss(1006, "");
    super._finish(code, reason);
    this._standing.abort();
    this._end();
    this._channel.close();
  }

  _dismiss(code, reason) {
    this._post({ close: code, reason });
    this._admits = false;
    this._asking.clear();
  }

  _hurry() {
    if (!this._leads && this._socket?.readyState === 1) this._socket.hurry();
    super._hurry();
  }

  setPresence(state) {
    super.setPresence(state);
    this._told(this.replica.client, state);
  }

  // -- the leader's side

  _overheard(data) {
    if (data.to !== undefined && data.to !== this.replica.client) return;
    if (!this._leads) {
      if (this._socket !== null) this._socket.heard(data);
      else if (data.admits) this._open(); // no need to wait for its turn
    } else if (data.join) this._joined(data.from);
    else if (data.hurry) this._hurry();
    else if (data.say !== undefined && this._admits) this._asked(data.from, parse(data.say));
  }

  _joined(client) {
    this._post({ to: client, admits: this._admits });
    if (this._states.has(client)) return;
    this._states = new Map([[client, null], ...this._states]);
    navigator.locks.request(`${this._group} ${client}`, () => this._left(client));
  }

  /** A connection has one presence: that of the tab that spoke last. */
  _told(client, state) {
    this._states.delete(client);
    this._states.set(client, state);
  }

  _left(client) {
    const before = this._state();
    this._states.delete(client);
    if (this._admits && this._state() !== before) this._announce(this._state());
  }

  _announce(state) {
    this._socket.send(JSON.stringify({ verb: "presence", scope: this.replica.scope, state }));
  }

  _state() {
    return [...this._states.values()].at(-1) ?? this.replica.ownState ?? {};
  }

  /** A guest's line. What the leader cannot answer goes to the gateway. */
  _asked(from, message) {
    const { user, session, heartbeat } = this.replica;
    if (message.verb === "hello") this._tell(from, { verb: "welcome", protocol: message.protocol, user, session, heartbeat });
    else if (message.verb === "ping") this._tell(from, { verb: "pong" });
    else if (message.verb === "subscribe") {
      this._asking.set(from, message);
      this._admit();
    } else if (message.verb === "presence") {
      this._told(from, message.state);
      this._announce(message.state);
    } else this._socket.send(JSON.stringify(message.verb === "do" ? { ...message, client: from } : message));
  }

  /** Pass on to the guests what the gateway said. */
  _passOn(line, { verb, client, name, n, feed }) {
    if (client !== undefined) this._post({ to: client, say: line });
    else if (verb === "event" || verb === "presence" || feed !== undefined) this._post({ say: line }); // a feed's page, too
    else if (verb === "snapshot") this._post({ say: JSON.stringify({ verb: "resync", scope: this.replica.scope }) });
    else if (verb === "error" && name === "NOT_FOUND" && n === undefined) this._post({ say: (this._refusal = line) });
  }

  /** Once the leader is where the gateway is (or may not be there), guests may come, and are brought there. */
  _admit() {
    const { state } = this.replica;
    if (this._socket === null || (state !== "live" && state !== "gone")) return;
    if (!this._admits) this._post({ admits: (this._admits = true) });
    for (const [guest, subscribe] of this._asking) this._bring(guest, subscribe);
    this._asking.clear();
  }

  _bring(guest, { since, view = "" }) {
    const { state, seen, scope, presence } = this.replica;
    if (state === "gone") return this._post({ to: guest, say: this._refusal });
    const missed = view === seen ? this._after(since) : null;
    if (missed === null) this._tell(guest, { verb: "snapshot", scope, ...saveReplica(this.replica).snapshot });
    else this._tell(guest, ...missed, { verb: "resumed", scope, id: this.replica.since() });
    this._tell(guest, { verb: "presence", scope, all: presence });
  }

  /** The frames after an event, or null when they are not known here. */
  _after(since) {
    if (since === null) return null;
    if (since === this.replica.since()) return [];
    const at = this._frames.findIndex((frame) => frame.prev === since);
    return at < 0 || this._frames.at(-1).id !== this.replica.since() ? null : this._frames.slice(at);
  }

  _tell(client, ...messages) {
    this._post({ to: client, say: messages.map((message) => JSON.stringify(message)).join("\n") });
  }
}

/** A guest's way to the gateway: what a WebSocket is to the leader. */
class Passage {
  constructor(session) {
    this.readyState = 0;
    this._session = session;
    this._leader = null;
    session._alive.then(() => {
      if (this.readyState > 0) return;
      this._patience = setTimeout(() => session._takeOver(), ANSWER);
      session._post({ join: true });
    });
  }

  heard({ from, admits, leads, say, close, reason }) {
    if (this.readyState === 0 && (leads || admits !== undefined)) {
      clearTimeout(this._patience); // somebody leads, and is awake
      if (!admits) return;
      this._leader = from;
      this.readyState = 1;
      this.onopen({});
    } else if (this.readyState !== 1) return;
    else if (leads) this._lose(1006, ""); // the one that it had is gone
    else if (from !== this._leader) return;
    else if (say !== undefined) this.onmessage({ data: say });
    else if (close !== undefined) this._lose(close, reason);
  }

  send(line) {
    this._session._post({ to: this._leader, say: line });
  }

  hurry() {
    this._session._post({ to: this._leader, hurry: true });
  }

  close() {
    clearTimeout(this._patience);
    this.readyState = 3;
  }

  _lose(code, reason) {
    this.close();
    this.onclose({ code, reason });
  }
}

/** What of the models decides what a state is: tabs with different ones (an old page beside a new one) share nothing. */
function shape(model, above = []) {
  if (model === undefined || above.includes(model)) return model?.type;
  const nested = Object.entries({ ...model.children, ...model.collections });
  const parts = nested.map(([name, part]) => [name, shape("model" in part ? part.model : part, [...above, model])]);
  return [model.type, model.props, model.private, parts];
}

function parse(line) {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return {}; // the replica asks for a fresh snapshot
  }
}
