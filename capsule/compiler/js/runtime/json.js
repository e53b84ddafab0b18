/* Python's json: dumps writes the same text, loads keeps 1.0 a float and ints exact. */
import { $put, $entriesOf } from './runtime.dicts.js';
import { $terr, ValueError } from './runtime.errors.js';
import { $float, $index, $int, isFloat, isInt } from './runtime.numbers.js';
import { $floatText } from './runtime.text.js';
import { $arrange } from './runtime.sorting.js';
import { $class, $tname, $truth, isPlain } from './runtime.values.js';

export const JSONDecodeError = /*@__PURE__*/ $class(class JSONDecodeError extends ValueError {
    __init__(message, document, position) {
        const before = document.slice(0, position).split('\n');
        super.__init__(message + ': line ' + before.length + ' column ' + (before[before.length - 1].length + 1) + ' (char ' + position + ')');
        this.msg = message;
        this.doc = document;
        this.pos = position;
    }
}, 'JSONDecodeError');

const ESCAPES = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f' };

function quote(text, ascii) {
    return '"' + text.replace(ascii ? /["\\]|[^ -~]/g : /["\\\u0000-\u001f]/g,
        (unit) => ESCAPES[unit] || '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0')) + '"';
}

function scalar(x, ascii) {
    if (x == null) return 'null';
    if (typeof x === 'string') return quote(x, ascii);
    if (typeof x === 'boolean') return x ? 'true' : 'false';
    if (isInt(x)) return String(x);
    if (isFloat(x)) {
        const n = Number(x);
        return n !== n ? 'NaN' : n === Infinity ? 'Infinity' : n === -Infinity ? '-Infinity' : $floatText(n);
    }
    return null;
}

function keyText(key) {
    if (typeof key === 'string') return key;
    const text = scalar(key, true);
    return text === null ? $terr('keys must be str, int, float, bool or None, not ' + $tname(key)) : text;
}

export function dumps(value, options) {
    const given = options == null ? {} : options;
    const ascii = given.ensure_ascii === undefined || $truth(given.ensure_ascii);
    const indent = given.indent == null ? null : typeof given.indent === 'string' ? given.indent : ' '.repeat($index(given.indent));
    const [comma, colon] = given.separators == null ? [indent === null ? ', ' : ',', ': '] : given.separators;
    const open = [];

    function wrap(parts, left, right, depth) {
        if (parts.length === 0) return left + right;
        if (indent === null) return left + parts.join(comma) + right;
        const line = '\n' + indent.repeat(depth + 1);
        return left + line + parts.join(comma + line) + '\n' + indent.repeat(depth) + right;
    }

    function write(x, depth) {
        const text = scalar(x, ascii);
        if (text !== null) return text;
        if (open.includes(x)) throw new ValueError('Circular reference detected');
        open.push(x);
        let result;
        if (Array.isArray(x)) {
            result = wrap(x.map((element) => write(element, depth + 1)), '[', ']', depth);
        } else if (isPlain(x)) {
            let entries = $entriesOf(x);
            if ($truth(given.sort_keys)) entries = $arrange(entries, (entry) => entry[0], false);
            result = wrap(entries.map(([key, item]) => quote(keyText(key), ascii) + colon + write(item, depth + 1)), '{', '}', depth);
        } else if (given.default != null) {
            result = write(given.default(x), depth);
        } else {
            $terr('Object of type ' + $tname(x) + ' is not JSON serializable');
        }
        open.pop();
        return result;
    }

    return write(value, 0);
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const WORDS = { null: null, true: true, false: false, NaN: $float(NaN), Infinity, '-Infinity': -Infinity };

export function loads(text) {
    if (typeof text !== 'string') $terr('the JSON object must be str, bytes or bytearray, not ' + $tname(text));
    let at = 0;

    function fail(message, position) {
        throw new JSONDecodeError(message, text, position);
    }

    function space() {
        while (at < text.length && ' \t\n\r'.includes(text[at])) at += 1;
    }

    function string() {
        const start = at;
        at += 1;
        let result = '';
        for (;;) {
            const unit = text[at];
            if (unit === undefined) fail('Unterminated string starting at', start);
            at += 1;
            if (unit === '"') return result;
            if (unit < ' ') fail('Invalid control character at', at - 1);
            if (unit !== '\\') {
                result += unit;
                continue;
            }
            const escape = text[at];
            at += 1;
            if (escape === 'u') {
                const code = text.slice(at, at + 4);
                if (!/^[0-9a-fA-F]{4}$/.test(code)) fail('Invalid \\uXXXX escape', at);
                result += String.fromCharCode(parseInt(code, 16));
                at += 4;
            } else {
                const plain = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }[escape];
                if (plain === undefined) fail('Invalid \\escape', at - 2);
                result += plain;
            }
        }
    }

    function object() {
        const result = {};
        at += 1;
        space();
        if (text[at] === '}') {
            at += 1;
            return result;
        }
        for (;;) {
            space();
            if (text[at] !== '"') fail('Expecting property name enclosed in double quotes', at);
            const key = string();
            space();
            if (text[at] !== ':') fail("Expecting ':' delimiter", at);
            at += 1;
            $put(result, key, value());
            space();
            if (text[at] === '}') break;
            if (text[at] !== ',') fail("Expecting ',' delimiter", at);
            at += 1;
        }
        at += 1;
        return result;
    }

    function array() {
        const result = [];
        at += 1;
        space();
        if (text[at] === ']') {
            at += 1;
            return result;
        }
        for (;;) {
            result.push(value());
            space();
            if (text[at] === ']') break;
            if (text[at] !== ',') fail("Expecting ',' delimiter", at);
            at += 1;
        }
        at += 1;
        return result;
    }

    function value() {
        space();
        const unit = text[at];
        if (unit === '"') return string();
        if (unit === '{') return object();
        if (unit === '[') return array();
        NUMBER.lastIndex = at;
        const found = NUMBER.exec(text);
        if (found !== null && found[0] !== '') {
            at += found[0].length;
            if (found[1] !== undefined || found[2] !== undefined) return $float(Number(found[0]));
            return Number.isSafeInteger(Number(found[0])) ? Number(found[0]) + 0 : $int(BigInt(found[0]));
        }
        for (const word of Object.keys(WORDS)) {
            if (text.startsWith(word, at)) {
                at += word.length;
                return WORDS[word];
            }
        }
        return fail('Expecting value', at);
    }

    const result = value();
    space();
    if (at !== text.length) fail('Extra data', at);
    return result;
}
