/* The text of values: str, repr, print. */
import { TypeError as PyTypeError } from './runtime.errors.js';
import { $entriesOf, $special } from './runtime.dicts.js';
import { Float } from './runtime.numbers.js';
import { isTuple } from './runtime.sequences.js';
import { $nameOf, $typed, $tname, isPlain } from './runtime.values.js';

/** Python's shortest text of a float: positional from 1e-4 up to 1e16, else with an exponent of two digits or more. */
export function $floatText(n) {
    if (n !== n) return 'nan';
    if (!Number.isFinite(n)) return n < 0 ? '-inf' : 'inf';
    if (n === 0) return Object.is(n, -0) ? '-0.0' : '0.0';
    const [mantissa, power] = Math.abs(n).toExponential().split('e');
    const digits = mantissa.replace('.', '');
    const exponent = Number(power);
    let text;
    if (exponent < -4 || exponent >= 16) {
        text = digits[0] + (digits.length > 1 ? '.' + digits.slice(1) : '') + 'e' + (exponent < 0 ? '-' : '+')
            + String(Math.abs(exponent)).padStart(2, '0');
    } else if (exponent < 0) {
        text = '0.' + '0'.repeat(-exponent - 1) + digits;
    } else {
        text = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0') + '.' + (digits.slice(exponent + 1) || '0');
    }
    return (n < 0 ? '-' : '') + text;
}

export const str = /*@__PURE__*/ $typed('str', function (x) {
    switch (typeof x) {
        case 'string': return x;
        case 'boolean': return x ? 'True' : 'False';
        case 'number': return Number.isInteger(x) ? String(x) : $floatText(x);
        case 'undefined': return arguments.length ? 'None' : '';
    }
    if (x !== null && typeof x === 'object' && !Array.isArray(x) && !isPlain(x) && typeof x.__str__ === 'function') return returned(x.__str__(), '__str__');
    return repr(x);
}, (x) => typeof x === 'string');

const ESCAPES = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function quote(text) {
    const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
    let result = '';
    for (const point of text) {
        const code = point.codePointAt(0);
        if (point === mark) result += '\\' + mark;
        else if (point in ESCAPES) result += ESCAPES[point];
        else if (code < 32 || code === 127 || (code >= 128 && code < 256 && !/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(point)) || code === 173) {
            result += '\\x' + code.toString(16).padStart(2, '0');
        } else if (code >= 256 && !/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(point)) {
            result += code > 0xffff ? '\\U' + code.toString(16).padStart(8, '0') : '\\u' + code.toString(16).padStart(4, '0');
        } else result += point;
    }
    return mark + result + mark;
}

/** `ascii(x)`. */
export function ascii(x) {
    return $ascii(x);
}

/** `repr` with everything past ASCII escaped: `{x!a}`. */
export function $ascii(x) {
    return repr(x).replace(/[^\x00-\x7f]/gu, (point) => {
        const code = point.codePointAt(0);
        const [mark, width] = code > 0xffff ? ['\\U', 8] : code > 0xff ? ['\\u', 4] : ['\\x', 2];
        return mark + code.toString(16).padStart(width, '0');
    });
}

/* Containers that are being written, for one that contains itself. */
const open = [];

function nested(x, text, again) {
    if (open.includes(x)) return again;
    open.push(x);
    try {
        return text();
    } finally {
        open.pop();
    }
}

export function repr(x) {
    switch (typeof x) {
        case 'string': return quote(x);
        case 'boolean': return x ? 'True' : 'False';
        case 'number': return Number.isInteger(x) ? String(x) : $floatText(x);
        case 'bigint': return String(x);
        case 'undefined': return 'None';
        case 'function': return functionText(x);
    }
    if (x === null) return 'None';
    if (x instanceof Float) return $floatText(x.valueOf());
    if (isTuple(x)) {
        return nested(x, () => '(' + Array.from(x, repr).join(', ') + (x.length === 1 ? ',)' : ')'), '(...)');
    }
    if (Array.isArray(x)) return nested(x, () => '[' + x.map(repr).join(', ') + ']', '[...]');
    if (isPlain(x)) {
        const plain = nested(x, () => '{' + $entriesOf(x).map(([key, value]) => repr(key) + ': ' + repr(value)).join(', ') + '}', '{...}');
        return x[$special] === undefined ? plain : x[$special].repr(x, plain);
    }
    if (typeof x.__repr__ === 'function') return returned(x.__repr__(), '__repr__');
    return '<' + $tname(x) + ' object>';
}

function returned(text, name) {
    if (typeof text !== 'string') throw new PyTypeError(name + ' returned non-string (type ' + $tname(text) + ')');
    return text;
}

function functionText(f) {
    if (f.$is !== undefined) return "<class '" + $nameOf(f) + "'>";
    const kind = $tname(f);
    const builtin = kind === 'builtin_function_or_method';
    return kind === 'type' ? "<class '__main__." + $nameOf(f) + "'>" : '<' + (builtin ? 'built-in function ' : 'function ') + $nameOf(f) + '>';
}

/* What was printed without an end of line yet: console.log ends a line by itself. */
let line = '';

function flush() {
    if (line !== '') console.log(line);
    line = '';
}

/** `print(...)`. */
export function print(...values) {
    console.log(line + values.map(str).join(' '));
    line = '';
    return null;
}

/** `print(..., sep=, end=)`. */
export function $print(values, options) {
    const sep = options.sep == null ? ' ' : options.sep;
    const end = options.end == null ? '\n' : options.end;
    for (const text of [sep, end]) {
        if (typeof text !== 'string') throw new PyTypeError('sep and end must be None or a string, not ' + $tname(text));
    }
    line += values.map(str).join(sep) + end;
    const last = line.lastIndexOf('\n');
    if (last >= 0) {
        console.log(line.slice(0, last));
        line = line.slice(last + 1);
    }
    if (line !== '') queueMicrotask(flush);
    return null;
}
