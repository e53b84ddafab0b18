/* Python's copy module: of the builtin types, and of instances of the program's own classes. */
import { $entriesOf, $put } from './runtime.dicts.js';
import { $terr } from './runtime.errors.js';
import { isList, isTuple, $tuple } from './runtime.sequences.js';
import { $union, FrozenSet, PySet } from './runtime.sets.js';
import { $tname, isPlain, object } from './runtime.values.js';

/** A new instance with the same attributes; `__init__` is not called. */
function twin(x, of) {
    if (!(x instanceof object) || Object.isFrozen(x) || !Object.isExtensible(x)) {
        $terr("a copy of '" + $tname(x) + "' is not in shared code");
    }
    const result = Object.create(Object.getPrototypeOf(x));
    return [result, () => {
        for (const name of Object.keys(x)) {
            Object.defineProperty(result, name, { value: of(x[name]), writable: true, enumerable: true, configurable: true });
        }
    }];
}

const unchanging = (x) => x === null || typeof x !== 'object' || x instanceof Number;

export function copy(x) {
    if (unchanging(x) || isTuple(x) || x instanceof FrozenSet) return x;
    if (isList(x)) return x.slice();
    if (x instanceof PySet) return $union(x);
    if (isPlain(x)) {
        const result = {};
        for (const [key, value] of $entriesOf(x)) $put(result, key, value);
        return result;
    }
    const [result, fill] = twin(x, (value) => value);
    fill();
    return result;
}

export function deepcopy(x) {
    const known = new Map();
    const deep = (one) => {
        if (unchanging(one)) return one;
        if (known.has(one)) return known.get(one);
        if (isTuple(one)) {
            const parts = Array.from(one, deep);
            const same = parts.every((part, i) => part === one[i]);
            return same ? one : $tuple(parts);
        }
        if (one instanceof FrozenSet) return one;
        let result;
        let fill;
        if (isList(one)) {
            result = [];
            fill = () => one.forEach((part) => result.push(deep(part)));
        } else if (one instanceof PySet) {
            result = new PySet();
            fill = () => {
                for (const part of one) result.add(deep(part));
                result.sure = false;
            };
        } else if (isPlain(one)) {
            result = {};
            fill = () => {
                for (const [key, value] of $entriesOf(one)) $put(result, deep(key), deep(value));
            };
        } else {
            [result, fill] = twin(one, deep);
        }
        known.set(one, result);
        fill();
        return result;
    };
    return deep(x);
}
