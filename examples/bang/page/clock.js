// When something happened, in words that stay true: every shown time is told again twice a minute.

import { h } from "./element.js";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const hours = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);
const daysAgo = (at, now) => Math.round((midnight(now) - midnight(at)) / DAY);

export function ago(at, now = Date.now()) {
  const minutes = Math.floor((now - at) / MINUTE);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  return daysAgo(at, now) === 0 ? hours.format(at) : `${day(at, now)}, ${hours.format(at)}`;
}

export function day(at, now = Date.now()) {
  const days = daysAgo(at, now);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  return days < 7 ? weekday.format(at) : date.format(at);
}

export function time(at) {
  const element = h("time", { class: "when", "data-at": at, datetime: new Date(at).toISOString() });
  element.textContent = ago(at);
  return element;
}

export function startClock() {
  const tell = () => {
    for (const element of document.querySelectorAll("time.when")) element.textContent = ago(Number(element.dataset.at));
  };
  setInterval(tell, MINUTE / 2);
}
