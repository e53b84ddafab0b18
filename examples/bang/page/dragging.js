// Reordering rows by their grip, with a mouse, a pen or a finger. The rows only look moved until the drop asks the server.

import { modelOf } from "/models/capsule.js";

const EDGE = 56; // px from the edge of the scrolled panel where it begins to scroll

// `drop(model, position)` gets a position of the models' API: {before: id} or {last: true}.
export function dragRows(list, drop) {
  list.addEventListener("pointerdown", (event) => {
    const row = event.target.closest(".grip")?.closest("li");
    if (!row || event.button !== 0) return;
    event.preventDefault();
    row.focus({ preventScroll: true });
    new Drag(list, row, event, drop);
  });
}

class Drag {
  constructor(list, row, event, drop) {
    this.list = list;
    this.row = row;
    this.drop = drop;
    this.scroller = scrollerOf(list);
    this.startY = event.clientY;
    this.startScroll = this.scroller.scrollTop;
    this.measure();
    row.classList.add("lifted");
    list.classList.add("sorting");
    row.setPointerCapture(event.pointerId);
    this.stop = new AbortController();
    const { signal } = this.stop;
    row.addEventListener("pointermove", (move) => this.move(move.clientY), { signal });
    row.addEventListener("pointerup", () => this.end(true), { signal });
    row.addEventListener("pointercancel", () => this.end(false), { signal });
    document.addEventListener("keydown", (key) => key.key === "Escape" && this.end(false), { signal, capture: true });
    // Somebody else may change the list meanwhile: then what was measured is no longer true.
    this.watch = new MutationObserver(() => this.end(false));
    this.watch.observe(list, { childList: true });
  }

  measure() {
    this.rows = [...this.list.querySelectorAll(":scope > li")];
    this.from = this.rows.indexOf(this.row);
    this.to = this.from;
    this.tops = this.rows.map((row) => row.offsetTop);
    this.heights = this.rows.map((row) => row.offsetHeight);
    this.gap = this.rows.length > 1 ? this.tops[1] - this.tops[0] - this.heights[0] : 0;
  }

  move(clientY) {
    const frame = this.scroller.getBoundingClientRect();
    if (clientY < frame.top + EDGE) this.scroller.scrollTop -= 8;
    else if (clientY > frame.bottom - EDGE) this.scroller.scrollTop += 8;
    const by = clientY - this.startY + this.scroller.scrollTop - this.startScroll;
    const middle = this.tops[this.from] + by + this.heights[this.from] / 2;
    this.to = this.rows.reduce((at, _, index) => {
      const centre = this.tops[index] + this.heights[index] / 2;
      if (index < this.from && middle < centre) return at - 1;
      if (index > this.from && middle > centre) return at + 1;
      return at;
    }, this.from);
    const room = this.heights[this.from] + this.gap;
    this.rows.forEach((row, index) => {
      if (index === this.from) row.style.transform = `translateY(${by}px)`;
      else if (index > this.from && index <= this.to) row.style.transform = `translateY(${-room}px)`;
      else if (index < this.from && index >= this.to) row.style.transform = `translateY(${room}px)`;
      else row.style.transform = "";
    });
  }

  end(dropped) {
    this.stop.abort();
    this.watch.disconnect();
    this.list.classList.remove("sorting");
    this.row.classList.remove("lifted");
    for (const row of this.rows) row.style.transform = "";
    const model = modelOf(this.row);
    if (!dropped || this.to === this.from || !model) return;
    const target = this.to > this.from ? this.rows[this.to + 1] : this.rows[this.to];
    const before = target && modelOf(target);
    this.drop(model, before ? { before: before.id } : { last: true });
  }
}

function scrollerOf(element) {
  for (let at = element; at; at = at.parentElement) if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  return document.scrollingElement;
}
