/* DOM binding: models to elements and collections to rows, in the spirit of Capsule's View, without a view class.
 *
 *   bind(root, model, bindings[, events])  keeps elements below `root` equal to the model; answers an unbind function.
 *       bindings: {selector: what}; the selector "" is `root` itself. One that matches nothing throws: it is a typo.
 *       what: a source (short for {text: source}), or an object of
 *           text: source                  textContent, never HTML
 *           value: source                 of an input; what a user is typing is not overwritten until the focus leaves
 *           checked, disabled, hidden: source      the boolean property of that name
 *           class: {name: source}         the class is there while the source is truthy
 *           attr:  {name: source}         null, undefined and false remove it; `on...`, `style` and `srcdoc` are refused,
 *                                         and a URL attribute with a scheme such as javascript: is removed
 *       source: an attribute's name, or a function of the model. Functions run again at each of `events`
 *           (default "change update reset sort move": so `bind(el, tasks, {".count": (c) => c.length})` works as well).
 *   each(parent, collection, render[, {filter, order}])  keeps one row below `parent` for each model; answers an unbind
 *       function that removes the rows. `render(model)` gives the row's element, once while the model is shown. Rows are
 *       moved, never drawn again, and the row that holds the focus stays in the document while the others move around it.
 *       filter(model) -> boolean and order(a, b) -> number are asked again at each change. Other children of `parent` stay.
 *   modelOf(node)     the model of the row around a node (for one listener on the list: modelOf(event.target)), or null.
 *   release(element)  undoes every bind and each made on an element or below it; `each` does it for a row that leaves.
 *
 * Anything with `on` and `off` can be bound. Handlers are kept under a context of their own, so unbinding takes off these alone.
 */
const CHANGES = "change update reset sort move";
const FORBIDDEN = /^(on.*|style|srcdoc)$/i;
const URLS = new Set(["href", "src", "action", "formaction", "poster", "data", "xlink:href"]);
const SCHEMES = new Set(["http:", "https:", "mailto:", "tel:", "blob:"]);
const held = new WeakMap(); // element -> Set of functions that undo what was bound on it
const rows = new WeakMap(); // row -> its model

export function bind(root, model, bindings, events = CHANGES) {
  const context = new AbortController(); // the key for `off`, and the end of its DOM listeners
  for (const [selector, what] of Object.entries(bindings)) {
    const found = selector === "" ? [root] : [...root.querySelectorAll(selector)];
    if (found.length === 0) throw new Error(`bind: nothing matches "${selector}" in <${root.localName}>.`);
    for (const element of found) {
      for (const [source, write] of writers(element, typeof what === "object" ? what : { text: what }, context)) {
        const computed = typeof source === "function";
        const update = () => write(computed ? source(model) : model.get(source));
        model.on(computed ? events : `change:${source}`, update, context);
        update();
      }
    }
  }
  return hold(root, () => {
    model.off(null, null, context);
    context.abort();
  });
}

function* writers(element, kinds, context) {
  for (const [kind, of] of Object.entries(kinds)) {
    if (kind === "text") yield [of, (value) => (element.textContent = text(value))];
    else if (kind === "value") yield [of, input(element, context.signal)];
    else if (["checked", "disabled", "hidden"].includes(kind)) yield [of, (value) => (element[kind] = Boolean(value))];
    else if (kind === "class") for (const name in of) yield [of[name], (value) => element.classList.toggle(name, Boolean(value))];
    else if (kind === "attr") for (const name in of) yield [of[name], attribute(element, name)];
    else throw new Error(`bind: "${kind}" is not one of text, value, checked, disabled, hidden, class, attr.`);
  }
}

const text = (value) => (value === null || value === undefined ? "" : String(value));

function input(element, signal) {
  let shown = null; // what was written last: anything else in the field is the user's
  let waiting = null; // what the model wants to show
  const write = () => {
    if (element.value !== waiting) element.value = waiting;
    shown = element.value; // not `waiting`: a number field keeps its own spelling
  };
  return (value) => {
    waiting = text(value);
    const typed = shown !== null && element.value !== shown && element === document.activeElement;
    if (typed && element.value !== waiting) element.addEventListener("blur", write, { once: true, signal });
    else write();
  };
}

function attribute(element, name) {
  if (FORBIDDEN.test(name)) throw new Error(`bind: the attribute "${name}" could run or restyle; use a listener or a class.`);
  const harmless = (url) => URL.canParse(url, document.baseURI) && SCHEMES.has(new URL(url, document.baseURI).protocol);
  return (value) => {
    const shown = value === true ? "" : text(value);
    const gone = value === null || value === undefined || value === false;
    if (gone || (URLS.has(name.toLowerCase()) && !harmless(shown))) element.removeAttribute(name);
    else element.setAttribute(name, shown);
  };
}

export function each(parent, collection, render, { filter = null, order = null } = {}) {
  const drawn = new Map(); // model -> row
  const [start, end] = [document.createComment(""), document.createComment("")];
  parent.append(start, end);
  const row = (model) => {
    if (!drawn.has(model)) drawn.set(model, render(model));
    rows.set(drawn.get(model), model);
    return drawn.get(model);
  };
  const draw = () => {
    const wanted = collection.models.filter((model) => filter === null || filter(model));
    if (order !== null) wanted.sort(order);
    drop(new Set(wanted));
    arrange(wanted.map(row), start, end);
  };
  const drop = (kept) => {
    for (const [model, element] of drawn) {
      if (kept.has(model) || !drawn.delete(model)) continue;
      release(element);
      element.remove();
    }
  };
  collection.on(CHANGES, draw, drawn);
  draw();
  return hold(parent, () => {
    collection.off(null, null, drawn);
    drop(new Set());
    for (const mark of [start, end]) mark.remove();
  });
}

// Moving a node takes the focus from it. So the row with the focus never moves: what stands before it and should not goes to
// the end, to be met again. The same step makes "the first row went last" one move instead of one for every other row.
function arrange(wanted, start, end) {
  const pinned = wanted.find((row) => row.contains(document.activeElement));
  let next = start.nextSibling;
  for (const row of wanted) {
    const there = row.parentNode === end.parentNode;
    while (there && next !== row && next !== pinned && (row === pinned || row === next.nextSibling)) {
      next = next.nextSibling;
      end.before(next.previousSibling);
    }
    if (next === row) next = row.nextSibling;
    else next.before(row);
  }
}

export const modelOf = (node) => (!node || rows.has(node) ? (rows.get(node) ?? null) : modelOf(node.parentNode));

export function release(element) {
  for (const one of [element, ...element.querySelectorAll("*")]) for (const undo of [...(held.get(one) ?? [])]) undo();
}

function hold(element, undo) {
  const undoes = held.get(element) ?? new Set();
  const once = () => undoes.delete(once) && undo();
  held.set(element, undoes.add(once));
  return once;
}
