/* Hashes: `hash(x)`, and what stands in dicts and sets for instances that bring `__eq__` and `__hash__`. */
import { $eq } from './runtime.compare.js';
import { $terr } from './runtime.errors.js';
import { Float, isInt } from './runtime.numbers.js';
import { Tuple } from './runtime.sequences.js';
import { $hash, FrozenSet } from './runtime.sets.js';
import { $tname, $truth } from './runtime.values.js';

// As CPython on 64 bits: numbers are hashed modulo this prime, tuples by xxHash's rounds.
const PRIME = (1n << 61n) - 1n;
const WORD = 1n << 64n;

const numbers = new Map();
const objects = new WeakMap();
let last = 0n;

/** A number of its own for what CPython hashes by its address or with a secret. */
function numbered(key, known) {
    if (!known.has(key)) known.set(key, (last = (last + 2654435769n) % PRIME));
    return known.get(key);
}

function signed(word) {
    return BigInt.asIntN(64, word);
}

function ofInt(n) {
    const rest = n < 0n ? -(-n % PRIME) : n % PRIME;
    return rest === -1n ? -2n : rest;
}

/** A float with a fraction is its mantissa turned by its exponent, modulo the prime. */
function ofFloat(x) {
    if (!Number.isFinite(x)) return x > 0 ? 314159n : -314159n;
    let size = Math.abs(x);
    let exponent = 0n;
    while (!Number.isInteger(size)) {
        size *= 2;
        exponent += 1n;
    }
    const turn = (61n - (exponent % 61n)) % 61n;
    const n = BigInt(size) % PRIME;
    const turned = ((n << turn) & PRIME) | (n >> (61n - turn));
    const result = x < 0 ? -turned : turned;
    return result === -1n ? -2n : result;
}

function ofTuple(elements) {
    let sum = 2870177450012600261n;
    for (const element of elements) {
        sum = (sum + (BigInt.asUintN(64, big(element)) * 14029467366897019727n)) % WORD;
        sum = ((sum << 31n) | (sum >> 33n)) % WORD;
        sum = (sum * 11400714785074694791n) % WORD;
    }
    sum = (sum + (BigInt(elements.length) ^ (2870177450012600261n ^ 3527539n))) % WORD;
    return sum === WORD - 1n ? 1546275796n : signed(sum);
}

function big(x) {
    if (isInt(x)) return ofInt(BigInt(x));
    if (x instanceof Float && Number.isNaN(x.valueOf())) return numbered(x, objects);
    if (typeof x === 'number' || x instanceof Float) return ofFloat(Number(x));
    if (x instanceof Tuple) return ofTuple(x);
    if (x instanceof FrozenSet) return [...x].reduce((sum, element) => sum ^ (big(element) * 3644798167n), 1927868237n) % PRIME;
    if (x != null && typeof x.__hash__ === 'function') {
        const given = x.__hash__();
        return isInt(given) ? ofInt(BigInt(given)) : $terr('__hash__ method should return an integer');
    }
    const key = $hash(x);
    return key !== null && (typeof key === 'object' || typeof key === 'function') ? numbered(key, objects) : numbered(key, numbers);
}

/** `hash(x)`. */
export function hash(x) {
    $hash(x);
    const n = big(x);
    return Number.isSafeInteger(Number(n)) ? Number(n) : n;
}

/* Of each group of equal instances the first that was asked for stands for all, as long as anything holds it. */
const groups = new Map();

/** What stands for an instance with `__hash__` where it is looked up. */
export function $interned(x) {
    const n = big(x);
    const alive = (groups.get(n) || []).filter((one) => one.deref() !== undefined);
    for (const one of alive) {
        const known = one.deref();
        if (known === x || $truth($eq(known, x))) return known;
    }
    groups.set(n, [...alive, new WeakRef(x)]);
    return x;
}

/** For a class whose `__eq__` comes without a `__hash__`. */
export function $unhashable(x) {
    return $terr("unhashable type: '" + $tname(x) + "'");
}
