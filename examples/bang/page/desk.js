// What this page, and only this page, knows: who is looking, at whom, and which task is selected.

import { Events } from "/models/capsule.js";

// Events: "show" (a member is shown), "select" (a task is selected, or none), "panel" (a phone's panel).
export class Desk extends Events {
  constructor(team, me) {
    super();
    this.team = team;
    this.me = me; // the id of the user who logged in
    this.shownId = me;
    this.selectedId = null;
    this.drawn = false; // rows that come after the first drawing are news, and move in
  }

  get mine() {
    return this.team.members.get(this.me);
  }

  get shown() {
    return this.team.members.get(this.shownId) ?? this.mine;
  }

  get selected() {
    return this.selectedId === null ? undefined : this.shown.tasks.get(this.selectedId);
  }

  can(model, ...question) {
    return model.can(question[0], this.me, ...question.slice(1)).allowed;
  }

  nameOf(id) {
    return this.team.members.get(id)?.get("name") ?? id;
  }

  show(id) {
    if (id !== this.shownId && this.team.members.get(id)) {
      this.shownId = id;
      this.selectedId = null;
      this.trigger("show");
    }
    this.open("tasks");
  }

  step(by) {
    const ids = this.team.members.map((member) => member.id);
    this.show(ids[(ids.indexOf(this.shown.id) + by + ids.length) % ids.length]);
  }

  select(id) {
    if (id === this.selectedId) return;
    this.selectedId = id;
    this.trigger("select");
  }

  open(panel) {
    document.body.dataset.panel = panel;
    this.trigger("panel", panel);
  }
}
