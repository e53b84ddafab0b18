/* Equality, order and membership, as deep as Python's. */
import { $terr } from './runtime.errors.js';
import { $hasKey, $sameDict, DictView } from './runtime.dicts.js';
import { Float, isNumber } from './runtime.numbers.js';
import { $kept } from './runtime.iterators.js';
import { $iter, isTuple } from './runtime.sequences.js';
import { isSetLike, PySet } from './runtime.sets.js';
import { $tname, $truth, isPlain } from './runtime.values.js';

/** What an operator's method answers that leaves it to the other operand. */
export const NotImplemented = /*@__PURE__*/ notImplemented();

function notImplemented() {
    return Object.create({ $kind: 'NotImplementedType', __repr__: () => 'NotImplemented' });
}

/** Whether the class of `b` is derived from that of `a`: its operators are asked first then. */
export function $derives(b, a) {
    const prototype = Object.getPrototypeOf(a);
    return Object.getPrototypeOf(b) !== prototype && Object.prototype.isPrototypeOf.call(prototype, b);
}

/** `a == b`. */
export function $eq(a, b) {
    if (a === b) return typeof a !== 'object' || (a instanceof Float ? a.valueOf() === a.valueOf() : !isInstance(a) || custom(a, b));
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
    const answer = asked(a, b, '__eq__', '__eq__');
    return answer === NotImplemented ? a === b : answer;
}

/** What the operands' own methods say, one after the other. */
function asked(a, b, own, reflected) {
    const turned = isInstance(a) && isInstance(b) && $derives(b, a);
    const first = turned ? answer(b, reflected, a) : answer(a, own, b);
    if (first !== NotImplemented) return first;
    return turned ? answer(a, own, b) : answer(b, reflected, a);
}

/** An object that may bring its own operators. */
function isInstance(x) {
    return typeof x === 'object' && x !== null && !Array.isArray(x) && !(x instanceof Float) && !isPlain(x);
}

/** `a != b`. */
export function $ne(a, b) {
    if (isInstance(a) && typeof a.__ne__ === 'function') {
        const found = a.__ne__(b);
        if (found !== NotImplemented) return found;
    }
    return !$truth($eq(a, b));
}

/** `a is b`: JavaScript's undefined is None too. */
export function $is(a, b) {
    return a === b || (a == null && b == null) || (a instanceof Float && b instanceof Float && a.valueOf() === b.valueOf());
}

const surrogate = /[\uD800-\uDFFF]/;

/** Texts are ordered by code point; JavaScript's own order goes by code unit. */
export function $compareTexts(a, b) {
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

/** What `a` says of `b` by this method; a set compares itself with sets, keys() and items() alone. */
function answer(a, method, b) {
    if (!isInstance(a) || typeof a[method] !== 'function') return NotImplemented;
    if ((a instanceof PySet || a instanceof DictView) && !(isSetLike(a) && isSetLike(b))) return NotImplemented;
    return a[method](b);
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
    if (typeof a === 'string' && typeof b === 'string') return test($compareTexts(a, b), symbol);
    if (Array.isArray(a) && Array.isArray(b) && isTuple(a) === isTuple(b)) {
        for (let i = 0; i < a.length && i < b.length; i++) {
            if (!same(a[i], b[i])) return order(a[i], b[i], symbol);
        }
        return test(a.length - b.length, symbol);
    }
    const said = asked(a, b, ...METHODS[symbol]);
    if (said !== NotImplemented) return said;
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
    if (container != null && (typeof container === 'object' || typeof container === 'function')) {
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
