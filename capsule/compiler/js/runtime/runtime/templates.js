/* `text.format(...)`: literal text and replacement fields, read in the order in which CPython reads them. */
import { $hasKey } from './runtime.dicts.js';
import { IndexError, KeyError, ValueError } from './runtime.errors.js';
import { format } from './runtime.formats.js';
import { $get } from './runtime.sequences.js';
import { $ascii, repr, str } from './runtime.text.js';
import { $bind } from './runtime.values.js';

function fail(message) {
    throw new ValueError(message);
}

/** `text.format(*values, **names)`. */
export function $formatText(text, values, names) {
    return filled(text, { values, names, next: 0, numbered: null }, 2);
}

/** A field's spec may have fields of its own, those none. */
function filled(text, given, depth) {
    if (depth === 0) fail('Max string recursion exceeded');
    let result = '';
    let at = 0;
    while (at < text.length) {
        const mark = text[at];
        if (mark !== '{' && mark !== '}') {
            const end = text.slice(at).search(/[{}]/);
            result += end < 0 ? text.slice(at) : text.slice(at, at + end);
            at = end < 0 ? text.length : at + end;
        } else if (text[at + 1] === mark) {
            result += mark;
            at += 2;
        } else {
            if (mark === '}' || at + 1 === text.length) fail("Single '" + mark + "' encountered in format string");
            const field = read(text, at + 1);
            result += shown(field, given, depth);
            at = field.end;
        }
    }
    return result;
}

/** The field that begins behind a brace: its name, conversion and spec, and where it ends. */
function read(text, start) {
    let at = start;
    while (at < text.length && !'}:!'.includes(text[at])) {
        if (text[at] === '{') fail("unexpected '{' in field name");
        // Behind a bracket anything may stand.
        const close = text[at] === '[' ? text.indexOf(']', at) : at;
        at = close < 0 ? text.length : close + 1;
    }
    if (at === text.length) fail("expected '}' before end of string");
    const name = text.slice(start, at);
    let conversion = '';
    if (text[at] === '!') {
        if (at + 1 === text.length) fail('end of string while looking for conversion specifier');
        conversion = String.fromCodePoint(text.codePointAt(at + 1));
        at += 1 + conversion.length;
        if (at < text.length && !'}:'.includes(text[at])) fail("expected ':' after conversion specifier");
        if (at === text.length) fail("unmatched '{' in format spec");
    }
    const spec = at + 1;
    if (text[at] === '}') return { name, conversion, spec: '', end: spec };
    let open = 1;
    while (open > 0) {
        at += 1;
        if (at === text.length) fail("unmatched '{' in format spec");
        if (text[at] === '{') open += 1;
        else if (text[at] === '}') open -= 1;
    }
    return { name, conversion, spec: text.slice(spec, at), end: at + 1 };
}

function shown(field, given, depth) {
    const value = converted(found(field.name, given), field.conversion);
    return format(value, field.spec.includes('{') ? filled(field.spec, given, depth - 1) : field.spec);
}

function converted(value, conversion) {
    switch (conversion) {
        case '': return value;
        case 's': return str(value);
        case 'r': return repr(value);
        case 'a': return $ascii(value);
    }
    const code = conversion.codePointAt(0);
    return fail('Unknown conversion specifier ' + (code > 32 && code < 127 ? conversion : '\\x' + code.toString(16)));
}

/** The value that a field's name stands for: `0`, `name`, nothing (the next one), with `.attribute` and `[item]` behind it. */
function found(name, given) {
    const [first] = /^[^.[]*/.exec(name);
    let value = first === '' || /^\d+$/.test(first) ? numbered(first, given) : named(first, given);
    for (let at = first.length; at < name.length;) {
        const bracket = name[at] === '[';
        if (!bracket && name[at] !== '.') fail("Only '.' or '[' may follow ']' in format field specifier");
        const part = bracket ? name.slice(at + 1, name.indexOf(']', at)) : /^[^.[]*/.exec(name.slice(at + 1))[0];
        if (part === '') fail('Empty attribute in format string');
        if (bracket) value = $get(value, /^\d+$/.test(part) ? Number(part) : part);
        else value = $bind(value, part);
        at += part.length + (bracket ? 2 : 1);
    }
    return value;
}

function numbered(first, given) {
    const automatic = first === '';
    if (given.numbered === null) given.numbered = automatic;
    if (given.numbered !== automatic) {
        const ways = ['manual field specification', 'automatic field numbering'];
        fail('cannot switch from ' + ways[automatic ? 0 : 1] + ' to ' + ways[automatic ? 1 : 0]);
    }
    const index = automatic ? given.next++ : Number(first);
    if (index >= given.values.length) throw new IndexError('Replacement index ' + index + ' out of range for positional args tuple');
    return given.values[index];
}

function named(first, given) {
    if (!$hasKey(given.names, first)) throw new KeyError(first);
    return given.names[first];
}
