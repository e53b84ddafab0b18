// Changes are shown before the server has them: rows they touch carry a mark until it answers, and say why if it refuses.

import { modelOf } from "/models/capsule.js";
import { toast } from "./toasts.js";

const TITLES = { 403: "Not allowed", 404: "It is gone", 409: "Somebody was faster" };

export function showPending(desk) {
  const { link } = desk.team;
  const mark = () => {
    const rows = new Set(rowsOf(link.pending));
    for (const row of document.querySelectorAll(".task.pending, .message.pending")) if (!rows.has(row)) row.classList.remove("pending");
    for (const row of rows) row.classList.add("pending");
  };
  link.on("pending settled", mark);
  mark(); // what an earlier page left
  link.on("rejected", (operation, verdict) => {
    toast({ title: TITLES[verdict.code] ?? "Not saved", text: verdict.sentence, alert: true });
    for (const row of rowsOf([operation])) returned(row);
  });
}

// The shown rows of what these operations touched.
function rowsOf(operations) {
  const places = new Set();
  for (const { touched } of operations) {
    for (const [feed, ids] of Object.entries(touched.items)) for (const id of Object.keys(ids)) places.add(`${feed}/${id}`);
  }
  if (places.size === 0) return [];
  return [...document.querySelectorAll(".task, .message")].filter((row) => places.has(modelOf(row).path.join("/")));
}

function returned(row) {
  row.classList.add("returned");
  row.addEventListener("animationend", () => row.classList.remove("returned"), { once: true });
}
