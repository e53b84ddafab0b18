/* Python's math, as far as JavaScript computes the same digits. */
import { $terr, OverflowError, ValueError } from './runtime.errors.js';
import { $float, $index, $int, isFloat, isInt, isNumber } from './runtime.numbers.js';
import { $iter, Tuple } from './runtime.sequences.js';
import { $tname } from './runtime.values.js';

export const pi = Math.PI;
export const e = Math.E;
export const tau = 2 * Math.PI;
export const inf = Infinity;
export const nan = /*@__PURE__*/ $float(NaN);

function number(x) {
    if (isNumber(x)) return Number(x);
    if (x != null && typeof x.__float__ === 'function') return Number(x.__float__());
    return $terr('must be real number, not ' + $tname(x));
}

/** An int out of a whole number; infinity and NaN have none. */
function whole(n) {
    if (n !== n) throw new ValueError('cannot convert float NaN to integer');
    if (!Number.isFinite(n)) throw new OverflowError('cannot convert float infinity to integer');
    return Number.isSafeInteger(n) ? (n === 0 ? 0 : n) : $int(BigInt(n));
}

function rounded(x, name, how) {
    if (isInt(x)) return typeof x === 'boolean' ? +x : x;
    if (x != null && typeof x['__' + name + '__'] === 'function') return x['__' + name + '__']();
    return whole(how(number(x)));
}

export function floor(x) {
    return rounded(x, 'floor', Math.floor);
}

export function ceil(x) {
    return rounded(x, 'ceil', Math.ceil);
}

export function trunc(x) {
    return rounded(x, 'trunc', Math.trunc);
}

/** A function that Python refuses outside its domain. */
function within(n, result) {
    if (result !== result && n === n) throw new ValueError('math domain error');
    return $float(result);
}

export function sqrt(x) {
    const n = number(x);
    return within(n, Math.sqrt(n));
}

export function fabs(x) {
    return $float(Math.abs(number(x)));
}

export function isnan(x) {
    const n = number(x);
    return n !== n;
}

export function isinf(x) {
    return Math.abs(number(x)) === Infinity;
}

export function isfinite(x) {
    return Number.isFinite(number(x));
}

export function copysign(x, y) {
    const size = Math.abs(number(x));
    const sign = number(y);
    return $float(sign < 0 || Object.is(sign, -0) ? -size : size);
}

export function fmod(x, y) {
    const a = number(x);
    const b = number(y);
    if (b === 0 || !Number.isFinite(a)) {
        if (a === a && b === b) throw new ValueError('math domain error');
    }
    return $float(a % b);
}

function big(x) {
    return BigInt($index(x));
}

export function gcd(...values) {
    let result = 0n;
    for (const value of values) {
        let other = big(value);
        while (other !== 0n) [result, other] = [other, result % other];
    }
    return $int(result < 0n ? -result : result);
}

export function lcm(...values) {
    let result = 1n;
    for (const value of values) {
        const other = big(value);
        if (other === 0n) return 0;
        const shared = BigInt(gcd($int(result), $int(other)));
        result = (result / shared) * other;
    }
    return $int(result < 0n ? -result : result);
}

export function factorial(x) {
    if (isFloat(x)) $terr("'float' object cannot be interpreted as an integer");
    const n = $index(x);
    if (n < 0) throw new ValueError('factorial() not defined for negative values');
    let result = 1n;
    for (let i = 2n; i <= BigInt(n); i++) result *= i;
    return $int(result);
}

export function comb(n, k) {
    const [count, chosen] = [$index(n), $index(k)];
    if (count < 0 || chosen < 0) throw new ValueError((count < 0 ? 'n' : 'k') + ' must be a non-negative integer');
    if (chosen > count) return 0;
    let result = 1n;
    for (let i = 0n; i < BigInt(chosen); i++) result = (result * (BigInt(count) - i)) / (i + 1n);
    return $int(result);
}

export function perm(n, k) {
    const count = $index(n);
    const chosen = k == null ? count : $index(k);
    if (count < 0 || chosen < 0) throw new ValueError((count < 0 ? 'n' : 'k') + ' must be a non-negative integer');
    let result = chosen > count ? 0n : 1n;
    for (let i = 0n; i < BigInt(chosen) && result; i++) result *= BigInt(count) - i;
    return $int(result);
}

export function isqrt(x) {
    const n = big(x);
    if (n < 0n) throw new ValueError('isqrt() argument must be nonnegative');
    if (n < 2n) return Number(n);
    let guess = BigInt(Math.floor(Math.sqrt(Number(n))));
    while (guess * guess > n) guess -= 1n;
    while ((guess + 1n) * (guess + 1n) <= n) guess += 1n;
    return $int(guess);
}

export function prod(values, options) {
    let result = options == null || options.start === undefined ? 1 : options.start;
    for (const value of $iter(values)) {
        result = isFloat(result) || isFloat(value) ? $float(Number(result) * Number(value)) : $int(BigInt(result) * BigInt(value));
    }
    return result;
}

export function isclose(a, b, options) {
    const given = options == null ? {} : options;
    const [x, y] = [number(a), number(b)];
    const relative = given.rel_tol === undefined ? 1e-9 : number(given.rel_tol);
    const absolute = given.abs_tol === undefined ? 0 : number(given.abs_tol);
    if (x === y) return true;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return false;
    return Math.abs(x - y) <= Math.max(relative * Math.max(Math.abs(x), Math.abs(y)), absolute);
}

export function modf(x) {
    const n = number(x);
    const rest = Number.isFinite(n) ? n % 1 : n === n ? 0 : n;
    return Tuple.of($float(rest), $float(Math.trunc(n)));
}

export function degrees(x) {
    return $float(number(x) * (180 / Math.PI));
}

export function radians(x) {
    return $float(number(x) * (Math.PI / 180));
}
