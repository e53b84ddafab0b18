// BullMQ's part of `scripts/bench jobs`: rivals_jobs.mjs put|work URL COUNT; the same conversation as rivals_jobs.py.

import { Queue, Worker } from "bullmq";

const [phase, url, count] = [process.argv[2], new URL(process.argv[3]), Number(process.argv[4])];
const connection = { host: url.hostname, port: Number(url.port), maxRetriesPerRequest: null };
const CALLERS = 100;
const DATA = { text: "x".repeat(100) };
const RESULT = { code: 200, id: "12-81", verdict: { allowed: true } };

let started = 0;
let cpu;

async function ready() {
  console.log("ready");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  started = performance.now();
  cpu = process.cpuUsage();
}

function finish() {
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 }));
  process.exit(0);
}

if (phase === "put") {
  const queue = new Queue("jobs", { connection });
  await queue.waitUntilReady();
  await ready();
  for (let n = 0; n < count; n += CALLERS) {
    await queue.addBulk(Array.from({ length: CALLERS }, () => ({ name: "job", data: DATA })));
  }
  finish();
} else {
  let done = 0;
  await ready();
  new Worker("jobs", async () => (++done === count ? finish() : RESULT), { connection, concurrency: CALLERS });
}
