// Requests as bytes and answers just as far as a load generator must understand them. It must cost little, since it
// shares the machine with what it measures.

/** The bytes of a request without a body. */
export function requestBytes(method: string, path: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join("")}\r\n`;
}

/** The bytes of a request with a JSON body. */
export function jsonRequestBytes(path: string, body: unknown): string {
  const text = JSON.stringify(body);
  const headers = { "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(text)) };
  return requestBytes("POST", path, headers) + text;
}

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = "\r\n0\r\n\r\n";

/** Collects one answer. Nothing is pipelined, so what follows the head belongs to it. */
export class AnswerReader {
  status = 0;
  bytes = 0;
  #head = "";
  #headSize = -1;
  #length = -1;
  #tail = "";

  /** Takes what has arrived. True when the answer is complete. */
  take(chunk: Buffer): boolean {
    this.bytes += chunk.length;
    if (this.#headSize < 0 && !this.#readHead(chunk)) return false;
    if (this.#length >= 0) return this.bytes >= this.#headSize + this.#length;
    // Chunked. A body of ours never contains this sequence.
    this.#tail = (this.#tail + chunk.toString("latin1", Math.max(0, chunk.length - 8))).slice(-8);
    return this.#tail.endsWith(LAST_CHUNK);
  }

  #readHead(chunk: Buffer): boolean {
    this.#head += chunk.toString("latin1");
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return false;
    this.#headSize = end + HEAD_END.length;
    this.status = Number(this.#head.slice(9, 12));
    const head = this.#head.slice(0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const isEmpty = this.status === 204 || this.status === 304;
    if (isEmpty) this.#length = 0;
    else if (length !== undefined) this.#length = Number(length);
    return true;
  }
}
