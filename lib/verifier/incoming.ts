import "server-only";
import type { IncomingMessage } from "node:http";

/** The headers of a request, as the gate reads them. Node has joined those that stand twice (RFC 9110, 5.3). */
export type IncomingHeaders = Pick<Headers, "get">;

/** Wraps the headers of a request; making a `Headers` of them would cost as much as the check itself. */
export function headersOf({ headers }: IncomingMessage): IncomingHeaders {
  return {
    get(name) {
      const value = headers[name.toLowerCase()];
      return typeof value === "string" ? value : (value?.join(", ") ?? null);
    },
  };
}

/** A request for what speaks Request. The front door has bounded its body. */
export async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = "GET", url = "/" } = incoming;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, typeof value === "string" ? value : value.join(", "));
  const body = method === "GET" || method === "HEAD" ? null : Buffer.concat(chunks);
  return new Request(new URL(url, "http://verifier.invalid"), { method, headers, body });
}
