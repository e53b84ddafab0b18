/* Python's enum, without the kinds that are numbers or texts at the same time. */
import { $terr, KeyError, ValueError } from './runtime.errors.js';
import { $eq } from './runtime.compare.js';
import { isInt } from './runtime.numbers.js';
import { isTuple } from './runtime.sequences.js';
import { repr } from './runtime.text.js';
import { $nameOf, $truth, has, hidden, object } from './runtime.values.js';

class Auto {}

export function auto() {
    return new Auto();
}

const members = new WeakMap();

function membersOf(Class) {
    return members.get(Class) || $terr("'" + $nameOf(Class) + "' has no members");
}

function find(Class, value) {
    for (const one of membersOf(Class).values()) if ($truth($eq(one.value, value))) return one;
    throw new ValueError(repr(value) + ' is not a valid ' + $nameOf(Class));
}

/** What CPython gives for auto(): one more than the largest value so far. */
function following(known) {
    const numbers = [...known.values()].map((one) => one.value).filter(isInt);
    return numbers.length === 0 ? 1 : Math.max(...numbers) + 1;
}

/** Turns the attributes of a class body into its members, in their order. */
function makeMembers(Class) {
    const found = new Map();
    for (const name of Object.getOwnPropertyNames(Class)) {
        const given = Class[name];
        const plain = !['length', 'name', 'prototype', '$name'].includes(name) && !name.startsWith('_') && typeof given !== 'function';
        if (!plain) continue;
        const value = given instanceof Auto ? following(found) : given;
        let member = [...found.values()].find((one) => $truth($eq(one.value, value)));
        if (member === undefined) {
            member = Object.create(Class.prototype);
            hidden(hidden(member, '$name', name), '$value', value);
            if (Class.prototype.__init__ !== object.prototype.__init__) member.__init__(...(isTuple(value) ? value : [value]));
            found.set(name, member);
        }
        for (const holder of [Class, Class.prototype]) Object.defineProperty(holder, name, { value: member, writable: false, configurable: false });
        found.set(name, member);
    }
    return found;
}

class Base extends object {
    constructor(value) {
        // No instance is made: there are the members alone.
        return find(new.target, value);
    }
    static __init_subclass__() {
        const above = Object.getPrototypeOf(this);
        if (members.has(above) && members.get(above).size > 0) {
            $terr("<enum '" + $nameOf(this) + "'> cannot extend <enum '" + $nameOf(above) + "'>");
        }
        members.set(this, makeMembers(this));
    }
    static [Symbol.iterator]() {
        return new Set(membersOf(this).values()).values();
    }
    static __len__() {
        return new Set(membersOf(this).values()).size;
    }
    static __getitem__(name) {
        if (!membersOf(this).has(name)) throw new KeyError(name);
        return membersOf(this).get(name);
    }
    static __contains__(x) {
        if (!(x instanceof Base)) {
            $terr("unsupported operand type(s) for 'in': '" + typeof x + "' and 'EnumType'");
        }
        return x instanceof this;
    }
    get name() {
        return this.$name;
    }
    get value() {
        return this.$value;
    }
    __str__() {
        return $nameOf(this.constructor) + '.' + this.$name;
    }
    __repr__() {
        return '<' + this.__str__() + ': ' + repr(this.$value) + '>';
    }
    toJSON() {
        return $terr('Object of type ' + $nameOf(this.constructor) + ' is not JSON serializable');
    }
}

export const Enum = /*@__PURE__*/ hidden(Base, 'name', 'Enum');

export function unique(Class) {
    const known = membersOf(Class);
    for (const [name, member] of known) {
        if (member.$name !== name) {
            throw new ValueError('duplicate values found in ' + "<enum '" + $nameOf(Class) + "'>: " + name + ' -> ' + member.$name);
        }
    }
    return Class;
}
