/* Powers of floats, rounded once. Engines compute Math.pow as they like, and one result in ten differs in its last digit
   from C's pow, which CPython calls; that one rounds correctly but for one result in a thousand. */
import { $quotient } from './runtime.numbers.js';

/** The odd mantissa and the power of two of a positive number. */
export function $parts(x) {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, x);
    const bits = view.getBigUint64(0);
    const biased = Number((bits >> 52n) & 0x7ffn);
    let mantissa = bits & 0xfffffffffffffn;
    let exponent = -1074;
    if (biased !== 0) [mantissa, exponent] = [mantissa | 0x10000000000000n, biased - 1075];
    while ((mantissa & 1n) === 0n) [mantissa, exponent] = [mantissa >> 1n, exponent + 1];
    return [mantissa, exponent];
}

const scaled = (big, exponent) => (exponent >= 0 ? big << BigInt(exponent) : big >> BigInt(-exponent));

/* Fixed point numbers with this many binary digits behind the point. */
const DIGITS = 160;
const ONE = 1n << BigInt(DIGITS);

/** The natural logarithm of a fixed point number next to one. */
function logarithm(x) {
    const z = ((x - ONE) << BigInt(DIGITS)) / (x + ONE);
    const square = scaled(z * z, -DIGITS);
    let sum = 0n;
    for (let term = z, n = 1n; term !== 0n && term !== -1n; n += 2n) {
        sum += term / n;
        term = scaled(term * square, -DIGITS);
    }
    return 2n * sum;
}

let ln2 = null;

/** x ** y by way of logarithms, for a positive x. */
function byLogarithm(x, y) {
    if (ln2 === null) ln2 = 2n * logarithm((ONE * 181n) / 128n) + logarithm((ONE * 32768n) / 32761n);
    const [mantissa, exponent] = $parts(x);
    const length = mantissa.toString(2).length;
    let near = (mantissa << BigInt(DIGITS)) >> BigInt(length);
    let twos = exponent + length;
    if (near * 10n < ONE * 7n) [near, twos] = [near << 1n, twos - 1];
    const [size, shift] = $parts(Math.abs(y));
    const product = scaled((logarithm(near) + BigInt(twos) * ln2) * size, shift) * (y < 0 ? -1n : 1n);
    let whole = product / ln2;
    let rest = product - whole * ln2;
    if (rest < 0n) [whole, rest] = [whole - 1n, rest + ln2];
    let sum = ONE;
    for (let term = ONE, n = 1n; term !== 0n; n += 1n) {
        term = scaled(term * rest, -DIGITS) / n;
        sum += term;
    }
    return whole >= 0n ? $quotient(sum << whole, ONE) : $quotient(sum, ONE << -whole);
}

/** x ** y where JavaScript's own answer is a finite number other than zero. */
export function $power(x, y) {
    const near = Math.pow(x, y);
    if (near === 0 || !Number.isFinite(near) || x === 1 || !Number.isFinite(y) || y === 0) return near;
    if (y === 1) return x;
    if (y === 2) return x * x;
    if (y === 0.5) return Math.sqrt(x);
    if (!Number.isInteger(y) || Math.abs(y) > 1100) return (x < 0 && y % 2 ? -1 : 1) * byLogarithm(Math.abs(x), y);
    const [mantissa, exponent] = $parts(Math.abs(x));
    const n = Math.abs(y);
    const top = mantissa ** BigInt(n);
    const [a, b] = exponent >= 0 ? [top << BigInt(exponent * n), 1n] : [top, 1n << BigInt(-exponent * n)];
    const size = y > 0 ? $quotient(a, b) : $quotient(b, a);
    return x < 0 && n % 2 ? -size : size;
}
