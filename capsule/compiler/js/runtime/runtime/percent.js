/* `text % values`. */
import { $index, isInt, isNumber } from './runtime.numbers.js';
import { $terr, OverflowError, ValueError } from './runtime.errors.js';
import { format } from './runtime.formats.js';
import { $get, $points, isTuple } from './runtime.sequences.js';
import { $ascii, repr, str } from './runtime.text.js';
import { $toFloat, $toInt } from './runtime.parsing.js';
import { $tname, isPlain } from './runtime.values.js';

// What stands between `%`, or the key in parentheses behind it, and the letter of a type.
const DIRECTIVE = /([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?[hlL]?/y;
const RADIX = { o: 8, x: 16, X: 16 };

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

/** Behind the parenthesis that closes the one that opened before `at`. */
function closed(text, at) {
    for (let open = 1; at < text.length; at++) {
        if (text[at] === '(') open += 1;
        else if (text[at] === ')') open -= 1;
        if (open === 0) return at + 1;
    }
    throw new ValueError('incomplete format key');
}

/** `text % values`: read and filled from left to right. */
export function $percent(text, given) {
    const mapping = isMapping(given);
    let values = isTuple(given) ? given : [given];
    let used = 0;
    const take = () => (used < values.length ? values[used++] : $terr('not enough arguments for format string'));
    const starred = (read) => {
        if (read !== '*') return Number(read);
        const value = take();
        return isInt(value) ? $index(value) : $terr('* wants int');
    };
    let result = '';
    let at = 0;
    for (let mark = text.indexOf('%'); mark >= 0; mark = text.indexOf('%', at)) {
        result += text.slice(at, mark);
        at = mark + 1;
        if (text[at] === '%') {
            result += '%';
            at += 1;
            continue;
        }
        if (text[at] === '(') {
            if (!mapping) $terr('format requires a mapping');
            const end = closed(text, at + 1);
            [values, used] = [[$get(given, text.slice(at + 1, end - 1))], 0];
            at = end;
        }
        DIRECTIVE.lastIndex = at;
        const [read, flags, width, precision] = DIRECTIVE.exec(text);
        const size = starred(width);
        const digits = precision === undefined ? null : Math.max(0, starred(precision));
        at += read.length;
        if (at === text.length) throw new ValueError('incomplete format');
        const type = String.fromCodePoint(text.codePointAt(at));
        at += type.length;
        const value = take();
        if (!'diuxXoeEfFgGcrsa'.includes(type)) unsupported(type, $points(text.slice(0, at)).length - 1);
        result += converted(value, type, size < 0 ? flags + '-' : flags, Math.abs(size), digits);
    }
    if (used < values.length && !mapping) $terr('not all arguments converted during string formatting');
    return result + text.slice(at);
}

function unsupported(type, place) {
    const code = type.codePointAt(0);
    const shown = code >= 31 && code < 126 ? type : '?';
    throw new ValueError("unsupported format character '" + shown + "' (0x" + code.toString(16) + ') at index ' + place);
}

function converted(value, type, flags, size, digits) {
    const left = flags.includes('-');
    const tail = (size || '') + (digits === null ? '' : '.' + digits);
    if ('sra'.includes(type)) {
        return format(type === 's' ? str(value) : type === 'r' ? repr(value) : $ascii(value), (left ? '<' : '>') + tail);
    }
    if (type === 'c') return format(character(value), (left ? '<' : '>') + (size || ''));
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
}

function character(value) {
    if (!isInt(value)) return typeof value === 'string' && $points(value).length === 1 ? value : $terr('%c requires int or char');
    if (value < 0 || value > 0x10ffff) throw new OverflowError('%c arg not in range(0x110000)');
    return String.fromCodePoint(Number(value));
}
