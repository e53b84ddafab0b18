/* The methods of str. Positions count code points. */
import { $terr, TypeError as PyTypeError, ValueError } from './runtime.errors.js';
import { $index } from './runtime.numbers.js';
import { $iter, $points, Tuple } from './runtime.sequences.js';
import { $tname } from './runtime.values.js';

function text(x, method) {
    if (typeof x !== 'string') $terr(method + "() argument must be str, not " + $tname(x));
    return x;
}

/* Python's whitespace; JavaScript's \s lacks the separators and has the byte order mark. */
const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const SPACES = new RegExp(SPACE + '+');
const LEADING = new RegExp('^' + SPACE + '+');
const TRAILING = new RegExp(SPACE + '+$');
const ONLY_SPACE = new RegExp('^' + SPACE + '+$');

export function split(s, separator, most) {
    const limit = most === undefined || most < 0 ? Infinity : $index(most);
    if (separator == null) {
        const words = [];
        let rest = s.replace(LEADING, '');
        while (rest !== '' && words.length < limit) {
            const at = rest.search(SPACES);
            if (at < 0) break;
            words.push(rest.slice(0, at));
            rest = rest.slice(at).replace(LEADING, '');
        }
        if (rest !== '') words.push(words.length < limit ? rest.replace(TRAILING, '') : rest);
        return words;
    }
    text(separator, 'split');
    if (separator === '') throw new ValueError('empty separator');
    const parts = s.split(separator);
    if (parts.length - 1 <= limit) return parts;
    return [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

export function rsplit(s, separator, most) {
    const limit = most === undefined || most < 0 ? Infinity : $index(most);
    if (separator == null) {
        const words = [];
        let rest = s.replace(TRAILING, '');
        while (rest !== '' && words.length < limit) {
            const found = new RegExp('^([^]*' + SPACE + ')([^]*?)$').exec(rest);
            const at = found === null ? -1 : lastSpace(rest);
            if (at < 0) break;
            words.unshift(rest.slice(at + 1));
            rest = rest.slice(0, at + 1).replace(TRAILING, '');
        }
        if (rest !== '') words.unshift(words.length < limit ? rest.replace(LEADING, '') : rest);
        return words;
    }
    const parts = split(s, separator);
    if (parts.length - 1 <= limit) return parts;
    const cut = parts.length - limit;
    return [parts.slice(0, cut).join(separator), ...parts.slice(cut)];
}

function lastSpace(s) {
    for (let i = s.length - 1; i >= 0; i--) if (ONLY_SPACE.test(s[i])) return i;
    return -1;
}

export function splitlines(s, keep) {
    const lines = s.match(/[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+$/g) || [];
    return keep ? lines : lines.map((line) => line.replace(/(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])$/, ''));
}

export function join(s, parts) {
    const all = Array.from($iter(parts));
    for (let i = 0; i < all.length; i++) {
        if (typeof all[i] !== 'string') {
            throw new PyTypeError('sequence item ' + i + ': expected str instance, ' + $tname(all[i]) + ' found');
        }
    }
    return all.join(s);
}

export function lstrip(s, characters) {
    if (characters == null) return s.replace(LEADING, '');
    const set = new Set(text(characters, 'lstrip'));
    const points = Array.from(s);
    let i = 0;
    while (i < points.length && set.has(points[i])) i += 1;
    return points.slice(i).join('');
}

export function rstrip(s, characters) {
    if (characters == null) return s.replace(TRAILING, '');
    const set = new Set(text(characters, 'rstrip'));
    const points = Array.from(s);
    let i = points.length;
    while (i > 0 && set.has(points[i - 1])) i -= 1;
    return points.slice(0, i).join('');
}

export function strip(s, characters) {
    return rstrip(lstrip(s, characters), characters);
}

/** The part from one code point to another, and where it starts in code units. */
function part(s, start, end) {
    if (start == null && end == null) return s;
    const points = $points(s);
    const length = points.length;
    const clip = (x, fallback) => (x == null ? fallback : x < 0 ? Math.max(0, x + length) : x);
    const from = clip(start, 0);
    if (from > length) return null;
    const cut = points.slice(from, Math.max(from, clip(end, length)));
    return typeof cut === 'string' ? cut : cut.join('');
}

function matches(s, affix, test, method) {
    if (Array.isArray(affix)) return affix.some((one) => test(s, text(one, method)));
    if (typeof affix !== 'string') {
        $terr(method + ' first arg must be str or a tuple of str, not ' + $tname(affix));
    }
    return test(s, affix);
}

export function startswith(s, prefix, start, end) {
    const from = part(s, start, end);
    return from !== null && matches(from, prefix, (x, y) => x.startsWith(y), 'startswith');
}

export function endswith(s, suffix, start, end) {
    const from = part(s, start, end);
    return from !== null && matches(from, suffix, (x, y) => x.endsWith(y), 'endswith');
}

function position(s, unit) {
    return unit < 0 ? unit : $points(s.slice(0, unit)).length;
}

function offset(s, start) {
    if (start == null) return 0;
    const length = $points(s).length;
    return start < 0 ? Math.max(0, start + length) : start;
}

export function find(s, x, start, end) {
    text(x, 'find');
    const from = part(s, start, end);
    if (from === null) return -1;
    const at = position(from, from.indexOf(x));
    return at < 0 ? -1 : at + offset(s, start);
}

export function rfind(s, x, start, end) {
    text(x, 'rfind');
    const from = part(s, start, end);
    if (from === null) return -1;
    const at = position(from, from.lastIndexOf(x));
    return at < 0 ? -1 : at + offset(s, start);
}

function found(at) {
    if (at < 0) throw new ValueError('substring not found');
    return at;
}

export function index(s, x, start, end) {
    return found(find(s, x, start, end));
}

export function rindex(s, x, start, end) {
    return found(rfind(s, x, start, end));
}

export function count(s, x, start, end) {
    text(x, 'count');
    const from = part(s, start, end);
    if (from === null) return 0;
    return x === '' ? $points(from).length + 1 : from.split(x).length - 1;
}

export function replace(s, old, fresh, most) {
    text(old, 'replace');
    text(fresh, 'replace');
    if (most === undefined || most < 0) return old === '' ? fresh + Array.from(s, (x) => x + fresh).join('') : s.split(old).join(fresh);
    let left = $index(most);
    if (old === '') return Array.from(s, (x) => (left-- > 0 ? fresh + x : x)).join('') + (left > 0 ? fresh : '');
    let result = '';
    let rest = s;
    for (let at = rest.indexOf(old); at >= 0 && left > 0; at = rest.indexOf(old)) {
        result += rest.slice(0, at) + fresh;
        rest = rest.slice(at + old.length);
        left -= 1;
    }
    return result + rest;
}

export function upper(s) {
    return s.toUpperCase();
}

export function lower(s) {
    return s.toLowerCase();
}

/* Unicode's full case folding is lower case but for the characters whose upper case is longer than they are. */
export function casefold(s) {
    return Array.from(s, (x) => (x === 'ı' ? x : x.toUpperCase().length > x.length ? x.toUpperCase().toLowerCase() : x.toLowerCase())).join('').replaceAll('ς', 'σ');
}

export function capitalize(s) {
    const [first] = s;
    // A capital sigma's small form depends on what is before it.
    return first === undefined ? '' : titled(first) + s.toLowerCase().slice(first.toLowerCase().length);
}

/** The small form of the code point `x`, which stands at `at` in `s`: that of a capital sigma depends on its word. */
function lowered(x, s, at) {
    return x === 'Σ' ? s.toLowerCase()[s.slice(0, at).toLowerCase().length] : x.toLowerCase();
}

/* The digraphs that have a third, title case form. */
const DIGRAPHS = /^[\u01c4-\u01cc\u01f1-\u01f3]$/;

function titled(point) {
    if (DIGRAPHS.test(point)) {
        const base = point >= '\u01f1' ? 0x1f1 : 0x1c4 + Math.floor((point.charCodeAt(0) - 0x1c4) / 3) * 3;
        return String.fromCharCode(base + 1);
    }
    const up = point.toUpperCase();
    return up.length > point.length ? up[0] + up.slice(1).toLowerCase() : up;
}

export function title(s) {
    let inside = false;
    let at = 0;
    return Array.from(s, (x) => {
        const cased = x.toLowerCase() !== x.toUpperCase();
        const result = cased ? (inside ? lowered(x, s, at) : titled(x)) : x;
        inside = cased;
        at += x.length;
        return result;
    }).join('');
}

export function swapcase(s) {
    let at = 0;
    return Array.from(s, (x) => {
        at += x.length;
        return x === x.toUpperCase() ? lowered(x, s, at - x.length) : x.toUpperCase();
    }).join('');
}

function padding(s, width, fill, method) {
    if (fill !== undefined && $points(text(fill, method)).length !== 1) {
        $terr('The fill character must be exactly one character long');
    }
    return Math.max(0, $index(width) - $points(s).length);
}

export function ljust(s, width, fill) {
    return s + (fill || ' ').repeat(padding(s, width, fill, 'ljust'));
}

export function rjust(s, width, fill) {
    return (fill || ' ').repeat(padding(s, width, fill, 'rjust')) + s;
}

export function center(s, width, fill) {
    const missing = padding(s, width, fill, 'center');
    // CPython gives the odd one to the left only where the width is odd too.
    const left = Math.floor(missing / 2) + (missing & $index(width) & 1);
    return (fill || ' ').repeat(left) + s + (fill || ' ').repeat(missing - left);
}

export function zfill(s, width) {
    const sign = /^[+-]/.test(s) ? s[0] : '';
    return sign + '0'.repeat(Math.max(0, $index(width) - $points(s).length)) + s.slice(sign.length);
}

export function partition(s, separator) {
    if (text(separator, 'partition') === '') throw new ValueError('empty separator');
    const at = s.indexOf(separator);
    return at < 0 ? Tuple.of(s, '', '') : Tuple.of(s.slice(0, at), separator, s.slice(at + separator.length));
}

export function rpartition(s, separator) {
    if (text(separator, 'rpartition') === '') throw new ValueError('empty separator');
    const at = s.lastIndexOf(separator);
    return at < 0 ? Tuple.of('', '', s) : Tuple.of(s.slice(0, at), separator, s.slice(at + separator.length));
}

export function removeprefix(s, prefix) {
    return s.startsWith(text(prefix, 'removeprefix')) ? s.slice(prefix.length) : s;
}

export function removesuffix(s, suffix) {
    return suffix !== '' && s.endsWith(text(suffix, 'removesuffix')) ? s.slice(0, -suffix.length) : s;
}

export function expandtabs(s, size) {
    const width = size === undefined ? 8 : $index(size);
    let column = 0;
    return Array.from(s, (x) => {
        if (x === '\n' || x === '\r') {
            column = 0;
            return x;
        }
        if (x !== '\t') {
            column += 1;
            return x;
        }
        const fill = width > 0 ? width - (column % width) : 0;
        column += fill;
        return ' '.repeat(fill);
    }).join('');
}

export function isdigit(s) {
    return /^[\p{Nd}²³¹⁰⁴-⁹₀-₉]+$/u.test(s);
}

export function isdecimal(s) {
    return /^\p{Nd}+$/u.test(s);
}

export function isnumeric(s) {
    return /^\p{N}+$/u.test(s);
}

export function isalpha(s) {
    return /^\p{L}+$/u.test(s);
}

export function isalnum(s) {
    return /^[\p{L}\p{N}]+$/u.test(s);
}

export function isspace(s) {
    return ONLY_SPACE.test(s);
}

export function isascii(s) {
    return /^[\x00-\x7f]*$/.test(s);
}

export function isupper(s) {
    return s !== s.toLowerCase() && s === s.toUpperCase();
}

export function islower(s) {
    return s !== s.toUpperCase() && s === s.toLowerCase();
}

export function isidentifier(s) {
    return /^[\p{L}_][\p{L}\p{M}\p{N}\p{Pc}]*$/u.test(s);
}

export function istitle(s) {
    return s !== s.toUpperCase() ? s === title(s) : /^[^\p{L}]*\p{Lu}[^\p{L}]*$/u.test(s);
}
