// The team's chat: lines, and the cards that shipping posts.

import { bind, each } from "/models/capsule.js";
import { ago, time } from "./clock.js";
import { avatar, h, icon, $ } from "./element.js";

const TOGETHER = 5 * 60_000; // ms: lines of one author this close stand under one name
const NEAR = 300; // px from the top of what is loaded where older lines are asked for

export function drawChat(desk) {
  const { chat } = desk.team;
  const list = $("messages");
  const atEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  const toEnd = () => (list.scrollTop = list.scrollHeight);
  let following = true;
  let fromEnd = 0; // px from the end of the list to the top of what is seen of it: older lines do not change it
  const scrolled = () => {
    following = atEnd();
    fromEnd = list.scrollHeight - list.scrollTop;
    older();
  };
  const older = () => {
    if (!chat.hasOlder || list.scrollTop > NEAR || list.ariaBusy === "true") return;
    list.ariaBusy = "true";
    chat.loadOlder().once("settled", () => {
      list.ariaBusy = "false";
      if (!following) list.scrollTop = list.scrollHeight - fromEnd;
    });
  };
  list.addEventListener("scroll", scrolled, { passive: true });

  each(list, chat, (message) => row(desk, message));
  const frame = () => {
    chat.models.forEach((message, index) => list.children[index].classList.toggle("same", continues(chat.models[index - 1], message)));
    if (following) toEnd();
    older(); // what is loaded may not even fill the panel
  };
  chat.on("update reset", frame);
  new ResizeObserver(() => following && toEnd()).observe(list);
  frame();

  const input = $("chat-input");
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    following = true;
    if (sendChat(desk, input.value)) input.value = "";
  });
}

// Whether it was taken: what was refused stays in its field.
export function sendChat(desk, text) {
  if (text.trim() === "") return false;
  return desk.team.chat.addServer({ text: text.trim() }).state !== "rejected";
}

function continues(before, message) {
  return (
    before !== undefined &&
    [before, message].every((one) => one.get("kind") === "text") &&
    before.get("author") === message.get("author") &&
    message.get("at") - before.get("at") < TOGETHER
  );
}

function row(desk, message) {
  const card = message.get("kind") === "shipped";
  const author = desk.team.members.get(message.get("author"));
  const row = h(
    "li",
    { class: card ? "message card" : "message" },
    avatar(author, "small"),
    h(
      "div",
      { class: "message-body" },
      card && icon("ship", "card-mark"),
      h("p", { class: "message-head" }, h("span", { class: "message-author" }), time(message.get("at"))),
      h("p", { class: "message-text" }),
    ),
  );
  row.classList.toggle("new", desk.drawn && message === desk.team.chat.at(-1));
  const name = () => (card ? `${desk.nameOf(message.get("author"))} shipped` : desk.nameOf(message.get("author")));
  const when = { text: (one) => ago(one.get("at")), attr: { "data-at": "at" } }; // a guess, until the server stamps it
  bind(row, message, { ".message-text": "text", ".message-author": name, ".when": when });
  return row;
}
