/* Equality, order and membership, as deep as Python's. */
import { $terr, OverflowError } from './runtime.errors.js';
import { $hasKey, $sameDict, DictView } from './runtime.dicts.js';
import { $index, Float, isNumber } from './runtime.numbers.js';
import { $kept } from './runtime.iterators.js';
import { $iter, isTuple } from './runtime.sequences.js';
import { isSetLike, PySet } from './runtime.sets.js';
import { $tname, $truth, isPlain } from './runtime.values.js';

/** `a == b`. */
export function $eq(a, b) {
    if (a === b) return true;
    if (a == null || b == null) {
        if (a == null && b == null) return true;
        return custom(a, b);
    }
    const ta = typeof a;
    const tb = typeof b;
    if (ta === 'string' || tb === 'string') return ta === 'object' || tb === 'object' ? custom(a, b) : false;
    if (ta !== 'object' && tb !== 'object') return isNumber(a) && isNumber(b) && sameNumber(a, b);
    if (isNumber(a) && isNumber(b)) return sameNumber(a, b);
    if (Array.isArray(a)) {
        if (!Array.isArray(b)) return custom(a, b);
        if (a.length !== b.length || isTuple(a) !== isTuple(b)) return false;
        for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false;
        return true;
    }
    if (isPlain(a)) {
        if (!isPlain(b)) return custom(a, b);
        return $sameDict(a, b, same);
    }
    return custom(a, b);
}

/** Elements are equal too where they are one and the same, as NaN is. */
function same(a, b) {
    return a === b || (a !== a && b !== b) || $truth($eq(a, b));
}

/** Past 2**53 a conversion to a JavaScript number would round; `==` compares a BigInt with anything exactly. */
function sameNumber(a, b) {
    return typeof a === 'bigint' || typeof b === 'bigint' ? a == b : Number(a) === Number(b);
}

function custom(a, b) {
    if (isInstance(a) && typeof a.__eq__ === 'function') return a.__eq__(b);
    if (isInstance(b) && typeof b.__eq__ === 'function') return b.__eq__(a);
    return false;
}

/** An object that may bring its own operators. */
function isInstance(x) {
    return typeof x === 'object' && x !== null && !Array.isArray(x) && !(x instanceof Float) && !isPlain(x);
}

/** `a != b`. */
export function $ne(a, b) {
    if (isInstance(a) && typeof a.__ne__ === 'function') return a.__ne__(b);
    return !$truth($eq(a, b));
}

/** `a is b`: JavaScript's undefined is None too. */
export function $is(a, b) {
    return a === b || (a == null && b == null) || (a instanceof Float && b instanceof Float && a.valueOf() === b.valueOf());
}

const surrogate = /[\uD800-\uDFFF]/;

/** Texts are ordered by code point; JavaScript's own order goes by code unit. */
function compareTexts(a, b) {
    if (!surrogate.test(a) || !surrogate.test(b)) {
        if (!surrogate.test(a) && !surrogate.test(b)) return a < b ? -1 : a > b ? 1 : 0;
    }
    const x = Array.from(a);
    const y = Array.from(b);
    for (let i = 0; i < x.length && i < y.length; i++) {
        const difference = x[i].codePointAt(0) - y[i].codePointAt(0);
        if (difference) return difference;
    }
    return x.length - y.length;
}

const METHODS = { '<': ['__lt__', '__gt__'], '<=': ['__le__', '__ge__'], '>': ['__gt__', '__lt__'], '>=': ['__ge__', '__le__'] };

function test(difference, symbol) {
    switch (symbol) {
        case '<': return difference < 0;
        case '<=': return difference <= 0;
        case '>': return difference > 0;
        default: return difference >= 0;
    }
}

/** Whether `a` compares itself with `b` by this method; a set does so with sets, keys() and items() alone. */
function answers(a, method, b) {
    if (!isInstance(a) || typeof a[method] !== 'function') return false;
    return !(a instanceof PySet || a instanceof DictView) || (isSetLike(a) && isSetLike(b));
}

function order(a, b, symbol) {
    if (isNumber(a) && isNumber(b)) {
        const x = a instanceof Float ? a.valueOf() : a;
        const y = b instanceof Float ? b.valueOf() : b;
        switch (symbol) {
            case '<': return x < y;
            case '<=': return x <= y;
            case '>': return x > y;
            default: return x >= y;
        }
    }
    if (typeof a === 'string' && typeof b === 'string') return test(compareTexts(a, b), symbol);
    if (Array.isArray(a) && Array.isArray(b) && isTuple(a) === isTuple(b)) {
        for (let i = 0; i < a.length && i < b.length; i++) {
            if (!same(a[i], b[i])) return order(a[i], b[i], symbol);
        }
        return test(a.length - b.length, symbol);
    }
    const [own, reflected] = METHODS[symbol];
    if (answers(a, own, b)) return a[own](b);
    if (answers(b, reflected, a)) return b[reflected](a);
    return $terr("'" + symbol + "' not supported between instances of '" + $tname(a) + "' and '" + $tname(b) + "'");
}

export function $lt(a, b) {
    return typeof a === 'number' && typeof b === 'number' ? a < b : order(a, b, '<');
}

export function $le(a, b) {
    return typeof a === 'number' && typeof b === 'number' ? a <= b : order(a, b, '<=');
}

export function $gt(a, b) {
    return typeof a === 'number' && typeof b === 'number' ? a > b : order(a, b, '>');
}

export function $ge(a, b) {
    return typeof a === 'number' && typeof b === 'number' ? a >= b : order(a, b, '>=');
}

/** `x in container`. */
export function $in(x, container) {
    if (Array.isArray(container)) {
        if (container.includes(x)) return true;
        if (typeof x === 'string') return container.some((one) => isInstance(one) && $eq(x, one));
        return container.some((one) => same(one, x));
    }
    if (typeof container === 'string') {
        if (typeof x !== 'string') $terr("'in <string>' requires string as left operand, not " + $tname(x));
        return container.includes(x);
    }
    if (container != null && typeof container === 'object') {
        if (isPlain(container)) return $hasKey(container, x);
        if (typeof container.__contains__ === 'function') return $truth(container.__contains__(x));
        if (typeof container[Symbol.iterator] === 'function' || typeof container.__iter__ === 'function'
            || typeof container.__getitem__ === 'function') {
            for (const one of $kept($iter(container))) if (x === one || $eq(x, one)) return true;
            return false;
        }
    }
    return $terr("argument of type '" + $tname(container) + "' is not iterable");
}

/** The position of an equal element, or -1. */
export function $find(array, x) {
    for (let i = 0; i < array.length; i++) if (same(array[i], x)) return i;
    return -1;
}

/** A flag that CPython keeps in a C int. */
function flag(n) {
    if (n > 0x7fffffff || n < -0x80000000) {
        throw new OverflowError('signed integer is ' + (n < 0 ? 'less than minimum' : 'greater than maximum'));
    }
    return n;
}

/** A sorted copy: stable also in reverse, each key asked for once. */
export function $sorted(elements, key, reverse) {
    const order_ = reverse !== undefined && flag($index(reverse)) ? -1 : 1;
    const decorated = elements.map((element) => [key == null ? element : key(element), element]);
    if (decorated.length > 1) {
        const plain = decorated.every((pair) => typeof pair[0] === 'number' && pair[0] === pair[0]);
        // A comparison that raises must be asked even where the engine would not: pairs next to each other suffice.
        decorated.sort(plain ? (a, b) => order_ * (a[0] - b[0])
            : (a, b) => ($truth($lt(a[0], b[0])) ? -order_ : $truth($lt(b[0], a[0])) ? order_ : 0));
    }
    return decorated.map((pair) => pair[1]);
}
