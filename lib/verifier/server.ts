import "server-only";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isUnavailable } from "@/lib/database/errors";
import { Problem } from "@/lib/errors";
import { headersOfEveryAnswer, openFrontDoor } from "@/lib/http/node-server/front-door";
import { requireSettings, startInstance, stopInstance } from "@/lib/instance";
import { log } from "@/lib/log";
import { type Answer, answer, problemAnswer } from "./answers";

let always: string[] = [];

/** Serves the verifier in this process; resolves once it listens. Ends the process when the settings are not right. */
export async function serve(port: number, host: string): Promise<void> {
  await requireSettings();
  openFrontDoor({ isForApi: () => true, prepare: () => {}, writesHeaders: true });
  always = headersOfEveryAnswer();
  startInstance();
  const server = createServer((request, response) => void respond(request, response));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop(signal));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  log.info("verifier_ready", { port });

  async function stop(signal: string): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    await stopInstance(signal, () => closed);
    process.exit();
  }
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startedAt = performance.now();
  const { status, headers, body, sessionId } = await answer(request, new Date()).catch(failed);
  const all = [...always];
  for (const name in headers) all.push(name, headers[name] ?? "");
  if (body !== "") all.push("Content-Length", String(Buffer.byteLength(body)));
  response.writeHead(status, all);
  response.end(request.method === "HEAD" ? undefined : body);
  // The gateway or service logs what it lets in. A line for each check here would cost as much as the check.
  const isLetIn = status === 200 && sessionId !== undefined;
  log[isLetIn ? "debug" : "info"]("request", {
    method: request.method,
    path: request.url?.split("?", 1)[0],
    status,
    ms: Math.round(performance.now() - startedAt),
    session: sessionId ?? null,
  });
}

function failed(error: unknown): Answer {
  if (error instanceof Problem) return problemAnswer(error);
  if (isUnavailable(error)) {
    log.error("database_unavailable", { error });
    return problemAnswer(new Problem("unavailable", { retryAfter: 1 }));
  }
  log.error("unexpected_error", { error });
  return problemAnswer(new Problem("internal_error"));
}
