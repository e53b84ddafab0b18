/* One round of one implementation: node models.mjs backbone|capsule|typed [DIST]. Prints CPU milliseconds by name as JSON.
 * CPU time of the whole process, the garbage collector's threads included: other work on the machine does not count. */
const [implementation, dist] = process.argv.slice(2);

async function classes() {
  if (implementation === "backbone") {
    const { default: Backbone } = await import("backbone");
    const Task = Backbone.Model.extend({ defaults: { title: "", done: false, order: 0 } });
    return { Task, Tasks: Backbone.Collection.extend({ model: Task, comparator: "order" }) };
  }
  const app = await import(dist);
  return implementation === "typed" ? { Task: app.TypedTask, Tasks: app.TypedTasks } : app;
}

const { Task, Tasks } = await classes();
const times = {};
let sink = 0;

function measure(name, work) {
  globalThis.gc();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  times[name] = (user + system) / 1000;
}

let tasks = [];
measure("create 100,000", () => {
  for (let n = 0; n < 100_000; n++) tasks.push(new Task({ id: `t${n}`, title: `task ${n}`, done: false }));
});
tasks = tasks.slice(0, 1000);
measure("get 5,000,000", () => {
  for (let round = 0; round < 5000; round++) for (const task of tasks) if (task.get("title") !== "") sink += 1;
});
const task = new Task({ id: "x", title: "a" });
task.on("change:title", () => (sink += 1));
measure("set with a listener 500,000", () => {
  for (let n = 0; n < 500_000; n++) task.set({ title: `title ${n & 1023}` });
});
measure("set of three 200,000", () => {
  const other = new Task({ id: "y" });
  for (let n = 0; n < 200_000; n++) other.set({ title: `title ${n & 1023}`, done: n % 2 === 0, order: n });
});
const data = [];
for (let n = 0, seed = 42; n < 10_000; n++) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  data.push({ id: `id${n}`, title: `task ${n}`, order: seed });
}
const all = new Tasks();
measure("add 10,000 sorted", () => all.add(data));
measure("merge 10,000", () => all.set(data.map((one) => ({ ...one, title: `${one.title}!` }))));
measure("sort 10,000, 20 times", () => {
  for (let round = 0; round < 20; round++) all.sort();
});
measure("get by id 2,000,000", () => {
  for (let round = 0; round < 200; round++) for (const { id } of data) if (all.get(id)) sink += 1;
});
measure("toJSON of 10,000, 20 times", () => {
  for (let round = 0; round < 20; round++) sink += all.toJSON().length;
});
measure("add one by one 2,000", () => {
  const list = new Tasks();
  for (const one of data.slice(0, 2000)) list.add(one);
});
console.log(JSON.stringify({ times, sink }));
