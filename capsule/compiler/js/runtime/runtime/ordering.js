/* Part of the seam's JavaScript half: sorting as capsule/shared/ordering.py does. */

function rank(key) {
    if (key == null) return 3;
    if (typeof key === 'number' || typeof key === 'boolean') return 0;
    return typeof key === 'string' ? 1 : 2;
}

/** Python orders text by code points; UTF-16 puts what is beyond U+FFFF before U+E000 to U+FFFF. */
function compareText(a, b) {
    if (a === b) return 0;
    const length = Math.min(a.length, b.length);
    for (let index = 0; index < length; index += 1) {
        const one = a.charCodeAt(index);
        const other = b.charCodeAt(index);
        if (one !== other) {
            const oneIsHalf = (one & 0xf800) === 0xd800;
            const otherIsHalf = (other & 0xf800) === 0xd800;
            if (oneIsHalf && !otherIsHalf && other >= 0xe000) return 1;
            if (otherIsHalf && !oneIsHalf && one >= 0xe000) return -1;
            return one - other;
        }
    }
    return a.length - b.length;
}

function compareKeys(a, b) {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    const kind = rank(a);
    const other = rank(b);
    if (kind !== other) return kind - other;
    if (kind === 0) return a - b;
    return kind === 1 ? compareText(a, b) : 0;
}

export function sortByKey(items, keyOf) {
    const pairs = items.map((item) => ({ key: keyOf(item), item }));
    pairs.sort((one, other) => compareKeys(one.key, other.key));
    return pairs.map((pair) => pair.item);
}

export function sortByOrder(items, order) {
    items.sort(order);
}
