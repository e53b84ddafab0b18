/* Python's ways to write a value, for the messages of exceptions and for String(object): see $texts in runtime.errors.js. */
import { $texts } from './runtime.errors.js';
import { repr, str } from './runtime.text.js';

$texts.str = str;
$texts.repr = repr;
