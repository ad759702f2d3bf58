import "server-only";
import { ServerResponse } from "node:http";

/**
 * `flushHeaders` of an answer whose head leaves together with what is written in the same turn of the event loop. Next
 * flushes it before the first chunk, and so writes even the smallest answer to its socket twice, at a tenth of the processor time.
 */
export function flushSoon(this: ServerResponse): void {
  const { socket } = this;
  if (socket && socket.writableCorked === 0) {
    socket.cork();
    setImmediate(() => socket.uncork());
  }
  ServerResponse.prototype.flushHeaders.call(this);
}
