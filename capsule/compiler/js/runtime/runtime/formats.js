/* Format specs: of f-strings, format and str.format. */
import { $fixed, $scientific } from './runtime.decimals.js';
import { $terr, OverflowError, ValueError } from './runtime.errors.js';
import { $number, isFloat, isNumber } from './runtime.numbers.js';
import { $points } from './runtime.sequences.js';
import { $floatText, str } from './runtime.text.js';
import { $tname } from './runtime.values.js';

// [[fill]align][sign]["z"]["#"][width][grouping]["." precision][type]; a "0" before the width is read by parse.
const SPEC = /^(?:([^])?([<>=^]))?([+\- ])?(z)?(#)?(\d*)(,_|_,|[,_]?)(?:\.(\d*))?([^]*)$/u;

/** A format spec, read as CPython reads it, its errors in CPython's order; `type` and `align` are the defaults. */
function parse(spec, x, type, align) {
    const [, fill, aligned, sign, z, alternate, digits, group, precision, rest] = SPEC.exec(spec);
    // A fill of its own makes the zero a part of the width.
    const zero = fill === undefined && digits.startsWith('0');
    if (group.length > 1) throw new ValueError("Cannot specify both ',' and '_'.");
    if (precision === '') throw new ValueError('Format specifier missing precision');
    if ($points(rest).length > 1) throw new ValueError("Invalid format specifier '" + spec + "' for object of type '" + $tname(x) + "'");
    const f = {
        fill: fill || (zero ? '0' : ' '), align: aligned || (zero && align === '>' ? '=' : align), sign: sign || '', z, alternate, group,
        width: Number(digits), precision: precision === undefined ? null : Number(precision), type: rest || type,
    };
    if (group !== '' && !'defgEG%F'.includes(f.type) && !(group === '_' && 'boxX'.includes(f.type))) {
        throw new ValueError("Cannot specify '" + group + "' with " + coded(f.type) + '.');
    }
    return f;
}

function coded(type) {
    const code = type.codePointAt(0);
    return "'" + (code > 32 && code < 128 ? type : '\\x' + code.toString(16)) + "'";
}

function noCode(type, x) {
    throw new ValueError('Unknown format code ' + coded(type) + " for object of type '" + $tname(x) + "'");
}

/** `head` is a sign and a prefix: with `=` the filling comes behind it. */
function pad(head, text, f) {
    const missing = f.width - $points(head + text).length;
    if (missing <= 0) return head + text;
    const left = f.align === '<' ? 0 : f.align === '^' ? Math.floor(missing / 2) : missing;
    const before = f.fill.repeat(left);
    return f.align === '=' ? head + before + text : before + head + text + f.fill.repeat(missing - left);
}

function grouped(digits, mark, size) {
    return digits.replace(new RegExp('\\B(?=([0-9a-fA-F]{' + size + '})+$)', 'g'), mark);
}

/** Put sign, prefix, digits, what is behind them, and padding together. */
function assemble(negative, prefix, whole, rest, f, size) {
    const head = (negative ? '-' : f.sign === '-' ? '' : f.sign) + prefix;
    if (f.group === '' || whole === '') return pad(head, whole + rest, f);
    let digits = grouped(whole, f.group, size);
    if (f.align === '=' && f.fill === '0') {
        // The zeros are grouped like the digits; no group begins with its mark.
        const room = f.width - head.length - rest.length;
        while (digits.length < room) digits = grouped('0' + digits.replaceAll(f.group, ''), f.group, size);
    }
    return pad(head, digits + rest, f);
}

function withPower(mantissa, power) {
    return mantissa + 'e' + (power < 0 ? '-' : '+') + String(Math.abs(power)).padStart(2, '0');
}

/** `#` keeps the point though nothing follows it. */
function pointed(text, alternate) {
    return alternate && !text.includes('.') ? text + '.' : text;
}

/** `g`: with an exponent where that is shorter; `dotted` as repr does, which leaves a digit behind the point. */
function general(size, given, alternate, dotted) {
    const precision = given || 1;
    const [mantissa, power] = $scientific(size, precision - 1);
    const shown = (text) => (alternate ? pointed(text, true) : text.includes('.') ? text.replace(/\.?0+$/, '') : text);
    if (power < -4 || power >= precision - (dotted ? 1 : 0)) return withPower(shown(mantissa), power);
    const text = shown($fixed(size, Math.max(0, precision - 1 - power)));
    return dotted && !text.includes('.') ? text + '.0' : text;
}

/** A finite size without its sign. */
function sizeText(size, type, precision, alternate) {
    if (type === '') {
        if (precision !== null) return general(size, precision, alternate, true);
        const [mantissa, power] = $floatText(size).split('e');
        return pointed(mantissa, alternate) + (power === undefined ? '' : 'e' + power);
    }
    const places = precision === null ? 6 : precision;
    if (type === 'g' || type === 'n') return general(size, places, alternate, false);
    if (type === 'f' || type === '%') return pointed($fixed(size, places), alternate);
    const [mantissa, power] = $scientific(size, places);
    return withPower(pointed(mantissa, alternate), power);
}

/** No type is repr's text; a precision makes it `g` with a digit behind the point. */
function formatFloat(n, f) {
    const type = f.type.toLowerCase();
    const size = Math.abs(n);
    const shown = type === '%' ? size * 100 : size;
    let text = n !== n ? 'nan' : shown === Infinity ? 'inf' : sizeText(shown, type, f.precision, f.alternate);
    // `z`: what is rounded to zero has no sign.
    const negative = (n < 0 || Object.is(n, -0)) && !(f.z && /^[0.]*(?:e|$)/.test(text));
    if (type === '%') text += '%';
    if (type !== f.type) text = text.toUpperCase();
    const whole = /^\d*/.exec(text)[0];
    return assemble(negative, '', whole, text.slice(whole.length), f, 3);
}

const RADIX = { b: 2, o: 8, x: 16, X: 16 };

function formatInt(x, f) {
    const value = typeof x === 'boolean' ? +x : x;
    const type = f.type;
    if ('eEfFgG%'.includes(type)) return formatFloat($number(value), f);
    if (!'bcdnoxX'.includes(type)) noCode(type, x);
    if (f.precision !== null) throw new ValueError('Precision not allowed in integer format specifier');
    if (f.z) throw new ValueError('Negative zero coercion (z) not allowed in integer format specifier');
    if (type === 'c') return formatPoint(value, f);
    const size = value < 0 ? -value : value;
    let digits = size.toString(RADIX[type] || 10);
    if (type === 'X') digits = digits.toUpperCase();
    return assemble(value < 0, f.alternate && RADIX[type] ? '0' + type : '', digits, '', f, RADIX[type] ? 4 : 3);
}

function formatPoint(value, f) {
    if (f.sign) throw new ValueError("Sign not allowed with integer format specifier 'c'");
    if (f.alternate) throw new ValueError("Alternate form (#) not allowed with integer format specifier 'c'");
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
        throw new OverflowError('Python int too large to convert to C long');
    }
    if (value < 0 || value > 0x10ffff) throw new OverflowError('%c arg not in range(0x110000)');
    return pad('', String.fromCodePoint(Number(value)), f);
}

function formatString(x, f) {
    if (f.type !== 's') noCode(f.type, x);
    if (f.sign) throw new ValueError((f.sign === ' ' ? 'Space' : 'Sign') + ' not allowed in string format specifier');
    if (f.z) throw new ValueError('Negative zero coercion (z) not allowed in string format specifier');
    if (f.alternate) throw new ValueError('Alternate form (#) not allowed in string format specifier');
    if (f.align === '=') throw new ValueError("'=' alignment not allowed in string format specifier");
    return pad('', f.precision === null ? x : Array.from(x).slice(0, f.precision).join(''), f);
}

/** `format(x, spec)`, and `{x:spec}`. */
export function format(x, spec) {
    if (spec !== undefined && typeof spec !== 'string') $terr('format() argument 2 must be str, not ' + $tname(spec));
    if (x != null && typeof x === 'object' && typeof x.__format__ === 'function') {
        const text = x.__format__(spec === undefined ? '' : spec);
        return typeof text === 'string' ? text : $terr('__format__ must return a str, not ' + $tname(text));
    }
    if (spec === undefined || spec === '') return str(x);
    if (typeof x === 'string') return formatString(x, parse(spec, x, 's', '<'));
    if (!isNumber(x)) $terr('unsupported format string passed to ' + $tname(x) + '.__format__');
    if (!isFloat(x)) return formatInt(x, parse(spec, x, 'd', '>'));
    const f = parse(spec, x, '', '>');
    if (!'eEfFgGn%'.includes(f.type)) noCode(f.type, x);
    return formatFloat(Number(x), f);
}
