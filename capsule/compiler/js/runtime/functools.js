/* Python's functools. total_ordering is written out by shorthand.py; cached_property is a part of its class. */
import { $apply, $call, $given, $named } from './runtime.calls.js';
import { $max, $min, sorted } from './runtime.builtins.js';
import { $entriesOf } from './runtime.dicts.js';
import { $terr } from './runtime.errors.js';
import { $index, round } from './runtime.numbers.js';
import { $iter, $tuple } from './runtime.sequences.js';
import { $hash } from './runtime.sets.js';
import { $describe, $nameOf, has, int } from './runtime.values.js';

/** Takes any arguments, and keywords. */
function open(f) {
    $describe(f, undefined, [[], 0, [], true, true]);
    return f;
}

export function reduce(f, source, ...initial) {
    const iterator = $iter(source)[Symbol.iterator]();
    let total = initial[0];
    if (initial.length === 0) {
        const first = iterator.next();
        if (first.done) $terr('reduce() of empty iterable with no initial value');
        total = first.value;
    }
    for (let step = iterator.next(); !step.done; step = iterator.next()) total = $call(f, total, step.value);
    return total;
}

/* Where the keywords of builtin functions go. */
const PLACES = /*@__PURE__*/ new Map([[int, ['x', 'base']], [sorted, ['iterable', 'key', 'reverse']], [round, ['number', 'ndigits']]]);

function called(f, args, keywords) {
    const names = Object.keys(keywords);
    if (names.length === 0) return $call(f, ...args);
    if (f.name === 'max' || f.name === 'min') return f.name === 'max' ? $max(args, keywords) : $min(args, keywords);
    const places = PLACES.get(f);
    if (places === undefined) return $apply(f, args, keywords);
    const all = args.slice();
    for (const name of names) {
        if (!places.includes(name)) $terr($nameOf(f) + "() got an unexpected keyword argument '" + name + "'");
        all[places.indexOf(name)] = keywords[name];
    }
    return f(...Array.from(all));
}

export function partial(f, ...first) {
    const fixed = $given(first);
    return open(function partial(...args) {
        const keywords = { ...fixed, ...$given(args) };
        return called(f, [...first, ...args], keywords);
    });
}

export function wraps(f) {
    return (wrapper) => update_wrapper(wrapper, f);
}

export function update_wrapper(wrapper, f) {
    return $named($nameOf(f), wrapper);
}

/** A function that remembers its results, the `most` that were asked for last. */
function remembering(f, most) {
    const known = new Map();
    const wrapper = open((...args) => {
        const keywords = $given(args);
        const named = $entriesOf(keywords).map((pair) => $tuple(pair));
        const key = $hash($tuple([...args, $tuple(named)]));
        if (known.has(key)) {
            const result = known.get(key);
            known.delete(key);
            known.set(key, result);
            return result;
        }
        const result = $apply(f, args, keywords);
        if (most > 0) known.set(key, result);
        if (known.size > most) known.delete(known.keys().next().value);
        return result;
    });
    wrapper.cache_clear = () => {
        known.clear();
        return null;
    };
    return $named($nameOf(f), wrapper);
}

export function cache(f) {
    return remembering(f, Infinity);
}

export function lru_cache(...args) {
    const options = $given(args);
    if (typeof args[0] === 'function') return remembering(args[0], 128);
    const given = args.length > 0 ? args[0] : has(options, 'maxsize') ? options.maxsize : 128;
    if (has(options, 'typed')) $terr('lru_cache(typed=...) is not in shared code');
    return (f) => remembering(f, given === null ? Infinity : $index(given));
}
