/* The methods of str. Positions count code points. */
import { $terr, TypeError as PyTypeError, ValueError } from './runtime.errors.js';
import { $index } from './runtime.numbers.js';
import { $fastListing, $points, Tuple } from './runtime.sequences.js';
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
    if (typeof separator !== 'string') $terr('must be str or None, not ' + $tname(separator));
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
    if (parts == null || typeof parts === 'number' || typeof parts === 'boolean') $terr('can only join an iterable');
    const all = Array.from($fastListing(parts));
    for (let i = 0; i < all.length; i++) {
        if (typeof all[i] !== 'string') {
            throw new PyTypeError('sequence item ' + i + ': expected str instance, ' + $tname(all[i]) + ' found');
        }
    }
    return all.join(s);
}

function stripped(characters, method) {
    return typeof characters === 'string' ? characters : $terr(method + ' arg must be None or str');
}

export function lstrip(s, characters, method = 'lstrip') {
    if (characters == null) return s.replace(LEADING, '');
    const set = new Set(stripped(characters, method));
    const points = Array.from(s);
    let i = 0;
    while (i < points.length && set.has(points[i])) i += 1;
    return points.slice(i).join('');
}

export function rstrip(s, characters, method = 'rstrip') {
    if (characters == null) return s.replace(TRAILING, '');
    const set = new Set(stripped(characters, method));
    const points = Array.from(s);
    let i = points.length;
    while (i > 0 && set.has(points[i - 1])) i -= 1;
    return points.slice(0, i).join('');
}

export function strip(s, characters) {
    return rstrip(lstrip(s, characters, 'strip'), characters, 'strip');
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
    if (affix instanceof Tuple) return affix.some((one) => test(s, text(one, method)));
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

/** Unicode's full case folding: a capital's small form, but for Cherokee, whose small letters came late, and for ı. */
function folded(x) {
    if (x === 'ı' || /[\u13a0-\u13f5]/.test(x)) return x;
    const up = x.toUpperCase();
    return x === 'ẞ' ? 'ss' : /[\u13f8-\u13fd\uab70-\uabbf]/.test(x) ? up : up.toLowerCase();
}

export function casefold(s) {
    return Array.from(s, folded).join('').replaceAll('ς', 'σ');
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

/* What has a third, title case form: some digraphs, Greek letters with an iota beside or below. */
const DIGRAPHS = /^[\u01c4-\u01cc\u01f1-\u01f3]$/;
const IOTAS = /^[\u1f80-\u1faf\u1fb3\u1fbc\u1fc3\u1fcc\u1ff3\u1ffc]$/;

function titled(point) {
    if (DIGRAPHS.test(point)) {
        const base = point >= '\u01f1' ? 0x1f1 : 0x1c4 + Math.floor((point.charCodeAt(0) - 0x1c4) / 3) * 3;
        return String.fromCharCode(base + 1);
    }
    const code = point.charCodeAt(0);
    if (IOTAS.test(point)) return String.fromCharCode(code < 0x1fb0 ? code | 8 : code & 15 ? (code & ~15) | 12 : code);
    // Georgian has capitals for whole texts only.
    if (code >= 0x10d0 && code <= 0x10ff) return point;
    const up = point.toUpperCase();
    return up.length > point.length && point !== 'ŉ' ? up[0] + up.slice(1).toLowerCase() : up;
}

const CASED = /\p{Cased}/u;
const SMALL = /\p{Lowercase}/u;
const CAPITAL = /\p{Uppercase}/u;

export function title(s) {
    let inside = false;
    let at = 0;
    return Array.from(s, (x) => {
        const result = inside ? lowered(x, s, at) : titled(x);
        inside = CASED.test(x);
        at += x.length;
        return result;
    }).join('');
}

export function swapcase(s) {
    let at = 0;
    return Array.from(s, (x) => {
        at += x.length;
        return CAPITAL.test(x) ? lowered(x, s, at - x.length) : SMALL.test(x) ? x.toUpperCase() : x;
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

/* Digits that are no decimal ones, and numbers that are letters. */
const MORE_DIGITS = '²³¹፩-፱᧚⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒\u{10a40}-\u{10a43}\u{10e60}-\u{10e68}\u{11052}-\u{1105a}\u{1f100}-\u{1f10a}';
const NUMBERS = '㐅㒃㠪㭍一七万三九二五亖亿什仟仨伍佰億兆兩八六十千-卅卌叁-叄四壱壹幺廾-廿弌-弎弐拾捌柒漆玖百肆萬貮貳贰阡陆陌陸零'
    + '\u{f96b}\u{f973}\u{f978}\u{f9b2}\u{f9d1}\u{f9d3}\u{f9fd}\u{20001}\u{20064}\u{200e2}\u{20121}\u{2092a}\u{20983}\u{2098c}\u{2099c}'
    + '\u{20aea}\u{20afd}\u{20b19}\u{22390}\u{22998}\u{23b1b}\u{2626d}\u{2f890}';
const DIGITS = /*@__PURE__*/ new RegExp('^[\\p{Nd}' + MORE_DIGITS + ']+$', 'u');
const NUMERIC = /*@__PURE__*/ new RegExp('^[\\p{N}' + NUMBERS + ']+$', 'u');
const LETTERS = /^[\p{L}\p{N}]+$/u;

export function isdigit(s) {
    return DIGITS.test(s);
}

export function isdecimal(s) {
    return /^\p{Nd}+$/u.test(s);
}

export function isnumeric(s) {
    return NUMERIC.test(s);
}

export function isalpha(s) {
    return /^\p{L}+$/u.test(s);
}

export function isalnum(s) {
    return LETTERS.test(s);
}

export function isspace(s) {
    return ONLY_SPACE.test(s);
}

export function isascii(s) {
    return /^[\x00-\x7f]*$/.test(s);
}

export function isupper(s) {
    return CAPITAL.test(s) && !/[\p{Lowercase}\p{Lt}]/u.test(s);
}

export function islower(s) {
    return SMALL.test(s) && !/[\p{Uppercase}\p{Lt}]/u.test(s);
}

export function isidentifier(s) {
    return /^[\p{XIDS}_]\p{XIDC}*$/u.test(s);
}

/** Each word begins with a capital, the only one in it; and there is a word. */
export function istitle(s) {
    let inside = false;
    let any = false;
    for (const x of s) {
        const capital = /[\p{Uppercase}\p{Lt}]/u.test(x);
        const cased = capital || SMALL.test(x);
        if (cased && capital === inside) return false;
        inside = cased;
        any = any || cased;
    }
    return any;
}
