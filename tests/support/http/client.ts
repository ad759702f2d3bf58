import { randomInt } from "node:crypto";
import http from "node:http";
import type { Readable } from "node:stream";
import { patience } from "../runner/slowness";
import { expectDescribed } from "./described";

// A client as plain as curl: it sends the headers it is told, follows no redirect, and throws only when no answer comes.

export type Answer = {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** In the order sent. */
  setCookies: string[];
  text: string;
  /** The body as JSON. The caller says what it expects; a test then looks at the members. */
  json<T = Record<string, unknown>>(): T;
};

export type Body = {
  json?: unknown;
  form?: Record<string, string> | string;
  body?: string | Buffer | Readable;
};
export type Request = { headers?: Record<string, string | string[]> } & Body;

const agent = new http.Agent({ keepAlive: true, maxSockets: 100 });

/** A caller of one server. It keeps cookies when it is a browser. */
export class Client {
  readonly cookies = new Map<string, string>();
  readonly #url: string;
  readonly #headers: Record<string, string | string[]>;
  readonly #keepsCookies: boolean;

  constructor(url: string, headers: Record<string, string | string[]>, keepsCookies: boolean) {
    this.#url = url;
    this.#headers = headers;
    this.#keepsCookies = keepsCookies;
  }

  get(path: string, request: Request = {}): Promise<Answer> {
    return this.send("GET", path, request);
  }

  post(path: string, request: Request = {}): Promise<Answer> {
    return this.send("POST", path, request);
  }

  patch(path: string, request: Request = {}): Promise<Answer> {
    return this.send("PATCH", path, request);
  }

  delete(path: string, request: Request = {}): Promise<Answer> {
    return this.send("DELETE", path, request);
  }

  async send(method: string, path: string, { headers, ...body }: Request = {}): Promise<Answer> {
    const { type, content } = encode(body);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const all = { ...this.#headers, ...(cookie ? { cookie } : {}), ...type, ...headers };
    const answer = await exchange(new URL(this.#url), method, path, all, content);
    expectDescribed(method, path, answer);
    if (this.#keepsCookies) for (const each of answer.setCookies) this.#keep(each);
    return answer;
  }

  #keep(setCookie: string): void {
    const [pair = "", ...attributes] = setCookie.split("; ");
    const name = pair.slice(0, pair.indexOf("="));
    const gone = attributes.some((each) => /^max-age=0$/i.test(each));
    if (gone) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(name.length + 1));
  }
}

/** What a caller needs to know of a server. */
export type Place = { url: string; origin: string };

/** A program, with a token if it has one. Each comes from an address of its own, as far as a trusting server knows. */
export function program({ url }: Place, token?: string): Client {
  const authorization = token ? { authorization: `Bearer ${token}` } : {};
  return new Client(url, { "x-forwarded-for": freshAddress(), ...authorization }, false);
}

/** A browser on a page of the server. */
export function browser({ url, origin }: Place, cookies: Record<string, string> = {}): Client {
  const headers = {
    "x-forwarded-for": freshAddress(),
    "user-agent":
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36",
    "sec-fetch-site": "same-origin",
    origin,
  };
  const client = new Client(url, headers, true);
  for (const [name, value] of Object.entries(cookies)) client.cookies.set(name, value);
  return client;
}

/** An address that no other caller has. */
export function freshAddress(): string {
  return `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
}

function encode({ json, form, body }: Body): {
  type: Record<string, string>;
  content: string | Buffer | Readable | undefined;
} {
  if (json !== undefined)
    return { type: { "content-type": "application/json" }, content: JSON.stringify(json) };
  if (form !== undefined) {
    const type = { "content-type": "application/x-www-form-urlencoded" };
    return { type, content: typeof form === "string" ? form : new URLSearchParams(form).toString() };
  }
  return { type: {}, content: body };
}

function exchange(
  url: URL,
  method: string,
  path: string,
  headers: Record<string, string | string[]>,
  content: string | Buffer | Readable | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length =
      typeof content === "string" || Buffer.isBuffer(content)
        ? { "content-length": String(Buffer.byteLength(content)) }
        : {};
    const request = http.request({
      agent,
      host: url.hostname,
      port: url.port,
      method,
      path,
      headers: { ...length, ...headers },
      timeout: patience(15_000),
    });
    request.on("timeout", () => request.destroy(new Error(`No answer to ${method} ${path}.`)));
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const setCookies = response.headers["set-cookie"] ?? [];
        const json = <T>() => JSON.parse(text) as T;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, setCookies, text, json });
      });
    });
    if (content === undefined || typeof content === "string" || Buffer.isBuffer(content))
      request.end(content);
    else content.pipe(request);
  });
}
