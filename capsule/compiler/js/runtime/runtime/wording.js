/* Part of the seam's JavaScript half: text and JSON as capsule/shared/texts.py has them. */
import { ValueError } from './runtime.errors.js';
import { isPlain } from './runtime.values.js';

export const MOST_TEXT = 1000000;

export function isWellFormed(text) {
    return !/\p{Surrogate}/u.test(text);
}

export function isLong(text) {
    if (text.length > MOST_TEXT) return true;
    return text.length * 3 > MOST_TEXT && new TextEncoder().encode(text).length > MOST_TEXT;
}

export function parseJSON(text) {
    try {
        return JSON.parse(text);
    } catch (error) {
        throw new ValueError(error.message);
    }
}

export function dumpJSON(value) {
    return JSON.stringify(value === undefined ? null : value, strict);
}

/** JSON.stringify writes null for what is not JSON, and asks objects of any class for theirs; json.dumps refuses both. */
function strict(key, value) {
    const given = this[key];
    const bad = typeof given === 'object'
        ? given !== null && !Array.isArray(given) && !isPlain(given)
        : typeof given === 'function' || (typeof given === 'number' && !Number.isFinite(given));
    if (bad) throw new ValueError('This is not JSON: ' + String(given));
    return value;
}

/** What Python's `split` takes for white space. */
export function words(text) {
    return text.match(/(?:[^\s\x1c-\x1f\x85]|\ufeff)+/g) || [];
}

export function after(text, prefix) {
    return text.startsWith(prefix) ? text.slice(prefix.length) : null;
}

export function cut(text, most) {
    return [...text].slice(0, most).join('');
}

export function isId(value) {
    return typeof value === 'string' && /^(?!(?:begin|end)$)[\w-]{1,64}$/.test(value);
}
