/* Python's collections. A defaultdict or a Counter is a dict that knows what it is; a deque is a class of its own. */
import { $call, $given } from './runtime.calls.js';
import { $eq, $find, $lt } from './runtime.compare.js';
import { $entriesOf, $lookup, $put, $special, $update } from './runtime.dicts.js';
import { $terr, IndexError, KeyError, RuntimeError, ValueError } from './runtime.errors.js';
import { $add, $index, $sub } from './runtime.numbers.js';
import { $iter, $tuple } from './runtime.sequences.js';
import { $arrange } from './runtime.sorting.js';
import { repr } from './runtime.text.js';
import { $truth, $typed, isPlain, object } from './runtime.values.js';

function special(kind) {
    return Object.defineProperty({}, $special, { value: kind });
}

/* defaultdict */

function defaulting(factory) {
    return {
        name: 'defaultdict',
        type: () => defaultdict,
        missing(d, key) {
            if (factory == null) throw new KeyError(key);
            const value = $call(factory);
            $put(d, key, value);
            return value;
        },
        copy(d) {
            return filled(special(defaulting(factory)), d);
        },
        repr(d, plain) {
            return 'defaultdict(' + repr(factory) + ', ' + plain + ')';
        },
    };
}

function filled(d, source) {
    $update(d, source);
    return d;
}

export const defaultdict = /*@__PURE__*/ $typed('defaultdict', function (...args) {
    const keywords = $given(args);
    const [factory = null, source] = args;
    if (factory !== null && typeof factory !== 'function') $terr('first argument must be callable or None');
    const d = special(defaulting(factory));
    if (source !== undefined) $update(d, source);
    return filled(d, keywords);
}, (x) => isPlain(x) && $special in x && x[$special].type() === defaultdict);

/* Counter */

/** Change each count by what `source` counts: a dict of counts, or elements. */
function tally(d, source, change) {
    const counts = isPlain(source) ? $entriesOf(source) : Array.from($iter(source), (x) => [x, 1]);
    for (const [key, n] of counts) $put(d, key, change($lookup(d, key, 0), n));
}

function counted(args, change, d) {
    const keywords = $given(args);
    if (args[0] != null) tally(d, args[0], change);
    tally(d, keywords, change);
    return null;
}

function ranked(d) {
    return $arrange($entriesOf(d), (pair) => pair[1], true);
}

/** A new Counter with what `count` makes of each key's two counts, where that is positive. */
function joined(a, b, count) {
    const result = special(COUNTER);
    for (const [key, n] of $entriesOf(a)) keepPositive(result, key, count(n, $lookup(b, key, 0)));
    for (const [key, n] of $entriesOf(b)) if ($lookup(a, key, undefined) === undefined) keepPositive(result, key, count(0, n));
    return result;
}

function keepPositive(d, key, n) {
    if ($truth($lt(0, n))) $put(d, key, n);
}

const OPERATORS = {
    add: $add,
    sub: $sub,
    and: (x, y) => ($truth($lt(y, x)) ? y : x),
    or: (x, y) => ($truth($lt(x, y)) ? y : x),
};

const COUNTER = {
    name: 'Counter',
    type: () => Counter,
    missing: () => 0,
    copy: (d) => filled(special(COUNTER), d),
    repr(d) {
        if ($entriesOf(d).length === 0) return 'Counter()';
        return 'Counter({' + ranked(d).map(([key, n]) => repr(key) + ': ' + repr(n)).join(', ') + '})';
    },
    operate(name, a, b) {
        const known = isPlain(a) && isPlain(b) && a[$special] === COUNTER && b[$special] === COUNTER && OPERATORS[name];
        return known ? joined(a, b, known) : undefined;
    },
    methods: {
        update: (d, ...args) => counted(args, $add, d),
        subtract: (d, ...args) => counted(args, $sub, d),
        total: (d) => $entriesOf(d).reduce((sum, pair) => $add(sum, pair[1]), 0),
        elements: (d) => $entriesOf(d).flatMap(([key, n]) => Array(Math.max(0, $index(n))).fill(key)).values(),
        most_common: (d, n) => ranked(d).slice(0, n == null ? undefined : Math.max(0, $index(n))).map($tuple),
    },
};

export const Counter = /*@__PURE__*/ $typed('Counter', function (...args) {
    const d = special(COUNTER);
    counted(args, $add, d);
    return d;
}, (x) => isPlain(x) && x[$special] === COUNTER);

/* deque */

class Deque extends object {
    get $kind() {
        return 'deque';
    }
    __init__(source, most) {
        this.items = [];
        this.maxlen = most == null ? null : $index(most);
        if (this.maxlen !== null && this.maxlen < 0) throw new ValueError('maxlen must be non-negative');
        // How often it was changed: a loop over it must not go on then.
        this.changes = 0;
        if (source !== undefined) this.extend(source);
    }
    append(x) {
        this.items.push(x);
        this.changes += 1;
        if (this.maxlen !== null && this.items.length > this.maxlen) this.items.shift();
        return null;
    }
    appendleft(x) {
        this.items.unshift(x);
        this.changes += 1;
        if (this.maxlen !== null && this.items.length > this.maxlen) this.items.pop();
        return null;
    }
    extend(source) {
        for (const x of source === this ? this.items.slice() : $iter(source)) this.append(x);
        return null;
    }
    extendleft(source) {
        for (const x of source === this ? this.items.slice() : $iter(source)) this.appendleft(x);
        return null;
    }
    pop() {
        if (this.items.length === 0) throw new IndexError('pop from an empty deque');
        this.changes += 1;
        return this.items.pop();
    }
    popleft() {
        if (this.items.length === 0) throw new IndexError('pop from an empty deque');
        this.changes += 1;
        return this.items.shift();
    }
    rotate(by) {
        const n = this.items.length;
        if (n > 0) {
            const steps = (((by === undefined ? 1 : $index(by)) % n) + n) % n;
            this.items.unshift(...this.items.splice(n - steps));
            this.changes += 1;
        }
        return null;
    }
    clear() {
        this.items.length = 0;
        this.changes += 1;
        return null;
    }
    copy() {
        return new Deque(this.items, this.maxlen);
    }
    reverse() {
        this.items.reverse();
        return null;
    }
    count(x) {
        return this.items.filter((one) => $find([one], x) === 0).length;
    }
    index(x) {
        const at = $find(this.items, x);
        if (at < 0) throw new ValueError(repr(x) + ' is not in deque');
        return at;
    }
    remove(x) {
        const at = $find(this.items, x);
        if (at < 0) throw new ValueError('deque.remove(x): x not in deque');
        this.items.splice(at, 1);
        this.changes += 1;
        return null;
    }
    insert(at, x) {
        if (this.maxlen !== null && this.items.length >= this.maxlen) throw new IndexError('deque already at its maximum size');
        this.items.splice($index(at), 0, x);
        this.changes += 1;
        return null;
    }
    *[Symbol.iterator]() {
        const before = this.changes;
        for (let i = 0; i < this.items.length; i++) {
            yield this.items[i];
            if (this.changes !== before) throw new RuntimeError('deque mutated during iteration');
        }
    }
    __reversed__() {
        return this.items.slice().reverse().values();
    }
    __len__() {
        return this.items.length;
    }
    __contains__(x) {
        return $find(this.items, x) >= 0;
    }
    place(key) {
        const n = this.items.length;
        const i = $index(key) < 0 ? $index(key) + n : $index(key);
        if (!(i >= 0 && i < n)) throw new IndexError('deque index out of range');
        return i;
    }
    __getitem__(key) {
        return this.items[this.place(key)];
    }
    __setitem__(key, x) {
        this.items[this.place(key)] = x;
    }
    __delitem__(key) {
        this.items.splice(this.place(key), 1);
        this.changes += 1;
    }
    __iadd__(source) {
        this.extend(source);
        return this;
    }
    __eq__(other) {
        return other instanceof Deque && $truth($eq(this.items, other.items));
    }
    __repr__() {
        return 'deque(' + repr(this.items) + (this.maxlen === null ? '' : ', maxlen=' + this.maxlen) + ')';
    }
}

export const deque = /*@__PURE__*/ $typed('deque', function (...args) {
    const { iterable, maxlen } = $given(args);
    return new Deque(args.length > 0 ? args[0] : iterable, args.length > 1 ? args[1] : maxlen);
}, (x) => x instanceof Deque);
