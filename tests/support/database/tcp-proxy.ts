import { connect, createServer, type Server, type Socket } from "node:net";

// A route to a server that can fail silently: nothing is forwarded, and neither side is told. What was sent meanwhile is kept and
// arrives late, like retransmitted packets, even if its sender has gone.

export class TcpProxy {
  readonly #pairs = new Set<[near: Socket, far: Socket]>();
  readonly #server: Server;
  #target: { host: string; port: number };
  #rewrite: (data: Buffer) => Buffer = (data) => data;
  #closed: "no" | "answers" | "both ways" = "no";

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => this.#join(near));
  }

  static async to(url: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetOf(url));
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** The same URL by way of the proxy. */
  through(url: string): string {
    const address = this.#server.address();
    if (!address || typeof address === "string") throw new Error("The proxy is not listening.");
    const other = new URL(url);
    other.hostname = "127.0.0.1";
    other.port = String(address.port);
    return other.toString();
  }

  /** Forwards nothing any more, in either direction; connections stay open, and new ones are accepted. */
  cut(): void {
    this.#closed = "both ways";
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Forwards nothing any more on the connections that there are; new ones work. */
  forget(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Holds back what the server says. */
  holdAnswers(): void {
    this.#closed = "answers";
    for (const [, far] of this.#pairs) far.pause();
  }

  /** Forwards again, first what was held back. */
  restore(): void {
    this.#closed = "no";
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** Leads new connections to another server. */
  leadTo(url: string): void {
    this.#target = targetOf(url);
  }

  /** Changes what clients send from now on, as a pooler may; the length stays. */
  rewrite(rewrite: (data: Buffer) => Buffer): void {
    this.#rewrite = rewrite;
  }

  /** Breaks every connection, for both sides to notice. */
  reset(): void {
    for (const pair of [...this.#pairs]) for (const socket of pair) socket.resetAndDestroy();
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#pairs.size;
  }

  async stop(): Promise<void> {
    this.reset();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(near: Socket): void {
    const far = connect({ ...this.#target, allowHalfOpen: true });
    const pair: [Socket, Socket] = [near, far];
    this.#pairs.add(pair);
    far.pause();
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (data) => to.write(from === near ? this.#rewrite(data) : data));
      from.on("end", () => to.end());
      // A side that has gone receives nothing more, but what it sent is still delivered; `end` or `close` marks its end.
      from.on("error", () => {});
      from.on("close", (failed) => {
        if (failed) to.resetAndDestroy();
        if (near.destroyed && far.destroyed) this.#pairs.delete(pair);
      });
      from.setNoDelay(true);
      if (this.#closed === "no" || (this.#closed === "answers" && from === near)) from.resume();
    }
  }
}

function targetOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
