/* Iterators: what `iter` gives, what a loop may leave before its end, and what they are called. */
import { $eq } from './runtime.compare.js';
import { $terr, StopIteration } from './runtime.errors.js';
import { Going, $live } from './runtime.going.js';
import { $checked, $iter, isList } from './runtime.sequences.js';
import { PySet } from './runtime.sets.js';
import { $tname, $truth, $typed, hidden } from './runtime.values.js';

/** A generator, or another iterator of the runtime or the engine. */
export function $isIterator(x) {
    return x !== null && typeof x === 'object' && typeof x.next === 'function' && typeof x[Symbol.iterator] === 'function';
}

/** A generator function of the runtime, whose generators are of another type in Python. */
export function $yielding(name, f) {
    hidden(f.prototype, '$kind', name);
    return f;
}

const iteratorTypes = /*@__PURE__*/ new Map();

/** What `type(x)` is. */
export function $iteratorType(name) {
    if (!iteratorTypes.has(name)) iteratorTypes.set(name, typed(name));
    return iteratorTypes.get(name);
}

function typed(name) {
    return $typed(name, () => $terr("cannot create '" + name + "' instances"), (x) => $isIterator(x) && $tname(x) === name);
}

/** A generator that a loop may leave before its end: JavaScript would close it, in Python it goes on where it was. */
class Kept {
    constructor(iterator) {
        this.iterator = iterator;
    }
    [Symbol.iterator]() {
        return this;
    }
    next(value) {
        return this.iterator.next(value);
    }
}

export function $kept(x) {
    return x !== null && typeof x === 'object' && typeof x.return === 'function' ? new Kept(x) : x;
}

/** The same, for what comes to one result in whatever order the elements come. */
export function $anyOrder(x) {
    return x instanceof PySet ? x : $kept($iter(x));
}

/** An iterator with Python's protocol: what `iter(x)` gives. */
export function iter(x) {
    if (x != null && typeof x.__iter__ === 'function') return $checked(x.__iter__());
    if (x != null && typeof x.__next__ === 'function') return x;
    const items = $live(x);
    if (items instanceof Going) return items;
    if (x instanceof PySet) return new Named(items, iteratorName(x));
    if (typeof items.next === 'function') return items === x ? x : new Named(items, 'iterator', x);
    const made = items[Symbol.iterator]();
    return isList(x) ? made : new Named(made, iteratorName(x));
}

/** An iterator that says what it is called, and what is asked for its length: nothing, or what it goes through. */
export class Named extends Kept {
    constructor(iterator, name, sized = null) {
        super(iterator);
        this.name = name;
        this.$sized = sized;
    }
    get $kind() {
        return this.name;
    }
}

/** An iterator through the elements from the last to the first. */
export function $backwards(elements, name) {
    return new Named(elements.reverse().values(), name);
}

/** `iter(f, last)`: what `f` answers, until it answers `last`. */
export function $until(f, last) {
    return answers(f, last);
}

const answers = /*@__PURE__*/ $yielding('callable_iterator', function* (f, last) {
    for (;;) {
        const answer = f();
        if ($truth($eq(answer, last))) return;
        yield answer === undefined ? null : answer;
    }
});

function iteratorName(x) {
    if (typeof x === 'string') return /^[\x00-\x7f]*$/.test(x) ? 'str_ascii_iterator' : 'str_iterator';
    const name = $tname(x);
    if (name === 'dict') return 'dict_keyiterator';
    return /^dict_/.test(name) ? name.slice(0, -1) + 'iterator' : name === 'frozenset' ? 'set_iterator' : name + '_iterator';
}

export function next(iterator, fallback) {
    if (iterator != null && typeof iterator.__next__ === 'function') {
        if (arguments.length < 2) return iterator.__next__();
        try {
            return iterator.__next__();
        } catch (error) {
            if (error instanceof StopIteration) return fallback;
            throw error;
        }
    }
    if (iterator == null || typeof iterator.next !== 'function') $terr("'" + $tname(iterator) + "' object is not an iterator");
    const step = iterator.next();
    if (!step.done) return step.value;
    if (arguments.length > 1) return fallback;
    throw step.value == null ? new StopIteration() : new StopIteration(step.value);
}

/** `generator.send(value)`. */
export function $send(generator, value) {
    const step = generator.next(value);
    if (step.done) throw step.value == null ? new StopIteration() : new StopIteration(step.value);
    return step.value;
}
