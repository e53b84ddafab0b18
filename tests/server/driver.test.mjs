/* The browser's driver without a network: a socket class and a clock of the test's own. CORE is the compiled capsule.js. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
const network = new EventTarget();
globalThis.document = page;
globalThis.addEventListener = network.addEventListener.bind(network);
globalThis.removeEventListener = network.removeEventListener.bind(network);

const { connect, connectShared, Events, Model, Session } = await import(process.env.CORE);

class Root extends Model {}

const SNAPSHOT = '{"verb":"snapshot","scope":"root.1","id":"3-9","feeds":[[".",["1",{"id":"1","name":"one"}]]]}';
const WELCOME = '{"verb":"welcome","protocol":1,"user":"ann","session":"s1","heartbeat":1000}';

class Socket {
  static all = [];
  static get last() {
    return Socket.all.at(-1);
  }

  constructor(url) {
    Object.assign(this, { url, readyState: 0, sent: [], closed: false });
    Socket.all.push(this);
  }

  send(line) {
    assert.equal(this.readyState, 1, "sent on a socket that is not open");
    this.sent.push(JSON.parse(line));
  }

  close() {
    this.closed = true;
    this.readyState = 3;
  }

  accept() {
    this.readyState = 1;
    this.onopen({});
  }

  say(...lines) {
    this.onmessage({ data: lines.join("\n") });
  }

  lose(code = 1006, reason = "") {
    this.readyState = 3;
    this.onclose({ code, reason });
  }

  begin() {
    this.accept();
    this.say(WELCOME);
    this.say(SNAPSHOT);
  }

  verbs() {
    return this.sent.map((line) => line.verb);
  }
}

let session, heard;

beforeEach(() => {
  Socket.all = [];
  heard = [];
  page.visibilityState = "visible";
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  mock.method(Math, "random", () => 1);
  session = connect({ url: "http://localhost:8000/live", root: Root, scope: "root.1", WebSocket: Socket });
  session.on("all", (name, ...args) => heard.push([name, ...args]));
});

afterEach(() => {
  session.close();
  mock.timers.reset();
  mock.restoreAll();
});

const statuses = () => heard.filter(([name]) => name === "status").map(([, status]) => status);
const pass = (milliseconds) => mock.timers.tick(milliseconds);

test("it says hello, then where it stands, and is online after the first state", () => {
  assert.equal(session.status, "connecting");
  assert.equal(Socket.last.url, "ws://localhost:8000/live");
  Socket.last.accept();
  assert.deepEqual(Socket.last.verbs(), ["hello", "subscribe"]);
  assert.match(Socket.last.sent[0].client, /^[a-z0-9]{12}$/);
  assert.equal(Socket.last.sent[1].since, null);
  Socket.last.say(WELCOME);
  assert.equal(session.status, "connecting");
  Socket.last.say(SNAPSHOT);
  assert.equal(session.status, "online");
  assert.equal(session.root.get("name"), "one");
  assert.ok(heard.some(([name]) => name === "ready"));
  assert.ok(session instanceof Events);
});

test("a lost connection is tried again, later each time, and at once from the beginning after it was online", () => {
  for (const wait of [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]) {
    const count = Socket.all.length;
    Socket.last.lose();
    assert.equal(session.status, "offline");
    pass(wait - 1);
    assert.equal(Socket.all.length, count);
    pass(1);
    assert.equal(Socket.all.length, count + 1);
  }
  Socket.last.begin();
  Socket.last.lose();
  pass(500);
  Socket.last.accept();
  assert.equal(Socket.last.sent[1].since, "3-9", "it resumes from where it is");
  assert.deepEqual(statuses().slice(-4), ["connecting", "online", "offline", "connecting"]);
});

test("a connection that never opens is given up", () => {
  pass(20_000);
  assert.ok(Socket.last.closed);
  pass(500);
  assert.equal(Socket.all.length, 2);
});

test("the wait is a random part of that", () => {
  Math.random.mock.mockImplementation(() => 0);
  Socket.last.lose();
  pass(0);
  assert.equal(Socket.all.length, 2);
});

for (const code of [4401, 4426]) {
  test(`${code} is final: it is told, and nobody knocks again`, () => {
    Socket.last.accept();
    Socket.last.lose(code, "no");
    assert.equal(session.status, "closed");
    assert.deepEqual(heard.at(-1), ["closed", code, "no"]);
    pass(60_000);
    network.dispatchEvent(new Event("online"));
    assert.equal(Socket.all.length, 1);
  });
}

test("it pings every heartbeat, and gives a connection up that answers none", () => {
  Socket.last.begin();
  pass(25_000);
  Socket.last.say('{"verb":"pong"}');
  for (let beat = 0; beat < 5; beat++) {
    pass(1000);
    assert.equal(Socket.last.verbs().at(-1), "ping");
    Socket.last.say('{"verb":"pong"}');
  }
  const silent = Socket.last;
  pass(1000);
  assert.equal(session.status, "online");
  pass(1000);
  assert.equal(session.status, "offline");
  assert.ok(silent.closed);
});

test("a page that is looked at again finds out at once whether its connection lives", () => {
  Socket.last.begin();
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(Socket.last.verbs().at(-1), "ping");
  pass(1);
  Socket.last.say('{"verb":"pong"}');
  pass(5_000);
  assert.equal(session.status, "online");
  page.dispatchEvent(new Event("visibilitychange"));
  pass(5_000);
  assert.equal(session.status, "offline");
});

test("a page that is hidden does nothing of the kind", () => {
  Socket.last.begin();
  const count = Socket.last.sent.length;
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(Socket.last.sent.length, count);
});

test("when the network returns it does not wait for its turn; when it goes, it is offline at once", () => {
  Socket.last.begin();
  network.dispatchEvent(new Event("offline"));
  assert.equal(session.status, "offline");
  network.dispatchEvent(new Event("online"));
  assert.equal(Socket.all.length, 2);
  pass(10_000);
  assert.equal(Socket.all.length, 2, "the waiting retry was cancelled");
  Socket.last.begin();
  assert.equal(session.status, "online");
});

test("a draining gateway is left when it says, and another is found", () => {
  Socket.last.begin();
  Socket.last.say('{"verb":"drain","after":700}');
  const left = Socket.last;
  pass(699);
  assert.ok(!left.closed);
  pass(1);
  assert.ok(left.closed);
  pass(500);
  assert.equal(Socket.all.length, 2);
});

test("a socket that was given up is not listened to", () => {
  Socket.last.begin();
  const old = Socket.last;
  network.dispatchEvent(new Event("offline"));
  network.dispatchEvent(new Event("online"));
  old.say('{"verb":"event","scope":"root.1","id":"4-1","prev":"3-9","tx":[]}');
  old.lose();
  assert.equal(Socket.all.length, 2);
  Socket.last.accept();
  assert.equal(Socket.last.sent[1].since, "3-9");
});

test("what is asked while offline is sent after the next catch-up, and not before", () => {
  Socket.last.begin();
  session.setPresence({ active: "t1" });
  assert.equal(Socket.last.verbs().at(-1), "presence");
  Socket.last.lose();
  session.setPresence({ active: "t2" });
  pass(500);
  Socket.last.accept();
  assert.deepEqual(Socket.last.verbs(), ["hello", "subscribe"]);
  Socket.last.say(WELCOME, '{"verb":"resumed","scope":"root.1","id":"3-9"}');
  assert.deepEqual(Socket.last.sent.at(-1), { verb: "presence", scope: "root.1", state: { active: "t2" } });
});

test("presence is passed on", () => {
  Socket.last.begin();
  Socket.last.say('{"verb":"presence","scope":"root.1","all":{"s1":{"user":"ann","state":{}}}}');
  assert.deepEqual(session.presence, { s1: { user: "ann", state: {} } });
  assert.ok(heard.some(([name]) => name === "presence"));
});

test("closing is for good and leaves nothing behind", () => {
  Socket.last.begin();
  session.close();
  assert.ok(Socket.last.closed);
  assert.deepEqual(statuses().at(-1), "closed");
  network.dispatchEvent(new Event("online"));
  page.dispatchEvent(new Event("visibilitychange"));
  pass(100_000);
  assert.equal(Socket.all.length, 1);
  session.close();
  assert.equal(heard.filter(([name]) => name === "closed").length, 1);
});

test("closing while it waits to try again cancels that", () => {
  Socket.last.lose();
  session.close();
  pass(60_000);
  assert.equal(Socket.all.length, 1);
});

test("tabs can only share a connection if they know whose they are", () => {
  assert.throws(() => connectShared({ url: "ws://x/", root: Root, scope: "root.1", WebSocket: Socket }), /needs to know the user/);
});

test("where there are no Web Locks, connectShared() connects for this page alone", () => {
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  const alone = connectShared({ url: "ws://x/", root: Root, scope: "root.1", user: "ann", WebSocket: Socket });
  assert.equal(alone.constructor, Session);
  Socket.last.begin();
  assert.equal(alone.status, "online");
  alone.close();
});

test("without a WebSocket anywhere the error says what to do", () => {
  const had = globalThis.WebSocket;
  globalThis.WebSocket = undefined;
  try {
    assert.throws(() => connect({ url: "ws://x/", root: Root, scope: "root.1" }), /give connect\(\) one/);
  } finally {
    globalThis.WebSocket = had;
  }
});
