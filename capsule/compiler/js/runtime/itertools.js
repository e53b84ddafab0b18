/* Python's itertools. Every source is read one element at a time, and never further than CPython reads it. */
import { $add, $index } from './runtime.numbers.js';
import { $call, $given } from './runtime.calls.js';
import { $eq } from './runtime.compare.js';
import { ValueError } from './runtime.errors.js';
import { $yielding } from './runtime.iterators.js';
import { $iter, $tuple } from './runtime.sequences.js';
import { $truth } from './runtime.values.js';

const open = (x) => $iter(x)[Symbol.iterator]();

/** Go through an iterator without closing it. */
function* rest(iterator) {
    for (let step = iterator.next(); !step.done; step = iterator.next()) yield step.value;
}

const chained = /*@__PURE__*/ $yielding('chain', function* (sources) {
    for (let step = sources.next(); !step.done; step = sources.next()) yield* rest(open(step.value));
});

export function chain(...sources) {
    return chained(sources.values());
}

chain.from_iterable = (sources) => chained(open(sources));

const counting = /*@__PURE__*/ $yielding('count', function* (start, step) {
    for (let n = start; ; n = $add(n, step)) yield n;
});

export function count(...args) {
    const { start = 0, step = 1 } = $given(args);
    return counting(args.length > 0 ? args[0] : start, args.length > 1 ? args[1] : step);
}

const cycling = /*@__PURE__*/ $yielding('cycle', function* (source) {
    const kept = [];
    for (const x of rest(source)) {
        kept.push(x);
        yield x;
    }
    while (kept.length > 0) yield* kept;
});

export function cycle(source) {
    return cycling(open(source));
}

const repeating = /*@__PURE__*/ $yielding('repeat', function* (x, times) {
    for (let i = 0; i < times; i++) yield x;
});

export function repeat(x, ...args) {
    const { times } = $given(args);
    const most = args.length > 0 ? args[0] : times;
    return repeating(x, most === undefined ? Infinity : $index(most));
}

const sliced = /*@__PURE__*/ $yielding('islice', function* (source, start, stop, step) {
    let next = start;
    for (let i = 0; i < stop; i++) {
        const { done, value } = source.next();
        if (done) return;
        if (i === next) {
            yield value;
            next += step;
        }
    }
});

export function islice(source, ...bounds) {
    const [start, stop, step] = bounds.length === 1 ? [null, bounds[0]] : bounds;
    const from = start == null ? 0 : $index(start);
    const end = stop == null ? Infinity : $index(stop);
    const by = step == null ? 1 : $index(step);
    if (from < 0 || end < 0) throw new ValueError('Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.');
    if (by < 1) throw new ValueError('Step for islice() must be a positive integer or None.');
    return sliced(open(source), from, end, by);
}

const taking = /*@__PURE__*/ $yielding('takewhile', function* (test, source) {
    for (const x of rest(source)) {
        if (!$truth($call(test, x))) return;
        yield x;
    }
});

export function takewhile(test, source) {
    return taking(test, open(source));
}

const dropping = /*@__PURE__*/ $yielding('dropwhile', function* (test, source) {
    let dropped = true;
    for (const x of rest(source)) {
        dropped = dropped && $truth($call(test, x));
        if (!dropped) yield x;
    }
});

export function dropwhile(test, source) {
    return dropping(test, open(source));
}

const without = /*@__PURE__*/ $yielding('filterfalse', function* (test, source) {
    for (const x of rest(source)) if (!$truth(test == null ? x : $call(test, x))) yield x;
});

export function filterfalse(test, source) {
    return without(test, open(source));
}

const compressed = /*@__PURE__*/ $yielding('compress', function* (source, selectors) {
    for (const x of rest(source)) {
        const { done, value } = selectors.next();
        if (done) return;
        if ($truth(value)) yield x;
    }
});

export function compress(source, selectors) {
    return compressed(open(source), open(selectors));
}

const starred = /*@__PURE__*/ $yielding('starmap', function* (f, source) {
    for (const args of rest(source)) yield $call(f, ...$iter(args));
});

export function starmap(f, source) {
    return starred(f, open(source));
}

const paired = /*@__PURE__*/ $yielding('pairwise', function* (source) {
    const first = source.next();
    if (first.done) return;
    let last = first.value;
    for (const x of rest(source)) {
        yield $tuple([last, x]);
        last = x;
    }
});

export function pairwise(source) {
    return paired(open(source));
}

const summed = /*@__PURE__*/ $yielding('accumulate', function* (source, f, initial) {
    let total = initial;
    let empty = initial == null;
    if (!empty) yield total;
    for (const x of rest(source)) {
        total = empty ? x : f == null ? $add(total, x) : $call(f, total, x);
        empty = false;
        yield total;
    }
});

export function accumulate(source, ...args) {
    const { func = null, initial = null } = $given(args);
    return summed(open(source), args.length > 0 ? args[0] : func, initial);
}

const longest = /*@__PURE__*/ $yielding('zip_longest', function* (iterators, fill) {
    const open = iterators.map(() => true);
    while (open.length > 0) {
        const row = iterators.map((iterator, i) => {
            const step = open[i] ? iterator.next() : { done: true };
            open[i] = !step.done;
            return step.done ? fill : step.value;
        });
        if (!open.includes(true)) return;
        yield $tuple(row);
    }
});

export function zip_longest(...sources) {
    const { fillvalue = null } = $given(sources);
    return longest(sources.map(open), fillvalue);
}

const grouped = /*@__PURE__*/ $yielding('groupby', function* (source, key) {
    let step = source.next();
    const keyOf = (x) => (key == null ? x : $call(key, x));
    let current = step.done ? null : keyOf(step.value);
    const advance = () => {
        step = source.next();
        if (!step.done) current = keyOf(step.value);
    };
    while (!step.done) {
        const shared = current;
        let passed = false;
        const inGroup = () => !passed && !step.done && $truth($eq(shared, current));
        yield $tuple([shared, group(inGroup, () => step.value, advance)]);
        while (inGroup()) advance();
        passed = true;
    }
});

const group = /*@__PURE__*/ $yielding('_grouper', function* (inGroup, value, advance) {
    while (inGroup()) {
        const x = value();
        yield x;
        advance();
    }
});

export function groupby(source, ...args) {
    const { key = null } = $given(args);
    return grouped(open(source), args.length > 0 ? args[0] : key);
}

/** The rows of indices that a test lets through, in order; `size` of them out of `count`. */
function* indices(count, size, allowed) {
    const row = [];
    function* fill() {
        if (row.length === size) {
            yield row;
            return;
        }
        for (let i = 0; i < count; i++) {
            if (!allowed(row, i)) continue;
            row.push(i);
            yield* fill();
            row.pop();
        }
    }
    yield* fill();
}

const chosen = (name, allowed) => $yielding(name, function* (pool, size) {
    for (const row of indices(pool.length, size, allowed)) yield $tuple(row.map((i) => pool[i]));
});

const last = (row) => (row.length > 0 ? row[row.length - 1] : -1);
const combined = /*@__PURE__*/ chosen('combinations', (row, i) => i > last(row));
const repeated = /*@__PURE__*/ chosen('combinations_with_replacement', (row, i) => i >= last(row));
const permuted = /*@__PURE__*/ chosen('permutations', (row, i) => !row.includes(i));

function sizeOf(r) {
    const size = $index(r);
    if (size < 0) throw new ValueError('r must be non-negative');
    return size;
}

export function combinations(source, r) {
    return combined(Array.from($iter(source)), sizeOf(r));
}

export function combinations_with_replacement(source, r) {
    return repeated(Array.from($iter(source)), sizeOf(r));
}

export function permutations(source, r) {
    const pool = Array.from($iter(source));
    return permuted(pool, r == null ? pool.length : sizeOf(r));
}

const crossed = /*@__PURE__*/ $yielding('product', function* (pools) {
    function* fill(row) {
        if (row.length === pools.length) yield $tuple(row);
        else for (const x of pools[row.length]) yield* fill([...row, x]);
    }
    yield* fill([]);
});

export function product(...sources) {
    const { repeat: times = 1 } = $given(sources);
    const pools = sources.map((source) => Array.from($iter(source)));
    return crossed(Array.from({ length: $index(times) }, () => pools).flat());
}
