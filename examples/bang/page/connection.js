// Whether this page hears the server, and what it still waits for.

import { $ } from "./element.js";
import { toast } from "./toasts.js";

const WORDS = { connecting: "Connecting", online: "Online", reconnecting: "Reconnecting", offline: "Offline" };
const NOBODY_LOGGED_IN = 4401;

export function showConnection(connection) {
  const pill = $("link-state");
  const text = pill.querySelector(".link-text");
  const draw = () => {
    const waiting = connection.replica.pending.length;
    const state = stateOf(connection);
    pill.dataset.state = state;
    text.textContent = state !== "online" && waiting > 0 ? `${WORDS[state]} · ${waiting} waiting` : WORDS[state];
  };
  connection.on("status pending settled", draw);
  connection.on("closed", (code) => {
    if (code === NOBODY_LOGGED_IN) return location.assign("/login");
    toast({ title: "This page is out of date", text: "There is a newer version.", action: "Reload", run: () => location.reload() });
  });
  // An error about one change rolls that change back and is shown there.
  connection.on("error", (error) => {
    if (error.n === undefined) toast({ title: "The server says", text: error.sentence, alert: true });
  });
  draw();
}

// The driver tries again by itself; for a person, that is one state until it succeeds.
function stateOf({ status, replica }) {
  if (status === "online") return "online";
  if (!navigator.onLine || status === "closed") return "offline";
  return replica.ready ? "reconnecting" : "connecting";
}
