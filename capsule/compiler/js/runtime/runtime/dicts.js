/* dicts: plain JavaScript objects with own, string keys. `__proto__`, `constructor` and the like are keys as any other. */
import { $terr, KeyError, RuntimeError, ValueError } from './runtime.errors.js';
import { $iter, Tuple } from './runtime.sequences.js';
import { repr } from './runtime.text.js';
import { $tname, has, isPlain } from './runtime.values.js';

/* JavaScript lists integer-like keys first. Where Python would not, the order is remembered here. */
const orders = new WeakMap();
const INTEGER_LIKE = /^(?:0|[1-9]\d{0,9})$/;

function isIntegerLike(key) {
    const code = key.charCodeAt(0);
    return code >= 48 && code <= 57 && INTEGER_LIKE.test(key) && Number(key) < 4294967295;
}

/** The keys in Python's order. */
export function $keys(d) {
    const keys = Object.keys(d);
    const order = orders.get(d);
    if (order === undefined) return keys;
    const known = order.filter((key) => has(d, key));
    const fresh = known.length === keys.length ? known : known.concat(keys.filter((key) => !known.includes(key)));
    orders.set(d, fresh.slice());
    return fresh;
}

/** Write a key that may be new, or be called `__proto__`. */
export function $put(d, key, value) {
    const order = orders.get(d);
    if (order !== undefined) {
        if (!has(d, key)) orders.set(d, [...order.filter((old) => old !== key), key]);
    } else if (isIntegerLike(key) && !has(d, key)) {
        const keys = Object.keys(d);
        const last = keys.length ? keys[keys.length - 1] : null;
        if (last !== null && !(isIntegerLike(last) && Number(last) < Number(key))) orders.set(d, [...keys, key]);
    } else if (key !== '__proto__') {
        d[key] = value;
        return;
    }
    if (key === '__proto__') {
        Object.defineProperty(d, key, { value, writable: true, enumerable: true, configurable: true });
    } else {
        d[key] = value;
    }
}

/** A key as shared code may have it: text. */
export function $key(key) {
    if (typeof key === 'string') return key;
    return $terr('shared dicts have str keys, not ' + $tname(key));
}

function checkHashable(key) {
    if ((Array.isArray(key) && !(key instanceof Tuple)) || isPlain(key)) $terr("unhashable type: '" + $tname(key) + "'");
}

/** Whether the dict has the key; a key of another type than str is in no shared dict. */
export function $hasKey(d, key) {
    if (typeof key === 'string') return has(d, key);
    checkHashable(key);
    return false;
}

export function $at(d, key) {
    if (typeof key !== 'string' || !has(d, key)) {
        checkHashable(key);
        throw new KeyError(key);
    }
    return d[key];
}

export function $remove(d, key) {
    const value = $at(d, key);
    delete d[key];
    const order = orders.get(d);
    if (order !== undefined) orders.set(d, order.filter((old) => old !== key));
    return value;
}

function fill(result, source) {
    if (isPlain(source)) {
        for (const key of $keys(source)) $put(result, key, source[key]);
    } else if (source != null && typeof source.keys === 'function' && typeof source.__getitem__ === 'function') {
        for (const key of $iter(source.keys())) $put(result, $key(key), source.__getitem__(key));
    } else {
        let index = 0;
        for (const pair of $iter(source)) {
            if (pair == null || (typeof pair !== 'object' && typeof pair !== 'string')) {
                $terr('cannot convert dictionary update sequence element #' + index + ' to a sequence');
            }
            const both = [...$iter(pair)];
            if (both.length !== 2) {
                throw new ValueError('dictionary update sequence element #' + index + ' has length ' + both.length + '; 2 is required');
            }
            $put(result, $key(both[0]), both[1]);
            index += 1;
        }
    }
    return result;
}

/** A new dict out of these, later ones over earlier ones. */
export function $dict(...sources) {
    const result = {};
    for (const source of sources) {
        if (!isPlain(source)) $terr("'" + $tname(source) + "' object is not a mapping");
        fill(result, source);
    }
    return result;
}

/** A new dict out of an array of pairs. */
export function $pairs(pairs) {
    const result = {};
    for (const pair of pairs) $put(result, $key(pair[0]), pair[1]);
    return result;
}

export function dict(source, more) {
    const result = source === undefined ? {} : fill({}, source);
    return more === undefined ? result : fill(result, more);
}
dict.$is = isPlain;

export function $update(d, source) {
    if (source !== undefined) fill(d, source);
    return null;
}

export function $popitem(d) {
    const keys = $keys(d);
    if (keys.length === 0) throw new KeyError('popitem(): dictionary is empty');
    const key = keys[keys.length - 1];
    return Tuple.of(key, $remove(d, key));
}

export function $clear(d) {
    for (const key of Object.keys(d)) delete d[key];
    orders.delete(d);
    return null;
}

export function $items(d) {
    return $keys(d).map((key) => Tuple.of(key, d[key]));
}

/** Pairs that the program takes apart at once: they need not be tuples. */
export function $entries(d) {
    return $keys(d).map((key) => [key, d[key]]);
}

/** Go over keys taken before, and notice as Python does when the loop's body changes the dict's size. */
export function* $watched(d, elements) {
    const size = Object.keys(d).length;
    for (const element of elements) {
        if (Object.keys(d).length !== size) throw new RuntimeError('dictionary changed size during iteration');
        yield element;
    }
    if (Object.keys(d).length > size) throw new RuntimeError('dictionary changed size during iteration');
}

/** keys(), values() or items(), kept as a value: it shows the dict as it is when it is looked at. */
export class DictView {
    constructor(d, name, elements) {
        this.d = d;
        this.kind = name;
        this.elements = elements;
    }
    type() {
        return { name: 'dict_' + this.kind };
    }
    __len__() {
        return Object.keys(this.d).length;
    }
    [Symbol.iterator]() {
        return $watched(this.d, this.elements(this.d));
    }
    __repr__() {
        return 'dict_' + this.kind + '(' + repr(this.elements(this.d)) + ')';
    }
}

export function $viewKeys(d) {
    return new DictView(d, 'keys', $keys);
}

export function $viewValues(d) {
    return new DictView(d, 'values', $valuesOf);
}

export function $viewItems(d) {
    return new DictView(d, 'items', $items);
}

export function $valuesOf(d) {
    return $keys(d).map((key) => d[key]);
}
