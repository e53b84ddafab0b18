/* Python's builtin functions. */
import { $gt, $lt } from './runtime.compare.js';
import { $terr, IndexError, StopIteration, ValueError } from './runtime.errors.js';
import { Going, $live } from './runtime.going.js';
import { $add, $index, $pow, isInt } from './runtime.numbers.js';
import { $anyOrder, $backwards, $yielding, Named } from './runtime.iterators.js';
import { $iter, $listing, $points, isList, Range, Tuple } from './runtime.sequences.js';
import { PySet } from './runtime.sets.js';
import { $arrange, $descending } from './runtime.sorting.js';
import { $length, $tname, $truth, isPlain } from './runtime.values.js';

export function len(x) {
    if (Array.isArray(x)) return x.length;
    if (typeof x === 'string') return $points(x).length;
    if (x != null) {
        if (isPlain(x)) return Object.keys(x).length;
        if (typeof x.__len__ === 'function') return $length(x);
    }
    return $terr("object of type '" + $tname(x) + "' has no len()");
}

export function any(x) {
    for (const element of $anyOrder(x)) if ($truth(element)) return true;
    return false;
}

export function all(x) {
    for (const element of $anyOrder(x)) if (!$truth(element)) return false;
    return true;
}

export function sum(x, start) {
    let total = start === undefined ? 0 : start;
    if (typeof total === 'string') $terr("sum() can't sum strings [use ''.join(seq) instead]");
    for (const element of $anyOrder(x)) total = $add(total, element);
    return total;
}

function extreme(name, better, values, options) {
    const key = options == null ? null : options.key;
    let elements = values;
    if (values.length === 1) elements = key == null ? $anyOrder(values[0]) : $iter(values[0]);
    else if (values.length === 0) $terr(name + ' expected at least 1 argument, got 0');
    let found = false;
    let best;
    let bestKey;
    for (const element of elements) {
        const k = key == null ? element : key(element);
        if (!found || $truth(better(k, bestKey))) [found, best, bestKey] = [true, element, k];
    }
    if (found) return best;
    if (options != null && 'default' in options) return options.default;
    throw new ValueError(name + '() arg is an empty sequence');
}

export function min(...values) {
    return extreme('min', $lt, values, null);
}

export function max(...values) {
    return extreme('max', $gt, values, null);
}

/** min and max with `key` or `default`. */
export function $min(values, options) {
    return extreme('min', $lt, values, options);
}

export function $max(values, options) {
    return extreme('max', $gt, values, options);
}

export function sorted(x, key, reverse) {
    if (key != null && x instanceof PySet && !x.known()) return apart(x, key, $descending(reverse));
    return $arrange(Array.from(key == null && x instanceof PySet ? x : $listing(x)), key, $descending(reverse));
}

/** Elements in no known order are sorted where no two keys are equal: then none comes first by chance. */
function apart(x, key, descending) {
    const pairs = $arrange(Array.from(x, (element) => [key(element), element]), (pair) => pair[0], descending);
    for (let i = 1; i < pairs.length; i++) {
        if (!$truth(descending ? $gt(pairs[i - 1][0], pairs[i][0]) : $lt(pairs[i - 1][0], pairs[i][0]))) x.unordered();
    }
    return pairs.map((pair) => pair[1]);
}

export function reversed(x) {
    if (x != null && typeof x.__reversed__ === 'function') return x.__reversed__();
    if (isList(x)) return new Named(fromEnd(x, x.length - 1), 'list_reverseiterator');
    if (typeof x === 'string' || Array.isArray(x)) return $backwards(Array.from(x), 'reversed');
    if (x instanceof Range) return $backwards(Array.from(x), 'range_iterator');
    if (isPlain(x)) return new Going(x, 'keys', true);
    if (x != null && typeof x.__len__ === 'function' && typeof x.__getitem__ === 'function') {
        return new Named(itemsFromEnd(x, $length(x) - 1), 'reversed', x);
    }
    return $terr("'" + $tname(x) + "' object is not reversible");
}

/** A list may change meanwhile: where it has become too short for the next place, this is the end. */
function* fromEnd(list, place) {
    for (let i = place; i >= 0 && i < list.length; i--) yield list[i];
}

function* itemsFromEnd(x, place) {
    for (let i = place; i >= 0; i--) {
        let value;
        try {
            value = x.__getitem__(i);
        } catch (error) {
            if (error instanceof IndexError || error instanceof StopIteration) return;
            throw error;
        }
        yield value;
    }
}

export function enumerate(x, start) {
    return $counter($live(x), start === undefined ? 0 : $index(start));
}

const $counter = /*@__PURE__*/ $yielding('enumerate', function* (elements, start) {
    let i = start;
    for (const element of elements) {
        yield Tuple.of(i, element);
        i += 1;
    }
});

const iteratorOf = (x) => $live(x)[Symbol.iterator]();

export function zip(...sources) {
    return zipped(sources.map(iteratorOf), false);
}

/** zip(..., strict=True). */
export function $zip(sources, options) {
    return zipped(sources.map(iteratorOf), $truth(options.strict));
}

const zipped = /*@__PURE__*/ $yielding('zip', function* (iterators, strict) {
    if (iterators.length === 0) return;
    for (;;) {
        const row = [];
        for (let i = 0; i < iterators.length; i++) {
            const step = iterators[i].next();
            if (step.done) {
                if (strict) checkEnds(iterators, i);
                return;
            }
            row.push(step.value);
        }
        yield Tuple.from(row);
    }
});

function checkEnds(iterators, ended) {
    const others = (n) => (n === 1 ? ' 1' : 's 1-' + n);
    if (ended > 0) throw new ValueError('zip() argument ' + (ended + 1) + ' is shorter than argument' + others(ended));
    for (let i = 1; i < iterators.length; i++) {
        if (!iterators[i].next().done) throw new ValueError('zip() argument ' + (i + 1) + ' is longer than argument' + others(i));
    }
}

export function map(f, ...sources) {
    return mapped(f, sources.map(iteratorOf));
}

const mapped = /*@__PURE__*/ $yielding('map', function* (f, iterators) {
    for (;;) {
        const row = iterators.map((iterator) => iterator.next());
        if (row.some((step) => step.done)) return;
        yield f(...row.map((step) => step.value));
    }
});

export function filter(f, x) {
    return filtered(f, $live(x));
}

const filtered = /*@__PURE__*/ $yielding('filter', function* (f, elements) {
    for (const element of elements) if ($truth(f == null ? element : f(element))) yield element;
});

export function chr(code) {
    const n = $index(code);
    if (n < 0 || n > 0x10ffff) throw new ValueError('chr() arg not in range(0x110000)');
    return String.fromCodePoint(n);
}

export function ord(x) {
    if (typeof x !== 'string') $terr('ord() expected string of length 1, but ' + $tname(x) + ' found');
    const points = $points(x);
    if (points.length !== 1) $terr('ord() expected a character, but string of length ' + points.length + ' found');
    return x.codePointAt(0);
}

function radix(x, base, prefix) {
    if (!isInt(x)) $terr("'" + $tname(x) + "' object cannot be interpreted as an integer");
    const size = BigInt(x) < 0n ? -BigInt(x) : BigInt(x);
    return (x < 0 ? '-' : '') + prefix + size.toString(base);
}

export function hex(x) {
    return radix(x, 16, '0x');
}

export function oct(x) {
    return radix(x, 8, '0o');
}

export function bin(x) {
    return radix(x, 2, '0b');
}

export function pow(a, b, modulus) {
    if (modulus == null) return $pow(a, b);
    if (!isInt(a) || !isInt(b) || !isInt(modulus)) $terr('pow() 3rd argument not allowed unless all arguments are integers');
    const m = BigInt(modulus);
    if (m === 0n) throw new ValueError('pow() 3rd argument cannot be 0');
    let result = 1n;
    let base = b < 0 ? inverse(BigInt(a), m) : BigInt(a);
    for (let e = b < 0 ? -BigInt(b) : BigInt(b); e > 0n; e >>= 1n) {
        if (e & 1n) result = (result * base) % m;
        base = (base * base) % m;
    }
    const rest = ((result % m) + m) % m;
    return Number.isSafeInteger(Number(rest)) ? Number(rest) : rest;
}

/** The number that times `a` leaves 1 when divided by `m`: Euclid's algorithm. */
function inverse(a, m) {
    let [old, rest, x, y] = [((a % m) + m) % m, m, 1n, 0n];
    while (rest !== 0n) [old, rest, x, y] = [rest, old % rest, y, x - (old / rest) * y];
    if (old !== 1n && old !== -1n) throw new ValueError('base is not invertible for the given modulus');
    return x * old;
}

/** `a or b` and `a and b` where the value counts, not only its truth. */
export function $or(a, b) {
    return $truth(a) ? a : b();
}

export function $and(a, b) {
    return $truth(a) ? b() : a;
}

