// The team: who is here, and what everybody is working on.

import { bind, each, modelOf } from "/models/capsule.js";
import { avatar, h, $ } from "./element.js";

export const activeTitle = (member) => member.tasks.get(member.get("activeTask"))?.get("title") ?? "";

export function drawMembers(desk) {
  const { team } = desk;
  const list = $("members");
  each(list, team.members, (member) => row(desk, member));
  bind($("team-count"), team.members, { "": (members) => members.length });
  list.addEventListener("click", (event) => {
    if (event.target.closest(".member")) desk.show(modelOf(event.target).id);
  });
  const mark = () => {
    for (const button of list.querySelectorAll(".member")) {
      if (modelOf(button) === desk.shown) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  };
  desk.on("show", mark);
  team.members.on("update reset", mark);
  mark();
  drawPresence(desk, list);
}

function row(desk, member) {
  const face = avatar(member);
  face.append(h("i", { class: "presence" }));
  const name = h("span", { class: "member-name" }, h("span", { class: "name" }), member.id === desk.me && h("span", { class: "you" }, "you"));
  const button = h(
    "button",
    { type: "button", class: "member", "data-member": member.id },
    face,
    name,
    h("span", { class: "member-active" }),
    h("span", { class: "member-count", title: "Tasks" }),
    h("span", { class: "unseen presence-text" }),
  );
  const item = h("li", {}, button);
  const active = { text: () => activeTitle(member), class: { busy: () => activeTitle(member) !== "" } };
  bind(item, member, { ".name": "name", ".member-active": active });
  bind(item, member.tasks, { ".member-active": active, ".member-count": (tasks) => tasks.length || "" });
  return item;
}

function drawPresence(desk, list) {
  const { link } = desk.team;
  const draw = () => {
    const here = new Set(Object.values(link.presence).map((session) => session.user));
    for (const button of list.querySelectorAll(".member")) {
      const present = here.has(modelOf(button).id);
      button.querySelector(".presence").classList.toggle("here", present);
      button.querySelector(".presence-text").textContent = present ? "online" : "away";
    }
  };
  link.on("presence", draw);
  desk.team.members.on("update reset", draw);
  draw();
}
