/* Python's dataclasses module, as far as shared code has it: the classes themselves are written out by shorthand.py. */
import { $entriesOf, $put } from './runtime.dicts.js';
import { $terr, AttributeError } from './runtime.errors.js';
import { isList, isTuple, $tuple } from './runtime.sequences.js';
import { has, hidden, isPlain } from './runtime.values.js';

class Frozen extends AttributeError {}

export const FrozenInstanceError = /*@__PURE__*/ hidden(Frozen, 'name', 'FrozenInstanceError');

function fieldsOf(x, name) {
    if (x === null || typeof x !== 'object' || typeof x.$fields !== 'function') $terr(name + '() should be called on dataclass instances');
    return x.$fields();
}

/** What nested dataclasses become, and copies of what else can change. */
function copied(x, make) {
    if (x !== null && typeof x === 'object' && typeof x.$fields === 'function') return make(x);
    if (isList(x)) return x.map((one) => copied(one, make));
    if (isTuple(x)) return $tuple(Array.from(x, (one) => copied(one, make)));
    if (isPlain(x)) {
        const result = {};
        for (const [key, value] of $entriesOf(x)) $put(result, copied(key, make), copied(value, make));
        return result;
    }
    if (x !== null && typeof x === 'object') $terr('asdict() of such a value is not in shared code');
    return x;
}

function dictOf(x) {
    const result = {};
    for (const name of x.$fields()[0]) $put(result, name, copied(x[name], dictOf));
    return result;
}

export function asdict(x) {
    fieldsOf(x, 'asdict');
    return dictOf(x);
}

function tupleOf(x) {
    return $tuple(x.$fields()[0].map((name) => copied(x[name], tupleOf)));
}

export function astuple(x) {
    fieldsOf(x, 'astuple');
    return tupleOf(x);
}

export function replace(x, changes = {}) {
    const [, made] = fieldsOf(x, 'replace');
    for (const key of Object.keys(changes)) {
        if (!made.includes(key)) $terr("__init__() got an unexpected keyword argument '" + key + "'");
    }
    return new x.constructor(...made.map((name) => (has(changes, name) ? changes[name] : x[name])));
}
