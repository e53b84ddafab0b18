/* Going through a dict or a set that the program may change meanwhile: what is new shows, and a change of size is an error. */
import { $elementOf, $names } from './runtime.dicts.js';
import { RuntimeError } from './runtime.errors.js';
import { own } from './runtime.methods.js';
import { $iter } from './runtime.sequences.js';
import { PySet } from './runtime.sets.js';
import { has, isPlain } from './runtime.values.js';

// To count the keys of an object takes as long as to go through it. More than this often it is not done in one loop: then
// the error comes some steps late.
const MOST_COUNTS = 64;

const KINDS = { keys: 'key', values: 'value', items: 'item', entries: 'item' };

/** An iterator through a dict's "keys", "values", "items" (tuples) or "entries" (pairs that are taken apart at once). */
export class Going {
    constructor(d, what, backwards = false) {
        this.d = d;
        this.what = what;
        this.backwards = backwards;
        this.names = this.now();
        this.at = 0;
        this.every = Math.ceil(this.names.length / MOST_COUNTS) || 1;
    }
    get $kind() {
        return 'dict_' + (this.backwards ? 'reverse' : '') + KINDS[this.what] + 'iterator';
    }
    now() {
        return this.backwards ? $names(this.d).reverse() : $names(this.d);
    }
    [Symbol.iterator]() {
        return this;
    }
    next() {
        const { d, names } = this;
        if (this.at > names.length) return { done: true, value: undefined };
        if (this.at % this.every === 0) this.count();
        while (this.at < names.length && !has(d, names[this.at])) this.at += 1;
        if (this.at < names.length) return { done: false, value: $elementOf(d, names[this.at++], this.what) };
        this.count();
        const now = this.now();
        if (names.some((name, i) => name !== now[i])) throw new RuntimeError('dictionary keys changed during iteration');
        this.at += 1;
        return { done: true, value: undefined };
    }
    count() {
        if (Object.keys(this.d).length !== this.names.length) throw new RuntimeError('dictionary changed size during iteration');
    }
}

/** The same through a set, which knows its size. */
function* throughSet(set) {
    const { size } = set;
    for (const element of set.ordered()) {
        if (set.size !== size) break;
        yield element;
    }
    if (set.size !== size) throw new RuntimeError('Set changed size during iteration');
}

/** What a loop goes through whose body may change it. */
export function $live(x) {
    if (isPlain(x)) return new Going(x, 'keys');
    return x instanceof PySet ? throughSet(x) : $iter(x);
}

export function $l_keys(o) {
    return isPlain(o) ? new Going(o, 'keys') : $iter(own(o, 'keys', []));
}

export function $l_values(o) {
    return isPlain(o) ? new Going(o, 'values') : $iter(own(o, 'values', []));
}

export function $l_items(o) {
    return isPlain(o) ? new Going(o, 'items') : $iter(own(o, 'items', []));
}

export function $l_entries(o) {
    return isPlain(o) ? new Going(o, 'entries') : $iter(own(o, 'items', []));
}
