/* The same classes for each implementation: a task, a list of tasks in order, and a team of members with tasks, whose
 * root hears of a change three levels below. Each as its users write it: `text` reads a title, `matching` finds the done. */

async function backbone() {
  const { default: Backbone } = await import("backbone");
  const Task = Backbone.Model.extend({ defaults: { title: "", done: false, order: 0 } });
  const Tasks = Backbone.Collection.extend({ model: Task, comparator: "order" });
  // Backbone has no nesting: this is the usual recipe, a collection made in `initialize`, its events passed on.
  const nested = (name, Of) => ({
    initialize() {
      this[name] = new Of(this.get(name));
      this.unset(name, { silent: true });
      this.listenTo(this[name], "all", this.trigger);
    },
  });
  const Plain = Backbone.Collection.extend({ model: Task });
  const Member = Backbone.Model.extend(nested("tasks", Plain));
  const Members = Backbone.Collection.extend({ model: Member });
  const Team = Backbone.Model.extend(nested("members", Members));
  return { Task, Tasks, Plain, Team, heard: "change", ...asBackbone };
}

async function ampersand() {
  const { default: State } = await import("ampersand-state");
  const { default: Collection } = await import("ampersand-collection");
  const { default: mixin } = await import("ampersand-collection-lodash-mixin");
  const Task = State.extend({
    props: { id: "string", title: ["string", true, ""], done: ["boolean", true, false], order: ["number", true, 0] },
  });
  const Tasks = Collection.extend(mixin, { model: Task, comparator: "order" });
  const Plain = Collection.extend(mixin, { model: Task });
  const nested = (name) => ({
    initialize() {
      this.listenTo(this[name], "all", this.trigger);
    },
  });
  const Member = State.extend({ props: { id: "string", name: "string" }, collections: { tasks: Plain }, ...nested("tasks") });
  const Members = Collection.extend({ model: Member });
  const Team = State.extend({ props: { id: "string", name: "string" }, collections: { members: Members }, ...nested("members") });
  return {
    Task, Tasks, Plain, Team, heard: "change", ...asBackbone,
    text: (task) => task.title,
    matching: (tasks) => tasks.filter({ done: true }),
  };
}

const asBackbone = {
  text: (task) => task.get("title"),
  matching: (tasks) => tasks.where({ done: true }),
};

async function ours(dist, typed) {
  const app = await import(dist);
  const [Task, Tasks, Plain] = typed ? [app.TypedTask, app.TypedTasks, app.TypedPlain] : [app.Task, app.Tasks, app.Plain];
  return { Task, Tasks, Plain, Team: typed ? app.TypedTeam : app.Team, heard: "publish", ...asBackbone };
}

export function classes(implementation, dist) {
  if (implementation === "backbone") return backbone();
  return implementation === "ampersand" ? ampersand() : ours(dist, implementation === "typed");
}
