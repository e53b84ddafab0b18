/* One round of one implementation: node compiler.mjs hand|MODULE. Prints {name: [ns an iteration, checksum]} as JSON. */
class Point {
  constructor(x, y) { this.x = x; this.y = y; }
  sum() { return this.x + this.y; }
}
class Point3 extends Point {
  constructor(x, y, z) { super(x, y); this.z = z; }
  sum() { return super.sum() + this.z; }
}
const add = (a, b = 1) => a + b;
const named = (a, { b = 1 } = {}) => a + b;
function* numbers(n) { for (let i = 0; i < n; i++) yield i; }
const times = (n, work) => { let total = 0; for (let i = 0; i < n; i++) total += work(i); return total; };
const equal = (a, b) => Array.isArray(a) ? a.length === b.length && a.every((one, i) => equal(one, b[i])) : a === b;
const point = new Point(1, 2);
const table = { a: 1, b: 2 };
const eight = [1, 2, 3, 4, 5, 6, 7, 8];

/* What somebody would write who had no Python in mind. */
const hand = {
  attribute_get(n) { let total = 0; for (let i = 0; i < n; i++) total += point.x; return total; },
  attribute_set(n) { const one = new Point(1, 2); for (let i = 0; i < n; i++) one.x = i; return one.x; },
  method_call(n) { let total = 0; for (let i = 0; i < n; i++) total += point.sum(); return total; },
  super_call(n) { const one = new Point3(1, 2, 3); let total = 0; for (let i = 0; i < n; i++) total += one.sum(); return total; },
  function_call(n) { let total = 0; for (let i = 0; i < n; i++) total = add(total); return total; },
  keyword_call(n) { let total = 0; for (let i = 0; i < n; i++) total = named(total, { b: 2 }); return total; },
  create_instance(n) { let total = 0; for (let i = 0; i < n; i++) total += new Point(i, 1).y; return total; },
  integer_arithmetic(n) { let total = 0; for (let i = 0; i < n; i++) total = (total * 3 + i) % 1000003; return total; },
  float_arithmetic(n) { let total = 0.5; for (let i = 0; i < n; i++) total = total * 0.5 + 1.25; return total; },
  dict_literal(n) { let total = 0; for (let i = 0; i < n; i++) total += Object.keys({ a: i, b: 2, c: 3 }).length; return total; },
  dict_get(n) { let total = 0; for (let i = 0; i < n; i++) total += table.a ?? 0; return total; },
  dict_item(n) { let total = 0; for (let i = 0; i < n; i++) total += table.b; return total; },
  dict_loop(n) {
    const four = { a: 1, b: 2, c: 3, d: 4 };
    let total = 0;
    for (let i = 0; i < n; i++) for (const [, value] of Object.entries(four)) total += value;
    return total;
  },
  in_dict(n) { let total = 0; for (let i = 0; i < n; i++) if (Object.hasOwn(table, "b")) total += 1; return total; },
  in_list(n) { const names = ["a", "b", "c", "d"]; let total = 0; for (let i = 0; i < n; i++) if (names.includes("d")) total += 1; return total; },
  equal_text(n) { const names = ["a", "b"]; let total = 0; for (let i = 0; i < n; i++) if (names[i % 2] === "b") total += 1; return total; },
  equal_list(n) { const a = [1, 2, [3]], b = [1, 2, [3]]; let total = 0; for (let i = 0; i < n; i++) if (equal(a, b)) total += 1; return total; },
  truth_of_list(n) { const things = [[], [1]]; let total = 0; for (let i = 0; i < n; i++) if (things[i % 2].length) total += 1; return total; },
  list_append(n) { const made = []; for (let i = 0; i < n; i++) made.push(i); return made.length; },
  list_index(n) { const four = [1, 2, 3, 4]; let total = 0; for (let i = 0; i < n; i++) total += four[i % 4]; return total; },
  list_slice(n) { let total = 0; for (let i = 0; i < n; i++) total += eight.slice(2, -1).length; return total; },
  list_loop(n) { let total = 0; for (let i = 0; i < n; i++) for (const value of eight) total += value; return total; },
  comprehension(n) { let total = 0; for (let i = 0; i < n; i++) total += eight.filter((value) => value > 2).map((value) => value * 2).length; return total; },
  sort_with_key(n) {
    const values = [{ k: 5 }, { k: 3 }, { k: 8 }, { k: 1 }, { k: 9 }, { k: 2 }];
    return times(n, () => values.toSorted((a, b) => a.k - b.k)[0].k);
  },
  unpack(n) { const pair = [1, 2]; let total = 0; for (let i = 0; i < n; i++) { const [a, b] = pair; total += a + b; } return total; },
  f_string(n) { let total = 0; for (let i = 0; i < n; i++) total += `item ${i} of ${n}`.length; return total; },
  f_string_format(n) { let total = 0; for (let i = 0; i < n; i++) total += String(i).padStart(5, "0").length; return total; },
  text_methods(n) { let total = 0; for (let i = 0; i < n; i++) total += "  a,b,c ".trim().split(",").length; return total; },
  text_length(n) { const text = "a text of some length"; let total = 0; for (let i = 0; i < n; i++) total += text.length; return total; },
  try_except(n) { let total = 0; for (let i = 0; i < n; i++) { try { total += 1; } catch { total = 0; } } return total; },
  raise_and_catch(n) { let total = 0; for (let i = 0; i < n; i++) { try { throw new RangeError("x"); } catch (error) { if (error instanceof RangeError) total += 1; } } return total; },
  is_instance(n) { const things = [point, "text", 5]; let total = 0; for (let i = 0; i < n; i++) if (things[i % 3] instanceof Point) total += 1; return total; },
  is_instance_of_str(n) { const things = [point, "text", 5]; let total = 0; for (let i = 0; i < n; i++) if (typeof things[i % 3] === "string") total += 1; return total; },
  closure(n) { let total = 0; for (let i = 0; i < n; i++) { const double = (value) => value + value + i; total += double(1); } return total; },
  generator(n) { let total = 0; for (const value of numbers(n)) total += value; return total; },
};

const CHECKED = 1000;
const ENOUGH_MS = 8;

/** The best of three runs that are long enough to be timed. */
function measure(work) {
  let n = 1000;
  for (;;) {
    const start = performance.now();
    work(n);
    const taken = performance.now() - start;
    if (taken > ENOUGH_MS || n >= 8_000_000) break;
    n *= taken > 1 ? Math.ceil((1.5 * ENOUGH_MS) / taken) : 8;
  }
  let best = Infinity;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    work(n);
    best = Math.min(best, performance.now() - start);
  }
  return (best * 1e6) / n;
}

const [, , which] = process.argv;
const implementation = which === "hand" ? hand : await import(which);
const result = {};
for (const name of Object.keys(hand)) {
  try {
    const checksum = implementation[name](CHECKED);
    result[name] = [measure(implementation[name]), Number(checksum)];
  } catch (error) {
    result[name] = [null, String(error?.name ?? error)];
  }
}
process.stdout.write(JSON.stringify(result));
