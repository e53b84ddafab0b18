/* Imports each module whose path is in the JSON list on stdin; prints {path: [error, printed]}. */
import { readFileSync } from 'node:fs';

const results = {};
let printed = '';
console.log = (...texts) => {
    printed += texts.join(' ') + '\n';
};
for (const path of JSON.parse(readFileSync(0, 'utf8'))) {
    printed = '';
    let error = '';
    try {
        await import(path);
    } catch (raised) {
        error = String(raised) || 'an error without text';
    }
    // What print(end='') holds back comes out when the program has ended.
    await new Promise((resolve) => setTimeout(resolve, 0));
    results[path] = [error, printed];
}
process.stdout.write(JSON.stringify(results));
