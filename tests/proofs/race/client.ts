import http from "node:http";
import { patience } from "../../support/runner/slowness";

// Requests that cost this process as little as they can: a million of them are sent.

export type Reply = {
  /** 0 when no answer came: the server was stopped, or its connection broke. */
  status: number;
  text: string;
  /** The Location header, or an empty text. */
  location: string;
  /** `performance.now()` before the first byte left, and after the last one arrived. */
  begunAt: number;
  endedAt: number;
};

const agent = new http.Agent({ keepAlive: true, maxSockets: 200 });

export function send(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Reply> {
  const content = body === undefined ? undefined : JSON.stringify(body);
  const about: Record<string, string | number> = content
    ? { "content-type": "application/json", "content-length": Buffer.byteLength(content) }
    : {};
  return new Promise((resolve) => {
    const begunAt = performance.now();
    const done = (status: number, text: string, location = "") =>
      resolve({ status, text, location, begunAt, endedAt: performance.now() });
    const request = http.request(url, {
      agent,
      method,
      headers: { ...about, ...headers },
      timeout: patience(20_000),
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => done(0, ""));
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", () => done(0, ""));
      response.on("end", () =>
        done(response.statusCode ?? 0, Buffer.concat(chunks).toString(), response.headers.location),
      );
    });
    request.end(content);
  });
}

export function closeConnections(): void {
  agent.destroy();
}
