/* Calls of values that only the run knows, arguments by keyword, and operators that change their left operand. */
import { $dict, $entriesOf, $keys, $put, $watched } from './runtime.dicts.js';
import { $miss, $terr, AssertionError, AttributeError, RuntimeError } from './runtime.errors.js';
import { $extend, own } from './runtime.methods.js';
import { $add, $band, $bor, $bxor, $div, $mul, $sub } from './runtime.numbers.js';
import { $iter, isList } from './runtime.sequences.js';
import { $replace, PySet } from './runtime.sets.js';
import { $bind, $tname, $truth, $type, has, isPlain } from './runtime.values.js';
import { format } from './runtime.formats.js';

/** `f(...)` where f may be a function or a class. */
export function $call(f, ...args) {
    if (typeof f !== 'function') $terr("'" + $tname(f) + "' object is not callable");
    const prototype = f.prototype;
    if (prototype !== undefined && prototype !== null && typeof prototype.__init__ === 'function') return new f(...args);
    const result = f(...args);
    return result === undefined ? null : result;
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

/** `object.name(...)` where the name is a method of one class and an attribute of another. */
export function $invoke(object, name, ...args) {
    if (object != null && !has(object, name) && typeof object !== 'function') {
        const value = object[name];
        if (typeof value === 'function' && !has(value, 'prototype')) {
            const result = value.apply(object, args);
            return result === undefined ? null : result;
        }
    }
    return $call($read(object, name), ...args);
}

/** `object.name(...)` where JavaScript's own arrays, texts or objects have a method of that name. */
export function $own(object, name, args) {
    return own(object, name, args);
}

/** `object.name`, where a builtin value's own JavaScript property must not be found. */
export function $read(object, name) {
    if (object == null || (typeof object !== 'object' && typeof object !== 'function') || Array.isArray(object) || isPlain(object)) {
        throw new AttributeError("'" + $tname(object) + "' object has no attribute '" + name + "'");
    }
    return $bind(object, name);
}

/** Keywords for a function that also takes any number of positional arguments. */
class Keywords {}

export function $keywords(options) {
    if (has(options, '__proto__')) unpassable('__proto__');
    return Object.assign(new Keywords(), options);
}

function unpassable(key) {
    $terr("the keyword '" + key + "' cannot be passed in shared code");
}

/** The keywords of a call with `**`. JavaScript would list integer-like ones first, and `__proto__` would be lost. */
export function $spread(name, ...sources) {
    const result = {};
    for (const source of sources) {
        if (!isPlain(source)) $terr(name + '() argument after ** must be a mapping, not ' + $tname(source));
        for (const key of $keys(source)) {
            if (typeof key !== 'string') $terr('keywords must be strings');
            if (has(result, key)) $terr(name + "() got multiple values for keyword argument '" + key + "'");
            if (key === '__proto__' || /^\d+$/.test(key)) unpassable(key);
            result[key] = source[key];
        }
    }
    return result;
}

/** What `**kwargs` adds to a call that hands its own on: nothing where there are none. */
export function $passed(options) {
    return Object.keys(options).length ? [$keywords($spread('', options))] : [];
}

/** Take the keywords off the end of the arguments. */
export function $given(args) {
    return args.length && args[args.length - 1] instanceof Keywords ? { ...args.pop() } : {};
}

/** Options of which some came from a dict: a name that the function does not have is an error. */
export function $options(options, allowed, name) {
    for (const key of Object.keys(options)) {
        if (!allowed.includes(key)) $terr(name + "() got an unexpected keyword argument '" + key + "'");
    }
    return options;
}

/** Arguments of which some came from a dict, in their places. */
export function $place(given, keywords, names, required, allowed, rest, star, name) {
    const args = given.slice();
    const options = {};
    let more = false;
    for (const key of $keys(keywords)) {
        const index = names.indexOf(key);
        if (index >= 0) {
            if (index < given.length) $terr(name + "() got multiple values for argument '" + key + "'");
            args[index] = keywords[key];
        } else if (rest || allowed.includes(key)) {
            $put(options, key, keywords[key]);
            more = true;
        } else {
            $terr(name + "() got an unexpected keyword argument '" + key + "'");
        }
    }
    for (let i = 0; i < required; i++) if (!(i in args)) $miss(name, [names[i]], 0);
    if (!star && given.length > names.length) {
        $terr(name + '() takes ' + names.length + ' positional arguments but ' + given.length + ' were given');
    }
    if (more) args[Math.max(args.length, names.length)] = star ? $keywords(options) : options;
    return Array.from(args);
}

/* Operators that change their left operand where it can be changed. */

function inPlace(name, a, b, otherwise) {
    if (a !== null && typeof a === 'object' && !Array.isArray(a) && typeof a[name] === 'function') return a[name](b);
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
        for (const [key, value] of $entriesOf($dict(b))) $put(a, key, value);
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

export function $watchedIter(d, elements) {
    return isPlain(d) ? $watched(d, elements) : elements;
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
