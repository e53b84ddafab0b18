// A phone shows one panel at a time; a dot says that another one has news.

import { $ } from "./element.js";

export function drawTabs(desk) {
  const tabs = $("tabs");
  const tab = (panel) => tabs.querySelector(`[data-panel="${panel}"]`);
  const mark = (panel) => {
    for (const button of tabs.children) button.setAttribute("aria-pressed", String(button.dataset.panel === panel));
    tab(panel).classList.remove("news");
  };
  tabs.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) desk.open(button.dataset.panel);
  });
  desk.on("panel", mark);
  desk.team.chat.on("add", () => document.body.dataset.panel !== "chat" && tab("chat").classList.add("news"));
}
