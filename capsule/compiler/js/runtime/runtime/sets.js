/* Sets of what Python can hash: text, numbers, None, tuples, frozensets, and instances (by identity). */
import { $terr, KeyError } from './runtime.errors.js';
import { Float } from './runtime.numbers.js';
import { $iter, Tuple } from './runtime.sequences.js';
import { repr } from './runtime.text.js';
import { $tname, isPlain } from './runtime.values.js';

/** What stands for a value where it is looked up: equal for equal values (1, 1.0 and True are one). */
export function $hash(x) {
    switch (typeof x) {
        case 'boolean': return +x;
        case 'undefined': return null;
        case 'string': return x.charCodeAt(0) === 0 ? '\0s' + x : x;
    }
    if (x instanceof Float) return x.valueOf() === 0 ? 0 : x.valueOf();
    if (x instanceof Tuple) return '\0t' + x.map((element) => hashText($hash(element))).join('\0,') + '\0)';
    if (x instanceof FrozenSet) return '\0f' + [...x.elements.keys()].map(hashText).sort().join('\0,') + '\0)';
    if (Array.isArray(x) || isPlain(x) || x instanceof PySet) return $terr("unhashable type: '" + $tname(x) + "'");
    if (x !== null && typeof x === 'object' && typeof x.__eq__ === 'function') {
        return $terr("unhashable type: '" + $tname(x) + "'");
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

export class PySet {
    constructor(elements) {
        this.elements = new Map();
        if (elements !== undefined) for (const x of $iter(elements)) this.add(x);
    }
    get size() {
        return this.elements.size;
    }
    has(x) {
        return this.elements.has($hash(x));
    }
    add(x) {
        const hash = $hash(x);
        if (!this.elements.has(hash)) this.elements.set(hash, x);
        return null;
    }
    delete(x) {
        return this.elements.delete($hash(x));
    }
    clear() {
        this.elements.clear();
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
        return other instanceof PySet && this.size === other.size && [...this].every((x) => other.has(x));
    }
    __lt__(other) {
        return this.size < other.size && $subset(this, other);
    }
    __le__(other) {
        return $subset(this, other);
    }
    __gt__(other) {
        return $subset(other, this) && this.size > other.size;
    }
    __ge__(other) {
        return $subset(other, this);
    }
    __repr__() {
        const text = '{' + [...this].map(repr).join(', ') + '}';
        return this.size === 0 ? 'set()' : text;
    }
    toJSON() {
        return $terr('Object of type set is not JSON serializable');
    }
}

export class FrozenSet extends PySet {
    __repr__() {
        return this.size === 0 ? 'frozenset()' : 'frozenset({' + [...this].map(repr).join(', ') + '})';
    }
}

export function set(x) {
    return new PySet(x);
}
set.$is = (x) => x instanceof PySet && !(x instanceof FrozenSet);

export function frozenset(x) {
    return x instanceof FrozenSet ? x : new FrozenSet(x);
}
frozenset.$is = (x) => x instanceof FrozenSet;

export function asSet(x) {
    return x instanceof PySet ? x : new PySet(x);
}

/** A new set of the kind of `a` with these elements. */
function like(a, elements) {
    return a instanceof FrozenSet ? new FrozenSet(elements) : new PySet(elements);
}

export function $union(a, ...others) {
    const result = like(a, a);
    for (const other of others) for (const x of $iter(other)) PySet.prototype.add.call(result, x);
    return result;
}

export function $intersection(a, ...others) {
    const sets = others.map(asSet);
    return like(a, [...a].filter((x) => sets.every((other) => other.has(x))));
}

export function $difference(a, ...others) {
    const sets = others.map(asSet);
    return like(a, [...a].filter((x) => !sets.some((other) => other.has(x))));
}

export function $symmetric(a, other) {
    const b = asSet(other);
    return like(a, [...[...a].filter((x) => !b.has(x)), ...[...b].filter((x) => !a.has(x))]);
}

export function $subset(a, other) {
    const b = asSet(other);
    return [...a].every((x) => b.has(x));
}

/* The operators: undefined where an operand is no set. */
const both = (a, b) => a instanceof PySet && b instanceof PySet;

export function $set_and(a, b) {
    return both(a, b) ? $intersection(a, b) : undefined;
}

export function $set_or(a, b) {
    return both(a, b) ? $union(a, b) : undefined;
}

export function $set_sub(a, b) {
    return both(a, b) ? $difference(a, b) : undefined;
}

export function $set_xor(a, b) {
    return both(a, b) ? $symmetric(a, b) : undefined;
}

/** `a |= b` and its like change a set in place. */
export function $replace(a, b) {
    a.elements = b.elements;
    return a;
}

export function $setPop(a) {
    for (const x of a) {
        a.delete(x);
        return x;
    }
    throw new KeyError('pop from an empty set');
}
