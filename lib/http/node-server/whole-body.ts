import "server-only";
import type { IncomingMessage } from "node:http";

/**
 * Holds back the body of a request until it is complete, passes it on in one piece and settles with `whole`. If it is longer than
 * `limit` bytes, what was read is dropped, and it settles with `too_large`. Settles once, or never if the client hangs up
 * before the end.
 *
 * Next starts on a request as soon as it has the head, buffers the body as it comes, and truncates what is too long. So it is
 * only given complete requests.
 */
export function holdBody(
  request: IncomingMessage,
  limit: number,
  settle: (outcome: "whole" | "too_large") => void,
): void {
  // Node's parser pushes each chunk, and null at the end.
  const push = request.push.bind(request);
  let held: Buffer = Buffer.alloc(0);
  let size = 0;
  request.push = (chunk: Buffer | null) => {
    const end = size + (chunk?.length ?? 0);
    if (chunk !== null && end <= limit) {
      if (size === 0) held = chunk;
      // One buffer that doubles, not a list: a body that arrives byte by byte must not cost a hundred times its size.
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
    // The limit is reached.
    return false;
  };
}
