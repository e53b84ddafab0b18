// Changes are shown before the server has them: rows they touch carry a mark until it answers, and say why if it refuses.

import { modelOf } from "/models/capsule.js";
import { toast } from "./toasts.js";

const TITLES = { 403: "Not allowed", 404: "It is gone", 409: "Somebody was faster" };

export function showPending(connection) {
  const { replica } = connection;
  const mark = () => {
    const rows = new Set(rowsOf(replica.pending));
    for (const row of document.querySelectorAll(".task.pending, .message.pending")) if (!rows.has(row)) row.classList.remove("pending");
    for (const row of rows) row.classList.add("pending");
  };
  connection.on("pending settled", mark);
  mark(); // what an earlier page left
  connection.on("rejected", (operation, verdict) => {
    toast({ title: TITLES[verdict.code] ?? "Not saved", text: verdict.sentence, alert: true });
    for (const row of rowsOf([operation])) returned(row);
  });
}

// The shown rows of what these operations touched.
function rowsOf(operations) {
  if (operations.length === 0) return [];
  const touched = (row) => operations.some((operation) => operation.touches(modelOf(row)));
  return [...document.querySelectorAll(".task, .message")].filter(touched);
}

function returned(row) {
  row.classList.add("returned");
  row.addEventListener("animationend", () => row.classList.remove("returned"), { once: true });
}
