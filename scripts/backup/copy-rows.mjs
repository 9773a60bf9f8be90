// @ts-check
/**
 * Rows by COPY over a connection of `pg`, which knows the messages and leaves what to do with them to us. Both directions
 * hold no more than a few chunks: the server is made to wait for the disk, and the file for the server.
 */

/** Bytes that a chunk has at most; it may end within a row. */
const CHUNK_BYTES = 1 << 20;
/** Chunks that may lie ready before the server has to wait. */
const READY_CHUNKS = 2;

/**
 * The rows of a table as the server writes them, in chunks. Throws the server's error.
 * @param {import('pg').Client} client @param {string} text a `COPY … TO STDOUT`
 * @returns {AsyncGenerator<Buffer, number>} returns how many rows there were
 */
export async function* copyOut(client, text) {
  const copy = new CopyOut(text);
  client.query(copy);
  try {
    for (;;) {
      const chunk = await copy.next();
      if (chunk === null) return copy.rows;
      yield chunk;
    }
  } finally {
    // Given up in the middle: the rest of the rows would come all the same, so the connection goes.
    if (!copy.ended) copy.connection?.stream.destroy();
  }
}

/**
 * Sends chunks of rows to a table. Throws the error of the chunks, or the server's.
 * @param {import('pg').Client} client @param {string} text a `COPY … FROM STDIN` @param {AsyncIterable<Buffer>} chunks
 * @returns {Promise<number>} how many rows the server took
 */
export function copyIn(client, text, chunks) {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(text, chunks, resolve, reject));
  });
}

/** @param {string | undefined} tag such as `COPY 12` */
const rowsOf = (tag) => Number(tag?.split(' ').at(-1) ?? 0);

/** @param {import('node:net').Socket} stream @returns {Promise<void>} when it takes more, or never will */
function drained(stream) {
  return new Promise((resolve) => {
    const go = () => {
      stream.off('drain', go).off('close', go);
      resolve();
    };
    stream.once('drain', go).once('close', go);
  });
}

/** What `pg` asks of whatever is given to `client.query`. */
class Copy {
  rows = 0;
  ended = false;
  connection = /** @type {any} */ (null);

  /** @param {string} text */
  constructor(text) {
    this.text = text;
    // `pg` puts one in where there is none, and calls it when the connection ends.
    this.callback = () => {};
  }

  /** @param {any} connection */
  submit(connection) {
    this.connection = connection;
    connection.query(this.text);
    return null;
  }

  handleRowDescription() {}
  handleDataRow() {}
  handleEmptyQuery() {}

  /** @returns {boolean} whether it had not ended before */
  end() {
    const first = !this.ended;
    this.ended = true;
    return first;
  }

  /** @param {{ text: string }} message */
  handleCommandComplete(message) {
    this.rows = rowsOf(message.text);
  }
}

class CopyOut extends Copy {
  #ready = /** @type {Buffer[]} */ ([]);
  #open = Buffer.allocUnsafe(CHUNK_BYTES);
  #bytes = 0;
  #error = /** @type {Error | null} */ (null);
  #wake = () => {};

  /** @param {{ chunk: Buffer }} message whose bytes stand in a buffer that the next packet is read into */
  handleCopyData({ chunk }) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.copy(this.#open, this.#bytes, at);
      this.#bytes += taken;
      at += taken;
      if (this.#bytes === CHUNK_BYTES) this.#close();
    }
  }

  /** @param {Error} error */
  handleError(error) {
    this.#error = error;
    this.end();
    this.#wake();
  }

  handleReadyForQuery() {
    this.#close();
    this.end();
    this.#wake();
  }

  /** @returns {Promise<Buffer | null>} null when there are no more */
  async next() {
    for (;;) {
      const chunk = this.#ready.shift();
      if (this.#ready.length < READY_CHUNKS) this.connection?.stream.resume();
      if (this.#error) throw this.#error;
      if (chunk !== undefined) return chunk;
      if (this.ended) return null;
      await new Promise((resolve) => {
        this.#wake = () => resolve(undefined);
      });
    }
  }

  #close() {
    if (this.#bytes === 0) return;
    this.#ready.push(this.#open.subarray(0, this.#bytes));
    this.#open = Buffer.allocUnsafe(CHUNK_BYTES);
    this.#bytes = 0;
    if (this.#ready.length >= READY_CHUNKS) this.connection.stream.pause();
    this.#wake();
  }
}

class CopyIn extends Copy {
  #error = /** @type {Error | null} */ (null);
  #chunks;
  #resolve;
  #reject;

  /** @param {string} text @param {AsyncIterable<Buffer>} chunks @param {(rows: number) => void} resolve @param {(error: Error) => void} reject */
  constructor(text, chunks, resolve, reject) {
    super(text);
    this.#chunks = chunks;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** @param {any} connection */
  handleCopyInResponse(connection) {
    this.#send(connection).catch((error) => {
      this.#error ??= error;
      connection.sendCopyFail('The rows ended early');
    });
  }

  /** @param {any} connection */
  async #send(connection) {
    for await (const chunk of this.#chunks) {
      if (this.ended) return;
      connection.sendCopyFromChunk(chunk);
      // A connection that is cut drains never; its end is what we then hear of.
      if (connection.stream.writableNeedDrain) await drained(connection.stream);
    }
    if (!this.ended) connection.endCopyFrom();
  }

  /** @param {Error} error */
  handleError(error) {
    this.#error ??= error;
    this.#end();
  }

  handleReadyForQuery() {
    this.#end();
  }

  #end() {
    if (!this.end()) return;
    if (this.#error) this.#reject(this.#error);
    else this.#resolve(this.rows);
  }
}
