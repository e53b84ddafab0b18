// The contract as data, and what a client checks before it sends anything.

import { readFileSync } from "node:fs";

import { CapsuleError } from "./errors.mjs";

export const contract = JSON.parse(readFileSync(new URL("../../capsule/feeds/contract.json", import.meta.url)));
export const [MAJOR, MINOR] = contract.contract.split(".");

const kinds = ["scope", "feed", "item", "operation", "position", "event"];
const patterns = Object.fromEntries(kinds.map((kind) => [kind, new RegExp(`^(?:${contract.names[kind]})$`)]));

/** `value`, if it is a name of that kind (contract 2). */
export function name(kind, value) {
  const reserved = kind === "item" && contract.names["reserved items"].includes(value);
  if (typeof value !== "string" || reserved || !patterns[kind].test(value)) {
    throw new CapsuleError("NAME", `Not a name of a ${kind}: ${JSON.stringify(value)}`);
  }
  return value;
}

/** `text`, if it is one line of strict JSON. The scripts never parse items: who writes one checks it (contract 4). */
export function json(text, wanted) {
  let value;
  try {
    if (/[\r\n]/.test(text)) throw new Error("it is more than one line");
    value = JSON.parse(text, (key, part) => {
      if (part === Infinity || part === -Infinity) throw new Error("a number is infinite"); // 1e999
      const whole = key.isWellFormed() && (typeof part !== "string" || part.isWellFormed());
      if (!whole) throw new Error("a surrogate is alone");
      return part;
    });
    const object = value !== null && typeof value === "object" && !Array.isArray(value);
    if (wanted === "object" && !object) throw new Error("it is no object");
  } catch (error) {
    throw new CapsuleError("ITEM", `Not one line of strict JSON: ${error.message}.`);
  }
  return text;
}

export function versionOf(eventId) {
  return Number(eventId.split("-")[0]);
}
