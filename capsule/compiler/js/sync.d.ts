/* What a page speaks with a server by: verdicts, the replica, the connection. */

/** What a rule says. `allowed` is the only thing to ask: a refusal is an object, and objects are true. */
export class Verdict {
  constructor(allowed: boolean, code?: number, rule?: string | null, field?: string | null, sentence?: string);
  allowed: boolean;
  /** 200, or the code of the refusal (403, 409, 422...). */
  code: number;
  /** What refused: "canEdit", "clientEditable", "user"... */
  rule: string | null;
  /** The attribute that was refused. */
  field: string | null;
  /** For people. */
  sentence: string;
  static fromJSON(data: Record<string, any>): Verdict;
  toJSON(key?: any): { allowed: boolean; code: number; rule: string | null; field: string | null; sentence: string };
}

/** What the models raise: `code` is stable, `field` names the property or key that was wrong. */
export class ModelError extends Error {
  constructor(sentence: string, field?: string | null);
  readonly code: number;
  readonly sentence: string;
  readonly field: string | null;
}
/** A mistake of the developer: a class body that cannot work. */
export class DeclarationError extends ModelError {}
/** A value that a property refuses. */
export class PropError extends ModelError {}
/** Data from outside that no honest peer sends. */
export class InputError extends ModelError {}

/** One user's act while it is being done: where the models take new ids and the time from. */
export class Operation {
  constructor(op: string, user: string, now: number);
  readonly op: string;
  readonly user: string;
  /** Integer milliseconds since 1970. */
  readonly now: number;
  newId(): string;
}

/** What `setServer` and its kin answer; the event "settled" fires once, with this operation. */
export class PendingOperation extends Events {
  readonly n: number;
  readonly action: Record<string, any>;
  readonly state: "pending" | "accepted" | "rejected";
  readonly verdict: Verdict | null;
  /** Whether what is shown of this model is owed to this operation: for a mark beside what is not saved yet. */
  touches(model: Model<any, any, any>): boolean;
}

/** What `loadOlder` answers; the event "settled" fires once, with this request, when the items are here. */
export class PageRequest extends Events {
  readonly feed: string;
  readonly count: number;
  readonly state: "pending" | "loaded" | "rejected";
  readonly verdict: Verdict | null;
}

/** The way from a root model to its server: a replica, or an object of yours. */
export interface Link {
  newId(): string;
  request(action: Record<string, any>): any;
}

export interface Presence {
  [session: string]: { user: string; state: any };
}

/** The sync engine without I/O: feed it the messages that arrive, send the lines that it hands out. */
export class Replica<R extends Model<any, any, any> = Model> extends Events implements Link {
  constructor(
    root: new () => R,
    scope: string,
    options: { client: string; user?: string; schema?: string; feeds?: string[]; now?: () => number },
  );
  readonly root: R;
  readonly scope: string;
  readonly user: string;
  readonly session: string;
  readonly heartbeat: number;
  readonly pending: PendingOperation[];
  readonly presence: Presence;
  readonly online: boolean;
  readonly ready: boolean;
  hello(): string;
  connected(): string[];
  disconnected(): void;
  receive(text: string): void;
  take(): string[];
  newId(): string;
  request(action: Record<string, any>): PendingOperation;
  resend(): void;
  setPresence(state: Record<string, any>): void;
}

export interface ConnectOptions<R> {
  /** Where the gateway is: "/live", "wss://example.org/live". */
  url: string;
  /** The class of the root model. */
  root: new () => R;
  /** "team.7" */
  scope: string;
  user?: string;
  /** The hash of the models, from the build. */
  schema?: string;
  /** The only feeds that are wanted: ["chat"]. */
  feeds?: string[];
  /** A class to use instead of the platform's. */
  WebSocket?: new (url: string) => any;
}

export interface SessionEvents {
  status: (status: Session["status"]) => unknown;
  ready: () => unknown;
  presence: (presence: Presence) => unknown;
  pending: (operation: PendingOperation) => unknown;
  settled: (operation: PendingOperation) => unknown;
  rejected: (operation: PendingOperation, verdict: Verdict) => unknown;
  error: (error: { code: number; name: string; sentence: string; n?: number }) => unknown;
  closed: (code: number, reason: string) => unknown;
}

/** A connected root model. */
export class Session<R extends Model<any, any, any> = Model> extends Events {
  constructor(options: ConnectOptions<R>);
  on<E extends keyof SessionEvents>(event: E, callback: SessionEvents[E], context?: unknown): this;
  on(events: string, callback: Handler, context?: unknown): this;
  on(handlers: Handlers, context?: unknown): this;
  /** Confirmed state with the user's own pending changes on top. */
  readonly root: R;
  readonly url: string;
  readonly status: "connecting" | "online" | "offline" | "closed";
  readonly presence: Presence;
  readonly replica: Replica<R>;
  /** Whether what is pending survives the page (`connectOffline`). */
  readonly durable: boolean;
  setPresence(state: Record<string, any>): void;
  close(): void;
}

export function connect<R extends Model<any, any, any>>(options: ConnectOptions<R>): Session<R>;

export interface SharedOptions<R> extends ConnectOptions<R> {
  /** Who is logged in: tabs of different users share nothing. */
  user: string;
}

/** `connect`, where all tabs of a user share one connection, if the browser has Web Locks and BroadcastChannel. */
export function connectShared<R extends Model<any, any, any>>(options: SharedOptions<R>): Session<R>;

export interface OfflineOptions<R extends Model<any, any, any>> extends ConnectOptions<R> {
  /** Who is logged in: what one user left behind is never shown to, or sent for, another. */
  user: string;
  /** The name of the IndexedDB database; "capsule". */
  database?: string;
  /** How to connect: `connect`, or `connectShared`. */
  connect?: (options: SharedOptions<R>) => Session<R>;
}

/** `connect`, for work that goes on without a network and survives the page. */
export function connectOffline<R extends Model<any, any, any>>(options: OfflineOptions<R>): Promise<Session<R>>;

/** What outlives a page, for a driver of yours: a record as JSON, and the way back. */
export function saveReplica(replica: Replica<any>): Record<string, any>;
export function restoreReplica(replica: Replica<any>, record: Record<string, any>): void;
