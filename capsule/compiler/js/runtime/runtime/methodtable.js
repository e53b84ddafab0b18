/* Which methods the builtin types have: asked where a method is read as a value, or must be there before its arguments
   are computed. */
import { $isIterator } from './runtime.iterators.js';
import { Tuple } from './runtime.sequences.js';
import { $bind, $owning, $tname, getattr, hasattr, isPlain, noAttribute } from './runtime.values.js';
import { $terr } from './runtime.errors.js';

const NAMES = {
    list: 'append clear copy count extend index insert pop remove reverse sort',
    tuple: 'count index',
    dict: 'clear copy get items keys pop popitem setdefault update values',
    defaultdict: 'clear copy get items keys pop popitem setdefault update values',
    Counter: 'clear copy get items keys pop popitem setdefault update values',
    set: 'add clear copy difference difference_update discard intersection intersection_update isdisjoint issubset issuperset pop remove symmetric_difference symmetric_difference_update '
        + 'union update',
    frozenset: 'copy difference intersection isdisjoint issubset issuperset symmetric_difference union',
    str: 'capitalize casefold center count endswith expandtabs find format index isalnum isalpha isascii isdecimal isdigit '
        + 'isidentifier islower isnumeric isspace istitle isupper join ljust lower lstrip partition removeprefix '
        + 'removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase '
        + 'title upper zfill',
    int: 'bit_length',
    bool: 'bit_length',
    float: 'is_integer',
    range: 'count index',
    generator: 'close send',
    $iterator: '',
    NoneType: '',
    dict_keys: 'isdisjoint',
    dict_items: 'isdisjoint',
    dict_values: '',
};

/* What a value can do, by the name that Python gives it. */
const ALL = 'list tuple dict defaultdict Counter set frozenset str range dict_keys dict_values dict_items';
const ABILITIES = {
    __iter__: ALL + ' generator $iterator', __next__: 'generator $iterator', __len__: ALL, __contains__: ALL,
    __getitem__: 'list tuple dict defaultdict Counter str range', __setitem__: 'list dict defaultdict Counter',
    __delitem__: 'list dict defaultdict Counter',
    __call__: 'function builtin_function_or_method type', __name__: 'function builtin_function_or_method type',
};

/** Whether a value of a builtin type has a method of this name; undefined for a value of another type. */
function has(value, name) {
    const named = $tname(value);
    const type = named !== 'generator' && $isIterator(value) ? '$iterator' : named;
    if (Object.hasOwn(ABILITIES, name)) {
        if (typeof value === 'function' || Object.hasOwn(NAMES, type)) return ABILITIES[name].split(' ').includes(type);
        return undefined;
    }
    if (typeof value === 'function' || !Object.hasOwn(NAMES, type)) return undefined;
    return NAMES[type].split(' ').includes(name);
}

function lacks(value, name) {
    noAttribute(value, name);
}

/** `value.name` as a value, where `call` is what calls that method of any value; with a fallback as of `getattr`. */
export function $method(value, name, call, fallback) {
    const known = has(value, name);
    if (known === undefined) return arguments.length > 3 ? getattr(value, name, fallback) : $bind(value, name);
    if (!known) return arguments.length > 3 ? fallback : lacks(value, name);
    const result = (...args) => call(value, ...args);
    Object.defineProperty(result, 'name', { value: name });
    return result;
}

let common = null;

/** The value, if it has a method of this name: asked before the method's arguments are computed. */
export function $having(value, name) {
    if (common === null) common = ['list', 'str', 'dict'].map((type) => new Set(NAMES[type].split(' ')));
    const names = Array.isArray(value) ? common[0] : typeof value === 'string' ? common[1] : isPlain(value) ? common[2] : null;
    if (names !== null && names.has(name) && !(value instanceof Tuple)) return value;
    const known = has(value, name);
    if (known === false) lacks(value, name);
    return known === undefined ? $owning(value, name) : value;
}

/** `hasattr`, also of what the builtin types have. */
export function $hasattr(value, name) {
    const known = has(value, name);
    return known === undefined ? hasattr(value, name) : known;
}

/** `getattr` by a name that only the run tells. */
export function $getattr(value, name, ...fallback) {
    if (has(value, name)) $terr("the method '" + name + "' of a builtin type cannot be asked for by a computed name in shared code");
    return getattr(value, name, ...fallback);
}

/** A method that checks how many arguments it gets. */
export function $counted(call, name, least, most) {
    return (value, ...args) => {
        if (args.length < least || args.length > most) $terr(name + '() does not take ' + args.length + ' arguments');
        return call(value, ...args);
    };
}
