/* Methods of str, called on a value whose type only the run can tell. */
import { own } from './runtime.methods.js';
import * as strings from './runtime.strings.js';

export function $m_split(o, ...args) {
    return typeof o === 'string' ? strings.split(o, ...args) : own(o, 'split', args);
}

export function $m_rsplit(o, ...args) {
    return typeof o === 'string' ? strings.rsplit(o, ...args) : own(o, 'rsplit', args);
}

export function $m_splitlines(o, ...args) {
    return typeof o === 'string' ? strings.splitlines(o, ...args) : own(o, 'splitlines', args);
}

export function $m_join(o, ...args) {
    return typeof o === 'string' ? strings.join(o, ...args) : own(o, 'join', args);
}

export function $m_strip(o, ...args) {
    return typeof o === 'string' ? strings.strip(o, ...args) : own(o, 'strip', args);
}

export function $m_lstrip(o, ...args) {
    return typeof o === 'string' ? strings.lstrip(o, ...args) : own(o, 'lstrip', args);
}

export function $m_rstrip(o, ...args) {
    return typeof o === 'string' ? strings.rstrip(o, ...args) : own(o, 'rstrip', args);
}

export function $m_startswith(o, ...args) {
    return typeof o === 'string' ? strings.startswith(o, ...args) : own(o, 'startswith', args);
}

export function $m_endswith(o, ...args) {
    return typeof o === 'string' ? strings.endswith(o, ...args) : own(o, 'endswith', args);
}

export function $m_find(o, ...args) {
    return typeof o === 'string' ? strings.find(o, ...args) : own(o, 'find', args);
}

export function $m_rfind(o, ...args) {
    return typeof o === 'string' ? strings.rfind(o, ...args) : own(o, 'rfind', args);
}

export function $m_rindex(o, ...args) {
    return typeof o === 'string' ? strings.rindex(o, ...args) : own(o, 'rindex', args);
}

export function $m_replace(o, ...args) {
    return typeof o === 'string' ? strings.replace(o, ...args) : own(o, 'replace', args);
}

export function $m_upper(o, ...args) {
    return typeof o === 'string' ? strings.upper(o, ...args) : own(o, 'upper', args);
}

export function $m_lower(o, ...args) {
    return typeof o === 'string' ? strings.lower(o, ...args) : own(o, 'lower', args);
}

export function $m_casefold(o, ...args) {
    return typeof o === 'string' ? strings.casefold(o, ...args) : own(o, 'casefold', args);
}

export function $m_capitalize(o, ...args) {
    return typeof o === 'string' ? strings.capitalize(o, ...args) : own(o, 'capitalize', args);
}

export function $m_title(o, ...args) {
    return typeof o === 'string' ? strings.title(o, ...args) : own(o, 'title', args);
}

export function $m_swapcase(o, ...args) {
    return typeof o === 'string' ? strings.swapcase(o, ...args) : own(o, 'swapcase', args);
}

export function $m_ljust(o, ...args) {
    return typeof o === 'string' ? strings.ljust(o, ...args) : own(o, 'ljust', args);
}

export function $m_rjust(o, ...args) {
    return typeof o === 'string' ? strings.rjust(o, ...args) : own(o, 'rjust', args);
}

export function $m_center(o, ...args) {
    return typeof o === 'string' ? strings.center(o, ...args) : own(o, 'center', args);
}

export function $m_zfill(o, ...args) {
    return typeof o === 'string' ? strings.zfill(o, ...args) : own(o, 'zfill', args);
}

export function $m_partition(o, ...args) {
    return typeof o === 'string' ? strings.partition(o, ...args) : own(o, 'partition', args);
}

export function $m_rpartition(o, ...args) {
    return typeof o === 'string' ? strings.rpartition(o, ...args) : own(o, 'rpartition', args);
}

export function $m_removeprefix(o, ...args) {
    return typeof o === 'string' ? strings.removeprefix(o, ...args) : own(o, 'removeprefix', args);
}

export function $m_removesuffix(o, ...args) {
    return typeof o === 'string' ? strings.removesuffix(o, ...args) : own(o, 'removesuffix', args);
}

export function $m_expandtabs(o, ...args) {
    return typeof o === 'string' ? strings.expandtabs(o, ...args) : own(o, 'expandtabs', args);
}

export function $m_isdigit(o, ...args) {
    return typeof o === 'string' ? strings.isdigit(o, ...args) : own(o, 'isdigit', args);
}

export function $m_isdecimal(o, ...args) {
    return typeof o === 'string' ? strings.isdecimal(o, ...args) : own(o, 'isdecimal', args);
}

export function $m_isnumeric(o, ...args) {
    return typeof o === 'string' ? strings.isnumeric(o, ...args) : own(o, 'isnumeric', args);
}

export function $m_isalpha(o, ...args) {
    return typeof o === 'string' ? strings.isalpha(o, ...args) : own(o, 'isalpha', args);
}

export function $m_isalnum(o, ...args) {
    return typeof o === 'string' ? strings.isalnum(o, ...args) : own(o, 'isalnum', args);
}

export function $m_isspace(o, ...args) {
    return typeof o === 'string' ? strings.isspace(o, ...args) : own(o, 'isspace', args);
}

export function $m_isascii(o, ...args) {
    return typeof o === 'string' ? strings.isascii(o, ...args) : own(o, 'isascii', args);
}

export function $m_isupper(o, ...args) {
    return typeof o === 'string' ? strings.isupper(o, ...args) : own(o, 'isupper', args);
}

export function $m_islower(o, ...args) {
    return typeof o === 'string' ? strings.islower(o, ...args) : own(o, 'islower', args);
}

export function $m_isidentifier(o, ...args) {
    return typeof o === 'string' ? strings.isidentifier(o, ...args) : own(o, 'isidentifier', args);
}

export function $m_istitle(o, ...args) {
    return typeof o === 'string' ? strings.istitle(o, ...args) : own(o, 'istitle', args);
}
