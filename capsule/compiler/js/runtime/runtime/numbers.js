/* Python's numbers. An int within 2**53 and a float with a fraction are plain JavaScript numbers. Two things are not:
   an integral float (1.0 is not 1 in Python) is a Float, and an int past 2**53 is a BigInt. So no result is ever
   rounded or loses its kind, and the usual case costs two comparisons. */
import { $terr, OverflowError, ValueError, ZeroDivisionError } from './runtime.errors.js';
import { $set_and, $set_or, $set_sub, $set_xor } from './runtime.sets.js';
import { $derives, NotImplemented } from './runtime.compare.js';
import { $tname, isPlain } from './runtime.values.js';
import { $dict, $special } from './runtime.dicts.js';
import { $concat, $repeat, $tuple } from './runtime.sequences.js';
import { $fixed } from './runtime.decimals.js';
import { $percent } from './runtime.percent.js';
import { $power } from './runtime.powers.js';

/** An integral, infinite or not, value of Python's type float. Arithmetic, JSON and comparison see its number. */
export class Float extends Number {
    get $kind() {
        return 'float';
    }
}

const isInteger = Number.isInteger;
const isSafe = Number.isSafeInteger;

/** The float with this value. */
export function $float(n) {
    // NaN as well: each is one of its own, equal to nothing and found in a list by what it is.
    return isInteger(n) || n !== n ? new Float(n) : n;
}

export function isFloat(x) {
    return typeof x === 'number' ? !isInteger(x) : x instanceof Float;
}

export function isInt(x) {
    return typeof x === 'number' ? isInteger(x) : typeof x === 'boolean' || typeof x === 'bigint';
}

export function isNumber(x) {
    const t = typeof x;
    return t === 'number' || t === 'boolean' || t === 'bigint' || x instanceof Float;
}

/** The int with this BigInt value. */
export function $int(big) {
    const n = Number(big);
    return isSafe(n) ? n : big;
}

/** An int as a loop counter, an index or a length: a plain number. */
export function $index(x) {
    if (typeof x === 'number' && isInteger(x)) return x;
    if (typeof x === 'boolean') return +x;
    if (typeof x === 'bigint') throw new OverflowError('Python int too large to convert to C ssize_t');
    if (x != null && typeof x.__index__ === 'function') return x.__index__();
    return $terr("'" + $tname(x) + "' object cannot be interpreted as an integer");
}

/** A number of Python's as one of JavaScript's, where a float is wanted. */
export function $number(x) {
    const n = Number(x);
    if (typeof x === 'bigint' && !Number.isFinite(n)) throw new OverflowError('int too large to convert to float');
    return n;
}

const small = (x) => typeof x === 'number' && (x | 0) === x;

/** A numeric operation: exact on ints, a float otherwise; undefined when an operand is no number. */
function arithmetic(a, b, onNumbers, onBigs) {
    if (!isNumber(a) || !isNumber(b)) return undefined;
    if (isFloat(a) || isFloat(b)) return $float(onNumbers($number(a), $number(b)));
    if (typeof a !== 'bigint' && typeof b !== 'bigint') {
        const n = onNumbers(+a, +b);
        if (isSafe(n)) return n === 0 ? 0 : n;
    }
    return $int(onBigs(BigInt(a), BigInt(b)));
}

function unsupported(symbol, a, b) {
    return $terr('unsupported operand type(s) for ' + symbol + ": '" + $tname(a) + "' and '" + $tname(b) + "'");
}

const own = (x) => x != null && typeof x === 'object' && !Array.isArray(x) && !isPlain(x);

/** The operand's own method for an operator, forward then reflected. */
function dunder(symbol, name, a, b) {
    const forward = own(a) ? a['__' + name + '__'] : undefined;
    const other = own(b) && !(own(a) && a.constructor === b.constructor) ? b['__r' + name + '__'] : undefined;
    // The right one first where its class is derived and has another method.
    const turned = own(a) && other !== undefined && $derives(b, a) && other !== a['__r' + name + '__'];
    const calls = turned ? [[other, b, a], [forward, a, b]] : [[forward, a, b], [other, b, a]];
    if (isPlain(a) && a[$special] !== undefined && a[$special].operate !== undefined) {
        const made = a[$special].operate(name, a, b);
        if (made !== undefined) return made;
    }
    for (const [method, x, y] of calls) {
        const answer = typeof method === 'function' ? method.call(x, y) : NotImplemented;
        if (answer !== NotImplemented) return answer;
    }
    return unsupported(symbol, a, b);
}

export function $add(a, b) {
    if (typeof a === 'number' && typeof b === 'number' && small(a) && small(b)) return a + b;
    if (typeof a === 'string' && typeof b === 'string') return a + b;
    const n = arithmetic(a, b, (x, y) => x + y, (x, y) => x + y);
    if (n !== undefined) return n;
    if (Array.isArray(a)) {
        if (Array.isArray(b)) return $concat(a, b);
        if (!own(b) || typeof b.__radd__ !== 'function') {
            const what = $tname(a);
            $terr('can only concatenate ' + what + ' (not "' + $tname(b) + '") to ' + what);
        }
    }
    if (typeof a === 'string' && !own(b)) $terr('can only concatenate str (not "' + $tname(b) + '") to str');
    return dunder('+', 'add', a, b);
}

export function $sub(a, b) {
    if (typeof a === 'number' && typeof b === 'number' && small(a) && small(b)) return a - b;
    const n = arithmetic(a, b, (x, y) => x - y, (x, y) => x - y);
    return n !== undefined ? n : $set_sub(a, b) || dunder('-', 'sub', a, b);
}

export function $mul(a, b) {
    const n = arithmetic(a, b, (x, y) => x * y, (x, y) => x * y);
    if (n !== undefined) return n;
    if (typeof a === 'string' || Array.isArray(a)) return $repeat(a, b);
    if (typeof b === 'string' || Array.isArray(b)) return $repeat(b, a);
    return dunder('*', 'mul', a, b);
}

export function $div(a, b) {
    if (!isNumber(a) || !isNumber(b)) return dunder('/', 'truediv', a, b);
    if (Number(b) === 0) {
        throw new ZeroDivisionError(isFloat(a) || isFloat(b) ? 'float division by zero' : 'division by zero');
    }
    const exact = (typeof a === 'bigint' || typeof b === 'bigint') && isInt(a) && isInt(b);
    return $float(exact ? $quotient(BigInt(a), BigInt(b)) : $number(a) / $number(b));
}

/** How many binary digits a positive BigInt has. */
function bitLength(big) {
    const hex = big.toString(16);
    return hex.length * 4 + 28 - Math.clz32(parseInt(hex[0], 16));
}

/** The number next to the exact quotient, ties to even: a conversion of either operand would round a first time. */
export function $quotient(a, b) {
    const negative = a < 0n !== b < 0n;
    const x = a < 0n ? -a : a;
    const y = b < 0n ? -b : b;
    if (x === 0n) return negative ? -0 : 0;
    // x / y lies in [2**top, 2**(top + 1)).
    let top = bitLength(x) - bitLength(y);
    if (top >= 0 ? x < y << BigInt(top) : x << BigInt(-top) < y) top -= 1;
    // The weight of a float's last binary digit, also of those that are too small to have all 53.
    const last = Math.max(top - 52, -1074);
    const divisor = last > 0 ? y << BigInt(last) : y;
    const dividend = last < 0 ? x << BigInt(-last) : x;
    let digits = dividend / divisor;
    const twice = (dividend % divisor) * 2n;
    if (twice > divisor || (twice === divisor && digits % 2n !== 0n)) digits += 1n;
    const size = Number(digits) * Math.pow(2, last);
    if (size === Infinity) throw new OverflowError('integer division result too large for a float');
    return negative ? -size : size;
}

function floatDivmod(x, y) {
    let rest = x % y;
    let quotient = (x - rest) / y;
    if (rest !== 0) {
        if (y < 0 !== rest < 0) {
            rest += y;
            quotient -= 1;
        }
    } else {
        rest = y < 0 ? -0 : 0;
    }
    if (quotient === 0) return [x / y < 0 || Object.is(x / y, -0) ? -0 : 0, rest];
    const floor = Math.floor(quotient);
    return [quotient - floor > 0.5 ? floor + 1 : floor, rest];
}

function bigDivmod(x, y) {
    const rest = x % y;
    const quotient = x / y;
    return rest !== 0n && rest < 0n !== y < 0n ? [quotient - 1n, rest + y] : [quotient, rest];
}

function noZero(a, b, message) {
    if (isNumber(a) && isNumber(b) && Number(b) === 0) {
        throw new ZeroDivisionError(isFloat(a) || isFloat(b) ? message[0] : message[1]);
    }
}

export function $fdiv(a, b) {
    noZero(a, b, ['float floor division by zero', 'integer division or modulo by zero']);
    const n = arithmetic(a, b, (x, y) => floatDivmod(x, y)[0], (x, y) => bigDivmod(x, y)[0]);
    return n !== undefined ? n : dunder('//', 'floordiv', a, b);
}

export function $mod(a, b) {
    if (typeof a === 'number' && typeof b === 'number' && small(a) && small(b) && a >= 0 && b > 0) return a % b;
    if (typeof a === 'string') return $percent(a, b);
    noZero(a, b, ['float modulo', 'integer modulo by zero']);
    const n = arithmetic(a, b, (x, y) => floatDivmod(x, y)[1], (x, y) => bigDivmod(x, y)[1]);
    return n !== undefined ? n : dunder('%', 'mod', a, b);
}

export function divmod(a, b) {
    noZero(a, b, ['float divmod()', 'integer division or modulo by zero']);
    return $tuple([$fdiv(a, b), $mod(a, b)]);
}

export function $pow(a, b) {
    if (!isNumber(a) || !isNumber(b)) return dunder('** or pow()', 'pow', a, b);
    if (isInt(a) && isInt(b) && b >= 0) {
        const n = Math.pow(Number(a), Number(b));
        return isSafe(n) ? n : $int(BigInt(a) ** BigInt(b));
    }
    const x = $number(a);
    const y = $number(b);
    if (x === 0 && y < 0) throw new ZeroDivisionError('0.0 cannot be raised to a negative power');
    if (x < 0 && Number.isFinite(x) && Number.isFinite(y) && !isInteger(y)) {
        throw new ValueError('a negative number to a fractional power is complex, which shared code does not have');
    }
    const n = x === 1 || (x === -1 && !Number.isFinite(y) && y === y) ? 1 : $power(x, y);
    if (!Number.isFinite(n) && Number.isFinite(x) && Number.isFinite(y)) {
        throw new OverflowError(34, 'Numerical result out of range');
    }
    return $float(n);
}

export function $neg(a) {
    if (typeof a === 'number') return a === 0 ? 0 : -a;
    if (a instanceof Float) return $float(-a.valueOf());
    if (typeof a === 'bigint') return $int(-a);
    if (typeof a === 'boolean') return a ? -1 : 0;
    if (own(a) && typeof a.__neg__ === 'function') return a.__neg__();
    return $terr("bad operand type for unary -: '" + $tname(a) + "'");
}

export function $pos(a) {
    if (typeof a === 'boolean') return +a;
    if (isNumber(a)) return a;
    if (own(a) && typeof a.__pos__ === 'function') return a.__pos__();
    return $terr("bad operand type for unary +: '" + $tname(a) + "'");
}

export function $invert(a) {
    if (isInt(a)) return $int(~BigInt(a));
    if (own(a) && typeof a.__invert__ === 'function') return a.__invert__();
    return $terr("bad operand type for unary ~: '" + $tname(a) + "'");
}

function bits(symbol, name, a, b, onNumbers, onBigs) {
    if (typeof a === 'boolean' && typeof b === 'boolean') return onNumbers(+a, +b) === 1;
    if (isInt(a) && isInt(b)) {
        if (small(a) && small(b)) return onNumbers(a, b);
        return $int(onBigs(BigInt(a), BigInt(b)));
    }
    return dunder(symbol, name, a, b);
}

export function $band(a, b) {
    return $set_and(a, b) || bits('&', 'and', a, b, (x, y) => x & y, (x, y) => x & y);
}

export function $bor(a, b) {
    if (isPlain(a) && isPlain(b)) return a[$special] === undefined ? $dict(a, b) : dunder('|', 'or', a, b);
    return $set_or(a, b) || bits('|', 'or', a, b, (x, y) => x | y, (x, y) => x | y);
}

export function $bxor(a, b) {
    return $set_xor(a, b) || bits('^', 'xor', a, b, (x, y) => x ^ y, (x, y) => x ^ y);
}

function shift(symbol, name, a, b, onBigs) {
    if (!isInt(a) || !isInt(b)) return dunder(symbol, name, a, b);
    if (b < 0) throw new ValueError('negative shift count');
    return $int(onBigs(BigInt(a), BigInt(b)));
}

export function $shl(a, b) {
    return shift('<<', 'lshift', a, b, (x, y) => x << y);
}

export function $shr(a, b) {
    return shift('>>', 'rshift', a, b, (x, y) => x >> y);
}

export function abs(a) {
    if (isNumber(a)) return Number(a) < 0 || Object.is(Number(a), -0) ? $neg(a) : $pos(a);
    if (own(a) && typeof a.__abs__ === 'function') return a.__abs__();
    return $terr("bad operand type for abs(): '" + $tname(a) + "'");
}

export function round(x, digits) {
    if (own(x) && typeof x.__round__ === 'function') return digits == null ? x.__round__() : x.__round__(digits);
    if (!isNumber(x)) $terr("type " + $tname(x) + " doesn't define __round__ method");
    if (isFloat(x)) {
        const n = Number(x);
        if (digits == null) {
            if (n !== n) throw new ValueError('cannot convert float NaN to integer');
            if (!Number.isFinite(n)) throw new OverflowError('cannot convert float infinity to integer');
            return $int(BigInt($fixed(n, 0)));
        }
        const places = $index(digits);
        if (!Number.isFinite(n)) return n;
        if (places >= 0) return $float(Number($fixed(n, Math.min(places, 340))));
        const whole = Math.trunc(Math.abs(n));
        const rounded = Number(roundTens(BigInt(whole), -places, whole !== Math.abs(n)));
        return $float(n < 0 || Object.is(n, -0) ? -rounded : rounded);
    }
    if (digits == null || digits >= 0) return typeof x === 'boolean' ? +x : x;
    return $int(roundTens(BigInt(x), -$index(digits)));
}

/** To a multiple of a power of ten, ties to even; `above` says that a fraction was cut off. */
function roundTens(big, tens, above) {
    const unit = 10n ** BigInt(tens);
    const [quotient, rest] = bigDivmod(big, unit);
    const twice = rest * 2n + (above ? 1n : 0n);
    return (twice > unit || (twice === unit && quotient % 2n !== 0n) ? quotient + 1n : quotient) * unit;
}
