/* The decimal digits of a float as Python rounds them: those of its exact value, a tie to the even digit. */
import { $parts } from './runtime.powers.js';

/** A finite size as an integer and how many of its digits are behind the point. */
function exact(size) {
    if (size === 0) return [0n, 0];
    const [mantissa, exponent] = $parts(size);
    return exponent >= 0 ? [mantissa << BigInt(exponent), 0] : [mantissa * 5n ** BigInt(-exponent), -exponent];
}

/** The integer without its last digits. */
function cut(whole, count) {
    if (count <= 0) return whole * 10n ** BigInt(-count);
    const unit = 10n ** BigInt(count);
    const [quotient, twice] = [whole / unit, (whole % unit) * 2n];
    return twice > unit || (twice === unit && quotient % 2n !== 0n) ? quotient + 1n : quotient;
}

/** The text of a finite number with this many digits behind the point, as C's printf. */
export function $fixed(x, digits) {
    const size = Math.abs(x);
    const sign = x < 0 || Object.is(x, -0) ? '-' : '';
    if (size < 1e21 && digits < 100) {
        // The engine rounds the exact value, too, but a tie up.
        const longer = size.toFixed(digits + 1);
        if (!longer.endsWith('5') || Number(longer) !== size) return sign + size.toFixed(digits);
    }
    const [whole, places] = exact(size);
    const text = cut(whole, places - digits).toString().padStart(digits + 1, '0');
    return sign + (digits === 0 ? text : text.slice(0, -digits) + '.' + text.slice(-digits));
}

/** A finite size as a text with one digit before the point and this many behind it, and its power of ten. */
export function $scientific(size, digits) {
    if (size === 0) return ['0' + (digits === 0 ? '' : '.' + '0'.repeat(digits)), 0];
    const [whole, places] = exact(size);
    const length = whole.toString().length;
    const text = cut(whole, length - digits - 1).toString();
    // Rounding up may make it one digit longer.
    const mantissa = text.slice(0, digits + 1);
    return [mantissa[0] + (digits === 0 ? '' : '.' + mantissa.slice(1)), text.length - 1 - digits + length - 1 - places];
}
