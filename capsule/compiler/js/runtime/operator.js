/* Python's operator module. */
import { $read } from './runtime.calls.js';
import { $eq, $ge, $gt, $in, $is, $le, $lt, $ne } from './runtime.compare.js';
import { $terr } from './runtime.errors.js';
import { $add, $band, $bor, $bxor, $div, $fdiv, $mod, $mul, $neg, $pow, $sub, abs as size } from './runtime.numbers.js';
import { $get, $tuple } from './runtime.sequences.js';
import { $truth } from './runtime.values.js';

export const abs = (a) => size(a);
export const add = (a, b) => $add(a, b);
export const concat = (a, b) => $add(a, b);
export const sub = (a, b) => $sub(a, b);
export const mul = (a, b) => $mul(a, b);
export const truediv = (a, b) => $div(a, b);
export const floordiv = (a, b) => $fdiv(a, b);
export const mod = (a, b) => $mod(a, b);
export const pow = (a, b) => $pow(a, b);
export const neg = (a) => $neg(a);
export const and_ = (a, b) => $band(a, b);
export const or_ = (a, b) => $bor(a, b);
export const xor = (a, b) => $bxor(a, b);
export const eq = (a, b) => $eq(a, b);
export const ne = (a, b) => $ne(a, b);
export const lt = (a, b) => $lt(a, b);
export const le = (a, b) => $le(a, b);
export const gt = (a, b) => $gt(a, b);
export const ge = (a, b) => $ge(a, b);
export const is_ = (a, b) => $is(a, b);
export const is_not = (a, b) => !$is(a, b);
export const not_ = (a) => !$truth(a);
export const truth = (a) => $truth(a);
export const contains = (a, b) => $in(b, a);
export const getitem = (a, b) => $get(a, b);

/** One value, or a tuple of them. */
function each(names, of) {
    if (names.length === 0) $terr('expected 1 argument, got 0');
    return names.length === 1 ? (x) => of(x, names[0]) : (x) => $tuple(names.map((name) => of(x, name)));
}

export function itemgetter(...keys) {
    return each(keys, $get);
}

export function attrgetter(...names) {
    return each(names, (x, path) => path.split('.').reduce($read, x));
}
