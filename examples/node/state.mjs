// What a scope holds, kept up to date by events: feed -> items in order.

export class State {
  #feeds = new Map(); // feed -> [[id, value], ...]

  constructor(snapshot) {
    for (const [feed, items] of snapshot.feeds) {
      this.#feeds.set(feed, items.map(([id, text]) => [id, JSON.parse(text)]));
    }
  }

  get(feed, id) {
    return this.#feeds.get(feed)?.find(([other]) => other === id)?.[1];
  }

  count(feed) {
    return this.#feeds.get(feed)?.length ?? 0;
  }

  /** [[feed, [[id, value], ...]], ...], sorted by name, without the empty ones. */
  feeds() {
    return [...this.#feeds].filter(([, items]) => items.length).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  apply([verb, feed, id, ...rest]) {
    if (verb === "delete") {
      this.#feeds.delete(feed);
      this.#drop(feed === "." ? "" : `${feed}.`);
    }
    if (!["publish", "edit", "position", "retract"].includes(verb)) return;
    const items = this.#feeds.get(feed) ?? [];
    const at = items.findIndex(([other]) => other === id);
    if (verb === "publish") {
      const [item, position] = rest;
      items.splice(place(items, position), 0, [id, item]);
      this.#feeds.set(feed, items);
    } else if (verb === "edit") {
      const [changes, unset = []] = rest;
      items[at][1] = { ...items[at][1], ...changes };
      for (const key of unset) delete items[at][1][key];
    } else if (verb === "position") {
      const [item] = items.splice(at, 1);
      items.splice(place(items, rest[0]), 0, item);
    } else if (verb === "retract") {
      items.splice(at, 1);
      // Everything below goes with it; the item of the root's own feed `.` takes every other feed.
      this.#drop(feed === "." ? "" : `${feed}.${id}.`);
    }
  }

  #drop(below) {
    for (const other of [...this.#feeds.keys()]) {
      if (other !== "." && other.startsWith(below)) this.#feeds.delete(other);
    }
  }
}

/** Where a position points: `begin:`, `:end`, `X:` right after X, `:X` right before X. */
function place(items, position) {
  if (position === "begin:") return 0;
  if (position === ":end") return items.length;
  const other = position.replace(":", "");
  const at = items.findIndex(([id]) => id === other);
  return position.startsWith(":") ? at : at + 1;
}
