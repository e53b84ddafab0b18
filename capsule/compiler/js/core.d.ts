/* The core: what every app's models are made of. What each member does is told in capsule/shared. */

// -- events

export type Handler = (...args: any[]) => unknown;

/** Several events at once: `{"change:title": fn, destroy: fn}`. */
export type Handlers = Record<string, Handler>;

export class Events {
  on(events: string, callback: Handler, context?: unknown): this;
  on(handlers: Handlers, context?: unknown): this;
  once(events: string, callback: Handler, context?: unknown): this;
  once(handlers: Handlers, context?: unknown): this;
  off(events?: string | null, callback?: Handler | null, context?: unknown): this;
  off(handlers: Handlers, context?: unknown): this;
  bind(events: string, callback: Handler, context?: unknown): this;
  bind(handlers: Handlers, context?: unknown): this;
  unbind(events?: string | null, callback?: Handler | null, context?: unknown): this;
  trigger(events: string, ...args: unknown[]): this;
  listenTo(emitter: Emitter, events: string, callback: Handler): this;
  listenTo(emitter: Emitter, handlers: Handlers): this;
  listenToOnce(emitter: Emitter, events: string, callback: Handler): this;
  listenToOnce(emitter: Emitter, handlers: Handlers): this;
  stopListening(emitter?: Emitter | null, events?: string | Handlers | null, callback?: Handler | null): this;
}

/** What can be listened to: objects of this library, or of another that has `on` and `off`. */
export interface Emitter {
  on(...args: any[]): unknown;
  off(...args: any[]): unknown;
}

// -- attributes

/** `silent`: no events. `unset`: remove what is named. `validate`: ask `validate` first. Handlers get all of them. */
export interface Options {
  silent?: boolean;
  unset?: boolean;
  validate?: boolean;
  [name: string]: any;
}

type Loose = Record<string, any>;
type Name<T> = Extract<keyof T, string>;

/** The events of a model's changes: of a property, of a child as a whole, of a property of a child. */
type ChangeOf<A, N> = `change:${Name<A>}` | `change:${Name<N>}` | `change:${Name<N>}.${string}`;

/** `E` if each of its space separated names can happen to such a model; else never: a typo. */
type Known<E extends string, A, N> = E extends `${infer First} ${infer Rest}`
  ? [First, Rest] extends [Known<First, A, N>, Known<Rest, A, N>]
    ? E
    : never
  : E extends `change:${string}`
    ? Extract<E, ChangeOf<A, N>>
    : E;
/** The same without the events whose handlers have exact types: what is wrong with one of those is an error. */
type Loosely<E extends string, A, N, Exact> = E extends `change:${Name<A>}` | Extract<keyof Exact, string>
  ? never
  : Known<E, A, N>;
type KnownHandlers<H, A, N> = {
  [E in keyof H]: E extends string ? (Known<E, A, N> extends never ? never : H[E]) : never;
};

/* Two members that only the types have: what a class was made with, for the types below to read. */
declare const parameters: unique symbol;
declare const item: unique symbol;

/** What `get` of a model gives, by name. */
export type AttributesOf<M> = M extends { readonly [parameters]: [infer P, infer D, any] } ? P & D : Loose;

/** What a new model takes: attributes, and the data of what is nested in it. */
export type Data<M> = M extends { readonly [parameters]: [infer P, any, infer N] } ? Input<P, N> : Loose;

export type Input<P, N> = Partial<P> & { [K in keyof N]?: Nested<N[K]> };
type Nested<T> = T extends { readonly [item]: infer M } ? Array<M | Data<M>> : T | Data<T> | null;
type NestedOf<M> = M extends { readonly [parameters]: [any, any, infer N] } ? N : {};

/** Where in a collection; without one, at the end. */
export type Position = { before: string } | { after: string } | { first: true } | { last: true };
/** The id of a new model, and its position. */
type Placing = { id?: string } & (Position | {});

// -- model

/** `P`: its properties. `D`: its derived properties. `N`: its child models and collections. */
export class Model<P extends object = Loose, D extends object = {}, N extends object = {}> extends Events {
  readonly [parameters]: [P, D, N];

  constructor(attributes?: NoInfer<Input<P, N>> | null, options?: Options | null);
  /** Run before and after the attributes are set, for a subclass. */
  preinitialize(attributes?: any, options?: any): void;
  initialize(attributes?: any, options?: any): void;
  parse(data: any, options?: any): any;

  readonly type: string;
  readonly idAttribute: string;
  readonly clientEditable: string[];
  readonly clientAddable: string[] | null;
  readonly exposedServerMethods: string[];
  readonly anonymous: boolean;

  id: string;
  cid: string;
  attributes: Partial<P>;
  changed: Partial<P & D>;
  validationError: any;
  collection: any;
  readonly parent: any;
  readonly root: any;
  /** The feed and the id of the item that this model is, or is a part of. */
  readonly path: [feed: string, id: string];
  link: Link | null;
  operation: Operation | null;

  on<K extends Name<P & D>>(event: `change:${K}`, callback: Changed<this, (P & D)[K]>, context?: unknown): this;
  on<E extends keyof ModelEvents<this>>(event: E, callback: ModelEvents<this>[E], context?: unknown): this;
  on<E extends string>(events: Loosely<E, P & D, N, ModelEvents<any>>, callback: Handler, context?: unknown): this;
  on<H extends Handlers>(handlers: H & KnownHandlers<H, P & D, N>, context?: unknown): this;
  once<K extends Name<P & D>>(event: `change:${K}`, callback: Changed<this, (P & D)[K]>, context?: unknown): this;
  once<E extends keyof ModelEvents<this>>(event: E, callback: ModelEvents<this>[E], context?: unknown): this;
  once<E extends string>(events: Loosely<E, P & D, N, ModelEvents<any>>, callback: Handler, context?: unknown): this;
  once<H extends Handlers>(handlers: H & KnownHandlers<H, P & D, N>, context?: unknown): this;

  get<K extends Name<P & D>>(attribute: K): (P & D)[K];
  has(attribute: Name<P & D>): boolean;
  escape(attribute: Name<P & D>): string;
  matches(attributes: Partial<P & D>): boolean;
  matches(test: (attributes: any) => boolean): boolean;
  set<K extends Name<P>>(attribute: K, value: P[K], options?: Options | null): this | false;
  set(attributes: Input<P, N> | null, options?: Options | null): this | false;
  unset(attributes: Name<P> | Array<Name<P>>, options?: Options | null): this | false;
  clear(options?: Options | null): this | false;
  toggle(attribute: Name<P>, options?: Options | null): this | false;
  hasChanged(attribute?: Name<P & D> | null): boolean;
  changedAttributes(diff?: Partial<P> | false | null): Partial<P & D> | false;
  previous<K extends Name<P & D>>(attribute: K): (P & D)[K] | null | undefined;
  previousAttributes(): Partial<P>;
  validate?(attributes: any, options?: any): any;
  isNew(): boolean;
  isValid(options?: Options | null): boolean;
  clone(): this;
  destroy(options?: Options | null): false;

  keys(): string[];
  values(): any[];
  pairs(): Array<[name: string, value: any]>;
  invert(): Record<string, string>;
  pick(...names: Array<Name<P & D> | Array<Name<P & D>> | ((value: any, name: string) => boolean)>): Partial<P & D>;
  omit(...names: Array<Name<P & D> | Array<Name<P & D>> | ((value: any, name: string) => boolean)>): Partial<P & D>;
  isEmpty(): boolean;

  toJSON(key?: any): Exported<P, N>;
  xport(): Exported<P, N>;
  mport(data: Exported<P, N>): this;
  patch(changes: Partial<P>, unset: string[]): this;
  itemJSON(): Partial<P> & Loose;
  modelGetter(type: string, id: string | null | undefined): any;
  getRef(attribute: Name<P>): any;
  childModels(): any[];
  childCollections(): any[];
  ownCollections(): any[];
  childCollection(name: string): any;
  newId(): string;
  now(): number;

  /** Rules. They allow by answering exactly true: ask them through `can`, whose verdict says so. */
  canRead(user: string): unknown;
  canEdit(user: string, attributes?: any): unknown;
  canDelete(user: string): unknown;
  canMove(user: string, position?: any): unknown;
  canCall(user: string, method: string, args?: any): unknown;
  deny(sentence: string): false;
  stamp(user: string, now: number): void;
  can(action: "edit", user: string, attributes?: Partial<P>): Verdict;
  can(action: "move", user: string, position?: Position): Verdict;
  can(action: "call", user: string, method: string, args?: unknown[]): Verdict;
  can(action: "delete" | "read", user: string): Verdict;

  safeSet(attributes: Partial<P>, user: string): Verdict;
  safeDelete(user: string): Verdict;
  safeMove(position: Position, user: string): Verdict;
  safeCall(method: string, args: unknown[] | null | undefined, user: string): Verdict;

  /** Done at once here, and taken back, visibly, if the server refuses. */
  setServer(attributes: Partial<P>): PendingOperation;
  toggleServer(attribute: Name<P>): PendingOperation;
  deleteServer(): PendingOperation;
  moveServer(position: Position): PendingOperation;
  callServerMethod(method: string, ...args: unknown[]): PendingOperation;
}

/** A subtree as data: what `mport` takes again. */
export type Exported<P, N> = Partial<P> & { [K in keyof N]?: ExportedNested<N[K]> };
type ExportedNested<T> = T extends { readonly [item]: infer M } ? Array<ExportedOf<M>> : ExportedOf<T>;
type ExportedOf<M> = M extends { readonly [parameters]: [infer P, any, infer N] } ? Exported<P, N> : Loose;

type Changed<M, V> = (model: M, value: V, options: Options) => unknown;
interface ModelEvents<M> {
  change: (model: M, options: Options) => unknown;
  invalid: (model: M, error: any, options: Options) => unknown;
  destroy: (model: M, collection: any, options: Options) => unknown;
  add: (model: M, collection: any, options: Options) => unknown;
  remove: (model: M, collection: any, options: Options) => unknown;
  publish: (event: Publish) => unknown;
}

/** What the root of a tree hears of everything below it. */
export type Publish =
  | { event: "change"; model: any; changed: Loose; unset: string[]; previous: Loose }
  | { event: "add" | "remove"; model: any; collection: any; at: number }
  | { event: "move"; model: any; collection: any; at: number; from: number };

// -- collection

/** What chooses models: a function, the name of an attribute that is truthy, or attributes with their values. */
type Test<M> = ((model: M, index: number) => unknown) | Name<AttributesOf<M>> | Partial<AttributesOf<M>>;
type Key<M> = string | M | Data<M> | null | undefined;

/** `at`: the place. `merge`: update what is there already. `sort: false`: leave the comparator alone. */
export interface AddOptions extends Options {
  at?: number;
  merge?: boolean;
  sort?: boolean;
  parse?: boolean;
}
export interface SetOptions extends AddOptions {
  add?: boolean;
  remove?: boolean;
}

interface CollectionEvents<C, M> {
  add: (model: M, collection: C, options: Options) => unknown;
  remove: (model: M, collection: C, options: Options) => unknown;
  move: (model: M, collection: C, options: Options & { from: number; at: number }) => unknown;
  change: (model: M, options: Options) => unknown;
  destroy: (model: M, collection: C, options: Options) => unknown;
  invalid: (model: M | C, error: any, options: Options) => unknown;
  update: (collection: C, options: Options) => unknown;
  reset: (collection: C, options: Options) => unknown;
  sort: (collection: C, options: Options) => unknown;
}

export class Collection<M extends Model<any, any, any> = Model> extends Events implements Iterable<M> {
  readonly [item]: M;

  constructor(models?: Array<M | Data<M>> | null, options?: Options | null);
  /** Run before and after the first models are there, for a subclass. */
  preinitialize(models?: any, options?: any): void;
  initialize(models?: any, options?: any): void;
  parse(data: any, options?: any): any;

  readonly sorted: boolean;
  readonly maxLength: number | null;
  readonly window: number | null;
  /** Whether the feed has items before the first one here: they come by `loadOlder`. */
  readonly hasOlder: boolean;
  /** How many items the feed has, here or not. */
  readonly totalLength: number;
  readonly anonymous: boolean;
  model: any;
  comparator: string | ((a: M, b: M) => number) | ((model: M) => number | string) | false | null | undefined;
  models: M[];
  readonly length: number;
  readonly parent: any;
  readonly root: any;
  readonly name: string;
  /** The relative name of this collection's feed. */
  readonly path: string;

  on<K extends Name<AttributesOf<M>>>(event: `change:${K}`, callback: Changed<M, AttributesOf<M>[K]>, context?: unknown): this;
  on<E extends keyof CollectionEvents<this, M>>(event: E, callback: CollectionEvents<this, M>[E], context?: unknown): this;
  on<E extends string>(
    events: Loosely<E, AttributesOf<M>, NestedOf<M>, CollectionEvents<any, M>>,
    callback: Handler,
    context?: unknown,
  ): this;
  on<H extends Handlers>(handlers: H & KnownHandlers<H, AttributesOf<M>, NestedOf<M>>, context?: unknown): this;
  once<K extends Name<AttributesOf<M>>>(event: `change:${K}`, callback: Changed<M, AttributesOf<M>[K]>, context?: unknown): this;
  once<E extends keyof CollectionEvents<this, M>>(event: E, callback: CollectionEvents<this, M>[E], context?: unknown): this;
  once<E extends string>(
    events: Loosely<E, AttributesOf<M>, NestedOf<M>, CollectionEvents<any, M>>,
    callback: Handler,
    context?: unknown,
  ): this;
  once<H extends Handlers>(handlers: H & KnownHandlers<H, AttributesOf<M>, NestedOf<M>>, context?: unknown): this;

  get(key: Key<M>): M | null | undefined;
  has(key: Key<M>): boolean;
  at(index: number): M | null | undefined;
  modelId(attributes: any, idAttribute?: string): any;
  add(model: M | Data<M>, options?: AddOptions | null): M;
  add(models: Array<M | Data<M>>, options?: AddOptions | null): M[];
  remove(model: Key<M>, options?: Options | null): M | null | undefined;
  remove(models: Array<Key<M>>, options?: Options | null): M[];
  set(models: Array<M | Data<M>>, options?: SetOptions | null): M[];
  reset(models?: Array<M | Data<M>> | null, options?: Options | null): M[];
  push(model: M | Data<M>, options?: AddOptions | null): M;
  pop(options?: Options | null): M | null | undefined;
  unshift(model: M | Data<M>, options?: AddOptions | null): M;
  shift(options?: Options | null): M | null | undefined;
  sort(options?: Options | null): this;
  setAll(attributes: Partial<AttributesOf<M>>, options?: Options | null): this;
  moveItem(key: Key<M>, position?: Position | number | null, options?: Options | null): M | null | undefined;
  indexAt(position: Position | null | undefined, moving?: Key<M>): number;
  positionProblem(position: unknown, moving?: string | null): string | null | undefined;
  clone(): this;
  toJSON(key?: any): Array<ExportedOf<M>>;
  xport(): Array<ExportedOf<M>>;
  mport(data: Array<ExportedOf<M>>): this;
  newId(): string;
  now(): number;

  [Symbol.iterator](): IterableIterator<M>;
  keys(): Iterable<any>;
  values(): Iterable<M>;
  entries(): Iterable<[id: any, model: M]>;

  each(callback: (model: M, index: number) => unknown): this;
  forEach(callback: (model: M, index: number) => unknown): this;
  map<T>(callback: (model: M, index: number) => T): T[];
  map<K extends Name<AttributesOf<M>>>(attribute: K): Array<AttributesOf<M>[K]>;
  collect<T>(callback: (model: M, index: number) => T): T[];
  collect<K extends Name<AttributesOf<M>>>(attribute: K): Array<AttributesOf<M>[K]>;
  pluck<K extends Name<AttributesOf<M>>>(attribute: K): Array<AttributesOf<M>[K]>;
  invoke(method: Name<M>, ...args: any[]): any[];
  reduce<T>(callback: (memo: T, model: M, index: number) => T, memo: T): T;
  inject<T>(callback: (memo: T, model: M, index: number) => T, memo: T): T;
  foldl<T>(callback: (memo: T, model: M, index: number) => T, memo: T): T;
  reduceRight<T>(callback: (memo: T, model: M, index: number) => T, memo: T): T;
  foldr<T>(callback: (memo: T, model: M, index: number) => T, memo: T): T;
  filter(test: Test<M>): M[];
  select(test: Test<M>): M[];
  reject(test: Test<M>): M[];
  partition(test: Test<M>): [M[], M[]];
  find(test: Test<M>): M | null | undefined;
  detect(test: Test<M>): M | null | undefined;
  findIndex(test: Test<M>): number;
  findLastIndex(test: Test<M>): number;
  where(attributes: Partial<AttributesOf<M>>): M[];
  findWhere(attributes: Partial<AttributesOf<M>>): M | null | undefined;
  filterByProperty<K extends Name<AttributesOf<M>>>(attribute: K, value: AttributesOf<M>[K]): M[];
  findByProperty<K extends Name<AttributesOf<M>>>(attribute: K, value: AttributesOf<M>[K]): M | null | undefined;
  every(test?: Test<M>): boolean;
  all(test?: Test<M>): boolean;
  some(test?: Test<M>): boolean;
  any(test?: Test<M>): boolean;
  includes(model: M): boolean;
  contains(model: M): boolean;
  include(model: M): boolean;
  without(...models: M[]): M[];
  difference(models: M[]): M[];
  indexOf(model: M, start?: number): number;
  lastIndexOf(model: M): number;
  size(): number;
  isEmpty(): boolean;
  toArray(): M[];
  slice(start?: number, end?: number): M[];
  first(): M | null | undefined;
  first(count: number): M[];
  take(): M | null | undefined;
  take(count: number): M[];
  head(): M | null | undefined;
  head(count: number): M[];
  last(): M | null | undefined;
  last(count: number): M[];
  initial(count?: number): M[];
  rest(count?: number): M[];
  drop(count?: number): M[];
  tail(count?: number): M[];
  sortBy(by: Name<AttributesOf<M>> | ((model: M) => any)): M[];
  min(by: Name<AttributesOf<M>> | ((model: M) => any)): M | null | undefined;
  max(by: Name<AttributesOf<M>> | ((model: M) => any)): M | null | undefined;
  groupBy(by: Name<AttributesOf<M>> | ((model: M) => any)): Record<string, M[]>;
  indexBy(by: Name<AttributesOf<M>> | ((model: M) => any)): Record<string, M>;
  countBy(by: Name<AttributesOf<M>> | ((model: M) => any)): Record<string, number>;

  /** Rules: ask them through `can`, whose verdict says so. */
  canRead(user: string): unknown;
  canAdd(user: string, model?: M): unknown;
  deny(sentence: string): false;
  can(action: "add", user: string, attributes?: Partial<AttributesOf<M>> | null, options?: Placing): Verdict;
  can(action: "read", user: string): Verdict;
  safeAdd(attributes: Partial<AttributesOf<M>>, user: string, options?: Placing): Verdict;
  /** Done at once here, and taken back, visibly, if the server refuses. */
  addServer(attributes: Partial<AttributesOf<M>>, position?: Position | null): PendingOperation;
  /** Ask for up to `count` (50; at most 1,000) items that come before these. */
  loadOlder(count?: number): PageRequest;
}
