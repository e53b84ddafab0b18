/* int(...) and float(...) of anything. */
import { $terr, OverflowError, ValueError } from './runtime.errors.js';
import { $float, $index, $int, $number, Float, isInt } from './runtime.numbers.js';
import { repr } from './runtime.text.js';
import { $tname } from './runtime.values.js';

const WHOLE = /^[+-]?\d+(?:_\d+)*$/;
const DECIMAL = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;
const BASES = { 2: '0b', 8: '0o', 16: '0x' };

function invalidInt(text, base) {
    throw new ValueError('invalid literal for int() with base ' + base + ': ' + repr(text));
}

const SPACES = /[\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;

/** The value of a decimal digit of any script: they come in whole rows from 0 to 9, some right behind another. */
function digit(character) {
    const code = character.codePointAt(0);
    let zero = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
    return String((code - zero) % 10);
}

/** A number's text with the digits and spaces of all scripts made ASCII ones, and none around it. */
function plain(text) {
    if (/^[\x00-\x7f]*$/.test(text)) return text.trim();
    return text.replace(SPACES, ' ').replace(/\p{Nd}/gu, digit).replace(/^[\t-\r ]+|[\t-\r ]+$/g, '');
}

function parseInteger(text, base) {
    const trimmed = plain(text);
    if (base === 10) {
        if (!WHOLE.test(trimmed)) invalidInt(text, base);
        const digits = trimmed.replaceAll('_', '');
        const n = Number(digits);
        return Number.isSafeInteger(n) ? (n === 0 ? 0 : n) : $int(BigInt(digits.replace('+', '')));
    }
    if (base !== 0 && (base < 2 || base > 36)) throw new ValueError('int() base must be >= 2 and <= 36, or 0');
    const negative = trimmed.startsWith('-');
    let digits = trimmed.replace(/^[+-]/, '').toLowerCase();
    let radix = base;
    for (const known of [2, 8, 16]) {
        if (digits.startsWith(BASES[known]) && (base === known || base === 0)) {
            radix = known;
            digits = digits.slice(2).replace(/^_/, '');
        }
    }
    if (radix === 0) {
        radix = 10;
        if (/^0[0_]*[1-9]/.test(digits)) invalidInt(text, base);
    }
    if (!/^[0-9a-z]+(?:_[0-9a-z]+)*$/.test(digits)) invalidInt(text, base);
    let value = 0n;
    for (const digit of digits.replaceAll('_', '')) {
        const n = parseInt(digit, 36);
        if (n >= radix) invalidInt(text, base);
        value = value * BigInt(radix) + BigInt(n);
    }
    return $int(negative ? -value : value);
}

export function $toInt(x, base) {
    if (x === undefined) return 0;
    if (typeof x === 'string') return parseInteger(x, base === undefined ? 10 : $index(base));
    if (base !== undefined) $terr("int() can't convert non-string with explicit base");
    if (isInt(x)) return typeof x === 'boolean' ? +x : x;
    if (typeof x === 'number' || x instanceof Float) {
        const n = Number(x);
        if (n !== n) throw new ValueError('cannot convert float NaN to integer');
        if (!Number.isFinite(n)) throw new OverflowError('cannot convert float infinity to integer');
        const whole = Math.trunc(n);
        return Number.isSafeInteger(whole) ? (whole === 0 ? 0 : whole) : $int(BigInt(whole));
    }
    if (x != null && typeof x.__int__ === 'function') {
        const answer = x.__int__();
        return isInt(answer) ? $toInt(answer) : $terr('__int__ returned non-int (type ' + $tname(answer) + ')');
    }
    return $terr("int() argument must be a string, a bytes-like object or a real number, not '" + $tname(x) + "'");
}

export function $toFloat(x) {
    if (x === undefined) return new Float(0);
    if (typeof x === 'string') {
        const text = plain(x);
        if (DECIMAL.test(text)) return $float(Number(text.replaceAll('_', '')));
        const word = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
        if (word === null) throw new ValueError('could not convert string to float: ' + repr(x));
        return word[2].toLowerCase() === 'nan' ? new Float(NaN) : word[1] === '-' ? -Infinity : Infinity;
    }
    if (x instanceof Float) return x;
    if (typeof x === 'number' || isInt(x)) return $float($number(x));
    if (x != null && typeof x.__float__ === 'function') return x.__float__();
    return $terr("float() argument must be a string or a real number, not '" + $tname(x) + "'");
}
