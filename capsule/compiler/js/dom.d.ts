/* The DOM binding; what it does is written at the top of dom.js. */

/** What can be bound: models, collections, replicas, and any object of yours with these two methods. */
export interface Bindable {
  on(events: string, callback: (...args: any[]) => void, context?: unknown): unknown;
  off(events?: string | null, callback?: ((...args: any[]) => void) | null, context?: unknown): unknown;
}

/** An attribute's name, or a function of what is bound. */
export type Source<T> = Name<AttributesOf<T>> | ((source: T) => unknown);

export interface Kinds<T> {
  text?: Source<T>;
  value?: Source<T>;
  checked?: Source<T>;
  disabled?: Source<T>;
  hidden?: Source<T>;
  class?: Record<string, Source<T>>;
  attr?: Record<string, Source<T>>;
}

export function bind<T extends Bindable>(
  root: Element,
  source: T,
  bindings: Record<string, Source<T> | Kinds<T>>,
  events?: string,
): () => void;

export interface EachOptions<M> {
  filter?: ((model: M) => boolean) | null;
  order?: ((a: M, b: M) => number) | null;
}

export function each<M>(
  parent: Element,
  collection: Bindable & { models: M[] },
  render: (model: M) => Element,
  options?: EachOptions<M>,
): () => void;

export function modelOf(node: EventTarget | null): any;
export function release(element: Element): void;
