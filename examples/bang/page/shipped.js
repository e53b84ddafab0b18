// The shipped stream: what anybody on the team has finished, newest first.

import { bind, each, Events } from "/models/capsule.js";
import { day, time } from "./clock.js";
import { avatar, h, $ } from "./element.js";

const SHOWN = 40;

// All members' shipped feeds as one, in the form that `each` takes: `models`, and "update" when they differ.
class ShippedStream extends Events {
  constructor(team) {
    super();
    this.team = team;
    this.models = [];
    const watch = (member) => this.listenTo(member.shipped, "update reset", this.gather);
    team.members.forEach(watch);
    this.listenTo(team.members, "add", watch);
    this.listenTo(team.members, "remove", (member) => this.stopListening(member.shipped));
    this.listenTo(team.members, "update reset", this.gather);
    this.gather();
  }

  gather() {
    const all = this.team.members.map((member) => member.shipped.models).flat();
    this.total = all.length;
    this.models = all.sort((a, b) => b.get("shippedAt") - a.get("shippedAt")).slice(0, SHOWN);
    this.trigger("update");
  }
}

export function drawShipped(desk) {
  const stream = new ShippedStream(desk.team);
  const list = $("shipped-list");
  each(list, stream, (item) => row(desk, item));
  const frame = () => {
    $("shipped-count").textContent = stream.total || "";
    $("shipped-empty").hidden = stream.total > 0;
    let last = "";
    stream.models.forEach((item, index) => {
      const heading = list.children[index].querySelector(".shipped-day");
      const name = day(item.get("shippedAt"));
      heading.textContent = name;
      heading.hidden = name === last;
      last = name;
    });
  };
  stream.on("update", frame);
  frame();
}

function row(desk, item) {
  const member = item.parent;
  const row = h(
    "li",
    {},
    h("h3", { class: "shipped-day" }),
    h(
      "div",
      { class: "shipped-item" },
      avatar(member, "small"),
      h("div", {}, h("p", { class: "shipped-title" }), h("p", { class: "shipped-by" })),
      time(item.get("shippedAt")),
    ),
  );
  row.firstChild.nextSibling.classList.toggle("new", desk.drawn);
  bind(row, item, { ".shipped-title": "title" });
  bind(row, member, { ".shipped-by": "name" });
  return row;
}
