import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * Machines, each a network namespace with a host name and two cables:
 *
 *     driver ──┬── front 10.78.0.0/24: HTTP of web processes, the world that steps call
 *              │      │       │       │
 *              │    web-1  worker-1  effects
 *              │      │       │
 *              └── back  10.77.0.0/24: the database alone
 *
 * Runs inside the namespaces of `namespaces.ts`, which take all of it with them.
 */
const run = promisify(execFile);
const ip = (...args: string[]) => run('ip', args);

export type Side = 'front' | 'back';
const SIDES: readonly Side[] = ['front', 'back'];
const NETS: Readonly<Record<Side, string>> = { front: '10.78.0', back: '10.77.0' };
/** What a machine's traffic suffers from `degrade` where the kernel can do it. */
const NETEM = ['netem', 'delay', '15ms', '10ms', 'loss', '2%'];
/** And where it cannot: the cable is out for so many milliseconds of each period. */
const OUT_MS = 60;
const PERIOD_MS = 400;

export class Network {
  #machines = 0;

  /** Makes the two bridges; the driver itself has the first address of the front one. */
  static async open(): Promise<Network> {
    await ip('link', 'set', 'lo', 'up');
    for (const side of SIDES) {
      await ip('link', 'add', side, 'type', 'bridge');
      await ip('link', 'set', side, 'up');
    }
    await ip('addr', 'add', `${NETS.front}.1/24`, 'dev', 'front');
    return new Network();
  }

  /** A new machine with the next address on both sides. */
  async add(name: string): Promise<Machine> {
    const number = ++this.#machines + 1;
    const holder = spawn('unshare', ['--net', '--uts', 'sleep', 'infinity'], { stdio: 'ignore' });
    const pid = String(holder.pid);
    const own = readlinkSync('/proc/self/ns/uts');
    while (readlinkSync(`/proc/${pid}/ns/uts`) === own) await sleep(2);
    for (const side of SIDES) {
      const outer = cable(side, number);
      await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', side, 'netns', pid);
      await ip('link', 'set', outer, 'master', side, 'up');
    }
    const inner = SIDES.map((side) => `ip addr add ${NETS[side]}.${number}/24 dev ${side} && ip link set ${side} up`);
    await run('nsenter', ['-t', pid, '-n', '-u', 'sh', '-c', [`hostname ${name}`, 'ip link set lo up', ...inner].join(' && ')]);
    return new Machine(name, number, pid);
  }
}

export class Machine {
  readonly name: string;
  readonly front: string;
  readonly back: string;
  readonly #number: number;
  readonly #pid: string;

  constructor(name: string, number: number, pid: string) {
    this.name = name;
    this.front = `${NETS.front}.${number}`;
    this.back = `${NETS.back}.${number}`;
    this.#number = number;
    this.#pid = pid;
  }

  /** Starts a program on this machine; its process id is that of the answer. */
  spawn(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    return spawn('nsenter', ['-t', this.#pid, '-n', '-u', file, ...args], options);
  }

  /** Pulls cables: packets vanish both ways and nobody is told. */
  async cut(...sides: Side[]): Promise<void> {
    for (const side of sides) await ip('link', 'set', cable(side, this.#number), 'nomaster');
  }

  async heal(...sides: Side[]): Promise<void> {
    for (const side of sides) await ip('link', 'set', cable(side, this.#number), 'master', side);
  }

  /** A bad line to the database for a while. Answers what it suffered from. */
  async degrade(millis: number): Promise<string> {
    const outer = cable('back', this.#number);
    const slowed = await run('tc', ['qdisc', 'add', 'dev', outer, 'root', ...NETEM]).then(
      () => true,
      () => false,
    );
    if (slowed) {
      await sleep(millis);
      await run('tc', ['qdisc', 'del', 'dev', outer, 'root']);
      return NETEM.slice(1).join(' ');
    }
    const until = Date.now() + millis;
    while (Date.now() < until) {
      await this.cut('back');
      await sleep(OUT_MS);
      await this.heal('back');
      await sleep(PERIOD_MS - OUT_MS);
    }
    return `all packets lost for ${OUT_MS} of each ${PERIOD_MS} ms (this kernel has no netem)`;
  }
}

function cable(side: Side, number: number): string {
  return `${side}-${number}`;
}
