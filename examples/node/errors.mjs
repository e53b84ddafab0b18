// What can go wrong. `code` is stable (contract 8): CONNECTION, NAME, ITEM, LIMIT, STALE, SCRIPT, WRONGTYPE, ...

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
  // What a command raises inside a script is wrapped by some servers.
  if (text.includes("WRONGTYPE")) return new CapsuleError("WRONGTYPE", text);
  // Not there yet, or not the right one any more: the link closes, and the next may reach a server that is.
  if (/^(LOADING|READONLY|MASTERDOWN)/.test(text)) return new CapsuleError("CONNECTION", text);
  return new CapsuleError(text.startsWith("NOSCRIPT") ? "NOSCRIPT" : "REDIS", text);
}
