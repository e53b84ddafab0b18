/* What Backbone's tests expect to find around the models: `Backbone`, `_` and a window's globals. The models are the
 * bundle's; nothing here changes what they do.
 *
 * Idioms of 2010 are translated. `Model.extend({...})` makes a class as `class extends Model` does, and
 * `_.extend(object, Backbone.Events)` gives an object the prototype of our Events, which is a class and no mixin. What
 * Backbone passes on to Underscore and we do not ship (chain, sample, mixin) comes from Underscore here. */
import underscore from "underscore";

/** Backbone's `extend`: a class below this one, with these members and statics. */
function extend(members = {}, statics = {}) {
  const parent = this;
  const { constructor: make, ...rest } = Object.hasOwn(members, "constructor") ? members : { ...members, constructor: null };
  const child = make === null
    ? class extends parent {}
    : class extends parent {
        // A constructor function is called with the instance as `this`, and may answer with another one.
        constructor(...args) {
          super(...args);
          return make.apply(this, args);
        }
      };
  Object.assign(child.prototype, rest);
  return Object.assign(child, statics, { extend, __super__: parent.prototype });
}

/** A class of our own between the bundle's and the tests', so that what they put on it stays with them. */
function opened(parent, subject) {
  return Object.assign(class extends parent {
    chain() { return underscore.chain(subject(this)); }
    sample() { return underscore.sample(subject(this)); }
  }, {
    extend,
    mixin(methods) {
      for (const name of underscore.functions(methods)) {
        this.prototype[name] = function (...args) { return methods[name](subject(this), ...args); };
      }
    },
  });
}

/** `Backbone` and `_` for the tests, over what a bundle exports. */
export function surroundings({ Collection, Events, Model }) {
  const mixin = Events.prototype;
  const plain = underscore.extend;
  const _ = underscore;
  _.extend = (target, ...sources) => {
    if (!sources.includes(mixin)) return plain(target, ...sources);
    return Object.setPrototypeOf(plain(target, ...sources.filter((source) => source !== mixin)), mixin);
  };
  const Backbone = Object.assign(new Events(), {
    Events: mixin,
    Model: opened(Model, (model) => model.attributes),
    Collection: opened(Collection, (collection) => collection.models),
    View: { extend: () => class {} },
  });
  return { Backbone, _ };
}
