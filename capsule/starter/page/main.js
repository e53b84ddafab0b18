// The page: one connection, one board. What may be done is decided in models.py, here and again on the server.

import { bind, Board, connect, each, modelOf } from "/models/main.js";

const $ = (id) => document.getElementById(id);
const connection = connect({ url: "/ws", root: Board, scope: "board.main" });
const board = connection.root;

connection.on("status", (status) => ($("status").textContent = status));
connection.on("closed", () => location.reload());
connection.on("rejected", (operation, verdict) => ($("problem").textContent = verdict.sentence));
connection.on("ready", start);

function start() {
  const me = connection.replica.user;
  bind($("title"), board, { "": "title" });
  each($("notes"), board.notes, (note) => {
    const row = $("note").content.firstElementChild.cloneNode(true);
    bind(row, note, {
      "": { class: { done: "done" } },
      ".text": "text",
      ".author": "author",
      ".done": { checked: "done" },
      ".delete": { hidden: () => !note.can("delete", me).allowed },
    });
    return row;
  });
}

$("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const { text } = event.target.elements;
  $("problem").textContent = "";
  if (board.notes.addServer({ text: text.value }).state !== "rejected") text.value = "";
});

$("notes").addEventListener("click", (event) => {
  const note = modelOf(event.target);
  if (event.target.matches(".done")) note.setServer({ done: event.target.checked });
  if (event.target.matches(".delete")) note.deleteServer();
});
