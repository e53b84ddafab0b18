// Notices: what was refused and why, what can be undone; and a voice for those who do not see the page.

import { h, icon, $ } from "./element.js";

const SHOWN = 7000; // ms
const MOST = 3;

// {title, text, action, run, alert}: `action` names a button that calls `run`. It stays while it is looked at.
export function toast({ title, text, action, run, alert = false }) {
  const box = $("toasts");
  const close = h("button", { type: "button", "aria-label": "Dismiss" }, icon("close"));
  const act = action && h("button", { type: "button", class: "toast-action" }, action);
  const element = h(
    "div",
    { class: "toast", role: alert ? "alert" : "status" },
    h("i", { class: "toast-mark", "aria-hidden": "true" }),
    h("p", {}, h("strong", {}, title), text),
    act,
    close,
  );
  const gone = () => element.remove();
  let timer = setTimeout(gone, SHOWN);
  const wait = () => clearTimeout(timer);
  const resume = () => {
    wait();
    timer = setTimeout(gone, SHOWN / 2);
  };
  element.addEventListener("pointerenter", wait);
  element.addEventListener("pointerleave", resume);
  element.addEventListener("focusin", wait);
  element.addEventListener("focusout", resume);
  close.addEventListener("click", gone);
  act?.addEventListener("click", () => {
    gone();
    run();
  });
  while (box.children.length >= MOST) box.firstChild.remove();
  box.append(element);
}

// Said by a screen reader, shown to nobody.
export function say(text) {
  $("spoken").textContent = text;
}
