/* Lists (JavaScript arrays), tuples (arrays that say so), ranges, and what Python does with any iterable. */
import { $at, $keys, $put, $remove } from './runtime.dicts.js';
import { $py, $terr, IndexError, MemoryError, OverflowError, StopIteration, TypeError as PyTypeError, ValueError } from './runtime.errors.js';
import { iter } from './runtime.iterators.js';
import { $index, isInt } from './runtime.numbers.js';
import { PySet } from './runtime.sets.js';
import { repr } from './runtime.text.js';
import { $eq } from './runtime.compare.js';
import { $length, $typed, $tname, $truth, isPlain } from './runtime.values.js';

export class Tuple extends Array {
    get $kind() {
        return 'tuple';
    }
    /** What slice, map and filter make is a list. */
    static get [Symbol.species]() {
        return Array;
    }
}

export function isTuple(x) {
    return x instanceof Tuple;
}

export function isList(x) {
    return Array.isArray(x) && !(x instanceof Tuple);
}

/** The tuple with an array's elements. */
export function $tuple(array) {
    // Ten times as fast as Tuple.from.
    const result = new Tuple(array.length);
    for (let i = 0; i < array.length; i++) result[i] = array[i];
    return result;
}

export const tuple = /*@__PURE__*/ $typed('tuple', function (x) {
    if (x === undefined) return new Tuple();
    return x instanceof Tuple ? x : $tuple(Array.from($listing(x)));
}, isTuple);

export const list = /*@__PURE__*/ $typed('list', function (x) {
    return x === undefined ? [] : Array.from($listing(x));
}, isList);

const astral = /[\uD800-\uDFFF]/;

/** A text as its code points: itself where each is one unit. */
export function $points(text) {
    return astral.test(text) ? Array.from(text) : text;
}

export class Range {
    get $kind() {
        return 'range';
    }
    constructor(start, stop, step) {
        this.start = start;
        this.stop = stop;
        this.step = step;
        this.length = Math.max(0, Math.ceil((stop - start) / step));
    }
    *[Symbol.iterator]() {
        for (let i = 0; i < this.length; i++) yield this.start + i * this.step;
    }
    __len__() {
        return this.length;
    }
    __contains__(x) {
        const offset = (Number(x) - this.start) / this.step;
        return typeof x !== 'string' && Number.isInteger(offset) && offset >= 0 && offset < this.length;
    }
    __getitem__(index) {
        const i = index < 0 ? this.length + index : index;
        if (!(i >= 0 && i < this.length)) throw new IndexError('range object index out of range');
        return this.start + i * this.step;
    }
    __eq__(other) {
        return other instanceof Range && this.length === other.length
            && (this.length === 0 || (this.start === other.start && (this.length === 1 || this.step === other.step)));
    }
    __repr__() {
        return 'range(' + this.start + ', ' + this.stop + (this.step === 1 ? '' : ', ' + this.step) + ')';
    }
}

export const range = /*@__PURE__*/ $typed('range', function (first, second, step) {
    const start = second === undefined ? 0 : $index(first);
    const stop = $index(second === undefined ? first : second);
    const by = step === undefined ? 1 : $index(step);
    if (by === 0) throw new ValueError('range() arg 3 must not be zero');
    return new Range(start, stop, by);
}, (x) => x instanceof Range);

/** Anything that Python's `for` takes, as something that JavaScript's `for` takes. */
export function $iter(x) {
    if (Array.isArray(x) || typeof x === 'string') return x;
    if (x == null || typeof x !== 'object' && typeof x !== 'function') return notIterable(x);
    if (isPlain(x)) return $keys(x);
    if (x instanceof PySet) return x.ordered();
    if (typeof x[Symbol.iterator] === 'function') return x;
    if (typeof x.__iter__ === 'function' || typeof x.__next__ === 'function') return { [Symbol.iterator]: () => $iterator(x) };
    if (typeof x.__getitem__ === 'function') return fromItems(x);
    return notIterable(x);
}

/** The same for what CPython makes a list of: it asks how long that is, to make room. */
export function $listing(x) {
    const elements = $iter(x);
    if (Array.isArray(elements) || typeof x === 'string') return elements;
    const sized = x.$sized === undefined ? x : x.$sized;
    if (sized === null || typeof sized.__len__ !== 'function') return elements;
    const iterator = elements[Symbol.iterator]();
    askLength(sized);
    return { [Symbol.iterator]: () => iterator };
}

/** The same where CPython asks the iterator, not what it goes through. */
export function $fastListing(x) {
    return Array.isArray(x) || typeof x === 'string' ? x : $listing(iter(x));
}

// What no 64-bit machine has the addresses for.
const MOST_ROOM = 2 ** 44;

function askLength(x) {
    try {
        if ($length(x) > MOST_ROOM) throw new MemoryError();
    } catch (error) {
        // Then it has none.
        if (!($py(error) instanceof PyTypeError)) throw error;
    }
}

/** What `__iter__` answered, if it is an iterator. */
export function $checked(made) {
    if (made != null && (typeof made.next === 'function' || typeof made.__next__ === 'function')) return made;
    return $terr("iter() returned non-iterator of type '" + $tname(made) + "'");
}

/** What JavaScript's `for` gets from an instance with Python's protocol. */
export function $iterator(x) {
    if (typeof x.__iter__ !== 'function') return fromNext(x);
    const made = x.__iter__();
    return made === x ? fromNext(x) : $iter($checked(made))[Symbol.iterator]();
}

function notIterable(x) {
    return $terr("'" + $tname(x) + "' object is not iterable");
}

function* fromNext(x) {
    for (;;) {
        let value;
        try {
            value = x.__next__();
        } catch (error) {
            if (error instanceof StopIteration) return;
            throw error;
        }
        yield value;
    }
}

function* fromItems(x) {
    for (let i = 0; ; i++) {
        let value;
        try {
            value = x.__getitem__(i);
        } catch (error) {
            if (error instanceof IndexError) return;
            throw error;
        }
        yield value;
    }
}

/** The elements for `a, b = x`. */
export function $unpack(x, count) {
    if (!Array.isArray(x)) {
        if (x == null || (typeof x !== 'object' && typeof x !== 'string')) $terr('cannot unpack non-iterable ' + $tname(x) + ' object');
        x = Array.from($iter(x));
    }
    if (x.length !== count) {
        throw new ValueError(x.length < count
            ? 'not enough values to unpack (expected ' + count + ', got ' + x.length + ')'
            : 'too many values to unpack (expected ' + count + ')');
    }
    return x;
}

/** The elements for `a, *b, c = x`: the starred one is a list in its place. */
export function $unstar(x, before, after) {
    if (x == null || (typeof x !== 'object' && typeof x !== 'string')) $terr('cannot unpack non-iterable ' + $tname(x) + ' object');
    const all = Array.from($iter(x));
    if (all.length < before + after) {
        throw new ValueError('not enough values to unpack (expected at least ' + (before + after) + ', got ' + all.length + ')');
    }
    const end = all.length - after;
    return [...all.slice(0, before), all.slice(before, end), ...all.slice(end)];
}

function place(length, index, message) {
    const i = index < 0 ? length + index : index;
    if (!(i >= 0 && i < length)) throw new IndexError(message);
    return i;
}

function checkIndex(x, key) {
    if (typeof key === 'number' && Number.isInteger(key)) return key;
    if (!isInt(key)) {
        if (key != null && typeof key.__index__ === 'function') return $index(key);
        $terr(typeof x === 'string' ? "string indices must be integers, not '" + $tname(key) + "'"
            : $tname(x) + ' indices must be integers or slices, not ' + $tname(key));
    }
    return typeof key === 'bigint' ? Infinity : +key;
}

/** `x[key]`. */
export function $get(x, key) {
    if (Array.isArray(x)) {
        if (typeof key === 'number' && key >= 0 && key < x.length && Number.isInteger(key)) return x[key];
        if (key instanceof Slice) return $slice(x, key.start, key.stop, key.step);
        return x[place(x.length, checkIndex(x, key), $tname(x) + ' index out of range')];
    }
    if (typeof x === 'string') {
        if (key instanceof Slice) return $slice(x, key.start, key.stop, key.step);
        const points = $points(x);
        return points[place(points.length, checkIndex(x, key), 'string index out of range')];
    }
    if (x != null) {
        if (isPlain(x)) return $at(x, key);
        if (typeof x.__getitem__ === 'function') return x.__getitem__(key);
    }
    return $terr("'" + $tname(x) + "' object is not subscriptable");
}

/** `x[key] = value`. */
export function $set(x, key, value) {
    if (isList(x)) {
        x[place(x.length, checkIndex(x, key), 'list assignment index out of range')] = value;
    } else if (isPlain(x)) {
        $put(x, key, value);
    } else if (x != null && typeof x.__setitem__ === 'function') {
        x.__setitem__(key, value);
    } else {
        $terr("'" + $tname(x) + "' object does not support item assignment");
    }
}

/** `del x[key]`. */
export function $del(x, key) {
    if (isList(x)) {
        x.splice(place(x.length, checkIndex(x, key), 'list assignment index out of range'), 1);
    } else if (isPlain(x)) {
        $remove(x, key);
    } else if (x != null && typeof x.__delitem__ === 'function') {
        x.__delitem__(key);
    } else {
        $terr("'" + $tname(x) + "' object doesn't support item deletion");
    }
}

/** Past either end is as good as far past it. */
function sliceIndex(x) {
    if (typeof x === 'bigint') return x < 0n ? -Infinity : Infinity;
    if (!isInt(x) && typeof x.__index__ !== 'function') {
        $terr('slice indices must be integers or None or have an __index__ method');
    }
    return $index(x);
}

function bounds(length, lower, upper, by) {
    const step = by == null ? 1 : sliceIndex(by);
    if (step === 0) throw new ValueError('slice step cannot be zero');
    const clip = (x, fallback) => {
        if (x == null) return fallback;
        const i = sliceIndex(x);
        if (i < 0) return Math.max(i + length, step < 0 ? -1 : 0);
        return Math.min(i, step < 0 ? length - 1 : length);
    };
    return [clip(lower, step < 0 ? length - 1 : 0), clip(upper, step < 0 ? -1 : length), step];
}

function places(length, lower, upper, by) {
    const [start, stop, step] = bounds(length, lower, upper, by);
    const result = [];
    for (let i = start; step > 0 ? i < stop : i > stop; i += step) result.push(i);
    return result;
}

/** What an instance's own `__getitem__` gets for `x[a:b]`: it may hand it on to a list. */
class Slice {
    get $kind() {
        return 'slice';
    }
    __repr__() {
        return 'slice(' + [this.start, this.stop, this.step].map(repr).join(', ') + ')';
    }
    __eq__(other) {
        return other instanceof Slice && ['start', 'stop', 'step'].every((name) => $truth($eq(this[name], other[name])));
    }
    constructor(start, stop, step) {
        this.start = start;
        this.stop = stop;
        this.step = step;
    }
}

export const slice = /*@__PURE__*/ $typed('slice', function (...given) {
    const [start, stop, step] = given.length === 1 ? [null, given[0]] : given;
    return new Slice(start, stop, step === undefined ? null : step);
}, (x) => x instanceof Slice);

/** `x[lower:upper:step]`. */
export function $slice(x, lower, upper, by) {
    if (x instanceof Range) {
        const [start, stop, step] = bounds(x.length, lower, upper, by);
        return new Range(x.start + start * x.step, x.start + stop * x.step, x.step * step);
    }
    if (typeof x !== 'string' && !Array.isArray(x)) {
        if (isPlain(x)) $terr("unhashable type: 'slice'");
        if (x != null && typeof x.__getitem__ === 'function') return x.__getitem__(new Slice(lower, upper, by));
        $terr("'" + $tname(x) + "' object is not subscriptable");
    }
    const from = typeof x === 'string' ? $points(x) : x;
    const [start, stop, step] = bounds(from.length, lower, upper, by);
    const part = step === 1 ? from.slice(start, Math.max(start, stop))
        : places(from.length, lower, upper, by).map((i) => from[i]);
    if (typeof x === 'string') return typeof part === 'string' ? part : part.join('');
    return x instanceof Tuple ? Tuple.from(part) : part;
}

/** The elements of what is assigned to a slice. */
function taken(value, message) {
    let elements;
    try {
        elements = $fastListing(value);
    } catch (error) {
        if ($py(error) instanceof PyTypeError) $terr(message);
        throw error;
    }
    return Array.from(elements);
}

export function $setslice(x, lower, upper, by, value) {
    if (!isList(x)) $terr("'" + $tname(x) + "' object does not support item assignment");
    const [start, stop, step] = bounds(x.length, lower, upper, by);
    const values = taken(value, step === 1 ? 'can only assign an iterable' : 'must assign iterable to extended slice');
    if (step === 1) {
        const rest = x.splice(start).slice(Math.max(0, stop - start));
        for (const part of [values, rest]) for (const one of part) x.push(one);
        return;
    }
    const at = places(x.length, lower, upper, by);
    if (at.length !== values.length) {
        throw new ValueError('attempt to assign sequence of size ' + values.length + ' to extended slice of size ' + at.length);
    }
    at.forEach((i, n) => {
        x[i] = values[n];
    });
}

export function $delslice(x, lower, upper, by) {
    if (!isList(x)) $terr("'" + $tname(x) + "' object does not support item deletion");
    places(x.length, lower, upper, by).sort((a, b) => b - a).forEach((i) => x.splice(i, 1));
}

export function $concat(a, b) {
    const both = isTuple(a);
    if (both !== isTuple(b)) {
        $terr('can only concatenate ' + $tname(a) + ' (not "' + $tname(b) + '") to ' + $tname(a));
    }
    return both ? Tuple.from([...a, ...b]) : a.concat(b);
}

// More than this no engine takes, and V8 ends the whole program instead of throwing.
const MOST_ITEMS = 2 ** 27 - 2;

export function $repeat(x, times) {
    if (!isInt(times)) $terr("can't multiply sequence by non-int of type '" + $tname(times) + "'");
    if (typeof times === 'bigint' && BigInt.asIntN(64, times) !== times) {
        throw new OverflowError("cannot fit 'int' into an index-sized integer");
    }
    const n = Math.max(0, Number(times));
    if (typeof x === 'string') return x.repeat(n);
    const result = [];
    if (x.length === 0) return isTuple(x) ? Tuple.from(result) : result;
    if (x.length * n > MOST_ITEMS) throw new MemoryError();
    for (let i = 0; i < n; i++) for (const element of x) result.push(element);
    return isTuple(x) ? Tuple.from(result) : result;
}
