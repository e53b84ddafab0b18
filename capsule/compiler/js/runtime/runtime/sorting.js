/* Sorting as CPython's list.sort: stable, each key asked for once, `<` alone decides. */
import { $compareTexts, $lt } from './runtime.compare.js';
import { OverflowError } from './runtime.errors.js';
import { $index } from './runtime.numbers.js';
import { $truth } from './runtime.values.js';

/** A flag that CPython keeps in a C int. */
function flag(n) {
    if (n > 0x7fffffff || n < -0x80000000) {
        throw new OverflowError('signed integer is ' + (n < 0 ? 'less than minimum' : 'greater than maximum'));
    }
    return n !== 0;
}

/** Whether the elements come in descending order. */
export function $descending(reverse) {
    return reverse !== undefined && flag($index(reverse));
}

/** Sort an array in place. Where a comparison raises, it is left as CPython leaves a list of fewer than 64 elements. */
export function $arrange(values, key, descending) {
    const keys = key == null ? values : values.map((value) => key(value));
    const order = descending ? -1 : 1;
    if (keys.every((one) => typeof one === 'number' && one === one)) byEngine(keys, values, (a, b) => order * (a - b));
    else if (keys.every((one) => typeof one === 'string')) byEngine(keys, values, (a, b) => order * $compareTexts(a, b));
    else if (keys.length >= 64) byEngine(keys, values, (a, b) => (less(a, b) ? -order : less(b, a) ? order : 0));
    else {
        const both = keys === values ? [values] : [keys, values];
        // Reversed before and after, so that equal elements stay in their order.
        if (descending) for (const one of both) one.reverse();
        try {
            insert(keys, values);
        } finally {
            if (descending) for (const one of both) one.reverse();
        }
    }
    return values;
}

function less(a, b) {
    return $truth($lt(a, b));
}

/** The engine's own sort: for keys whose order is a total one, or that are so many that it pays. */
function byEngine(keys, values, compare) {
    if (keys === values) {
        values.sort(compare);
        return;
    }
    const pairs = keys.map((key, i) => [key, values[i]]).sort((a, b) => compare(a[0], b[0]));
    for (let i = 0; i < pairs.length; i++) values[i] = pairs[i][1];
}

/** CPython's own way with few elements, comparison by comparison: which error comes, what stands where no order is one
    (NaN), and how often `__lt__` is asked, show in a program. */
function insert(keys, values) {
    const end = keys.length;
    let start = Math.min(1, end);
    if (end > 1) {
        const descending = less(keys[1], keys[0]);
        start = 2;
        while (start < end && less(keys[start], keys[start - 1]) === descending) start += 1;
        if (descending) {
            flip(keys, start);
            if (values !== keys) flip(values, start);
        }
    }
    for (; start < end; start++) {
        let low = 0;
        let high = start;
        while (low < high) {
            const middle = low + ((high - low) >> 1);
            if (less(keys[start], keys[middle])) high = middle;
            else low = middle + 1;
        }
        move(keys, start, low);
        if (values !== keys) move(values, start, low);
    }
}

/** Turn the first elements around. */
function flip(array, count) {
    for (let low = 0, high = count - 1; low < high; low++, high--) [array[low], array[high]] = [array[high], array[low]];
}

function move(array, from, to) {
    const moved = array[from];
    array.copyWithin(to + 1, to, from);
    array[to] = moved;
}
