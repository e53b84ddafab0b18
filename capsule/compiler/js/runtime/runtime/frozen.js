/* Instances of frozen dataclasses. */
import { FrozenInstanceError } from './dataclasses.js';

/** From here on no attribute can be assigned. */
export function $freeze(x) {
    for (const name of Object.keys(x)) {
        const value = x[name];
        const refuse = () => {
            throw new FrozenInstanceError("cannot assign to field '" + name + "'");
        };
        Object.defineProperty(x, name, { get: () => value, set: refuse, enumerable: true, configurable: false });
    }
    Object.preventExtensions(x);
    return null;
}
