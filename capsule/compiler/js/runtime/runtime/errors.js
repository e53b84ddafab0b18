/* Python's exceptions as real JavaScript Errors.
   Names are given as text: a minifier may rename a class, `e.name` and `type(e).__name__` must not change. */
import { $tuple } from './runtime.sequences.js';
import { $className, hidden } from './runtime.values.js';

/* How values are written. runtime.written.js, which every compiled module of an app that raises or defines something
   loads, puts Python's ways here; the core alone has texts to say, and a page of JavaScript does without the rest. */
export const $texts = { str: String, repr: String };

export class BaseException extends Error {
    constructor(...args) {
        super();
        // Set before __init__, as CPython's __new__ does: a subclass's __init__ need not call super's.
        this.args = $tuple(args);
        this.__init__(...args);
        hidden(this, 'args', this.args);
        // What __init__ has set is the program's.
        if (this.message === '' && !Object.hasOwn(this, 'message')) hidden(this, 'message', this.__str__());
        const Class = Object.getPrototypeOf(this).constructor;
        if (!Object.hasOwn(this, 'name') && Class.$name === undefined) hidden(this, 'name', $className(Class));
    }
    __init__(...args) {
        this.args = $tuple(args);
    }
    get __cause__() {
        return null;
    }
    __str__() {
        const args = this.args;
        return args.length === 1 ? $texts.str(args[0]) : args.length ? tupleText(args) : '';
    }
    __repr__() {
        return $className(Object.getPrototypeOf(this).constructor) + '(' + Array.from(this.args, $texts.repr).join(', ') + ')';
    }
    toString() {
        const text = this.__str__();
        return $className(Object.getPrototypeOf(this).constructor) + (text === '' ? '' : ': ' + text);
    }
}

function tupleText(args) {
    return '(' + Array.from(args, $texts.repr).join(', ') + ')';
}

function derive(name, Base) {
    return hidden(class extends Base {}, 'name', name);
}

export const Exception = /*@__PURE__*/ derive('Exception', BaseException);
export const KeyboardInterrupt = /*@__PURE__*/ derive('KeyboardInterrupt', BaseException);
export const GeneratorExit = /*@__PURE__*/ derive('GeneratorExit', BaseException);
class SystemExitBase extends BaseException {
    get code() {
        return this.args.length === 1 ? this.args[0] : this.args.length ? this.args : null;
    }
}
export const SystemExit = /*@__PURE__*/ derive('SystemExit', SystemExitBase);
export const ArithmeticError = /*@__PURE__*/ derive('ArithmeticError', Exception);
export const ZeroDivisionError = /*@__PURE__*/ derive('ZeroDivisionError', ArithmeticError);
export const OverflowError = /*@__PURE__*/ derive('OverflowError', ArithmeticError);
export const MemoryError = /*@__PURE__*/ derive('MemoryError', Exception);
export const AssertionError = /*@__PURE__*/ derive('AssertionError', Exception);
export const AttributeError = /*@__PURE__*/ derive('AttributeError', Exception);
export const LookupError = /*@__PURE__*/ derive('LookupError', Exception);
export const IndexError = /*@__PURE__*/ derive('IndexError', LookupError);
export const NameError = /*@__PURE__*/ derive('NameError', Exception);
export const UnboundLocalError = /*@__PURE__*/ derive('UnboundLocalError', NameError);
export const OSError = /*@__PURE__*/ derive('OSError', Exception);
export const PermissionError = /*@__PURE__*/ derive('PermissionError', OSError);
export const TimeoutError = /*@__PURE__*/ derive('TimeoutError', OSError);
export const ConnectionError = /*@__PURE__*/ derive('ConnectionError', OSError);
export const FileNotFoundError = /*@__PURE__*/ derive('FileNotFoundError', OSError);
export const FileExistsError = /*@__PURE__*/ derive('FileExistsError', OSError);
export const IsADirectoryError = /*@__PURE__*/ derive('IsADirectoryError', OSError);
export const NotADirectoryError = /*@__PURE__*/ derive('NotADirectoryError', OSError);
export const InterruptedError = /*@__PURE__*/ derive('InterruptedError', OSError);
export const BrokenPipeError = /*@__PURE__*/ derive('BrokenPipeError', ConnectionError);
export const ConnectionResetError = /*@__PURE__*/ derive('ConnectionResetError', ConnectionError);
export const ConnectionRefusedError = /*@__PURE__*/ derive('ConnectionRefusedError', ConnectionError);
export const ConnectionAbortedError = /*@__PURE__*/ derive('ConnectionAbortedError', ConnectionError);
export const EOFError = /*@__PURE__*/ derive('EOFError', Exception);
export const BufferError = /*@__PURE__*/ derive('BufferError', Exception);
export const ImportError = /*@__PURE__*/ derive('ImportError', Exception);
export const ModuleNotFoundError = /*@__PURE__*/ derive('ModuleNotFoundError', ImportError);
export const RuntimeError = /*@__PURE__*/ derive('RuntimeError', Exception);
export const NotImplementedError = /*@__PURE__*/ derive('NotImplementedError', RuntimeError);
export const RecursionError = /*@__PURE__*/ derive('RecursionError', RuntimeError);
export const StopAsyncIteration = /*@__PURE__*/ derive('StopAsyncIteration', Exception);
export const ValueError = /*@__PURE__*/ derive('ValueError', Exception);
export const UnicodeError = /*@__PURE__*/ derive('UnicodeError', ValueError);
export const Warning = /*@__PURE__*/ derive('Warning', Exception);
export const UserWarning = /*@__PURE__*/ derive('UserWarning', Warning);
export const DeprecationWarning = /*@__PURE__*/ derive('DeprecationWarning', Warning);
const PyTypeError = /*@__PURE__*/ derive('TypeError', Exception);

class KeyErrorBase extends LookupError {
    __str__() {
        return this.args.length === 1 ? $texts.repr(this.args[0]) : super.__str__();
    }
}
export const KeyError = /*@__PURE__*/ derive('KeyError', KeyErrorBase);

class StopIterationBase extends Exception {
    get value() {
        return this.args.length ? this.args[0] : null;
    }
}
export const StopIteration = /*@__PURE__*/ derive('StopIteration', StopIterationBase);

const PySyntaxError = /*@__PURE__*/ derive('SyntaxError', Exception);

export { PyTypeError as TypeError };
export { PySyntaxError as SyntaxError };

/** Throw Python's TypeError. */
export function $terr(message) {
    throw new PyTypeError(message);
}

/** What a native error of the JavaScript engine is in Python. The engines word them differently; V8, Firefox
    and Safari all say "null" or "undefined" for a missing object and "is not a function" for a bad call. */
export function $py(error) {
    if (error instanceof BaseException || !(error instanceof Error)) return error;
    const text = error.message;
    let Class = Exception;
    let message = text;
    if (error instanceof RangeError) {
        Class = /call stack|recursion/i.test(text) ? RecursionError : ValueError;
        if (Class === RecursionError) message = 'maximum recursion depth exceeded';
        else if (/^Invalid (?:string|array) length|count value|repeat count/i.test(text)) {
            Class = MemoryError;
            message = '';
        }
    } else if (error instanceof ReferenceError) {
        Class = NameError;
    } else if (error instanceof TypeError) {
        const missing = /(?:null|undefined).*?(?:reading|property|evaluating) ['"]?(?:[^'"]*\.)?([\w$]+)/.exec(text)
            || /property "([\w$]+)", .* (?:null|undefined)/.exec(text);
        const called = /([\w$.]+(?:\(\.\.\.\))?[\w$.]*) is not a function/.exec(text);
        if (missing) {
            Class = AttributeError;
            message = "'NoneType' object has no attribute '" + missing[1] + "'";
        } else if (/only a getter|setter|read.?only|create property/i.test(text)) {
            Class = AttributeError;
        } else if (called && called[1].includes('.')) {
            Class = AttributeError;
            message = "object has no attribute '" + called[1].slice(called[1].lastIndexOf('.') + 1) + "'";
        } else {
            Class = PyTypeError;
        }
    }
    const result = new Class(message);
    result.stack = error.stack;
    result.native = error;
    return result;
}

/** Whether `except spec` catches the error. */
export function $exc(error, spec) {
    return Array.isArray(spec) ? spec.some((one) => $exc(error, one)) : error instanceof spec;
}

/** The error that `except spec` catches; any other goes on. */
export function $caught(error, spec) {
    const caught = $py(error);
    if ($exc(caught, spec)) return caught;
    throw caught;
}

/** `except spec` of the models, which pass on what they catch as it was thrown: an `except` that looks at it turns an
    engine's error into Python's then. Exception is whatever may be thrown, but for what is to end a program. */
export function $held(error, spec) {
    const ends = error instanceof BaseException && !(error instanceof Exception);
    if (spec === Exception ? ends : !(error instanceof spec)) throw error;
}

/** What an error that leaves a generator becomes. */
export function $stopped(error) {
    if (!(error instanceof StopIteration)) return error;
    const result = new RuntimeError('generator raised StopIteration');
    hidden(result, '__cause__', error);
    return result;
}

/** `raise error from cause`, and `raise Class`. */
export function $raise(error, cause) {
    if (typeof error === 'function') error = new error();
    if (!(error instanceof BaseException)) $terr('exceptions must derive from BaseException');
    if (cause !== undefined) hidden(error, '__cause__', typeof cause === 'function' ? new cause() : cause);
    return error;
}

/** A local that may have no value yet. */
export function $local(value, name) {
    if (value === undefined) {
        const text = "cannot access local variable '" + name + "' where it is not associated with a value";
        throw hidden(new UnboundLocalError(text), '$missing', null);
    }
    return value;
}

/** A variable of a function around that may have no value yet. */
export function $free(value, name) {
    if (value === undefined) {
        const text = "cannot access free variable '" + name + "' where it is not associated with a value in enclosing scope";
        throw hidden(new NameError(text), '$missing', name);
    }
    return value;
}

/** A module's name that may have no value yet. */
export function $global(value, name) {
    if (value === undefined) throw hidden(new NameError("name '" + name + "' is not defined"), '$missing', name);
    return value;
}

/** A call that leaves out a required argument. */
export function $miss(name, parameters, given, method) {
    const missing = parameters.slice(given).map((parameter) => "'" + parameter + "'");
    const last = missing.length > 1 ? missing.slice(0, -1).join(', ') + (missing.length > 2 ? ',' : '') + ' and ' : '';
    $terr(name + '() missing ' + missing.length + ' required ' + (method === 'kw' ? 'keyword-only' : 'positional')
        + ' argument' + (missing.length > 1 ? 's' : '') + ': ' + last + missing[missing.length - 1]);
}

/** A call with more positional arguments than the function takes. */
export function $many(name, least, most, given) {
    const takes = least < most ? 'from ' + least + ' to ' + most : String(most);
    $terr(name + '() takes ' + takes + ' positional argument' + (most === 1 ? '' : 's') + ' but ' + given
        + (given === 1 ? ' was' : ' were') + ' given');
}
