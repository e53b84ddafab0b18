/* dicts: plain JavaScript objects. `__proto__`, `constructor` and the like are keys as any other.

   Text keys are the object's own properties. An int or a float is kept under its text, any other key under a text that
   no program writes; which of an object's properties stand for such keys is remembered beside it. So is the order of
   keys where JavaScript, which lists integer-like ones first, would tell another than Python. */
import { $terr, KeyError, ValueError } from './runtime.errors.js';
import { Going } from './runtime.going.js';
import { $iter, Tuple } from './runtime.sequences.js';
import { $eq, $in } from './runtime.compare.js';
import { $hash, hashText, isSetLike } from './runtime.sets.js';
import { repr } from './runtime.text.js';
import { $typed, $tname, $truth, has, isPlain } from './runtime.values.js';

/** Under which a dict that is more than a dict (collections.js) says what it is. */
export const $special = Symbol('special');

const orders = new WeakMap();
const others = new WeakMap();
const INTEGER_LIKE = /^(?:0|[1-9]\d{0,9})$/;

function isIntegerLike(name) {
    const code = name.charCodeAt(0);
    return code >= 48 && code <= 57 && INTEGER_LIKE.test(name) && Number(name) < 4294967295;
}

/** The property that holds a key. */
function nameOf(key) {
    if (typeof key === 'string') return key;
    const hash = $hash(key);
    return typeof hash === 'number' || typeof hash === 'bigint' ? String(hash) : '\0' + hashText(hash);
}

/** Whether the object's property of this name holds this key, and not another key of that text. */
function holds(d, name, key) {
    if (!has(d, name)) return false;
    const known = others.get(d);
    return known === undefined ? typeof key === 'string' : known.has(name) !== (typeof key === 'string');
}

/** The properties in the order in which their keys came. */
export function $names(d) {
    const found = Object.keys(d);
    const order = orders.get(d);
    if (order === undefined) return found;
    const known = order.filter((name) => has(d, name));
    const fresh = known.length === found.length ? known : known.concat(found.filter((name) => !known.includes(name)));
    orders.set(d, fresh.slice());
    return fresh;
}

/** The keys in Python's order. */
export function $keys(d) {
    const known = others.get(d);
    return known === undefined ? $names(d) : $names(d).map((name) => (known.has(name) ? known.get(name) : name));
}

/** Whether all keys are texts. */
export function $textual(d) {
    return !others.has(d);
}

/** Write a key that may be new, of any type, or called `__proto__`. */
export function $put(d, key, value) {
    if (typeof key !== 'string') return putOther(d, key, value);
    const code = key.charCodeAt(0);
    if (orders.has(d) || (code < 58 && (code === 0 || isIntegerLike(key) || others.has(d)))) {
        if (has(d, key) && !holds(d, key, key)) moveAside(d, key);
        keepOrder(d, key);
    }
    if (key === '__proto__') {
        Object.defineProperty(d, key, { value, writable: true, enumerable: true, configurable: true });
    } else {
        d[key] = value;
    }
    return undefined;
}

function putOther(d, key, value) {
    const name = placeOf(d, key);
    if (!has(d, name)) {
        keepOrder(d, name);
        if (!others.has(d)) others.set(d, new Map());
        others.get(d).set(name, key);
    }
    d[name] = value;
}

/** The property that holds a key of this dict: a number beside its own text has another one. */
function placeOf(d, key) {
    const name = nameOf(key);
    return typeof key !== 'string' && has(d, name) && !holds(d, name, key) || has(d, beside(key)) ? beside(key) : name;
}

function beside(key) {
    return '\0' + hashText($hash(key));
}

/** A number makes room for its own text. */
function moveAside(d, name) {
    const order = $names(d);
    const known = others.get(d);
    const key = known.get(name);
    const other = beside(key);
    orders.set(d, order.map((one) => (one === name ? other : one)));
    known.delete(name);
    known.set(other, key);
    d[other] = d[name];
    delete d[name];
}

/** A property is about to be added: remember the order if JavaScript would list it elsewhere than at the end. */
function keepOrder(d, name) {
    if (has(d, name)) return;
    const order = orders.get(d);
    if (order !== undefined) {
        orders.set(d, [...order.filter((old) => old !== name), name]);
    } else if (isIntegerLike(name)) {
        const found = Object.keys(d);
        const last = found.length ? found[found.length - 1] : null;
        if (last !== null && !(isIntegerLike(last) && Number(last) < Number(name))) orders.set(d, [...found, name]);
    }
}

export function $hasKey(d, key) {
    if (typeof key === 'string') return has(d, key) && (!others.has(d) || holds(d, key, key));
    return holds(d, placeOf(d, key), key);
}

/** The value of a key, or the fallback. */
export function $lookup(d, key, fallback) {
    if (typeof key === 'string') return has(d, key) && (!others.has(d) || holds(d, key, key)) ? d[key] : fallback;
    const name = placeOf(d, key);
    return holds(d, name, key) ? d[name] : fallback;
}

export function $at(d, key) {
    if (!$hasKey(d, key)) {
        if (d[$special] !== undefined) return d[$special].missing(d, key);
        throw new KeyError(key);
    }
    return d[typeof key === 'string' ? key : placeOf(d, key)];
}

export function $remove(d, key) {
    if (!$hasKey(d, key)) throw new KeyError(key);
    const value = $at(d, key);
    const name = typeof key === 'string' ? key : placeOf(d, key);
    delete d[name];
    const order = orders.get(d);
    if (order !== undefined) orders.set(d, order.filter((old) => old !== name));
    const known = others.get(d);
    if (known !== undefined) known.delete(name);
    return value;
}

/** [key, value] of each key, in order. */
export function $entriesOf(d) {
    const known = others.get(d);
    return $names(d).map((name) => [known !== undefined && known.has(name) ? known.get(name) : name, d[name]]);
}

function fill(result, source) {
    if (isPlain(source)) {
        for (const [key, value] of $entriesOf(source)) $put(result, key, value);
    } else if (source != null && typeof source.keys === 'function' && typeof source.__getitem__ === 'function') {
        for (const key of $iter(source.keys())) $put(result, key, source.__getitem__(key));
    } else {
        let index = 0;
        for (const pair of $iter(source)) {
            if (pair == null || (typeof pair !== 'object' && typeof pair !== 'string')) {
                $terr('cannot convert dictionary update sequence element #' + index + ' to a sequence');
            }
            const both = [...$iter(pair)];
            if (both.length !== 2) {
                throw new ValueError('dictionary update sequence element #' + index + ' has length ' + both.length
                    + '; 2 is required');
            }
            $put(result, both[0], both[1]);
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
    for (const pair of pairs) $put(result, pair[0], pair[1]);
    return result;
}

export const dict = /*@__PURE__*/ $typed('dict', function (source, more) {
    const result = source === undefined ? {} : fill({}, source);
    return more === undefined ? result : fill(result, more);
}, isPlain);

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
    for (const name of Object.keys(d)) delete d[name];
    orders.delete(d);
    others.delete(d);
    return null;
}

/** Whether two dicts have equal keys and values. */
export function $sameDict(a, b, equal) {
    const entries = $entriesOf(a);
    return entries.length === Object.keys(b).length
        && entries.every(([key, value]) => $hasKey(b, key) && equal(value, $at(b, key)));
}

/** What stands for a property where a dict's "keys", "values", "items" or "entries" are gone through. */
export function $elementOf(d, name, what) {
    if (what === 'values') return d[name];
    const known = others.get(d);
    const key = known !== undefined && known.has(name) ? known.get(name) : name;
    return what === 'keys' ? key : what === 'items' ? Tuple.of(key, d[name]) : [key, d[name]];
}

/** keys(), values() or items(), kept as a value: it shows the dict as it is when it is looked at. */
export class DictView {
    constructor(d, name, elements) {
        this.d = d;
        this.kind = name;
        this.elements = elements;
    }
    get $kind() {
        return 'dict_' + this.kind;
    }
    type() {
        return { name: this.$kind };
    }
    __len__() {
        return Object.keys(this.d).length;
    }
    [Symbol.iterator]() {
        return new Going(this.d, this.kind);
    }
    __contains__(x) {
        if (this.kind === 'keys') return $hasKey(this.d, x);
        if (this.kind === 'values') return $in(x, $values(this.d));
        return x instanceof Tuple && x.length === 2 && $hasKey(this.d, x[0]) && $truth($eq($at(this.d, x[0]), x[1]));
    }
    __le__(other) {
        return this.elements(this.d).every((x) => $in(x, other));
    }
    __lt__(other) {
        return this.__len__() < other.__len__() && this.__le__(other);
    }
    __ge__(other) {
        for (const x of other) if (!this.__contains__(x)) return false;
        return true;
    }
    __gt__(other) {
        return this.__len__() > other.__len__() && this.__ge__(other);
    }
    __eq__(other) {
        if (this.kind === 'values' || !isSetLike(other)) return this === other;
        return this.__len__() === other.__len__() && this.__le__(other);
    }
    __reversed__() {
        return new Going(this.d, this.kind, true);
    }
    __repr__() {
        return 'dict_' + this.kind + '(' + repr(this.elements(this.d)) + ')';
    }
}

export function $viewKeys(d) {
    return new DictView(d, 'keys', $keys);
}

export function $viewValues(d) {
    return new DictView(d, 'values', $values);
}

export function $viewItems(d) {
    return new DictView(d, 'items', $items);
}

export function $values(d) {
    return $names(d).map((name) => d[name]);
}

export function $items(d) {
    return $entriesOf(d).map((entry) => Tuple.from(entry));
}
