/* Calls of values that only the run knows, arguments by keyword, and operators that change their left operand. */
import { $entriesOf, $put, $update } from './runtime.dicts.js';
import { $many, $miss, $terr, AssertionError, RuntimeError } from './runtime.errors.js';
import { $extend, own } from './runtime.methods.js';
import { $add, $band, $bor, $bxor, $div, $mul, $sub } from './runtime.numbers.js';
import { NotImplemented } from './runtime.compare.js';
import { $iter, isList } from './runtime.sequences.js';
import { $replace, PySet } from './runtime.sets.js';
import { $attr, $bind, $describe, $isEngines, $nameOf, object, $tname, $truth, $type, has, hidden, isPlain, noAttribute } from './runtime.values.js';
import { format } from './runtime.formats.js';

/** `f(...)` where f may be a function or a class. */
export function $call(f, ...args) {
    if (typeof f !== 'function') f = $called(f);
    const Class = classOf(f);
    if (Class === null) {
        if (args.length > f.$most) tooMany(f, args.length);
    } else if (args.length > 0) {
        const { __init__ } = Class.prototype;
        if (__init__ === object.prototype.__init__) $terr($nameOf(f) + '() takes no arguments');
        if (args.length > __init__.$most) tooMany(__init__, args.length);
    }
    return enter(f, Class, args);
}

/** An instance's `__call__`, bound. */
function $called(x) {
    if (x === null || typeof x !== 'object' || typeof x.__call__ !== 'function' || isPlain(x)) $terr("'" + $tname(x) + "' object is not callable");
    return $bind(x, '__call__');
}

/** What is called for a value: a class by `new`, an instance by its `__call__`. */
export function $caller(f) {
    return f == null || (typeof f === 'function' && classOf(f) === null) ? f : (...args) => $call(f, ...args);
}

/** Only a class that has its own of each of these methods can be called. */
export function $concrete(Class, Declaring, names) {
    const missing = names.filter((name) => {
        let holder = Class.prototype;
        while (!has(holder, name)) holder = Object.getPrototypeOf(holder);
        return holder === Declaring.prototype;
    });
    if (missing.length === 0) return;
    $terr("Can't instantiate abstract class " + $nameOf(Class) + ' with abstract method' + (missing.length > 1 ? 's ' : ' ') + missing.sort().join(', '));
}

/** A cached property: computed when it is read first, an attribute of the instance from then on. */
export function $once(instance, name, make) {
    return $keep(instance, name, make.call(instance));
}

export function $keep(instance, name, value) {
    Object.defineProperty(instance, name, { value, writable: true, enumerable: true, configurable: true });
    return value;
}

/** Replace methods of a class by what their decorators made of them. */
export function $decorated(Class, methods) {
    for (const key of Object.keys(methods)) {
        const made = methods[key];
        const method = { [key](...args) {
            const keywords = $given(args);
            return $apply(made, [this, ...args], keywords);
        } }[key];
        $describe(method, undefined, [[], 0, [], true, true]);
        hidden(Class.prototype, key, typeof made === 'function' ? method : made);
    }
    return Class;
}

/** The function itself where it is a class that Python calls, else null. */
function classOf(f) {
    const prototype = f.prototype;
    return prototype !== undefined && prototype !== null && typeof prototype.__init__ === 'function' ? f : null;
}

function enter(f, Class, args) {
    if (Class !== null) return new Class(...args);
    const result = f(...args);
    return result === undefined ? null : result;
}

/** A method's instance counts as an argument, as in CPython's message. */
function tooMany(f, given) {
    const own = f.$owner === undefined ? 0 : 1;
    $many(own ? f.$owner + '.' + $nameOf(f) : $nameOf(f), f.length + own, f.$most + own, given + own);
}

/** `f(*args, **keywords)` where only the run tells what f is. */
export function $apply(f, args, keywords) {
    if (!$truth(keywords)) return $call(f, ...args);
    if (typeof f !== 'function') f = $called(f);
    const Class = classOf(f);
    const target = Class === null ? f : Class.prototype.__init__;
    if (target.$signature === undefined) $terr($nameOf(f) + '() takes no keyword arguments here');
    return enter(f, Class, $place(args, keywords, target.$signature, $nameOf(f)));
}

/** What `$call` and `$apply` must know of a function that is used as a value. */
export function $described(f, most, signature) {
    $describe(f, most, signature);
    return f;
}

/** A function with this `__name__`. */
export function $named(name, f) {
    Object.defineProperty(f, 'name', { value: name });
    return f;
}

/** A class as a function. */
export function $maker(Class) {
    return (...args) => new Class(...args);
}

/** `holder.name(...)` where the name is a method of one class and an attribute or another method of another. */
export function $invoke(holder, name, ...args) {
    if (holder != null && !has(holder, name) && typeof holder !== 'function') {
        const value = holder[name];
        if (typeof value === 'function' && !has(value, 'prototype')) {
            if (args.length > value.$most) tooMany(value, args.length);
            const result = value.apply(holder, args);
            return result === undefined ? null : result;
        }
    }
    return $call($read(holder, name), ...args);
}

/** `object.name(...)` where JavaScript's own arrays, texts or objects have a method of that name. */
export function $own(object, name, args) {
    return own(object, name, args);
}

/** `object.name`, where a builtin value's own JavaScript property must not be found. */
export function $read(object, name) {
    if (object == null || (typeof object !== 'object' && typeof object !== 'function') || Array.isArray(object) || isPlain(object)) {
        noAttribute(object, name);
    }
    return $isEngines(object, name) ? $attr(undefined, object, name) : $bind(object, name);
}

/** Keywords for a function that also takes any number of positional arguments. */
class Keywords {
    constructor(options) {
        this.options = options;
    }
}

export function $keywords(options) {
    return new Keywords(options);
}

/** The keywords of a call with `**`. */
export function $spread(name, ...sources) {
    const result = {};
    for (const source of sources) {
        if (!isPlain(source)) $terr(name + '() argument after ** must be a mapping, not ' + $tname(source));
        for (const [key, value] of $entriesOf(source)) {
            if (typeof key !== 'string') $terr('keywords must be strings');
            if (has(result, key)) $terr(name + "() got multiple values for keyword argument '" + key + "'");
            $put(result, key, value);
        }
    }
    return result;
}

/** Take the keywords off the end of the arguments. */
export function $given(args) {
    return args.length && args[args.length - 1] instanceof Keywords ? args.pop().options : {};
}

/** What `**more` is: the keywords that have no parameter of their own. */
export function $rest(options, taken) {
    const result = {};
    for (const [key, value] of $entriesOf(options)) if (!taken.includes(key)) $put(result, key, value);
    return result;
}

/** The keywords alone, without what every JavaScript object has. */
export function $bare(options) {
    const result = Object.create(null);
    for (const key of Object.keys(options)) result[key] = options[key];
    return result;
}

/** Options of which some came from a dict: each must be one that the function can take. */
export function $options(options, [names, , keywords, , rest, positional], name) {
    for (const key of Object.keys(options)) {
        if (names.indexOf(key) >= (positional || 0)) twice(name, key);
        if (!rest && !keywords.includes(key)) unexpected(name, key);
    }
    return options;
}

function twice(name, key) {
    $terr(name + "() got multiple values for argument '" + key + "'");
}

function unexpected(name, key) {
    $terr(name + "() got an unexpected keyword argument '" + key + "'");
}

/** Arguments of which some came from a dict, in their places. */
export function $place(given, keywords, [names, required, allowed, star, rest, positional], name) {
    const args = given.slice();
    const options = {};
    let more = false;
    for (const [key, value] of $entriesOf(keywords)) {
        const index = names.indexOf(key, positional);
        if (index >= 0) {
            if (index < given.length) twice(name, key);
            args[index] = value;
        } else if (rest || allowed.includes(key)) {
            $put(options, key, value);
            more = true;
        } else {
            unexpected(name, key);
        }
    }
    if (!star) $limited(given, names.length, required, name);
    for (let i = 0; i < required; i++) if (!(i in args)) $miss(name, [names[i]], 0);
    if (more) args[Math.max(args.length, names.length)] = star ? $keywords(options) : options;
    return Array.from(args);
}

/** Arguments out of a list, of which the function takes so many at most; `own` is 1 for a method, whose instance counts. */
export function $limited(args, most, least, name, own = 0) {
    if (args.length > most) $many(name, least + own, most + own, args.length + own);
    return args;
}

/* Operators that change their left operand where it can be changed. */

function inPlace(name, a, b, otherwise) {
    if (a !== null && typeof a === 'object' && !Array.isArray(a) && typeof a[name] === 'function') {
        const answer = a[name](b);
        if (answer !== NotImplemented) return answer;
    }
    return otherwise(a, b);
}

export function $iadd(a, b) {
    if (typeof a === 'number' || typeof a === 'string') return $add(a, b);
    return isList(a) ? $extend(a, b) : inPlace('__iadd__', a, b, $add);
}

export function $isub(a, b) {
    if (a instanceof PySet && b instanceof PySet) return $replace(a, $sub(a, b));
    return inPlace('__isub__', a, b, $sub);
}

export function $imul(a, b) {
    if (isList(a)) {
        const more = $mul(a, b);
        a.length = 0;
        for (const element of more) a.push(element);
        return a;
    }
    return inPlace('__imul__', a, b, $mul);
}

export function $idiv(a, b) {
    return inPlace('__itruediv__', a, b, $div);
}

export function $ior(a, b) {
    if (a instanceof PySet && b instanceof PySet) return $replace(a, $bor(a, b));
    if (isPlain(a)) {
        $update(a, b);
        return a;
    }
    return inPlace('__ior__', a, b, $bor);
}

export function $iand(a, b) {
    if (a instanceof PySet && b instanceof PySet) return $replace(a, $band(a, b));
    return inPlace('__iand__', a, b, $band);
}

export function $ixor(a, b) {
    if (a instanceof PySet && b instanceof PySet) return $replace(a, $bxor(a, b));
    return inPlace('__ixor__', a, b, $bxor);
}

/* Small things that generated code asks for. */

export function $nonEmpty(array) {
    return array.length > 0;
}

export function $push(array, x) {
    array.push(x);
    return null;
}

/** The set with an array's elements. */
export function $set_of(array) {
    return new PySet(array);
}

export function $fromkeys(keys, value) {
    const result = {};
    for (const key of $iter(keys)) $put(result, key, value === undefined ? null : value);
    return result;
}

/** An f-string's part without a spec. */
export function $formatted(x) {
    return format(x, '');
}

export function $enter(manager) {
    if (manager == null || typeof manager.__enter__ !== 'function' || typeof manager.__exit__ !== 'function') {
        $terr("'" + $tname(manager) + "' object does not support the context manager protocol");
    }
    return manager.__enter__();
}

/** Whether the manager swallows the error. */
export function $exit(manager, error) {
    return $truth(manager.__exit__($type(error), error, null));
}

export function $failed(message) {
    return message === undefined ? new AssertionError() : new AssertionError(message);
}

/** `raise` outside of a handler. */
export function $nothing() {
    return new RuntimeError('No active exception to reraise');
}
