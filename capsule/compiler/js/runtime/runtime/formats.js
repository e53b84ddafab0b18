/* Format specs (f-strings, format, str.format) and the % operator on text. */
import { $at, $hasKey } from './runtime.dicts.js';
import { $terr, IndexError, KeyError, ValueError } from './runtime.errors.js';
import { $fixed, isFloat, isInt, isNumber } from './runtime.numbers.js';
import { $get, $points, isTuple } from './runtime.sequences.js';
import { $floatText, repr, str } from './runtime.text.js';
import { $toInt } from './runtime.parsing.js';
import { $bind, $tname, isPlain } from './runtime.values.js';

const SPEC = /^(?:([^])?([<>=^]))?([+\- ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/u;

function parse(spec, x) {
    const found = SPEC.exec(spec);
    if (found === null) {
        throw new ValueError("Invalid format specifier '" + spec + "' for object of type '" + $tname(x) + "'");
    }
    const [, fill, align, sign, , alternate, zero, width, group, precision, type] = found;
    return {
        fill: fill || (zero && !align ? '0' : ' '), align: align || (zero ? '=' : ''), sign: sign || '-', alternate, group, type,
        width: width ? Number(width) : 0, precision: precision === undefined ? null : Number(precision),
    };
}

function pad(text, f, fallback) {
    const missing = f.width - $points(text).length;
    if (missing <= 0) return text;
    const align = f.align || fallback;
    if (align === '<') return text + f.fill.repeat(missing);
    if (align === '^') {
        const left = Math.floor(missing / 2);
        return f.fill.repeat(left) + text + f.fill.repeat(missing - left);
    }
    return f.fill.repeat(missing) + text;
}

function grouped(digits, mark, size) {
    return digits.replace(new RegExp('\\B(?=([0-9a-fA-F]{' + size + '})+$)', 'g'), mark);
}

/** Put sign, prefix, digits and padding together. */
function assemble(negative, prefix, whole, rest, f, size) {
    const sign = negative ? '-' : f.sign === '-' ? '' : f.sign;
    let digits = f.group ? grouped(whole, f.group, size) : whole;
    if (f.align === '=') {
        const room = f.width - sign.length - prefix.length - rest.length;
        if (f.group && f.fill === '0') {
            while (digits.length < room) {
                const longer = grouped('0' + digits.replaceAll(f.group, ''), f.group, size);
                if (longer.length > room && digits.length >= room) break;
                digits = longer;
            }
            return sign + prefix + digits + rest;
        }
        return sign + prefix + f.fill.repeat(Math.max(0, room - digits.length)) + digits + rest;
    }
    return pad(sign + prefix + digits + rest, f, '>');
}

function exponential(size, precision, upper) {
    let [mantissa, power] = roundedExponential(size, precision);
    power = Number(power);
    const text = mantissa + 'e' + (power < 0 ? '-' : '+') + String(Math.abs(power)).padStart(2, '0');
    return upper ? text.toUpperCase() : text;
}

/** toExponential rounds ties up; Python rounds them to even. A tie is one in the exact decimal expansion. */
function roundedExponential(size, precision) {
    const places = Math.min(precision, 100);
    let [mantissa, power] = size.toExponential(places).split('e');
    if (places < 100) {
        const exact = size.toExponential(100).split('e');
        if (exact[1] === power || Number(exact[1]) + 1 === Number(power)) {
            const tail = exact[0].slice(places === 0 ? 2 : places + 2);
            if (/^50*$/.test(tail)) {
                const down = exact[0].slice(0, places === 0 ? 1 : places + 2);
                if (Number(down[down.length - 1]) % 2 === 0) [mantissa, power] = [down, exact[1]];
            }
        }
    }
    return [mantissa + (precision > 100 ? '0'.repeat(precision - 100) : ''), power];
}

function general(size, f, upper) {
    const precision = f.precision === null ? 6 : f.precision || 1;
    const power = size === 0 ? 0 : Number(roundedExponential(size, precision - 1)[1]);
    let text;
    if (power < -4 || power >= precision) {
        text = exponential(size, precision - 1, false);
        if (!f.alternate) text = text.replace(/\.?0*e/, (zeros) => (zeros.startsWith('.') ? 'e' : zeros));
        if (!f.alternate && text.includes('.')) text = text.replace(/0+e/, 'e');
    } else {
        text = $fixed(size, Math.max(0, precision - 1 - power));
        if (!f.alternate && text.includes('.')) text = text.replace(/\.?0+$/, '');
    }
    return upper ? text.toUpperCase() : text;
}

function formatFloat(n, f) {
    const negative = n < 0 || Object.is(n, -0);
    const size = Math.abs(n);
    const type = f.type;
    let text;
    if (!Number.isFinite(n)) {
        text = n !== n ? 'nan' : 'inf';
        if (type === 'F' || type === 'E' || type === 'G') text = text.toUpperCase();
        if (type === '%') text += '%';
        const plain = f.align === '=' && f.fill === '0' ? { ...f, fill: ' ', align: '>' } : f;
        return assemble(negative && n === n, '', text, '', { ...plain, group: undefined }, 3);
    }
    if (type === undefined && f.precision === null) text = $floatText(size);
    else if (type === undefined) {
        text = general(size, f, false);
        if (!/[.e]/.test(text)) {
            const power = size === 0 ? 0 : Number(roundedExponential(size, f.precision ? f.precision - 1 : 0)[1]);
            text = power >= f.precision - 1 && f.precision > 0 && power >= f.precision ? text : text + '.0';
        }
    } else if (type === 'e' || type === 'E') text = exponential(size, f.precision === null ? 6 : f.precision, type === 'E');
    else if (type === 'g' || type === 'G' || type === 'n') text = general(size, f, type === 'G');
    else if (type === '%') text = $fixed(size * 100, f.precision === null ? 6 : f.precision) + '%';
    else text = $fixed(size, f.precision === null ? 6 : f.precision);
    const cut = text.search(/[.e%E]/);
    return assemble(negative, '', cut < 0 ? text : text.slice(0, cut), cut < 0 ? '' : text.slice(cut), f, 3);
}

const RADIX = { b: 2, o: 8, x: 16, X: 16 };

function formatInt(x, f) {
    const value = typeof x === 'boolean' ? +x : x;
    const type = f.type;
    if (type !== undefined && 'eEfFgG%'.includes(type)) return formatFloat(Number(value), f);
    if (f.precision !== null) throw new ValueError('Precision not allowed in integer format specifier');
    if (type === 'c') return pad(String.fromCodePoint(Number(value)), f, '<');
    const size = value < 0 ? -value : value;
    let digits = size.toString(RADIX[type] || 10);
    if (type === 'X') digits = digits.toUpperCase();
    return assemble(value < 0, f.alternate && RADIX[type] ? '0' + type : '', digits, '', f, RADIX[type] ? 4 : 3);
}

/** `format(x, spec)`, and `{x:spec}`. */
export function format(x, spec) {
    if (spec === undefined || spec === '') return str(x);
    if (x !== null && typeof x === 'object' && typeof x.__format__ === 'function') return x.__format__(spec);
    if (isNumber(x)) {
        const f = parse(spec, x);
        if (typeof x === 'boolean' && f.type === undefined) {
            return f.width || f.align ? formatInt(x, f) : str(x);
        }
        if (f.type === 's') noCode('s', x);
        if (isFloat(x)) {
            if (f.type !== undefined && 'bcdoxX'.includes(f.type)) noCode(f.type, x);
            return formatFloat(Number(x), f);
        }
        return formatInt(x, f);
    }
    if (typeof x !== 'string') $terr('unsupported format string passed to ' + $tname(x) + '.__format__');
    const f = parse(spec, x);
    if (f.type !== undefined && f.type !== 's') noCode(f.type, x);
    if (f.align === '=') throw new ValueError("'=' alignment not allowed in string format specifier");
    const points = $points(x);
    const cut = f.precision === null ? x : points.slice(0, f.precision);
    return pad(typeof cut === 'string' ? cut : cut.join(''), f, '<');
}

function noCode(code, x) {
    throw new ValueError("Unknown format code '" + code + "' for object of type '" + $tname(x) + "'");
}

const FIELD = /\{\{|\}\}|\{([^{}:!]*)(?:!([rsa]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}|[{}]/g;

/** `text.format(...)`. */
export function $formatText(text, values, names) {
    let next = 0;
    const lookup = (field) => {
        const [, head, path] = /^([^.[]*)(.*)$/.exec(field);
        let value;
        if (head === '' || /^\d+$/.test(head)) {
            const index = head === '' ? next++ : Number(head);
            if (index >= values.length) throw new IndexError('Replacement index ' + index + ' out of range for positional args tuple');
            value = values[index];
        } else {
            if (!$hasKey(names, head)) throw new KeyError(head);
            value = names[head];
        }
        for (const [, attribute, key] of path.matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)) {
            value = attribute !== undefined ? $bind(value, attribute) : $get(value, /^\d+$/.test(key) ? Number(key) : key);
        }
        return value;
    };
    return text.replace(FIELD, (whole, field, conversion, spec) => {
        if (whole === '{{') return '{';
        if (whole === '}}') return '}';
        if (whole === '{') throw new ValueError("Single '{' encountered in format string");
        if (whole === '}') throw new ValueError("Single '}' encountered in format string");
        let value = lookup(field);
        if (conversion !== undefined) value = conversion === 's' ? str(value) : repr(value);
        const inner = spec === undefined ? '' : spec.replace(/\{([^{}]*)\}/g, (_, name) => str(lookup(name)));
        return format(value, inner);
    });
}

const DIRECTIVE = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\d+))?([a-zA-Z%])/g;

/** `text % values`. */
export function $percent(text, given) {
    const values = isTuple(given) ? given : [given];
    let used = 0;
    const result = text.replace(DIRECTIVE, (whole, name, flags, width, precision, type) => {
        if (type === '%') return '%';
        let value;
        if (name !== undefined) {
            if (!isPlain(given)) $terr('format requires a mapping');
            value = $at(given, name);
            used = values.length;
        } else {
            if (used >= values.length) $terr('not enough arguments for format string');
            value = values[used++];
        }
        const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
        const zero = flags.includes('0') && !flags.includes('-') && type !== 's' && type !== 'r' ? '0' : '';
        const align = flags.includes('-') ? '<' : zero ? '' : '>';
        const tail = (precision === undefined ? '' : '.' + precision);
        if (type === 's' || type === 'r' || type === 'a') return format(type === 's' ? str(value) : repr(value), align + (width || '') + tail);
        if ('di'.includes(type) || type === 'u') {
            if (!isNumber(value)) $terr('%' + type + ' format: a real number is required, not ' + $tname(value));
            return format($toInt(value), align + sign + zero + (width || '') + 'd');
        }
        if ('xXo'.includes(type)) {
            if (!isInt(value)) $terr('%' + type + ' format: an integer is required, not ' + $tname(value));
            return format(value, align + sign + (flags.includes('#') ? '#' : '') + zero + (width || '') + type);
        }
        if ('eEfFgG'.includes(type)) {
            if (!isNumber(value)) $terr('must be real number, not ' + $tname(value));
            return format(value, align + sign + zero + (width || '') + tail + type);
        }
        if (type === 'c') return format(typeof value === 'string' ? value : String.fromCodePoint(value), align + (width || ''));
        throw new ValueError("unsupported format character '" + type + "' (0x" + type.charCodeAt(0).toString(16) + ') at index ' + text.indexOf(whole));
    });
    if (used < values.length && !isPlain(given)) $terr('not all arguments converted during string formatting');
    return result;
}
