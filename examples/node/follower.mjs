// Follow a scope: every event once, in order, or an explicit snapshot (contract 5).
//
// The whole of it is one rule. A frame whose `prev` is our last id is the next event. One that carries our last id is
// known. Any other, older or newer, makes us ask the log: an old version proves nothing, because a server that lost its
// last second uses versions again. What was published before we ask is in the answer: the frames held until then go.

import { backoff } from "./server.mjs";
import { Link } from "./link.mjs";
import { parse } from "./scope.mjs";

const QUIET_MS = 30_000; // PubSub may lose a message and say nothing: ask when it has been quiet for long

export class Follower {
  #link = null;
  #frames = [];
  #behind = true;
  #busy = false;
  #closed = false;
  #quiet = setInterval(() => this.#catchUp(), QUIET_MS).unref();
  id;

  /**
   * `onSnapshot({ id, feeds })`: begin anew with this. `onEvent({ id, prev, tx })`: the next event. `onCurrent(id)`:
   * nothing is missing now. With `since`, the id of an event that is applied already, there is no snapshot if the log
   * reaches back.
   */
  constructor(scope, { onSnapshot = () => {}, onEvent = () => {}, onCurrent = () => {} }, since = null) {
    Object.assign(this, { scope, onSnapshot, onEvent, onCurrent, id: since });
    this.#keepSubscribed();
  }

  close() {
    this.#closed = true;
    clearInterval(this.#quiet);
    this.#link?.close();
  }

  async #keepSubscribed() {
    for (let attempt = 0; !this.#closed; attempt++) {
      try {
        this.#link = await Link.open(this.scope.server.url);
        attempt = 0;
        const lost = new Promise((resolve) => (this.#link.onClose = resolve));
        this.#link.onPush = ([kind, , text]) => {
          if (kind === "subscribe") this.#catchUp(); // the server's word: from here on nothing is missed
          if (kind === "message") this.#frames.push(text);
          this.#work();
        };
        if (this.#closed) this.#link.close();
        else this.#link.send("SUBSCRIBE", this.scope.channel);
        await lost;
      } catch (error) {
        if (error.code !== "CONNECTION") throw error;
      }
      await backoff(attempt);
    }
  }

  #catchUp() {
    this.#behind = true;
    this.#work();
  }

  // One at a time: an answer of the server must not be overtaken by a frame.
  async #work() {
    if (this.#busy) return;
    this.#busy = true;
    for (let attempt = 0; !this.#closed && (this.#behind || this.#frames.length); ) {
      try {
        if (this.#behind) await this.#ask();
        else this.#take(parse(this.#frames.shift()));
        attempt = 0;
      } catch (error) {
        if (error.code !== "CONNECTION") throw error;
        this.#behind = true;
        await backoff(attempt++);
      }
    }
    this.#busy = false;
  }

  async #ask() {
    this.#behind = false;
    this.#frames = [];
    const frames = this.id === null ? null : await this.scope.log(this.id);
    if (frames === null) {
      const snapshot = await this.scope.snapshot();
      this.id = snapshot.id;
      this.onSnapshot(snapshot);
    } else {
      for (const frame of frames) this.#take(parse(frame));
    }
    if (!this.#behind) this.onCurrent(this.id);
  }

  #take(frame) {
    if (frame.prev === this.id) {
      this.id = frame.id;
      this.onEvent(frame);
    } else if (frame.id !== this.id) {
      this.#behind = true;
    }
  }
}
