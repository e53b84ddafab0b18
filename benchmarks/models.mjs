/* One round of one implementation: node models.mjs backbone|ampersand|capsule|typed [DIST]. Prints, as JSON, CPU
 * milliseconds by name, and bytes of memory for a model. CPU time is the whole process's, the garbage collector's threads
 * included: other work on the machine does not count. */
import { classes } from "./rivals.mjs";

const [implementation, dist] = process.argv.slice(2);
const { Task, Tasks, Plain, Team, heard, text, matching } = await classes(implementation, dist);
const times = {};
let sink = 0;

function measure(name, work) {
  globalThis.gc();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  times[name] = (user + system) / 1000;
}

function repeat(times, work) {
  for (let n = 0; n < times; n++) work(n);
}

function heap() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

let tasks = [];
const empty = heap();
measure("construct 100,000", () => repeat(100_000, (n) => tasks.push(new Task({ id: `t${n}`, title: `task ${n}`, done: false }))));
const memory = (heap() - empty) / tasks.length;
tasks = tasks.slice(0, 1000);
measure("get 2,000,000", () => repeat(2000, () => {
  for (const task of tasks) if (text(task) !== "") sink += 1;
}));
for (const listeners of [0, 1, 10]) {
  const task = new Task({ id: "x", title: "a" });
  repeat(listeners, () => task.on("change:title", () => (sink += 1)));
  measure(`set, ${listeners} listeners, 200,000`, () => repeat(200_000, (n) => task.set({ title: `title ${n & 1023}` })));
}
measure("set unchanged 500,000", () => {
  const task = new Task({ id: "x", title: "a" });
  task.on("change", () => (sink += 1));
  repeat(500_000, () => task.set({ title: "a" }));
});
measure("set of three 200,000", () => {
  const task = new Task({ id: "y" });
  repeat(200_000, (n) => task.set({ title: `title ${n & 1023}`, done: n % 2 === 0, order: n }));
});

const data = [];
for (let n = 0, seed = 42; n < 10_000; n++) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  data.push({ id: `id${n}`, title: `task ${n}`, done: n % 10 === 0, order: seed });
}
measure("add 10,000", () => repeat(5, () => new Plain().add(data)));
const all = new Tasks();
measure("add 10,000, sorted", () => all.add(data));
measure("reset 10,000, 5 times", () => {
  const plain = new Plain();
  repeat(5, () => plain.reset(data));
});
measure("merge 10,000, 3 times", () => repeat(3, (n) => all.set(data.map((one) => ({ ...one, title: `${one.title} ${n}` })))));
measure("get by id 2,000,000", () => repeat(200, () => {
  for (const { id } of data) if (all.get(id)) sink += 1;
}));
measure("sort 10,000, 20 times", () => repeat(20, () => {
  all.models.reverse();
  all.sort();
}));
measure("where 10,000, 100 times", () => repeat(100, () => (sink += matching(all).length)));
measure("toJSON 10,000, 20 times", () => repeat(20, () => (sink += all.toJSON().length)));
measure("add one by one 2,000, sorted", () => {
  const list = new Tasks();
  for (const one of data.slice(0, 2000)) list.add(one);
});
measure("remove 5,000 one by one", () => {
  const plain = new Plain(data.slice(0, 5000));
  for (const model of plain.models.slice()) plain.remove(model);
});

const members = [];
for (let m = 0; m < 50; m++) {
  const own = data.slice(m * 50, m * 50 + 50).map((one) => ({ ...one, id: `${m}-${one.id}` }));
  members.push({ id: `m${m}`, name: `member ${m}`, tasks: own });
}
const whole = { id: "7", name: "team", members };
let team;
measure("inflate 2,551 models, 10 times", () => repeat(10, () => (team = new Team(structuredClone(whole)))));
const deep = team.members.models[25].tasks.models[25];
team.on(heard, () => (sink += 1));
measure("a change three levels below 200,000", () => repeat(200_000, (n) => deep.set({ title: `title ${n & 1023}` })));
console.log(JSON.stringify({ times, sink, memory }));
