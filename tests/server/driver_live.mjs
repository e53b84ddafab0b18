/* Two pages of the example on a real gateway. Arguments: the folder of the compiled models, the gateway's address. It says
where it is, one word a line, and goes on when it is told to. */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";

const [folder, address] = process.argv.slice(2);
const { connect } = await import(`${folder}/capsule.js`);
const { Team } = await import(`${folder}/main.js`);
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function reached(place) {
  console.log(place);
  await answers.next();
}

async function until(condition, what) {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `it did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const page = (user) => connect({ url: `${address}?as=${user}`, root: Team, scope: "team.andyet", user });
const tasks = (session) => session.root.members.get("ann").tasks;
const titles = (session) => tasks(session).models.map((task) => task.get("title"));
const settled = (operation) =>
  operation.state === "pending" ? new Promise((resolve) => operation.once("settled", resolve)) : operation;

const ann = page("ann");
const dana = page("dana");
await until(() => ann.status === "online" && dana.status === "online", "both online");
await until(() => Object.keys(ann.presence).length === 2, "both present");
assert.deepEqual(titles(ann), titles(dana));

const add = tasks(ann).addServer({ title: "From a page" });
assert.equal(titles(ann).at(-1), "From a page", "shown at once");
assert.equal((await settled(add)).state, "accepted");
await until(() => titles(dana).at(-1) === "From a page", "the other page shows it");

const forbidden = await settled(tasks(dana).at(0).setServer({ title: "mine" }));
assert.equal(forbidden.state, "rejected");
assert.equal(forbidden.verdict.sentence, "Only the owner may edit a task.");

const rejected = [];
ann.on("rejected", (operation, verdict) => rejected.push(verdict.code));
const asked = tasks(ann).at(0).setServer({ title: "sent, then cut" });
await reached("cut me");
await until(() => ann.status !== "online" || asked.state !== "pending", "the cut");
const later = [1, 2, 3].map((number) => tasks(ann).addServer({ title: `later ${number}` }));
for (const operation of [asked, ...later]) assert.equal((await settled(operation)).state, "accepted");
await until(() => titles(dana).join() === titles(ann).join(), "both the same after the cut");
assert.deepEqual(titles(dana).slice(-3), ["later 1", "later 2", "later 3"]);

await reached("restart the gateway");
const during = tasks(ann).addServer({ title: "during the restart" });
assert.equal((await settled(during)).state, "accepted");
await until(() => dana.status === "online" && titles(dana).join() === titles(ann).join(), "both the same after the restart");
assert.equal(titles(dana).filter((title) => title === "during the restart").length, 1);
assert.deepEqual(JSON.stringify(ann.root.xport()), JSON.stringify(dana.root.xport()));
assert.deepEqual(rejected, []);

ann.close();
dana.close();
console.log("done");
process.exit(0);
