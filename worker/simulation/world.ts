import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import v8 from 'node:v8';
import { Chance } from './chance.ts';

/**
 * Time, chance and processes of a simulation. While it plays, the globals by which code asks for time, timers and chance are
 * the world's, so the product's own code runs in it as it is. One thing happens at a time:
 *
 *     move: the next event by time ─▶ its process is the present one ─▶ its code runs, with all promises that follow ─▶ next
 *
 * Whatever code starts meanwhile (a timer, a statement) belongs to the present process and dies with it.
 */

/** A process of the product: what it has in memory dies with it. */
export class Process {
  readonly name: string;
  readonly world: World;
  /** What the product's modules keep on `globalThis`, by name. */
  readonly globals = new Map<string, unknown>();
  /** Milliseconds by which its clock is wrong. */
  skew = 0;
  dead = false;
  /** Its events, while it is stopped; null while it runs. */
  held: Event[] | null = null;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
  }
}

interface Event {
  at: number;
  order: number;
  readonly process: Process | null;
  readonly go: () => void;
  over: boolean;
}

/** Names on `globalThis` under which the product keeps what a process has once. */
const REGISTRY = [
  'weftlineDatabase',
  'weftlineDispatcher',
  'weftlineDefinitions',
  'weftlineCreator',
  'weftlineRunTargets',
  'weftlineExistingRuns',
  'weftlineChanges',
  'weftlineNotifier',
  'weftlineHub',
] as const;

/** When every simulation begins: 2026-01-01. */
export const BEGINNING = 1_767_225_600_000;

export class World {
  readonly chance: Chance;
  /** True time, in milliseconds since the epoch. */
  now = BEGINNING;
  moves = 0;
  /** Called after each move. */
  onMove: () => void = () => {};
  #present: Process | null = null;
  #events: Event[] = [];
  #order = 0;

  constructor(seed: number) {
    this.chance = new Chance(seed, 'world');
  }

  get present(): Process {
    if (this.#present === null) throw new Error('Nobody is at work');
    return this.#present;
  }

  /** Does `go` after `delay` milliseconds, as that process (null: as the world itself). Answers how to take it back. */
  after(delay: number, process: Process | null, go: () => void): Event {
    const event = { at: this.now + Math.max(0, delay), order: this.#order++, process, go, over: false };
    this.#push(event);
    return event;
  }

  /** Stops a process where it is, as SIGSTOP does. */
  stop(process: Process): void {
    process.held ??= [];
  }

  /** Lets it go on: all that came meanwhile happens now, in its order. */
  goOn(process: Process): void {
    const held = process.held ?? [];
    process.held = null;
    for (const event of held) {
      event.at = Math.max(event.at, this.now);
      event.order = this.#order++;
      this.#push(event);
    }
  }

  /** Plays until `done` answers true, or nothing is left to happen, or that time has come. Call it from outside of promises. */
  play(done: () => boolean, until: number): void {
    const restore = this.#takeOver();
    try {
      while (!done()) {
        const event = this.#pop();
        if (event === null) return;
        if (event.at > until) {
          this.#push(event);
          return;
        }
        this.#move(event);
      }
    } finally {
      restore();
    }
  }

  #move(event: Event): void {
    const { process } = event;
    if (event.over || process?.dead === true) return;
    this.now = Math.max(this.now, event.at);
    if (process !== null && process.held !== null) {
      process.held.push(event);
      return;
    }
    event.over = true;
    this.#present = process;
    event.go();
    settlePromises();
    this.#present = null;
    this.moves++;
    this.onMove();
  }

  #push(event: Event): void {
    const heap = this.#events;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = heap[above] as Event;
      if (!isBefore(event, other)) break;
      heap[at] = other;
      at = above;
    }
    heap[at] = event;
  }

  #pop(): Event | null {
    const heap = this.#events;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Event, heap[below] as Event)) below++;
      if (!isBefore(heap[below] as Event, last)) break;
      heap[at] = heap[below] as Event;
      at = below;
    }
    heap[at] = last;
    return first;
  }

  /** Puts the world in the place of the real one. Answers how to undo it. */
  #takeOver(): () => void {
    const own = new Map<string, PropertyDescriptor | undefined>();
    const { now: realNow } = Date;
    const { random } = Math;
    const pause = timersPromises.setTimeout;
    const { randomBytes } = crypto;
    const put = (name: string, descriptor: PropertyDescriptor): void => {
      own.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
      Object.defineProperty(globalThis, name, { configurable: true, ...descriptor });
    };
    const timer = (go: (...values: unknown[]) => void, delay = 0, ...values: unknown[]) =>
      new Timer(this.after(Math.max(1, delay), this.#present, () => go(...values)));
    put('setTimeout', { value: timer, writable: true });
    put('setImmediate', { value: (go: () => void) => new Timer(this.after(0, this.#present, go)), writable: true });
    put('clearTimeout', { value: (one: unknown) => one instanceof Timer && one.end(), writable: true });
    for (const name of REGISTRY) {
      put(name, { get: () => this.#present?.globals.get(name), set: (value) => this.#present?.globals.set(name, value) });
    }
    Date.now = () => Math.floor(this.now + (this.#present?.skew ?? 0));
    Math.random = () => this.chance.next();
    Object.defineProperty(performance, 'now', { configurable: true, value: () => this.now - BEGINNING });
    Object.assign(timersPromises, { setTimeout: (delay: number) => new Promise<void>((resolve) => timer(resolve as () => void, delay)) });
    Object.assign(crypto, { randomBytes: (size: number) => Buffer.from(Array.from({ length: size }, () => this.chance.int(0, 255))) });
    syncBuiltinESMExports();
    return () => {
      for (const [name, descriptor] of own) {
        if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
        else Object.defineProperty(globalThis, name, descriptor);
      }
      Date.now = realNow;
      Math.random = random;
      Reflect.deleteProperty(performance, 'now');
      Object.assign(timersPromises, { setTimeout: pause });
      Object.assign(crypto, { randomBytes });
      syncBuiltinESMExports();
    };
  }
}

/** What `setTimeout` answers. */
class Timer {
  readonly #event: Event;

  constructor(event: Event) {
    this.#event = event;
  }

  end(): void {
    this.#event.over = true;
  }

  unref(): this {
    return this;
  }

  ref(): this {
    return this;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/**
 * Runs all promise callbacks that are due, and those that they lead to, before it returns. V8 has it as an intrinsic; a turn
 * of the real event loop for each move instead takes several times as long as the move.
 */
const settlePromises = ((): (() => void) => {
  v8.setFlagsFromString('--allow-natives-syntax');
  return new Function('%PerformMicrotaskCheckpoint()') as () => void;
})();
