/* node --expose-gc sync.mjs DIST ROUNDS: the same 10,000 changes of a team of 2,551 models, done by hand to a tree of models
 * and told to a replica as the gateway would. Prints, as JSON, CPU milliseconds by name for each round, and bytes of memory. */
const [dist, rounds] = process.argv.slice(2);
const { Replica, Team } = await import(dist);
const MEMBERS = 50, TASKS = 50, EVENTS = 10_000, JOINED = 16;
const SCOPE = "team.7";
let heard = 0;

const member = (m) => `m${m}`;
const feedOf = (m) => `members.${member(m)}.tasks`;
const task = (m, t) => ({ id: `t${m}-${t}`, title: `task ${t}`, owner: member(m) });

function snapshot() {
  const feeds = [[".", ["7", { id: "7", name: "team" }]], ["members", []]];
  for (let m = 0; m < MEMBERS; m++) {
    feeds[1][1].push(member(m), { id: member(m), name: `member ${m}` });
    const tasks = [];
    for (let t = 0; t < TASKS; t++) tasks.push(task(m, t).id, task(m, t));
    feeds.push([feedOf(m), tasks]);
  }
  return { verb: "snapshot", scope: SCOPE, id: "1-7", feeds };
}

/* As the worker commits them: seven edits in ten, one move, one task that goes and one that comes. */
function makeEvents() {
  const events = [];
  let seed = 42;
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  for (let n = 0; n < EVENTS; n++) {
    const m = random(MEMBERS), t = random(TASKS), kind = n % 10;
    const { id } = task(m, t);
    if (kind === 7) events.push(["position", feedOf(m), id, "begin:"]);
    else if (kind === 8) events.push(["retract", feedOf(m), id]);
    else if (kind === 9) events.push(["publish", feedOf(m), id, { ...task(m, t), title: `new ${n}` }, ":end"]);
    else events.push(["edit", feedOf(m), id, { title: `title ${n}` }]);
  }
  return events;
}

function makeLines(events) {
  return events.map((event, n) =>
    JSON.stringify({ verb: "event", scope: SCOPE, id: `${n + 2}-7`, prev: `${n + 1}-7`, tx: [[`ann.client01.${n}`, [event]]] }));
}

/* What a page without a replica would write. */
function byHand(team, events) {
  for (const [verb, feed, id, what] of events) {
    const { tasks } = team.members.get(feed.slice(8, -6));
    const found = tasks.get(id);
    if (verb === "edit") found?.set(what);
    else if (verb === "position") tasks.moveItem(id, 0);
    else if (verb === "retract") tasks.remove(id);
    else if (found === undefined || found === null) tasks.add(what);
    else found.set(what);
  }
}

function bare(whole) {
  const team = new Team({ id: "7" });
  team.mport(whole);
  team.on("publish", () => (heard += 1));
  return team;
}

function replica() {
  const made = new Replica(Team, SCOPE, { client: "client01", user: "m0" });
  made.connected();
  made.receive(JSON.stringify(snapshot()));
  made.root.on("publish", () => (heard += 1));
  return made;
}

function cost(work) {
  globalThis.gc();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function heap() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const events = makeEvents();
const lines = makeLines(events);
const joined = [];
for (let n = 0; n < EVENTS; n += JOINED) joined.push(lines.slice(n, n + JOINED).join("\n"));
const whole = replica().root.xport();

function round() {
  const times = {};
  const team = bare(whole);
  times.bare = cost(() => byHand(team, events));
  times.parsing = cost(() => lines.forEach((line) => JSON.parse(line)));
  const wanted = JSON.stringify(team.xport());
  const tell = (name, messages, prepare) => {
    const told = replica();
    prepare?.(told);
    times[name] = cost(() => messages.forEach((message) => told.receive(message)));
    if (JSON.stringify(told.base.root.xport()) !== wanted) throw new Error(`${name}: the replica is not equal`);
    if (prepare === undefined && JSON.stringify(told.root.xport()) !== wanted) throw new Error(`${name}: it shows something else`);
  };
  tell("replica, an event a message", lines);
  tell(`replica, ${JOINED} events a message`, joined);
  const act = (told) => told.root.members.get("m0").setServer({ name: "mine" });
  tell("the same, one of one's own pending", lines, act);
  tell(`the same, ${JOINED} events a message`, joined, act);
  return times;
}

round(); // the engine compiles
const times = [];
for (let n = 0; n < Number(rounds); n++) times.push(round());
const empty = heap();
const team = bare(whole);
const ofTeam = heap() - empty;
const made = replica();
const ofReplica = heap() - empty - ofTeam;
console.log(JSON.stringify({ times, ofTeam, ofReplica, models: 1 + MEMBERS + MEMBERS * TASKS, kept: [team.id, made.base.eventId, heard] }));
