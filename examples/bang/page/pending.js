// Changes are shown before the server has them: rows they touch carry a mark until it answers, and say why if it refuses.

import { modelOf } from "/models/capsule.js";
import { toast } from "./toasts.js";

const TITLES = { 403: "Not allowed", 404: "It is gone", 409: "Somebody was faster" };

export function showPending(desk) {
  const { link } = desk.team;
  const mark = () => {
    const places = new Set();
    for (const { touched } of link.pending) {
      for (const [feed, ids] of Object.entries(touched.items)) for (const id of Object.keys(ids)) places.add(`${feed}/${id}`);
    }
    for (const row of document.querySelectorAll(".task, .message")) {
      row.classList.toggle("pending", places.size > 0 && places.has(modelOf(row).path.join("/")));
    }
  };
  link.on("pending settled", mark);
  link.on("rejected", (operation, verdict) => {
    toast({ title: TITLES[verdict.code] ?? "Not saved", text: verdict.sentence, alert: true });
  });
}
