/* Format specs (f-strings, format, str.format) and the % operator on text. */
import { $at, $hasKey } from './runtime.dicts.js';
import { $terr, IndexError, KeyError, OverflowError, ValueError } from './runtime.errors.js';
import { $fixed, $index, $number, isFloat, isInt, isNumber } from './runtime.numbers.js';
import { $get, $points, isTuple } from './runtime.sequences.js';
import { $ascii, $floatText, repr, str } from './runtime.text.js';
import { $toFloat, $toInt } from './runtime.parsing.js';
import { $bind, $tname, isPlain } from './runtime.values.js';

const SPEC = /^(?:([^])?([<>=^]))?([+\- ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([^])?$/u;

function parse(spec, x) {
    const found = SPEC.exec(spec);
    if (found === null || found[10] === '.') {
        if (/\.(?!\d)/.test(spec)) throw new ValueError('Format specifier missing precision');
        throw new ValueError("Invalid format specifier '" + spec + "' for object of type '" + $tname(x) + "'");
    }
    const [, fill, align, sign, , alternate, zero, width, group, precision, type] = found;
    return {
        fill: fill || (zero && !align ? '0' : ' '), align: align || (zero ? (typeof x === 'string' ? '<' : '=') : ''), sign: sign || '-', given: sign, alternate, group, type,
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
    if (type !== undefined && 'eEfFgG%'.includes(type)) return formatFloat($number(value), f);
    if (f.precision !== null) throw new ValueError('Precision not allowed in integer format specifier');
    if (type === 'c') {
        if (f.given) throw new ValueError("Sign not allowed with integer format specifier 'c'");
        if (f.alternate) throw new ValueError("Alternate form (#) not allowed with integer format specifier 'c'");
        if (value < 0 || value > 0x10ffff) throw new OverflowError('%c arg not in range(0x110000)');
    }
    if (type === 'c') return pad(String.fromCodePoint(Number(value)), f, '<');
    const size = value < 0 ? -value : value;
    let digits = size.toString(RADIX[type] || 10);
    if (type === 'X') digits = digits.toUpperCase();
    return assemble(value < 0, f.alternate && RADIX[type] ? '0' + type : '', digits, '', f, RADIX[type] ? 4 : 3);
}

/** `format(x, spec)`, and `{x:spec}`. */
export function format(x, spec) {
    if (spec !== undefined && typeof spec !== 'string') $terr('format() argument 2 must be str, not ' + $tname(spec));
        if (x != null && typeof x === 'object' && typeof x.__format__ === 'function') {
        const text = x.__format__(spec === undefined ? '' : spec);
        return typeof text === 'string' ? text : $terr('__format__ must return a str, not ' + $tname(text));
    }
    if (spec === undefined || spec === '') return str(x);
    if (isNumber(x)) {
        const f = parse(spec, x);
        if (f.type !== undefined && !'bcdeEfFgGnoxX%'.includes(f.type)) noCode(f.type, x);
        if (f.group && 'cn'.includes(f.type || '-')) throw new ValueError("Cannot specify '" + f.group + "' with '" + f.type + "'.");
        if (f.group === ',' && 'bcoxX'.includes(f.type || '-')) throw new ValueError("Cannot specify ',' with '" + f.type + "'.");
        if (typeof x === 'boolean' && f.type === undefined) {
            return f.width || f.align ? formatInt(x, f) : str(x);
        }
        if (isFloat(x)) {
            if (f.type !== undefined && 'bcdoxX'.includes(f.type)) noCode(f.type, x);
            return formatFloat(Number(x), f);
        }
        return formatInt(x, f);
    }
    if (typeof x !== 'string') $terr('unsupported format string passed to ' + $tname(x) + '.__format__');
    const f = parse(spec, x);
    if (f.type !== undefined && f.type !== 's') noCode(f.type, x);
    if (f.given) throw new ValueError((f.given === ' ' ? 'Space' : 'Sign') + ' not allowed in string format specifier');
    if (f.alternate) throw new ValueError('Alternate form (#) not allowed in string format specifier');
    if (f.group) throw new ValueError("Cannot specify '" + f.group + "' with 's'.");
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
    let manual = false;
    const lookup = (field) => {
        const [, head, path] = /^([^.[]*)(.*)$/.exec(field);
        let value;
        if (head === '' || /^\d+$/.test(head)) {
            if (head === '' ? manual : next > 0) {
                const [from, to] = head === '' ? ['manual field specification', 'automatic field numbering']
                    : ['automatic field numbering', 'manual field specification'];
                throw new ValueError('cannot switch from ' + from + ' to ' + to);
            }
            manual = head !== '';
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
        if (conversion !== undefined) value = conversion === 's' ? str(value) : conversion === 'r' ? repr(value) : $ascii(value);
        const inner = spec === undefined ? '' : spec.replace(/\{([^{}]*)\}/g, (_, name) => str(lookup(name)));
        return format(value, inner);
    });
}

const DIRECTIVE = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([^]?)/gu;

/** An int in a radix with at least this many digits, for `%d` and its like. */
function intText(value, type, flags, width, least) {
    const whole = BigInt(value);
    const prefix = flags.includes('#') && RADIX[type] ? '0' + type : '';
    let digits = (whole < 0n ? -whole : whole).toString(RADIX[type] || 10).padStart(least, '0');
    if (type === 'X') digits = digits.toUpperCase();
    const sign = whole < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
    if (flags.includes('-')) return (sign + prefix + digits).padEnd(width);
    if (flags.includes('0')) digits = digits.padStart(width - sign.length - prefix.length, '0');
    return (sign + prefix + digits).padStart(width);
}

/** What CPython takes for a mapping here: anything with `__getitem__` but a tuple or a text. */
function isMapping(x) {
    return x !== null && typeof x === 'object' && !isTuple(x) && (Array.isArray(x) || isPlain(x) || typeof x.__getitem__ === 'function');
}

/** `text % values`. */
export function $percent(text, given) {
    const values = isTuple(given) ? given : [given];
    let used = 0;
    const take = () => {
        if (used >= values.length) $terr('not enough arguments for format string');
        return values[used++];
    };
    const result = text.replace(DIRECTIVE, (whole, name, flags, width, precision, type, at) => {
        if (type === '') throw new ValueError('incomplete format');
        if (whole === '%%') return '%';
        if (name !== undefined && !isPlain(given)) $terr('format requires a mapping');
        let size = width === '*' ? $index(take()) : Number(width || 0);
        if (size < 0) [size, flags] = [-size, flags + '-'];
        const digits = precision === undefined ? undefined : precision === '*' ? Math.max(0, $index(take())) : Number(precision);
        if (type === '%') take();
        if (!'diuxXoeEfFgGcrsa'.includes(type)) {
            const place = $points(text.slice(0, at + whole.length)).length - 1;
            throw new ValueError("unsupported format character '" + type + "' (0x" + type.codePointAt(0).toString(16) + ') at index ' + place);
        }
        const value = name === undefined ? take() : $at(given, name);
        if (name !== undefined) used = values.length;
        const left = flags.includes('-');
        const tail = (size || '') + (digits === undefined ? '' : '.' + digits);
        if ('sra'.includes(type)) return format(type === 's' ? str(value) : type === 'r' ? repr(value) : $ascii(value), (left ? '<' : '>') + tail);
        if (type === 'c') {
            if (isInt(value) ? value < 0 || value > 0x10ffff : typeof value !== 'string' || $points(value).length !== 1) {
                if (isInt(value)) throw new OverflowError('%c arg not in range(0x110000)');
                $terr('%c requires int or char');
            }
            return format(isInt(value) ? String.fromCodePoint(Number(value)) : value, (left ? '<' : '>') + (size || ''));
        }
        if ('eEfFgG'.includes(type)) {
            if (!isNumber(value)) $terr('must be real number, not ' + $tname(value));
            const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
            const zero = flags.includes('0') && !left ? '0' : '';
            return format($toFloat(value), (left ? '<' : zero ? '' : '>') + sign + (flags.includes('#') ? '#' : '') + zero + tail + type);
        }
        const needsInt = 'xXo'.includes(type);
        if (needsInt ? !isInt(value) : !isNumber(value)) {
            $terr('%' + type + ' format: ' + (needsInt ? 'an integer' : 'a real number') + ' is required, not ' + $tname(value));
        }
        return intText($toInt(value), type, flags, size, digits || 0);
    });
    if (used < values.length && !isMapping(given)) $terr('not all arguments converted during string formatting');
    return result;
}
