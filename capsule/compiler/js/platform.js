/* The seam's JavaScript half: capsule/shared/platform.py says what each function is for, tests/parity holds both to it.

A bag is a plain object, so that `model.attributes` is what a JavaScript developer expects. What it inherits from
Object.prototype is told from what it holds by two cheap tests: inherited members are functions, or Object.prototype
itself under `__proto__`; only then is the slow question asked. Only a write of `__proto__` needs care. */

import { $textual } from './runtime.dicts.js';
import { ValueError } from './runtime.errors.js';
import { isPlain } from './runtime.values.js';

export const MOST_INTEGER = Number.MAX_SAFE_INTEGER;
const top = Object.prototype;
const own = top.hasOwnProperty;

export const MISSING = undefined;
export const SAME = Symbol('same');

let counter = 0;

export function uniqueId(prefix) {
    counter += 1;
    return prefix + counter;
}

// ---- bags

export function emptyBag() {
    return {};
}

/** Inherits nothing: whatever the key, a plain read will do. */
export function table() {
    return Object.create(null);
}

export function look(table, key) {
    return table[key];
}

export function pair(key, value) {
    return { [key]: value };
}

export function copyBag(bag) {
    return { ...bag };
}

export function copyInto(target, source) {
    if (source != null) for (const key of Object.keys(source)) put(target, key, source[key]);
    return target;
}

export function holds(bag, key) {
    return own.call(bag, key);
}

export function raw(bag, key) {
    const value = bag[key];
    return (typeof value === 'function' || value === top) && !own.call(bag, key) ? undefined : value;
}

export const fetch = raw;

/* Word for word `raw`, for `model.get` alone: an engine remembers per function what it was called with, and `raw` is
   called with everything. */
export function attribute(bag, key) {
    const value = bag[key];
    return (typeof value === 'function' || value === top) && !own.call(bag, key) ? undefined : value;
}

export function put(bag, key, value) {
    if (key === '__proto__') Object.defineProperty(bag, key, { value, writable: true, enumerable: true, configurable: true });
    else bag[key] = value;
}

export function drop(bag, key) {
    delete bag[key];
}

export function keysOf(bag) {
    return Object.keys(bag);
}

export function isIndex(key) {
    return /^(?:0|[1-9]\d{0,9})$/.test(key) && Number(key) < 4294967295;
}

export function shallowCopy(bag) {
    return { ...bag };
}

export function write(attributes, previous, changed, attr, value) {
    const old = raw(attributes, attr);
    const equal = old === value || same(old, value);
    let unchanged = equal;
    if (own.call(previous, attr)) {
        const before = previous[attr];
        unchanged = before === value || same(before, value);
    } else {
        put(previous, attr, old);
    }
    put(attributes, attr, value);
    if (!unchanged) put(changed, attr, value);
    else if (own.call(changed, attr)) delete changed[attr];
    return equal ? SAME : old;
}

/* CPython has short cuts; here a prop's own `accept` and the general way are as quick. */
export function setQuickly(model, attr, value) {
    const prop = raw(model._blueprint.simple, attr);
    if (prop === undefined) return false;
    model._change({ [attr]: prop.accept(model, value) }, null, false, {});
    return true;
}

export function takeQuickly() {
    return null;
}

export function erase(attributes, previous, changed, attr) {
    const old = raw(attributes, attr);
    if (!own.call(previous, attr)) put(previous, attr, old);
    delete attributes[attr];
    if (previous[attr] === undefined) delete changed[attr];
    else put(changed, attr, undefined);
    return old === undefined ? SAME : old;
}

export function hasTextKeys(bag) {
    return $textual(bag);
}

// ---- values

export function truth(value) {
    if (typeof value === 'number') return value !== 0;
    if (typeof value !== 'object' || value === null) return Boolean(value);
    if (Array.isArray(value)) return value.length > 0;
    if (isPlain(value)) return Object.keys(value).length > 0;
    if (typeof value.__bool__ === 'function') return value.__bool__();
    return typeof value.__len__ === 'function' ? value.__len__() !== 0 : !(value instanceof Number) || Number(value) !== 0;
}

export function whole(value) {
    const number = Math.trunc(value);
    if (Number.isSafeInteger(number)) return number;
    throw new ValueError('This is not an index: ' + String(value));
}

export function sizeOf(value) {
    return (typeof value === 'string' ? [...value] : Array.isArray(value) ? value : Object.keys(value)).length;
}

export function known(value) {
    return value;
}

export function inward(value) {
    return value;
}

export function same(a, b) {
    if (a === b) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a !== a && b !== b;
    if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index]));
    if (a instanceof Date) return b instanceof Date && same(a.getTime(), b.getTime());
    if (!isPlain(a) || !isPlain(b)) return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => own.call(b, key) && same(a[key], b[key]));
}

export function copyJSON(value) {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(copyJSON);
    if (!isPlain(value)) return value;
    const copy = {};
    for (const key of Object.keys(value)) put(copy, key, copyJSON(value[key]));
    return copy;
}

export function isNumber(value) {
    return typeof value === 'number' && Number.isFinite(value) && (Math.abs(value) <= MOST_INTEGER || !Number.isInteger(value));
}

export function isInteger(value) {
    return Number.isSafeInteger(value);
}

export function settle(bag) {
    return bag;
}

export function flag(options, name) {
    return options != null && Boolean(options[name]);
}

// ---- texts

export { after, cut, dumpJSON, isId, isLong, isWellFormed, MOST_TEXT, parseJSON, words } from './runtime.wording.js';

// ---- functions

export function noteArity() {}

export function leastArguments(fn) {
    return fn.length;
}

export function call(fn, args) {
    return fn(...args);
}

export function callMethod(owner, name, args) {
    return owner[name](...args);
}

export function bound(owner, name) {
    return owner[name].bind(owner);
}

export function adapted(fn, count) {
    return fn;
}

export function parameterCount(fn) {
    return fn.length;
}

export function sameFunction(a, b) {
    return a === b;
}

export function fire(events, name, args) {
    const handlers = raw(events, name);
    let everything = events.all;
    if (handlers !== undefined) {
        if (everything !== undefined) everything = everything.slice();
        runHandlers(handlers, args);
    }
    if (everything !== undefined) runHandlers(everything, [name, ...args]);
}

export function runHandlers(handlers, args) {
    const count = handlers.length;
    for (let index = 0; index < count; index += 1) {
        const handler = handlers[index];
        if (handler.once) {
            if (handler.spent) continue;
            handler.spend();
        }
        switch (args.length) {
            case 0: handler.callback.call(handler.ctx); break;
            case 1: handler.callback.call(handler.ctx, args[0]); break;
            case 2: handler.callback.call(handler.ctx, args[0], args[1]); break;
            case 3: handler.callback.call(handler.ctx, args[0], args[1], args[2]); break;
            default: handler.callback.apply(handler.ctx, args);
        }
    }
}

export function discard(answer) {
    // A promise is a refusal; what it comes to is nobody's business.
    if (answer != null && typeof answer.then === 'function') answer.then(undefined, () => undefined);
}

// ---- classes

export function result(owner, name) {
    const value = owner[name];
    return typeof value === 'function' ? owner[name]() : value;
}

export function member(owner, name) {
    const value = owner[name];
    return value === undefined ? null : value;
}

export function setMember(owner, name, value) {
    owner[name] = value;
}

export function classMember(cls, name) {
    if (typeof cls !== 'function' || !cls.prototype) return null;
    const value = cls.prototype[name];
    return value === undefined || (value === top[name] && name in top) ? null : value;
}

/** `static props = {...}` in a JavaScript class is seen from its instances too, as a compiled class's attributes are. */
export function prepareClass(cls) {
    for (let one = cls; typeof one === 'function' && one !== Function.prototype; one = Object.getPrototypeOf(one)) {
        if (own.call(one, '_prepared')) return;
        for (const name of Object.keys(one)) {
            if (!own.call(one.prototype, name)) define(one.prototype, name, one[name]);
        }
        define(one, '_prepared', true);
    }
}

function define(holder, name, value) {
    Object.defineProperty(holder, name, { value, writable: true, configurable: true, enumerable: false });
}

export function declared(cls, name) {
    const found = [];
    for (let one = cls.prototype; one !== null && one !== top; one = Object.getPrototypeOf(one)) {
        if (own.call(one, name)) found.unshift(one[name]);
    }
    return found;
}

export function overrides(cls, name, base) {
    return cls.prototype[name] !== base.prototype[name];
}

export function kept(cls, name) {
    return own.call(cls.prototype, name) ? cls.prototype[name] : null;
}

export function keep(cls, name, value) {
    define(cls.prototype, name, value);
}

export function classOf(instance) {
    return instance.constructor;
}

export function className(cls) {
    return cls.name;
}

export function isClass(value) {
    return typeof value === 'function' && value.prototype != null && typeof value.prototype.trigger === 'function';
}

export function construct(factory, first, options) {
    return isClass(factory) ? new factory(first, options) : factory(first, options);
}

// ---- order

export function chosen(models, test) {
    const found = [];
    const all = models.slice();
    for (let index = 0; index < all.length; index += 1) if (truth(test(all[index], index))) found.push(all[index]);
    return found;
}

export function matcher(names, wanted) {
    return (model) => {
        for (let index = 0; index < names.length; index += 1) {
            const value = model.get(names[index]);
            const other = wanted[index];
            if (value !== other && (value == null ? other != null : !same(value, other))) return false;
        }
        return true;
    };
}

export function indexOf(items, item, start) {
    return items.indexOf(item, start);
}

export function insertAll(items, added, at) {
    // Not by one splice: a call has a limit of arguments.
    const tail = items.splice(at, items.length);
    for (const item of added) items.push(item);
    for (const item of tail) items.push(item);
}

export function replaceAll(items, others) {
    items.length = 0;
    for (const item of others) items.push(item);
}

export function removeAt(items, index) {
    items.splice(index, 1);
}

export { sortByKey, sortByOrder } from './runtime.ordering.js';
