/* A TypeScript developer's use of every public feature. Each @ts-expect-error is a mistake that the declarations catch:
 * tsc fails on one that is not an error. `npm run types` builds the declarations and checks this file. */
import {
  LIMIT,
  Member,
  Note,
  ship,
  Task,
  Tasks,
  Urgent,
  UrgentTasks,
  type ShipOptions,
  type TaskProps,
} from "../dist/app/main.js";
import {
  bind,
  Collection,
  connect, connectOffline, connectShared,
  each,
  Events,
  Model,
  modelOf,
  PropError,
  type Data,
  type Position,
  type Verdict,
} from "../dist/app/capsule.js";

// -- new

const task = new Task({ title: "write", done: true });
new Task();
new Task(null, { silent: true });
// @ts-expect-error an unknown property
new Task({ titel: "write" });
// @ts-expect-error a wrong type
new Task({ title: 1 });
// @ts-expect-error not an allowed value
new Task({ level: "medium" });
// @ts-expect-error derived: it cannot be given
new Task({ late: true });

// -- get

const title: string = task.get("title");
const owner: string | undefined = task.get("owner");
const due: number | null | undefined = task.get("due");
const done: boolean = task.get("done");
const level: "low" | "high" = task.get("level");
const late: boolean = task.get("late");
const selected: boolean | undefined = task.get("selected");
const id: string | undefined = task.get("id");
// @ts-expect-error it may be missing
const sure: string = task.get("owner");
// @ts-expect-error an unknown name
task.get("nope");

const kind: string = task.type + task.clientEditable.join();
// @ts-expect-error the server's word
task.clientEditable = [];

// -- set

task.set({ title: "x", due: null });
task.set("done", false, { silent: true });
task.unset("owner");
task.toggle("done");
if (task.set({ title: "" }, { validate: true }) === false) task.validationError;
// @ts-expect-error a wrong type
task.set({ title: 5 });
// @ts-expect-error an unknown name
task.set("titel", "x");
// @ts-expect-error a value of another property's type
task.set("done", "no");
// @ts-expect-error derived
task.set("late", true);

// -- events

task
  .on("change:title", (model, value, options) => {
    const now: string = value;
    model.label(now, { loud: true });
    options.silent;
  })
  .on("change", (model) => model.describe())
  .once("change:late", (_, value) => value === true);
task.on("change:title change:done anything else", () => {});
task.on({ "change:title": (model: Task, value: string) => value.length, mine: () => {} });
task.off("change:title").off(null, null, task);
// @ts-expect-error a typo
task.on("change:titel", () => {});
// @ts-expect-error a typo among several
task.on("change:title change:titel", () => {});
// @ts-expect-error a typo in a map
task.on({ "change:titel": () => {} });
// @ts-expect-error the value is a string
task.on("change:title", (model, value: number) => {});
new Events().on("a b", () => {}).listenTo(task, "change", () => {});

// -- methods

const label: string = task.label("> ", { loud: true });
const other: Task | null | undefined = task.next(null);
task.next();
const shipped: Record<string, any> = ship(task, { note: "done", to: "team" });
const options: ShipOptions = {};
const limit: number = LIMIT;
// @ts-expect-error keyword-only in Python: an object here
task.label("> ", true);
// @ts-expect-error not public
task._hidden();
// @ts-expect-error not one of the literals
ship(task, { to: "all" });

// -- extends, instanceof

class Mine extends Task {
  extra = 1;
  override label(prefix = ""): string {
    this.set({ title: "q" });
    this.on("change:title", (model) => model.extra);
    return super.label(prefix) + this.get("title") + this.extra;
  }
  override canEdit(user: string): boolean {
    return user === "ann" || this.deny("Only Ann.");
  }
}
const mine = new Mine({ title: "x" });
mine.on("change:done", (model, value) => model.extra + Number(value));
const asTask: Task = mine;
function narrowed(value: unknown): void {
  if (!(value instanceof Task)) return;
  value.get("title").length;
  // @ts-expect-error `instanceof` keeps the names
  value.get("nope");
}

const urgent = new Urgent({ hours: 3, title: "t" });
urgent.on("change:hours", (model, value) => value.toFixed() + model.get("title"));
const high: "high" = urgent.get("level");
const alsoTask: Task = urgent;
// @ts-expect-error only its own level
urgent.set({ level: "low" });

// -- collections and children

const tasks = new Tasks([{ title: "a" }, task, urgent]);
for (const one of tasks) one.label();
tasks.add({ title: "b" }, { at: 0 }).label();
tasks.get("T1")?.describe();
tasks.filter("done").concat(tasks.where({ done: true }), tasks.open());
const titles: string[] = tasks.pluck("title");
tasks.moveItem("T1", { before: "T2" });
tasks.on("add", (model, collection, options) => model.get("title") + collection.open().length + options.at);
tasks.on("change:title", (model, value) => value.length);
// @ts-expect-error an unknown property
tasks.add({ titel: "b" });
// @ts-expect-error a typo
tasks.on("change:titel", () => {});
// @ts-expect-error an unknown property
tasks.where({ dne: true });
for (const one of new UrgentTasks()) one.get("hours").toFixed();
const base: Collection<Task> = tasks;

const member = new Member({ name: "ann", tasks: [{ title: "a" }, task], profile: { name: "Ann" } });
const first: Task | null | undefined = member.tasks.first();
member.profile.set({ name: "A" });
member.on("change:profile.name", () => {}).on("change:profile", () => {});
member.mport(member.xport());
const exported: string | undefined = member.xport().tasks?.[0]?.title;
// @ts-expect-error an unknown property, two levels down
new Member({ tasks: [{ titel: "a" }] });
// @ts-expect-error made by the framework
member.tasks = tasks;

// -- asking

const verdict: Verdict = task.can("edit", "ann", { title: "x" });
if (!verdict.allowed) verdict.sentence.length;
task.setServer({ done: true }).on("settled", () => {});
task.toggleServer("done");
task.callServerMethod("ship", 1);
const place: Position = { before: "T2" };
task.moveServer(place);
member.tasks.addServer({ title: "b" }, { first: true });
tasks.safeAdd({ title: "x" }, "ann", { id: "T9", after: "T1" });
// @ts-expect-error an unknown property
task.setServer({ dne: true });
// @ts-expect-error not a position
task.moveServer({ at: 1 });
// @ts-expect-error nobody is not a user
task.can("edit");

const session = connect({ url: "/live", root: Member, scope: "member.ann" });
session.root.tasks.length;
session.on("status", (status) => status === "offline" && session.close());
session.on("rejected", (operation, refused) => `${operation.n} ${refused.sentence}`);
// @ts-expect-error not a state
session.status === "away";

const shared = connectShared({ url: "/live", root: Member, scope: "member.ann", user: "ann" });
shared.root.tasks.length;
const marked: boolean = shared.replica.pending.some((operation) => operation.touches(task));
// @ts-expect-error whose tabs?
connectShared({ url: "/live", root: Member, scope: "member.ann" });
connectOffline({ url: "/live", root: Member, scope: "member.ann", user: "ann", connect: connectShared }).then((kept) => kept.root.tasks);

// -- Backbone mode

const note = new Note({ text: "a b" });
note.set({ anything: 1 });
note.get("whatever").length;
const words: number = note.words();
class Own extends Model<{ size: number }> {}
const size: number = new Own({ size: 1 }).get("size");
// @ts-expect-error a wrong type
new Own({ size: "1" });

// -- the DOM

declare const element: HTMLElement;
const unbind: () => void = bind(element, task, {
  ".title": "title",
  "": { class: { done: "done", low: (model) => model.get("level") === "low" }, attr: { "data-id": "id" } },
});
bind(element, tasks, { ".count": (all) => all.length });
bind(element, session, { ".status": (live) => live.status }, "status");
each(element, tasks, (model) => (bind(element, model, { "": "title" }), element), {
  filter: (model) => !model.get("done"),
  order: (a, b) => a.get("title").localeCompare(b.get("title")),
});
modelOf(element)?.get("title");
// @ts-expect-error an unknown attribute
bind(element, task, { ".title": "titel" });
// @ts-expect-error an unknown kind
bind(element, task, { ".title": { txt: "title" } });

const data: Data<Member> = { name: "x", tasks: [] };
const props: TaskProps = { title: "x", done: false, level: "low" };
try {
  task.set({ title: "x" });
} catch (error) {
  if (error instanceof PropError) error.field;
}
