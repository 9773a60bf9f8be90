import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * One keep-alive connection to a server on this machine, one request at a time. By hand and small, because the client has the
 * same two cores: what a complete HTTP client costs would be counted against the server.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #head: string;
  #rest: Buffer = Buffer.alloc(0);
  #open: { status: number; left: number | null; parts: Buffer[] } | null = null;
  #waiting: { resolve: (answer: Answer) => void; reject: (reason: Error) => void; onBody: ((part: Buffer) => void) | null } | null = null;

  private constructor(socket: Socket, head: string) {
    this.#socket = socket;
    this.#head = head;
    socket.on('data', (data: Buffer) => this.#take(data));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The server closed the connection')));
  }

  static open(port: number, key: string): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new HttpConnection(socket, ` HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${key}\r\n`));
      });
    });
  }

  /** `onBody` gets the parts of the body as they come; the answer's text is empty then. */
  request(method: string, path: string, body: string | null = null, onBody: ((part: Buffer) => void) | null = null): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, onBody };
      const length = body === null ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
      this.#socket.write(`${method} ${path}${this.#head}${length}\r\n${body ?? ''}`);
    });
  }

  /** Reads nothing from now on, as a reader whose machine sleeps. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#waiting = null;
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(error);
  }

  #take(data: Buffer): void {
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    while (this.#rest.length > 0 && this.#step());
  }

  /** Reads one piece; false where more must come first. */
  #step(): boolean {
    if (this.#open === null) {
      const end = this.#rest.indexOf(HEAD_END);
      if (end === -1) return false;
      const head = this.#rest.toString('latin1', 0, end);
      this.#rest = this.#rest.subarray(end + HEAD_END.length);
      const length = /^content-length: *(\d+)/im.exec(head)?.[1];
      const status = Number(head.slice(9, 12));
      const none = status === 204 || status === 304;
      this.#open = { status, left: none ? 0 : length === undefined ? null : Number(length), parts: [] };
      if (this.#open.left === 0) this.#end();
      return true;
    }
    return this.#open.left === null ? this.#chunk() : this.#piece(this.#open, this.#open.left);
  }

  #piece(open: { left: number | null }, left: number): boolean {
    const part = this.#rest.subarray(0, left);
    this.#rest = this.#rest.subarray(part.length);
    open.left = left - part.length;
    this.#give(part);
    if (open.left === 0) this.#end();
    return true;
  }

  #chunk(): boolean {
    const line = this.#rest.indexOf('\r\n');
    if (line === -1) return false;
    const size = Number.parseInt(this.#rest.toString('latin1', 0, line), 16);
    const from = line + 2;
    if (this.#rest.length < from + size + 2) return false;
    if (size > 0) this.#give(this.#rest.subarray(from, from + size));
    this.#rest = this.#rest.subarray(from + size + 2);
    if (size === 0) this.#end();
    return true;
  }

  #give(part: Buffer): void {
    const onBody = this.#waiting?.onBody;
    if (onBody) onBody(part);
    else this.#open?.parts.push(part);
  }

  #end(): void {
    const open = this.#open;
    const waiting = this.#waiting;
    this.#open = null;
    this.#waiting = null;
    if (open === null) return;
    waiting?.resolve({ status: open.status, text: Buffer.concat(open.parts).toString() });
  }
}
