// Whether this page hears the server, and what it still waits for.

import { $ } from "./element.js";

const WORDS = { connecting: "Connecting", online: "Online", reconnecting: "Reconnecting", offline: "Offline" };

export function showConnection(connection) {
  const pill = $("link-state");
  const text = pill.querySelector(".link-text");
  const draw = () => {
    const waiting = connection.replica.pending.length;
    const { state } = connection;
    pill.dataset.state = state;
    text.textContent = state !== "online" && waiting > 0 ? `${WORDS[state]} · ${waiting} waiting` : WORDS[state];
  };
  connection.on("state", draw);
  connection.replica.on("pending settled", draw);
  draw();
}
