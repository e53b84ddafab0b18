// One box for everything: plain text is a task, `!` puts it on top, `>` chats, `@` goes to somebody.

import { sendChat } from "./chat.js";
import { avatar, h, icon, $ } from "./element.js";
import { activeTitle } from "./members.js";

const MODES = { "@": "person", ">": "chat" };

export class Omnibox {
  constructor(desk) {
    this.desk = desk;
    this.input = $("omni-input");
    this.list = $("omni-list");
    this.people = [];
    this.at = 0;
    this.input.addEventListener("input", () => this.suggest());
    this.input.addEventListener("focus", () => this.suggest());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("li");
      if (option) this.go(this.people[[...this.list.children].indexOf(option)]);
    });
    $("omnibox").addEventListener("submit", (event) => {
      event.preventDefault();
      this.enter();
    });
  }

  open(start = "") {
    this.desk.open("tasks");
    this.input.value = start || this.input.value;
    this.input.focus();
    this.suggest();
  }

  enter() {
    const { desk, input } = this;
    const text = input.value.trim();
    const first = text[0];
    if (text === "") return;
    if (first === "@") return this.go(this.people[this.at]);
    if (first === ">") {
      if (sendChat(desk, text.slice(1))) this.clear();
      return;
    }
    const title = first === "!" ? text.slice(1).trim() : text;
    if (title === "") return;
    const operation = desk.mine.tasks.addServer({ title }, first === "!" ? { first: true } : { last: true });
    if (operation.state === "rejected") return;
    this.clear();
    desk.show(desk.me);
  }

  go(member) {
    if (!member) return;
    this.clear();
    this.desk.show(member.id);
    this.input.blur();
    $("tasks").focus({ preventScroll: true });
  }

  clear() {
    this.input.value = "";
    this.suggest();
  }

  key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && this.people.length > 0) {
      event.preventDefault();
      this.at = (this.at + by + this.people.length) % this.people.length;
      this.mark();
    }
    if (event.key === "Tab" && this.people.length > 0) {
      event.preventDefault();
      this.go(this.people[this.at]);
    }
  }

  suggest() {
    const text = this.input.value.trimStart();
    const mode = MODES[text[0]] ?? "plus";
    $("omni-mode").replaceChildren(icon(mode));
    this.people = mode === "person" ? this.find(text.slice(1).trim().toLowerCase()) : [];
    this.at = 0;
    this.list.replaceChildren(...this.people.map((member, index) => this.option(member, index)));
    const open = this.people.length > 0 && document.activeElement === this.input;
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    this.mark();
  }

  // Who begins with it comes before who contains it.
  find(part) {
    const rank = (member) => {
      const name = member.get("name").toLowerCase();
      if (name.startsWith(part) || member.id.startsWith(part)) return 0;
      return name.split(/\s+/).some((word) => word.startsWith(part)) ? 1 : name.includes(part) ? 2 : 3;
    };
    const found = this.desk.team.members.filter((member) => rank(member) < 3);
    return found.sort((a, b) => rank(a) - rank(b));
  }

  option(member, index) {
    return h(
      "li",
      { class: "omni-option", role: "option", id: `omni-${index}` },
      avatar(member, "small"),
      h("span", { class: "member-name" }, member.get("name")),
      h("span", { class: "member-active" }, activeTitle(member)),
    );
  }

  mark() {
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === this.at)));
    if (this.people.length > 0) this.input.setAttribute("aria-activedescendant", `omni-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }
}
