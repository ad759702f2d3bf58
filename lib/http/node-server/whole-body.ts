import "server-only";
import type { IncomingMessage } from "node:http";

/**
 * Holds the body of a request back until all of it is there, then hands it on in one piece and settles with `whole`; what
 * was read of a request whose body is longer than `limit` bytes is dropped, and it settles with `too_large`. Settles once,
 * or never, where the client hangs up before the end.
 *
 * Next begins with a request when its head is there, keeps what has come of the body, and cuts what is too long. So it
 * gets to see requests only that are whole.
 */
export function holdBody(
  request: IncomingMessage,
  limit: number,
  settle: (outcome: "whole" | "too_large") => void,
): void {
  // Node's parser pushes each piece, and null at the end.
  const push = request.push.bind(request);
  let held: Buffer = Buffer.alloc(0);
  let size = 0;
  request.push = (chunk: Buffer | null) => {
    const end = size + (chunk?.length ?? 0);
    if (chunk !== null && end <= limit) {
      if (size === 0) held = chunk;
      // Doubled, not a list: a body in pieces of one byte must not cost a hundred times its size.
      else if (end > held.length) held = Buffer.concat([held.subarray(0, size)], Math.min(limit, 2 * end));
      chunk.copy(held, size);
      size = end;
      return true;
    }
    request.push = push;
    if (chunk === null) {
      if (size > 0) push(held.subarray(0, size));
      push(null);
    }
    settle(chunk === null ? "whole" : "too_large");
    // There is no room for more.
    return false;
  };
}
