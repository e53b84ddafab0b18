/**
 * What outlives a page, in IndexedDB: the operations that no server has answered, and the last state. A page that is loaded
 * again, with or without a network, goes on where the one before it ended.
 *
 * There is one record for each page that is open. Whose page is gone is told by its lock (Web Locks): the browser lets go
 * of it when the page ends, however it ends.
 */
import { restoreReplica, saveReplica } from "./capsule.shared.js";
import { connect, Session } from "./capsule.driver.js";

const RECORDS = "pages";
const STATE_MS = 2_000; // a state that changes all the time is kept this often
const LOOK_MS = 10_000; // how often pages that were opened after this one are looked for
const AGAIN_MS = 100; // a page that is being reloaded may take a moment to let go

/**
 * `connect`, for work that goes on without a network. Options as for `connect`, and `database`: the name of the IndexedDB
 * database; `connect`: how to connect, if not by `connect` (`connectShared`: over one connection for all tabs). `user` is
 * needed: what one user left behind is never shown to, or sent for, another.
 *
 * Resolves with the session as soon as what was kept is shown. Where the browser keeps nothing (no secure context, storage
 * refused) it is an ordinary session, and its `durable` is false.
 */
export async function connectOffline({ connect: dial = connect, ...options }) {
  if (!options.user) throw new TypeError("connectOffline() needs to know the user: what it keeps is theirs alone.");
  let store;
  try {
    store = await Store.open(options.database ?? "capsule");
  } catch (error) {
    console.warn("capsule: nothing is kept for offline use:", error);
    return dial(options);
  }
  const free = await store.takeOver(options.scope, options.user);
  const own = free[0] ?? null;
  const session = dial({ ...options, client: own?.client, before: (replica) => store.attach(replica, own) });
  // When whoever waits for this function has had the time to listen.
  if (own?.snapshot) setTimeout(() => session.trigger("ready"));
  const others = new Set([session.replica.client]);
  const look = () => finishOthers(others, options, store, session);
  const timer = setInterval(look, LOOK_MS);
  session.on("closed", () => clearInterval(timer));
  session.on("synced", look);
  for (const record of free.slice(1)) {
    others.add(record.client);
    finish(record, options, store, session);
  }
  return session;
}

/** Wait for the end of each other open page of this user, to finish what it leaves. */
async function finishOthers(others, options, store, session) {
  for (const { client } of await store.recordsOf(options.scope, options.user)) {
    if (others.has(client)) continue;
    others.add(client);
    navigator.locks.request(lockOf(client), async () => {
      const record = await store.get(client);
      if (record !== undefined && session.status !== "closed") await finish(record, options, store, session);
    });
  }
}

/** Bring an ended page's operations to the server, under the numbers they had. Refusals are shown by `session`. */
async function finish(record, options, store, session) {
  if (record.pending.length > 0) {
    const other = new Session({ ...options, client: record.client, before: (replica) => restoreReplica(replica, record) });
    other.on("rejected", (...args) => session.trigger("rejected", ...args));
    await new Promise((resolve) => {
      const look = () => other.replica.pending.length === 0 && resolve();
      other.on("settled", look);
      session.on("closed", resolve);
      look();
    });
    other.close();
    if (other.replica.pending.length > 0) return; // the record stays, for the next page
  }
  await store.delete(record.client);
}

class Store {
  static async open(name) {
    if (globalThis.navigator?.locks === undefined) throw new TypeError("Web Locks need a secure context.");
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(RECORDS, { keyPath: "client" });
    return new Store(await result(request));
  }

  constructor(database) {
    this._database = database;
  }

  get(client) {
    return result(this._records("readonly").get(client));
  }

  delete(client) {
    return result(this._records("readwrite").delete(client));
  }

  async recordsOf(scope, user) {
    const all = await result(this._records("readonly").getAll());
    return all.filter((record) => record.scope === scope && record.user === user);
  }

  /** The records of pages that have ended: they are ours from now on. */
  async takeOver(scope, user) {
    const records = await this.recordsOf(scope, user);
    const taken = await Promise.all(records.map((record) => take(record.client)));
    return records.filter((_, i) => taken[i]);
  }

  /** Keep a replica's record from now on. Nothing of it is sent before it is kept: else a number could be used twice. */
  attach(replica, record) {
    if (record === null) take(replica.client);
    else restoreReplica(replica, record);
    const keeper = new Keeper(this, replica);
    replica.on("pending settled", () => keeper.write());
    replica.on("ready synced frame", () => keeper.writeSoon());
    globalThis.document?.addEventListener("visibilitychange", () => keeper.write());
    return keeper;
  }

  put(record) {
    return result(this._records("readwrite").put(record));
  }

  _records(mode) {
    return this._database.transaction(RECORDS, mode).objectStore(RECORDS);
  }
}

/** Writes a replica's record, one write at a time, each with all that there is by then. */
class Keeper {
  constructor(store, replica) {
    this._store = store;
    this._replica = replica;
    this._running = null;
    this._next = null;
    this._timer = 0;
  }

  /** Resolves when what the replica holds now is kept. */
  write() {
    if (this._running === null) return (this._running = this._put());
    this._next ??= this._running.then(() => (this._running = this._put()));
    return this._next;
  }

  writeSoon() {
    this._timer ||= setTimeout(() => this.write(), STATE_MS);
  }

  async _put() {
    clearTimeout(this._timer);
    this._timer = 0;
    try {
      await this._store.put(saveReplica(this._replica));
    } catch (error) {
      console.error("capsule: what is not yet sent could not be kept:", error); // a full disk; sending goes on
    }
    this._running = this._next;
    this._next = null;
  }
}

const lockOf = (client) => `capsule:${client}`;

/** Take the lock of a client id, until this page ends. False: an open page has it. */
async function take(client) {
  for (const pause of [AGAIN_MS, 0]) {
    const had = await new Promise((resolve) => {
      navigator.locks.request(lockOf(client), { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise(() => {});
      });
    });
    if (had) return true;
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return false;
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
