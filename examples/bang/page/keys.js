// The keyboard: one table that both works the keys and draws the key sheet.

import { h, $ } from "./element.js";

// [keys, what the sheet says, what they do]
function keyMap({ desk, tasks, omnibox }) {
  const selected = (act) => () => desk.selected && tasks[act](desk.selected);
  return {
    "The list": [
      [["j", "ArrowDown"], "Next task", () => tasks.step(1)],
      [["k", "ArrowUp"], "Previous task", () => tasks.step(-1)],
      [["J"], "Move the task down", () => tasks.nudge(1)],
      [["K"], "Move the task up", () => tasks.nudge(-1)],
    ],
    "The task": [
      [["s"], "Ship it", selected("ship")],
      [["a"], "Work on it, or stop", selected("activate")],
      [["e"], "Edit", selected("edit")],
      [["x", "Delete"], "Delete", selected("delete")],
    ],
    "Going places": [
      [["/", "n"], "Add a task", () => omnibox.open()],
      [["@"], "Go to a person", () => omnibox.open("@")],
      [["c"], "Chat", () => openChat(desk)],
      [["l"], "Next person", () => desk.step(1)],
      [["h"], "Previous person", () => desk.step(-1)],
      [["m"], "My own tasks", () => desk.show(desk.me)],
      [["?"], "This sheet", () => $("key-sheet").showModal()],
      [["Escape"], "Leave, close", () => document.activeElement?.blur()],
    ],
    "First letter in the box": [
      [["!"], "A task on top of the list", null],
      [[">"], "A line of chat", null],
      [["@"], "Go to a person", null],
    ],
  };
}

export function listenToKeys(page) {
  const map = keyMap(page);
  const acts = new Map();
  for (const rows of Object.values(map)) for (const [keys, , act] of rows) if (act) for (const key of keys) acts.set(key, act);

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if ($("key-sheet").open) {
      if (event.key === "?") $("key-sheet").close();
      return;
    }
    const { target } = event;
    if (target.closest("input, textarea, select")) {
      if (event.key === "Escape") target.blur();
      return;
    }
    // Arrows scroll the chat where it has the focus; elsewhere they are j and k.
    if (event.key.startsWith("Arrow") && target.closest("#messages")) return;
    const act = acts.get(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  });

  const sheet = $("sheet-columns");
  for (const [title, rows] of Object.entries(map)) sheet.append(section(title, rows));
  $("keys-button").addEventListener("click", () => $("key-sheet").showModal());
  $("key-sheet").addEventListener("click", (event) => event.target === event.currentTarget && event.target.close());
}

const SIGNS = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc", Delete: "Del" };

function section(title, rows) {
  const list = h("dl", {});
  for (const [keys, text] of rows) {
    list.append(h("dt", {}, text), h("dd", {}, ...keys.map((key) => h("kbd", {}, SIGNS[key] ?? key))));
  }
  return h("div", {}, h("h3", {}, title), list);
}

function openChat(desk) {
  desk.open("chat");
  $("chat-input").focus();
}
