/* What a JavaScript value is in Python: its type, its class, its attributes. */
import { $special, dict, DictView } from './runtime.dicts.js';
import { $miss, $py, $terr, $texts, AttributeError, OverflowError, ValueError } from './runtime.errors.js';
import { $index, Float, isFloat, isInt } from './runtime.numbers.js';
import { $isIterator, $iteratorType } from './runtime.iterators.js';
import { list, Range, range, slice, Tuple, tuple } from './runtime.sequences.js';
import { PySet, set, FrozenSet, frozenset } from './runtime.sets.js';
import { $toFloat, $toInt } from './runtime.parsing.js';
import { str } from './runtime.text.js';

const ObjectPrototype = Object.prototype;
const ownProperty = ObjectPrototype.hasOwnProperty;
const prototypeOf = Object.getPrototypeOf;

export function has(object, key) {
    return ownProperty.call(object, key);
}

/** A dict: an object literal, of this realm or another, or one without a prototype. */
export function isPlain(x) {
    if (typeof x !== 'object' || x === null) return false;
    const prototype = prototypeOf(x);
    return prototype === ObjectPrototype || prototype === null
        || (prototypeOf(prototype) === null && has(prototype, 'hasOwnProperty'));
}

/** The name of a value's type, as `type(x).__name__`; not by way of the types themselves, which would come with it. */
export function $tname(x) {
    switch (typeof x) {
        case 'boolean': return 'bool';
        case 'string': return 'str';
        case 'number': return Number.isInteger(x) ? 'int' : 'float';
        case 'bigint': return 'int';
        case 'function': return isClass(x) ? 'type' : builtins.has(x) ? 'builtin_function_or_method' : 'function';
    }
    if (x == null) return 'NoneType';
    if (x.$kind !== undefined && !has(x, '$kind')) return x.$kind;
    if (Array.isArray(x)) return 'list';
    if (isPlain(x)) return x[$special] === undefined ? 'dict' : x[$special].name;
    if (x instanceof Set) return 'set';
    if ($isIterator(x)) return x[Symbol.toStringTag] === 'Array Iterator' ? 'list_iterator' : 'generator';
    return $className(prototypeOf(x).constructor);
}

/** `x.__name__`: kept apart where a program has an attribute called `name` on a class or a function. */
export function $nameOf(x) {
    if (typeof x !== 'function') $attr(undefined, x, '__name__');
    return $className(x) || '<lambda>';
}

export function $className(f) {
    return has(f, '$name') ? f.$name : f.name;
}

function keepName(f, name) {
    if (!has(f, '$name')) Object.defineProperty(f, '$name', { value: name });
}

/* Types that no program calls, but whose names messages show. */
const NoneType = /*@__PURE__*/ builtin('NoneType', (x) => x == null);
const FunctionType = /*@__PURE__*/ builtin('function', (x) => typeof x === 'function' && !isClass(x));
const BuiltinType = /*@__PURE__*/ builtin('builtin_function_or_method', (x) => builtins.has(x));

function builtin(name, test) {
    return $typed(name, (x) => $type(x), test);
}

/** `type` as a value; a call of it is `$type`. */
export const type = /*@__PURE__*/ builtin('type', (x) => isClass(x));

/** A builtin type: a function that makes its values, with its name and its test for `isinstance`. */
export function $typed(name, make, test) {
    make.$is = test;
    return hidden(make, 'name', name);
}

/* The functions of Python itself that a program uses as values. */
const builtins = /*@__PURE__*/ new WeakSet();

export function $builtin(f) {
    builtins.add(f);
    return f;
}

function isClass(x) {
    return typeof x === 'function' && (x.$is !== undefined || /^class\b/.test(Function.prototype.toString.call(x)));
}

export const bool = /*@__PURE__*/ $typed('bool', function (x) {
    return $truth(x);
}, (x) => typeof x === 'boolean');

/** Python's truth of a value. */
export function $truth(x) {
    switch (typeof x) {
        case 'boolean': return x;
        case 'string': return x !== '';
        case 'number': return x !== 0;
        case 'undefined': return false;
        case 'bigint': return true;
        case 'object':
            if (x === null) return false;
            if (Array.isArray(x)) return x.length > 0;
            if (isPlain(x)) {
                for (const key in x) if (has(x, key)) return true;
                return false;
            }
            if (x instanceof Float) return x.valueOf() !== 0;
            if (typeof x.__bool__ === 'function') {
                const answer = x.__bool__();
                return typeof answer === 'boolean' ? answer : $terr('__bool__ should return bool, returned ' + $tname(answer));
            }
            if (typeof x.__len__ === 'function') return $length(x) !== 0;
    }
    return true;
}

/** What `__len__` of an instance says. */
export function $length(x) {
    const answer = x.__len__();
    const n = typeof answer === 'bigint' ? answer : $index(answer);
    if (n < 0) throw new ValueError('__len__() should return >= 0');
    if (typeof n === 'bigint' && n >= 2n ** 63n) throw new OverflowError("cannot fit 'int' into an index-sized integer");
    return n;
}

/** `type(x)`: the constructor that `isinstance` and `is` compare with. */
export function $type(x) {
    switch (typeof x) {
        case 'boolean': return bool;
        case 'string': return str;
        case 'number': return isInt(x) ? int : float;
        case 'bigint': return int;
        case 'undefined': return NoneType;
        case 'function': return isClass(x) ? type : builtins.has(x) ? BuiltinType : FunctionType;
    }
    if (x === null) return NoneType;
    if (Array.isArray(x)) return x instanceof Tuple ? tuple : list;
    if (isPlain(x)) return x[$special] === undefined ? dict : x[$special].type();
    if (x instanceof Float) return float;
    if (x instanceof Range) return range;
    if (x.$kind === 'slice') return slice;
    if (x instanceof FrozenSet) return frozenset;
    if (x instanceof PySet || x instanceof Set) return set;
    if (x instanceof DictView) return x.type();
    if ($isIterator(x)) return $iteratorType($tname(x));
    return prototypeOf(x).constructor;
}

export const int = /*@__PURE__*/ $typed('int', function (x, base) {
    return $toInt(x, base);
}, isInt);

export const float = /*@__PURE__*/ $typed('float', function (x) {
    return $toFloat(x);
}, isFloat);

/** `isinstance(x, C)`, where C may be a builtin, a class of either language, or a tuple of them. */
export function isinstance(x, C) {
    if (typeof C === 'function') {
        if (has(C, '$is')) return C.$is(x);
        return x instanceof C || C === object;
    }
    if (Array.isArray(C)) return C.some((one) => isinstance(x, one));
    return $terr('isinstance() arg 2 must be a type, a tuple of types, or a union');
}

export function issubclass(C, B) {
    if (typeof C !== 'function') $terr('issubclass() arg 1 must be a class');
    if (Array.isArray(B)) return B.some((one) => issubclass(C, one));
    if (B === object) return true;
    return C === B || C.prototype instanceof B || (C === bool && B === int);
}

export function callable(x) {
    return typeof x === 'function' || (x !== null && typeof x === 'object' && typeof x.__call__ === 'function' && !isPlain(x));
}

/** Whether the value behind a name on an instance is one of its methods: those alone have no prototype of their own. */
function isMethod(object, name, value) {
    return typeof value === 'function' && !has(value, 'prototype') && !has(object, name);
}

/** The same of a name on a class: its instances see such a method, too. */
function isClassMethod(object, name, value) {
    return typeof value === 'function' && !has(value, 'prototype') && object.prototype !== undefined && name in object.prototype;
}

const bound = new WeakMap();

/** `object.name` as a value: a method comes bound, the same one each time, so that `off` finds it. */
export function $bind(object, name) {
    const value = object[name];
    const ofClass = typeof object === 'function';
    if (value === undefined) return ofClass && has(object, 'prototype') && isMethod(object, name, object.prototype[name])
        ? unbound(object.prototype[name]) : $attr(value, object, name);
    if (ofClass ? !isClassMethod(object, name, value) : !isMethod(object, name, value)) return value;
    let methods = bound.get(object);
    if (methods === undefined) bound.set(object, (methods = new Map()));
    let method = methods.get(name);
    if (method === undefined || method.$of !== value) {
        method = value.bind(object);
        Object.defineProperty(method, '$of', { value });
        Object.defineProperty(method, 'name', { value: name });
        // What a call of it must know, where anything asks (calls.js).
        if (value.$most !== undefined || value.$signature !== undefined) $describe(method, value.$most, value.$signature, value.$owner);
        methods.set(name, method);
    }
    return method;
}

/** `Class.method` as a value: a function of the instance and the arguments. */
function unbound(method) {
    const result = (self, ...args) => (self === undefined ? $miss(method.name, ['self'], 0) : method.apply(self, args));
    Object.defineProperty(result, 'name', { value: method.name });
    const { $most, $signature } = method;
    const [names, required, ...rest] = $signature || [[], 0];
    if ($most !== undefined || $signature !== undefined) {
        $describe(result, $most + 1, $signature && [['self', ...names], required + 1, ...rest]);
    }
    return result;
}

/** Note of a function how many positional arguments it takes, and its parameters: see described() in lower_arguments.py. */
export function $describe(f, most, signature, owner) {
    f.$most = most;
    f.$signature = signature;
    f.$owner = owner;
}

/** An attribute that was read: undefined stands for None only where the attribute exists. */
export function $attr(value, object, name) {
    if (value !== undefined && !isPlain(object)) return value;
    if (isPlain(object)) noAttribute(object, name);
    if (object != null && (typeof object === 'object' || typeof object === 'function') && name in object && !$isEngines(object, name)) return null;
    return asksMissing(object, name) ? object.$missing : noAttribute(object, name);
}

export function noAttribute(object, name) {
    const of = isClass(object) ? "type object '" + $nameOf(object) + "'" : "'" + $tname(object) + "' object";
    throw hidden(new AttributeError(of + " has no attribute '" + name + "'"), '$missing', name);
}

/** Whether it is asked for the name that an error of the runtime says is missing; `name` itself is the engine's. */
function asksMissing(error, name) {
    return name === 'name' && error instanceof Error && has(error, '$missing');
}

/** The object, if it has a method of this name: asked before the method's arguments are computed. */
export function $owning(x, name) {
    if (x instanceof object && name in x && !ENGINE.has(name)) return x;
    if (!readable(x, name) && !(isPlain(x) && typeof x[name] === 'function')) noAttribute(x, name);
    return x;
}

/* Names under which the engine keeps something of its own. */
const ENGINE = new Set(
    ('constructor prototype length name message stack caller arguments call apply bind toString toLocaleString valueOf hasOwnProperty '
        + 'isPrototypeOf propertyIsEnumerable next return throw size at').split(' '));

/** Whether what the object has under a name is the engine's, and no attribute. */
export function $isEngines(holding, name) {
    if (!ENGINE.has(name)) return false;
    if (typeof holding === 'function' && name === 'prototype') return true;
    for (let holder = holding; holder !== null; holder = prototypeOf(holder)) {
        const found = Object.getOwnPropertyDescriptor(holder, name);
        if (found === undefined) continue;
        if (name === 'constructor' || holder === ObjectPrototype || holder === object.prototype) return !found.enumerable;
        const native = typeof found.value === 'function' && /\[native code\]/.test(Function.prototype.toString.call(found.value));
        // Where a program has an attribute `name` on a class, the class's own name is kept under `$name`.
        const ofFunction = typeof holder === 'function' && (found.writable === false || (name === 'name' && !has(holder, '$name')));
        return native || holder === Error.prototype || (holder === holding && holder instanceof Error && !found.enumerable) || ofFunction;
    }
    return false;
}

/** What the builtin types have as attributes is reached by calls alone; a read of one is none of the value's own. */
function readable(object, name) {
    if (typeof object === 'function' && has(object, 'prototype') && object.prototype !== null && !(name in ObjectPrototype)
        && name in object.prototype && !$isEngines(object.prototype, name)) return true;
    return object != null && (typeof object === 'object' || typeof object === 'function')
        && !Array.isArray(object) && !isPlain(object) && name in object && !$isEngines(object, name)
        && !(name in ObjectPrototype && object[name] === ObjectPrototype[name]);
}

export function getattr(object, name, fallback) {
    if (asksMissing(object, name)) return object.$missing;
    if (!readable(object, name)) return arguments.length > 2 ? fallback : noAttribute(object, name);
    if (arguments.length < 3) return $bind(object, name);
    try {
        return $bind(object, name);
    } catch (error) {
        // A property may raise.
        if ($py(error) instanceof AttributeError) return fallback;
        throw error;
    }
}

export function hasattr(object, name) {
    if (typeof object === 'function') return readable(object, name);
    const none = {};
    return getattr(object, name, none) !== none;
}

export function setattr(object, name, value) {
    $setattr(object, name, value);
    return null;
}

export function delattr(object, name) {
    $delattr(object, name);
    return null;
}

/** `object.name = value` where the engine alone would do something else: on a class, or over a read-only property. */
export function $setattr(object, name, value) {
    if (object == null || typeof object !== 'object' && typeof object !== 'function' || Array.isArray(object) || isPlain(object)) {
        noAttribute(object, name);
    }
    if (typeof object === 'function') {
        $classAttribute(object, name, value);
        return;
    }
    let holder = object;
    let found;
    while (holder !== null && found === undefined) {
        found = Object.getOwnPropertyDescriptor(holder, name);
        holder = prototypeOf(holder);
    }
    if (found !== undefined && found.get !== undefined) {
        if (found.set === undefined) {
            throw new AttributeError("property '" + name + "' of '" + $tname(object) + "' object has no setter");
        }
        object[name] = value;
    } else {
        Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: true });
    }
}

export function $delattr(object, name) {
    if (object == null || !has(object, name)) noAttribute(object, name);
    delete object[name];
}

/** A class attribute is seen from the class, its subclasses and their instances. */
export function $classAttribute(Class, name, value) {
    if (name === 'name') keepName(Class, Class.name);
    hidden(Class, name, value);
    hidden(Class.prototype, name, value);
}

/** A property that a loop over keys does not see. */
export function hidden(holder, name, value) {
    Object.defineProperty(holder, name, { value, writable: true, configurable: true, enumerable: false });
    return holder;
}

/** What an `__init__` gives back must be nothing. */
export function $nothing_from(answer) {
    if (answer != null) $terr("__init__() should return None, not '" + $tname(answer) + "'");
    return null;
}

/** The shared base of all classes: an instance is made by `new`, set up by `__init__`. */
export class object {
    constructor(...args) {
        this.__init__(...args);
    }
    __init__() {}
    toString() {
        return $texts.str(this);
    }
}

/** Finish a class (`describe` is $describe, where there are descriptions): its name (a minifier may change it), its
    attributes, and its class methods seen from instances. */
export function $class(Class, name, attributes, statics, aliases, descriptions, describe) {
    const Base = prototypeOf(Class);
    // A class attribute of this name is inherited.
    delete Class.length;
    if ((attributes !== undefined && has(attributes, 'name')) || Base.$name !== undefined) {
        keepName(Class, name);
        delete Class.name;
    } else {
        hidden(Class, 'name', name);
    }
    for (const key in aliases) hidden(Class.prototype, key, Class.prototype[aliases[key]]);
    for (const key in attributes) $classAttribute(Class, key, attributes[key]);
    for (const key in descriptions) describe(has(Class, key) ? Class[key] : Class.prototype[key], ...descriptions[key], name);
    for (const key of statics || []) {
        const of = { [key](...args) { return this.constructor[key](...args); } }[key];
        hidden(Class.prototype, key, of);
        if (has(descriptions || {}, key)) describe(of, ...descriptions[key], name);
    }
    if (Base !== null && typeof Base.__init_subclass__ === 'function') Base.__init_subclass__.call(Class);
    return Class;
}
