import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/**
 * A network between this process and its database that can fail the way networks do: it passes bytes on, keeps them (a cut
 * that nobody is told of), or loses one answer together with its connection.
 */
export class TestProxy {
  /** Connection string that leads through it. */
  readonly url: string;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #silent = false;
  #losing: string | null = null;
  #lost = 0;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  /** `target`: connection string of a server that listens on a unix socket. */
  static async open(target: string): Promise<TestProxy> {
    const address = new URL(target);
    const socket = `${address.searchParams.get('host')}/.s.PGSQL.${address.port || 5432}`;
    const server = createServer((client) => proxy.#join(client, dial(socket)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `postgresql://${address.username}@127.0.0.1:${(server.address() as AddressInfo).port}${address.pathname}`;
    const proxy = new TestProxy(server, url);
    return proxy;
  }

  /** Answers that were lost. */
  get lost(): number {
    return this.#lost;
  }

  /** Keeps all that is sent either way, and new connections too, until `heal`. */
  cut(): void {
    this.#silent = true;
    for (const pair of this.#pairs) for (const end of pair) end.pause();
  }

  heal(): void {
    this.#silent = false;
    for (const pair of this.#pairs) for (const end of pair) end.resume();
  }

  /** The next statement whose bytes hold `text` is done by the server; its answer and the connection are lost. */
  loseAnswerTo(text: string): void {
    this.#losing = text;
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) for (const end of pair) end.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, server: Socket): void {
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    let losing = false;
    for (const end of pair) {
      end.on('error', () => {});
      end.on('close', () => {
        this.#pairs.delete(pair);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (data) => {
      if (this.#losing !== null && data.includes(this.#losing)) {
        this.#losing = null;
        losing = true;
      }
      server.write(data);
    });
    server.on('data', (data: Buffer) => {
      if (!losing) {
        client.write(data);
        return;
      }
      // `Z` with `I`: the server has answered and no transaction is open.
      if (!data.subarray(-6).equals(IDLE)) return;
      this.#lost++;
      client.destroy();
    });
    if (this.#silent) for (const end of pair) end.pause();
  }
}

const IDLE = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
