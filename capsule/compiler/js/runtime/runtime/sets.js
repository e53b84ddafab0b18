/* Sets of what Python can hash: text, numbers, None, tuples, frozensets, and instances (by identity). */
import { DictView } from './runtime.dicts.js';
import { $terr, KeyError } from './runtime.errors.js';
import { Float } from './runtime.numbers.js';
import { $iter, Tuple } from './runtime.sequences.js';
import { repr } from './runtime.text.js';
import { $typed, $tname, isPlain } from './runtime.values.js';

/** What stands for a value where it is looked up: equal for equal values (1, 1.0 and True are one). */
export function $hash(x) {
    switch (typeof x) {
        case 'boolean': return +x;
        case 'undefined': return null;
        case 'string': return x.charCodeAt(0) === 0 ? '\0s' + x : x;
    }
    if (x instanceof Float) {
        const n = x.valueOf();
        return Number.isFinite(n) && !Number.isSafeInteger(n) ? BigInt(n) : n === 0 ? 0 : n === n ? n : x;
    }
    if (x instanceof Tuple) return '\0t' + x.map((element) => hashText($hash(element))).join('\0,') + '\0)';
    if (x instanceof FrozenSet) return '\0f' + [...x.elements.keys()].map(hashText).sort().join('\0,') + '\0)';
    if (Array.isArray(x) || isPlain(x) || x instanceof PySet) return $terr("unhashable type: '" + $tname(x) + "'");
    if (x !== null && typeof x === 'object' && typeof x.__eq__ === 'function') {
        // What a class with `__hash__` gives: see hashing.js.
        return x.$token !== undefined ? x.$token : $terr("unhashable type: '" + $tname(x) + "'");
    }
    return x;
}

const numbers = new WeakMap();
let lastNumber = 0;

export function hashText(hash) {
    if (hash === null || (typeof hash !== 'object' && typeof hash !== 'function')) return typeof hash + ':' + String(hash);
    if (!numbers.has(hash)) numbers.set(hash, ++lastNumber);
    return 'object:' + numbers.get(hash);
}

/* CPython keeps a set's elements in a table, by their hashes. Its order is known here where it does not depend on what
   happened before: for ints of which no two fall on one place of the table. Everything else is asked for in vain. */
const FIRST_MASK = 7;

function maskFor(least) {
    let size = FIRST_MASK + 1;
    while (size <= least) size *= 2;
    return size - 1;
}

export class PySet {
    get $kind() {
        return 'set';
    }
    constructor(elements) {
        this.elements = new Map();
        // The table's size, the places in it that were ever used, and whether both are sure.
        this.mask = FIRST_MASK;
        this.fill = 0;
        this.sure = true;
        if (elements !== undefined) this.merge(elements);
    }
    /** Add all elements of anything iterable, growing as CPython's table does. */
    merge(elements) {
        if (elements instanceof PySet) {
            this.sure = this.sure && elements.sure;
            const same = this.fill === 0 && this.mask === elements.mask && elements.fill === elements.size;
            if (!same && (this.fill + elements.size) * 5 >= this.mask * 3) {
                this.mask = maskFor((this.size + elements.size) * 2);
            }
            const grown = this.mask;
            const empty = this.fill === 0;
            for (const x of elements) PySet.prototype.add.call(this, x);
            if (empty) this.mask = grown;
        } else {
            for (const x of $iter(elements)) PySet.prototype.add.call(this, x);
        }
        return this;
    }
    /** The elements in CPython's order. */
    ordered() {
        return this.known() || this.unordered();
    }
    /** The same, or undefined where it is not known. */
    known() {
        const all = [...this.elements.values()];
        if (all.length < 2) return all;
        const places = new Map();
        for (const x of all) {
            const n = typeof x === 'boolean' ? +x : x;
            if (typeof n !== 'number' || !Number.isInteger(n) || Math.abs(n) > 0x3fffffff) return undefined;
            places.set((n === -1 ? -2 : n) & this.mask, x);
        }
        const small = all.every((x) => x >= 0 && x <= leastMask(all.length));
        if (places.size < all.length || !(this.sure || small)) return undefined;
        return [...places.keys()].sort((a, b) => a - b).map((place) => places.get(place));
    }
    unordered() {
        return $terr('the order of a set is not the same in two runs: go through sorted(...) of it');
    }
    get size() {
        return this.elements.size;
    }
    has(x) {
        return this.elements.has($hash(x));
    }
    add(x) {
        const hash = $hash(x);
        if (!this.elements.has(hash)) {
            this.elements.set(hash, x);
            this.fill += 1;
            if (this.fill * 5 >= this.mask * 3) {
                this.mask = maskFor(this.size > 50000 ? this.size * 2 : this.size * 4);
                this.fill = this.size;
            }
        }
        return null;
    }
    delete(x) {
        const found = this.elements.delete($hash(x));
        // The place stays marked: what comes later may land elsewhere.
        if (found) this.sure = false;
        return found;
    }
    clear() {
        this.elements.clear();
        [this.mask, this.fill, this.sure] = [FIRST_MASK, 0, true];
        return null;
    }
    [Symbol.iterator]() {
        return this.elements.values();
    }
    __len__() {
        return this.elements.size;
    }
    __contains__(x) {
        return this.has(x);
    }
    __eq__(other) {
        if (!isSetLike(other)) return false;
        const b = asSet(other);
        return this.size === b.size && $subset(this, b);
    }
    __lt__(other) {
        const b = asSet(other);
        return this.size < b.size && $subset(this, b);
    }
    __le__(other) {
        return $subset(this, other);
    }
    __gt__(other) {
        return asSet(other).__lt__(this);
    }
    __ge__(other) {
        return $subset(other, this);
    }
    __repr__() {
        return this.size === 0 ? 'set()' : '{' + this.ordered().map(repr).join(', ') + '}';
    }
    toJSON() {
        return $terr('Object of type set is not JSON serializable');
    }
}

/** The smallest table that this many elements can lie in. */
function leastMask(count) {
    let mask = FIRST_MASK;
    while (count * 5 >= mask * 3) mask = mask * 2 + 1;
    return mask;
}

export class FrozenSet extends PySet {
    get $kind() {
        return 'frozenset';
    }
    __repr__() {
        return this.size === 0 ? 'frozenset()' : 'frozenset({' + this.ordered().map(repr).join(', ') + '})';
    }
}

export const set = /*@__PURE__*/ $typed('set', function (x) {
    return new PySet(x);
}, (x) => x instanceof PySet && !(x instanceof FrozenSet));

export const frozenset = /*@__PURE__*/ $typed('frozenset', function (x) {
    return x instanceof FrozenSet ? x : new FrozenSet(x);
}, (x) => x instanceof FrozenSet);

/** What a set compares itself with: sets, and a dict's keys() or items(). */
export function isSetLike(x) {
    return x instanceof PySet || (x instanceof DictView && x.kind !== 'values');
}

export function asSet(x) {
    return x instanceof PySet ? x : new PySet(x);
}

/** The size of the table depends on how CPython went about it. */
function unsure(result) {
    result.sure = false;
    return result;
}

/** A new set of the kind of `a` with these elements. */
function like(a, elements) {
    return a instanceof FrozenSet ? new FrozenSet(elements) : new PySet(elements);
}

export function $union(a, ...others) {
    const result = like(a, a);
    for (const other of others) result.merge(other);
    return result;
}

export function $intersection(a, ...others) {
    const sets = others.map(asSet);
    return unsure(like(a, [...a].filter((x) => sets.every((other) => other.has(x)))));
}

export function $difference(a, ...others) {
    const sets = others.map(asSet);
    return unsure(like(a, [...a].filter((x) => !sets.some((other) => other.has(x)))));
}

export function $symmetric(a, other) {
    const b = asSet(other);
    return unsure(like(a, [...[...a].filter((x) => !b.has(x)), ...[...b].filter((x) => !a.has(x))]));
}

export function $subset(a, other) {
    const b = asSet(other);
    return [...a].every((x) => b.has(x));
}

/* The operators: undefined where an operand is no set. */
const both = (a, b) => a instanceof PySet && b instanceof PySet;

/** The same for keys() or items() and anything: they count as sets, and what comes of them is one. */
function ofView(a, b, operation) {
    return isView(a) || isView(b) ? operation(new PySet(a), b) : undefined;
}

const isView = (x) => x instanceof DictView && isSetLike(x);

/** Of views CPython hashes only what they share: the elements of the shorter that the other one holds. */
function viewed(a, b) {
    if (b instanceof PySet && a.__len__() <= b.size) return $intersection(b, a);
    const [one, other] = isView(b) && b.__len__() > a.__len__() ? [b, a] : [a, b];
    return new PySet(Array.from($iter(other)).filter((x) => one.__contains__(x)));
}

export function $set_and(a, b) {
    if (both(a, b)) return $intersection(a, b);
    return isView(a) ? viewed(a, b) : isView(b) ? viewed(b, a) : undefined;
}

export function $set_or(a, b) {
    return both(a, b) ? $union(a, b) : ofView(a, b, $union);
}

export function $set_sub(a, b) {
    return both(a, b) ? $difference(a, b) : ofView(a, b, $difference);
}

export function $set_xor(a, b) {
    return both(a, b) ? $symmetric(a, b) : ofView(a, b, $symmetric);
}

/** `a |= b` and its like change a set in place. */
export function $replace(a, b) {
    [a.elements, a.mask, a.fill, a.sure] = [b.elements, b.mask, b.fill, false];
    return a;
}

export function $setPop(a) {
    if (a.size > 0) {
        const x = a.ordered()[0];
        a.delete(x);
        return x;
    }
    throw new KeyError('pop from an empty set');
}
