/* Methods of the builtin types, called on a value whose type only the run can tell. An object with a method of that
   name of its own gets the call. */
import { $call } from './runtime.calls.js';
import {
    DictView, $at, $clear, $entriesOf, $hasKey, $items, $keys, $lookup, $popitem, $put, $remove, $special, $update, $values, $viewItems, $viewKeys, $viewValues,
} from './runtime.dicts.js';
import { $find } from './runtime.compare.js';
import { $many, $terr, AttributeError, IndexError, KeyError, ValueError } from './runtime.errors.js';
import { $index, isFloat, isInt } from './runtime.numbers.js';
import { $send } from './runtime.iterators.js';
import { $iter, $listing, isList, Range, Tuple } from './runtime.sequences.js';
import {
    $difference, $intersection, $replace, $setPop, $subset, $symmetric, $union, asSet, FrozenSet, isSetLike, PySet,
} from './runtime.sets.js';
import { $arrange, $descending } from './runtime.sorting.js';
import * as strings from './runtime.strings.js';
import { $formatText } from './runtime.templates.js';
import { repr } from './runtime.text.js';
import { $tname, getattr, isPlain, noAttribute } from './runtime.values.js';

/** Call the object's own method. What the engine gives arrays, texts and plain objects is no method in Python. */
export function own(o, name, args) {
    if (typeof o === 'function') return $call(getattr(o, name), ...args);
    if (o != null && typeof o !== 'string' && typeof o !== 'number' && typeof o !== 'boolean' && !Array.isArray(o) && !isPlain(o)) {
        const method = o[name];
        if (typeof method === 'function') {
            if (args.length > method.$most) $many(method.$owner + '.' + name, method.length + 1, method.$most + 1, args.length + 1);
            const result = method.apply(o, args);
            return result === undefined ? null : result;
        }
    }
    const methods = isPlain(o) && o[$special] !== undefined ? o[$special].methods : undefined;
    if (methods !== undefined && typeof methods[name] === 'function') return methods[name](o, ...args);
    throw new AttributeError("'" + $tname(o) + "' object has no attribute '" + name + "'");
}

/** The arguments behind the first one, which is the value itself. */
function given(all) {
    return Array.prototype.slice.call(all, 1);
}

/* dict */

export function $m_get(o, key, fallback) {
    if (isPlain(o)) return $lookup(o, key, fallback === undefined ? null : fallback);
    return own(o, 'get', given(arguments));
}

export function $m_keys(o, ...args) {
    return isPlain(o) ? $viewKeys(o) : own(o, 'keys', args);
}

export function $m_values(o, ...args) {
    return isPlain(o) ? $viewValues(o) : own(o, 'values', args);
}

export function $m_items(o, ...args) {
    return isPlain(o) ? $viewItems(o) : own(o, 'items', args);
}

/* The same, where they are gone through at once. */

export function $i_keys(o) {
    return isPlain(o) ? $keys(o) : $iter(own(o, 'keys', []));
}

export function $i_values(o) {
    return isPlain(o) ? $values(o) : $iter(own(o, 'values', []));
}

export function $i_items(o) {
    return isPlain(o) ? $items(o) : $iter(own(o, 'items', []));
}

/** Pairs that are taken apart at once. */
export function $i_entries(o) {
    return isPlain(o) ? $entriesOf(o) : $iter(own(o, 'items', []));
}

export function $m_setdefault(o, key, fallback) {
    if (!isPlain(o)) return own(o, 'setdefault', given(arguments));
    if (!$hasKey(o, key)) $put(o, key, fallback === undefined ? null : fallback);
    return $at(o, key);
}

export function $m_update(o, ...args) {
    if (isPlain(o) && o[$special] !== undefined && o[$special].methods !== undefined) return o[$special].methods.update(o, ...args);
    if (isPlain(o)) return $update(o, args[0]);
    if (mutable(o, 'update')) {
        for (const other of args) o.merge(other);
        return null;
    }
    return own(o, 'update', args);
}

export function $m_popitem(o, ...args) {
    return isPlain(o) ? $popitem(o) : own(o, 'popitem', args);
}

export function $m_pop(o, ...args) {
    if (isList(o)) {
        if (args.length > 1) $terr('pop expected at most 1 argument, got ' + args.length);
        const at = args.length === 0 ? -1 : $index(args[0]);
        if (o.length === 0) throw new IndexError('pop from empty list');
        if (args.length === 0) return o.pop();
        const i = at < 0 ? o.length + at : at;
        if (!(i >= 0 && i < o.length)) throw new IndexError('pop index out of range');
        return o.splice(i, 1)[0];
    }
    if (isPlain(o) && args.length === 0) $terr('pop expected at least 1 argument, got 0');
    if (isPlain(o)) return args.length > 1 && !$hasKey(o, args[0]) ? args[1] : $remove(o, args[0]);
    if (mutable(o, 'pop')) return $setPop(o);
    return own(o, 'pop', args);
}

export function $m_clear(o, ...args) {
    if (isList(o)) {
        o.length = 0;
        return null;
    }
    return isPlain(o) ? $clear(o) : mutable(o, 'clear') ? o.clear() : own(o, 'clear', args);
}

export function $m_copy(o, ...args) {
    if (isList(o)) return o.slice();
    if (isPlain(o)) return o[$special] === undefined ? $update_({}, o) : o[$special].copy(o);
    return o instanceof PySet ? $union(o) : own(o, 'copy', args);
}

function $update_(target, source) {
    $update(target, source);
    return target;
}

/* list */

export function $m_append(o, x) {
    if (!isList(o)) return own(o, 'append', given(arguments));
    o.push(x);
    return null;
}

export function $m_extend(o, x) {
    if (!isList(o)) return own(o, 'extend', given(arguments));
    $extend(o, x);
    return null;
}

/** `list += iterable`. */
export function $extend(list, x) {
    for (const element of Array.isArray(x) ? x.slice() : $listing(x)) list.push(element);
    return list;
}

export function $m_insert(o, ...args) {
    if (!isList(o)) return own(o, 'insert', args);
    o.splice($index(args[0]), 0, args[1]);
    return null;
}

export function $m_remove(o, ...args) {
    if (isList(o)) {
        const i = $find(o, args[0]);
        if (i < 0) throw new ValueError('list.remove(x): x not in list');
        o.splice(i, 1);
        return null;
    }
    if (mutable(o, 'remove')) {
        if (!o.delete(args[0])) throw new KeyError(args[0]);
        return null;
    }
    return own(o, 'remove', args);
}

export function $m_index(o, ...args) {
    if (Array.isArray(o)) {
        const start = args.length > 1 ? $index(args[1]) : 0;
        const from = start < 0 ? Math.max(0, start + o.length) : start;
        const end = args.length > 2 ? ($index(args[2]) < 0 ? $index(args[2]) + o.length : $index(args[2])) : o.length;
        const i = $find(o.slice(from, end), args[0]);
        if (i < 0) throw new ValueError(o instanceof Tuple ? 'tuple.index(x): x not in tuple' : repr(args[0]) + ' is not in list');
        return i + from;
    }
    if (typeof o === 'string') return strings.index(o, ...args);
    if (o instanceof Range) {
        if (!o.__contains__(args[0])) throw new ValueError(repr(args[0]) + ' is not in range');
        return (args[0] - o.start) / o.step;
    }
    return own(o, 'index', args);
}

export function $m_count(o, ...args) {
    if (Array.isArray(o)) return o.filter((x) => $find([x], args[0]) === 0).length;
    return typeof o === 'string' ? strings.count(o, ...args) : own(o, 'count', args);
}

/** list.sort(key, reverse): the call's keywords come in this order. */
export function $m_sort(o, key, reverse) {
    if (!isList(o)) return own(o, 'sort', given(arguments));
    const descending = $descending(reverse);
    // Keys and comparisons find the list empty.
    const items = o.splice(0);
    let changed = false;
    try {
        $arrange(items, key, descending);
    } finally {
        changed = o.length > 0;
        o.length = 0;
        for (const item of items) o.push(item);
    }
    if (changed) throw new ValueError('list modified during sort');
    return null;
}

export function $m_reverse(o, ...args) {
    if (!isList(o)) return own(o, 'reverse', args);
    o.reverse();
    return null;
}

/* set */

/** Whether it is a set, and not a frozenset. */
function mutable(o, name) {
    return o instanceof PySet && (!(o instanceof FrozenSet) || noAttribute(o, name));
}

export function $m_add(o, ...args) {
    return mutable(o, 'add') ? o.add(args[0]) : own(o, 'add', args);
}

export function $m_discard(o, ...args) {
    if (!mutable(o, 'discard')) return own(o, 'discard', args);
    o.delete(args[0]);
    return null;
}

export function $m_difference_update(o, ...args) {
    if (!mutable(o, 'difference_update')) return own(o, 'difference_update', args);
    $replace(o, $difference(o, ...args));
    return null;
}

export function $m_intersection_update(o, ...args) {
    if (!mutable(o, 'intersection_update')) return own(o, 'intersection_update', args);
    $replace(o, $intersection(o, ...args));
    return null;
}

export function $m_symmetric_difference_update(o, ...args) {
    if (!mutable(o, 'symmetric_difference_update')) return own(o, 'symmetric_difference_update', args);
    $replace(o, $symmetric(o, args[0]));
    return null;
}

export function $m_union(o, ...args) {
    return o instanceof PySet ? $union(o, ...args) : own(o, 'union', args);
}

export function $m_intersection(o, ...args) {
    return o instanceof PySet ? $intersection(o, ...args) : own(o, 'intersection', args);
}

export function $m_difference(o, ...args) {
    return o instanceof PySet ? $difference(o, ...args) : own(o, 'difference', args);
}

export function $m_symmetric_difference(o, ...args) {
    return o instanceof PySet ? $symmetric(o, args[0]) : own(o, 'symmetric_difference', args);
}

export function $m_issubset(o, ...args) {
    return o instanceof PySet ? $subset(o, args[0]) : own(o, 'issubset', args);
}

export function $m_issuperset(o, ...args) {
    return o instanceof PySet ? $subset(asSet(args[0]), o) : own(o, 'issuperset', args);
}

export function $m_isdisjoint(o, ...args) {
    if (o instanceof DictView && isSetLike(o)) o = new PySet(o);
    return o instanceof PySet ? $intersection(o, args[0]).size === 0 : own(o, 'isdisjoint', args);
}

/** `text.format(*values, **names)`. */
export function $m_format(o, values, names) {
    return typeof o === 'string' ? $formatText(o, values, names) : own(o, 'format', [...values, names]);
}

/** `text.format(*values)`. */
export function $m_formatting(o, ...values) {
    return typeof o === 'string' ? $formatText(o, values, {}) : own(o, 'format', values);
}

/* numbers and generators */

export function $m_is_integer(o, ...args) {
    // An int has none in Python 3.11.
    return isFloat(o) ? Number.isInteger(Number(o)) : own(o, 'is_integer', args);
}

export function $m_bit_length(o, ...args) {
    if (!isInt(o)) return own(o, 'bit_length', args);
    const size = BigInt(o) < 0n ? -BigInt(o) : BigInt(o);
    return size === 0n ? 0 : size.toString(2).length;
}

export function $m_send(o, ...args) {
    return o != null && typeof o.next === 'function' ? $send(o, args[0]) : own(o, 'send', args);
}

export function $m_close(o, ...args) {
    if (o == null || typeof o.return !== 'function') return own(o, 'close', args);
    o.return();
    return null;
}
