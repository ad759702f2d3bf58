import http from "node:http";
import type { Place } from "./client";

/** An open stream of server-sent events. */
export type EventStream = {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** The next event, once it is there; null when the stream has ended. */
  next(): Promise<{ event: string; data: unknown } | null>;
  /** After how many milliseconds it last said that one should connect again. */
  retry(): number;
  close(): void;
};

/** Opens the stream of a session. */
export function openEvents(
  place: Place,
  headers: Record<string, string>,
  path = "/api/auth/events",
): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const request = http.get(place.url + path, { headers, agent: false }, (response) => {
      let retry = Number.NaN;
      const events = parse(response, (milliseconds) => {
        retry = milliseconds;
      });
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        next: async () => (await events.next()).value ?? null,
        retry: () => retry,
        close: () => void request.destroy(),
      });
    });
    request.on("error", reject);
  });
}

async function* parse(response: http.IncomingMessage, retry: (milliseconds: number) => void) {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const wait = /^retry: (.*)$/m.exec(block)?.[1];
      if (wait) retry(Number(wait));
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event && event !== "alive" && data) yield { event, data: JSON.parse(data) as unknown };
    }
  }
}
