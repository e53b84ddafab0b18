/* Found before Transcrypt's own runtime of this name. Generated modules import from the parts directly. */
import * as builtins from './runtime.builtins.js';
import * as calls from './runtime.calls.js';
import * as compare from './runtime.compare.js';
import * as dicts from './runtime.dicts.js';
import * as errors from './runtime.errors.js';
import * as formats from './runtime.formats.js';
import * as methods from './runtime.methods.js';
import * as numbers from './runtime.numbers.js';
import * as parsing from './runtime.parsing.js';
import * as sequences from './runtime.sequences.js';
import * as sets from './runtime.sets.js';
import * as strings from './runtime.strings.js';
import * as text from './runtime.text.js';
import * as textmethods from './runtime.textmethods.js';
import * as values from './runtime.values.js';
export {builtins, calls, compare, dicts, errors, formats, methods, numbers, parsing, sequences, sets, strings, text, textmethods, values};
