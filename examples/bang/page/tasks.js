// One member's tasks: mine to work on, a teammate's to read. What a person may do is asked of the model, never known here.

import { bind, each, modelOf } from "/models/capsule.js";
import { dragRows } from "./dragging.js";
import { avatar, h, icon, $ } from "./element.js";
import { say, toast } from "./toasts.js";

export class TaskList {
  constructor(desk) {
    this.desk = desk;
    this.list = $("task-list");
    this.undo = [];
    desk.on("show", () => this.draw());
    desk.on("select", () => this.markSelected());
    this.list.addEventListener("click", (event) => this.click(event));
    this.list.addEventListener("dblclick", (event) => event.target.closest(".task-title") && this.edit(modelOf(event.target)));
    this.list.addEventListener("focusin", (event) => {
      const task = modelOf(event.target);
      if (task) desk.select(task.id);
    });
    dragRows(this.list, (task, position) => this.place(task, position));
    $("back").addEventListener("click", () => desk.show(desk.me));
    this.draw();
  }

  draw() {
    const { desk, list } = this;
    for (const undo of this.undo.splice(0)) undo();
    this.drawn = false;
    const member = desk.shown;
    const mine = member.id === desk.me;
    this.order = member.tasks.models.map((task) => task.id);
    $("person-avatar").replaceChildren(avatar(member, "large"));
    $("back").hidden = mine;
    $("tasks-empty").textContent = mine ? "Nothing to do. Press / and write down what is next." : "Nothing on the list.";
    const note = () => noteOf(member);
    const empty = { hidden: (tasks) => tasks.length > 0 };
    const tasks = $("tasks");
    this.undo.push(
      each(list, member.tasks, (task) => this.row(task, member)),
      bind(tasks, member, { "#tasks-title": "name", "#person-note": note }),
      bind(tasks, member.tasks, { "#person-note": note, "#tasks-empty": empty }),
      bind(tasks, member.shipped, { "#person-note": note }),
    );
    const changed = () => this.afterChange(member);
    member.tasks.on("update reset move", changed);
    this.undo.push(() => member.tasks.off("update reset move", changed));
    this.drawn = true; // rows that come from now on are news, and move in
    this.markSelected();
  }

  row(task, member) {
    const { desk } = this;
    const can = {
      move: desk.can(task, "move", { last: true }),
      edit: this.mayEdit(task),
      delete: desk.can(task, "delete"),
      ship: desk.can(task, "call", "ship"),
      activate: desk.can(task, "call", "activate"),
    };
    const row = h(
      "li",
      { class: "task", tabindex: -1, "data-task": task.id },
      can.move && h("span", { class: "grip", "aria-hidden": "true", title: "Drag to reorder" }, icon("grip")),
      can.activate
        ? h("button", { type: "button", class: "task-state", "data-do": "activate", tabindex: -1 }, icon("start"))
        : h("span", { class: "task-state", "aria-hidden": "true" }),
      h("span", { class: "task-title" }),
      h(
        "span",
        { class: "task-doors" },
        can.edit && door("edit", "Edit"),
        can.delete && door("delete", "Delete"),
        can.ship && h("button", { type: "button", class: "ship", "data-do": "ship", tabindex: -1 }, icon("ship"), h("span", {}, "Ship")),
      ),
    );
    row.classList.toggle("readable", !can.move);
    row.classList.toggle("new", this.drawn);
    const active = () => member.get("activeTask") === task.id;
    bind(row, task, { ".task-title": "title" });
    bind(row, member, { "": { class: { active } } });
    if (can.activate) {
      const label = () => (active() ? "Stop working on this" : "Work on this");
      bind(row, member, { ".task-state": { attr: { "aria-label": label, title: label } } });
    }
    return row;
  }

  // -- what a person does

  click(event) {
    const task = modelOf(event.target);
    const what = event.target.closest("[data-do]")?.dataset.do;
    if (!task) return;
    if (what) this[what](task);
    else if (!event.target.closest("input")) this.rowOf(task.id).focus({ preventScroll: true });
  }

  ship(task) {
    if (!this.desk.can(task, "call", "ship")) return;
    task.callServerMethod("ship");
    say(`Shipped: ${task.get("title")}`);
  }

  activate(task) {
    const method = this.desk.shown.get("activeTask") === task.id ? "deactivate" : "activate";
    if (this.desk.can(task, "call", method)) task.callServerMethod(method);
  }

  delete(task) {
    if (!this.desk.can(task, "delete")) return;
    const title = task.get("title");
    const tasks = task.collection;
    const next = tasks.models[tasks.models.indexOf(task) + 1]?.id;
    if (task.deleteServer().state === "rejected") return;
    const restore = () => tasks.addServer({ title }, tasks.get(next) ? { before: next } : { last: true });
    toast({ title: "Deleted", text: title, action: "Undo", run: restore });
  }

  edit(task) {
    const row = task && this.rowOf(task.id);
    const title = row?.querySelector(".task-title");
    if (!title || title.hidden || !this.mayEdit(task)) return;
    const input = h("input", { class: "task-editor", "aria-label": "Task", maxlength: 140 });
    input.value = task.get("title");
    title.hidden = true;
    title.after(input);
    input.focus();
    input.select();
    let open = true;
    const close = (keep) => {
      if (!open) return;
      open = false;
      const text = input.value.trim();
      const focused = document.activeElement === input;
      input.remove();
      title.hidden = false;
      if (focused) row.focus({ preventScroll: true });
      if (keep && text !== task.get("title")) task.setServer({ title: text });
    };
    input.addEventListener("blur", () => close(true));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) close(true);
      if (event.key === "Escape") close(false);
      event.stopPropagation();
    });
  }

  // The question that is asked is whether this very change would be taken: one that changes nothing is, for an owner.
  mayEdit(task) {
    return this.desk.can(task, "edit", { title: task.get("title") });
  }

  // -- order and selection

  place(task, position) {
    if (!this.desk.can(task, "move", position)) return;
    task.moveServer(position);
    const tasks = task.collection;
    if (tasks) say(`${tasks.models.indexOf(task) + 1} of ${tasks.length}: ${task.get("title")}`);
  }

  nudge(by) {
    const task = this.desk.selected;
    const tasks = this.desk.shown.tasks.models;
    const neighbour = task && tasks[tasks.indexOf(task) + by];
    if (neighbour) this.place(task, by < 0 ? { before: neighbour.id } : { after: neighbour.id });
  }

  step(by) {
    const tasks = this.desk.shown.tasks.models;
    if (tasks.length === 0) return;
    const at = tasks.indexOf(this.desk.selected);
    const next = at < 0 ? (by > 0 ? 0 : tasks.length - 1) : Math.min(Math.max(at + by, 0), tasks.length - 1);
    this.rowOf(tasks[next].id).focus();
  }

  // A task that leaves hands its selection to the one that takes its place.
  afterChange(member) {
    const { desk } = this;
    const ids = member.tasks.models.map((task) => task.id);
    if (desk.selectedId !== null && !ids.includes(desk.selectedId)) {
      const next = ids[Math.min(this.order.indexOf(desk.selectedId), ids.length - 1)] ?? null;
      const free = document.activeElement === null || document.activeElement === document.body;
      desk.select(next);
      if (next !== null && free) this.rowOf(next)?.focus({ preventScroll: true });
    }
    this.order = ids;
    this.markSelected();
  }

  markSelected() {
    const rows = [...this.list.querySelectorAll(".task")];
    for (const row of rows) {
      const selected = row.dataset.task === this.desk.selectedId;
      row.tabIndex = selected ? 0 : -1;
      if (selected) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      for (const button of row.querySelectorAll("button")) button.tabIndex = selected ? 0 : -1;
    }
    if (this.desk.selectedId === null && rows.length > 0) rows[0].tabIndex = 0;
  }

  rowOf(id) {
    return [...this.list.querySelectorAll(".task")].find((row) => row.dataset.task === id);
  }
}

const door = (what, label) =>
  h("button", { type: "button", class: "door", "data-do": what, "aria-label": label, title: label, tabindex: -1 }, icon(what));

function noteOf(member) {
  const tasks = member.tasks.length;
  const shipped = member.shipped.length;
  return `${tasks === 0 ? "No tasks" : tasks === 1 ? "1 task" : `${tasks} tasks`} · ${shipped} shipped`;
}
