/* What a JavaScript value is in Python: its type, its class, its attributes. */
import { dict, DictView } from './runtime.dicts.js';
import { $terr, AttributeError, TypeError as PyTypeError } from './runtime.errors.js';
import { Float, isFloat, isInt } from './runtime.numbers.js';
import { $iterator, list, Range, range, Tuple, tuple } from './runtime.sequences.js';
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

/** The name of a value's type, as `type(x).__name__`. */
export function $tname(x) {
    return $type(x).name;
}

/* Types that no program calls, but whose names messages show. */
const NoneType = /*@__PURE__*/ builtin('NoneType', (x) => x == null);
const FunctionType = /*@__PURE__*/ builtin('function', (x) => typeof x === 'function' && !isClass(x));
const BuiltinType = /*@__PURE__*/ builtin('builtin_function_or_method', (x) => builtins.has(x));
const TypeType = /*@__PURE__*/ builtin('type', (x) => isClass(x));
const GeneratorType = /*@__PURE__*/ builtin('generator', () => false);

function builtin(name, test) {
    const type = (x) => $type(x);
    Object.defineProperty(type, 'name', { value: name });
    type.$is = test;
    return type;
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

export function bool(x) {
    return $truth(x);
}
bool.$is = (x) => typeof x === 'boolean';

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
            if (typeof x.__bool__ === 'function') return x.__bool__();
            if (typeof x.__len__ === 'function') return x.__len__() !== 0;
    }
    return true;
}

/** `type(x)`: the constructor that `isinstance` and `is` compare with. */
export function $type(x) {
    switch (typeof x) {
        case 'boolean': return bool;
        case 'string': return str;
        case 'number': return isInt(x) ? int : float;
        case 'bigint': return int;
        case 'undefined': return NoneType;
        case 'function': return isClass(x) ? TypeType : builtins.has(x) ? BuiltinType : FunctionType;
    }
    if (x === null) return NoneType;
    if (Array.isArray(x)) return x instanceof Tuple ? tuple : list;
    if (isPlain(x)) return dict;
    if (x instanceof Float) return float;
    if (x instanceof Range) return range;
    if (x instanceof FrozenSet) return frozenset;
    if (x instanceof PySet || x instanceof Set) return set;
    if (x instanceof DictView) return x.type();
    if (typeof x.next === 'function' && typeof x[Symbol.iterator] === 'function') return GeneratorType;
    return prototypeOf(x).constructor;
}

export function int(x, base) {
    return $toInt(x, base);
}
int.$is = isInt;

export function float(x) {
    return $toFloat(x);
}
float.$is = isFloat;

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
    return typeof x === 'function';
}

/** Whether the value behind a name on an instance is one of its methods: those alone have no prototype of their own. */
function isMethod(object, name, value) {
    return typeof value === 'function' && !has(value, 'prototype') && !has(object, name);
}

const bound = new WeakMap();

/** `object.name` as a value: a method comes bound, the same one each time, so that `off` finds it. */
export function $bind(object, name) {
    const value = object[name];
    if (value === undefined) return $attr(value, object, name);
    if (typeof object === 'function' || !isMethod(object, name, value)) return value;
    let methods = bound.get(object);
    if (methods === undefined) bound.set(object, (methods = new Map()));
    let method = methods.get(name);
    if (method === undefined || method.$of !== value) {
        method = value.bind(object);
        Object.defineProperty(method, '$of', { value });
        Object.defineProperty(method, 'name', { value: name });
        methods.set(name, method);
    }
    return method;
}

/** An attribute that was read: undefined stands for None only where the attribute exists. */
export function $attr(value, object, name) {
    if (value !== undefined) return value;
    if (object != null && (typeof object === 'object' || typeof object === 'function') && name in object) return null;
    return noAttribute(object, name);
}

function noAttribute(object, name) {
    const of = isClass(object) ? "type object '" + object.name + "'" : "'" + $tname(object) + "' object";
    throw new AttributeError(of + " has no attribute '" + name + "'");
}

/** What the builtin types have as attributes is reached by calls alone; a read of one is none of the value's own. */
function readable(object, name) {
    return object != null && (typeof object === 'object' || typeof object === 'function')
        && !Array.isArray(object) && !isPlain(object) && name in object && !(name in ObjectPrototype && object[name] === ObjectPrototype[name]);
}

export function getattr(object, name, fallback) {
    if (readable(object, name)) return typeof object === 'function' ? object[name] : $bind(object, name);
    return arguments.length > 2 ? fallback : noAttribute(object, name);
}

export function hasattr(object, name) {
    return readable(object, name);
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
    const how = { value, writable: true, configurable: true, enumerable: false };
    Object.defineProperty(Class, name, how);
    Object.defineProperty(Class.prototype, name, how);
}

/** The shared base of all classes: an instance is made by `new`, set up by `__init__`. */
export class object {
    constructor(...args) {
        this.__init__(...args);
    }
    __init__() {}
    toString() {
        return str(this);
    }
}

/** Finish a class: its name (a minifier may change it), its attributes, and its class methods seen from instances. */
export function $class(Class, name, attributes, statics, aliases) {
    Object.defineProperty(Class, 'name', { value: name, configurable: true, writable: true });
    if (has(Class.prototype, '__iter__') || has(Class.prototype, '__next__')) {
        Object.defineProperty(Class.prototype, Symbol.iterator, {
            value() { return $iterator(this); }, writable: true, configurable: true, enumerable: false,
        });
    }
    for (const key in aliases) {
        Object.defineProperty(Class.prototype, key, {
            value: Class.prototype[aliases[key]], writable: true, configurable: true, enumerable: false,
        });
    }
    for (const key in attributes) $classAttribute(Class, key, attributes[key]);
    if (statics !== undefined) {
        for (const key of statics) {
            Object.defineProperty(Class.prototype, key, {
                value: { [key](...args) { return this.constructor[key](...args); } }[key],
                writable: true, configurable: true, enumerable: false,
            });
        }
    }
    const Base = prototypeOf(Class);
    if (Base !== null && typeof Base.__init_subclass__ === 'function') Base.__init_subclass__.call(Class);
    return Class;
}
