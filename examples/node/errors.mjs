// What can go wrong. `code` is stable (contract 8): CONNECTION, NAME, ITEM, LIMIT, STALE, SCRIPT, WRONGTYPE, CONTRACT, ...

export class CapsuleError extends Error {
  constructor(code, sentence) {
    super(sentence);
    this.code = code;
  }
}

/** The error for a reply `-<WORD> <sentence>`; the scripts answer `-CAP <CODE> <sentence>`. */
export function fromReply(text) {
  const [, code, sentence] = /^CAP (\w+) (.*)$/s.exec(text) ?? [];
  if (code) return new CapsuleError(["STALE", "LIMIT"].includes(code) ? code : "SCRIPT", sentence);
  if (text.includes("WRONGTYPE")) return new CapsuleError("WRONGTYPE", text); // some servers wrap what a script's command raised
  if (text.startsWith("LOADING")) return new CapsuleError("CONNECTION", text); // it lives, but is not there yet
  return new CapsuleError(text.startsWith("NOSCRIPT") ? "NOSCRIPT" : "REDIS", text);
}
