/* The constants of Python's string module. */
const MARKS = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

export const ascii_lowercase = 'abcdefghijklmnopqrstuvwxyz';
export const ascii_uppercase = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const ascii_letters = ascii_lowercase + ascii_uppercase;
export const digits = '0123456789';
export const hexdigits = digits + 'abcdefABCDEF';
export const octdigits = '01234567';
export const punctuation = MARKS;
export const whitespace = ' \t\n\r\x0b\x0c';
export const printable = digits + ascii_letters + punctuation + whitespace;
