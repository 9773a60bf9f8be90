import { MAX_CRASHES, SUSPECT_CRASHES } from '#lib/db/crashes.ts';

/** What a run does to its worker it does soon; a worker that hangs is declared dead when its lease is over. */
const WATCHED_LEASES = 1.5;

/** The one run of a worker, at most, that may be what ended its workers before. */
export class Suspects {
  #watched: string | null = null;
  #since = 0;
  readonly #millis: number;

  constructor(leaseMillis: number) {
    this.#millis = leaseMillis * WATCHED_LEASES;
  }

  /** True while another one may be taken. */
  get room(): boolean {
    return this.#watched === null || performance.now() - this.#since > this.#millis;
  }

  /** A run was claimed. */
  see({ id, crashes }: { readonly id: string; readonly crashes: number }): void {
    if (crashes < SUSPECT_CRASHES || crashes >= MAX_CRASHES) return;
    this.#watched = id;
    this.#since = performance.now();
  }

  /** It has got on, or is not driven here any more. True where another one may be taken since. */
  clear(id: string): boolean {
    if (this.#watched !== id) return false;
    this.#watched = null;
    return true;
  }
}
