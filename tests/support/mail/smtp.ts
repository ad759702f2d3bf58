import { EventEmitter, once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { patience } from "../runner/slowness";

// A real server for mail, which does what a test asks of it.

export type Received = {
  to: string;
  from: string;
  subject: string;
  messageId: string;
  /** The whole mail, as it came. */
  raw: string;
  text: string;
  html: string;
  /** The addresses with a token in the text, and in the HTML. */
  links: string[];
  htmlLinks: string[];
};

export type SmtpOptions = {
  port?: number;
  /** Called for each recipient; what it throws is the answer. */
  onRecipient?: (address: string, attempt: number) => void;
  /** Awaited before a message is accepted; what it throws is the answer. */
  beforeAccepting?: () => Promise<void>;
};

/** A refusal with the code of a reply (RFC 5321, 4.2). */
export function reply(responseCode: number, message = "No."): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** A server that keeps what it is given. */
export class Smtp {
  readonly received: Received[] = [];
  /** Recipients that were named, whether they were taken or not. */
  readonly attempts: string[] = [];
  readonly #server: SMTPServer;
  readonly #news = new EventEmitter().setMaxListeners(100);

  private constructor(server: SMTPServer) {
    this.#server = server;
  }

  static async start({ port = 0, onRecipient, beforeAccepting }: SmtpOptions = {}): Promise<Smtp> {
    const server = new SMTPServer({
      authOptional: true,
      logger: false,
      onRcptTo({ address }, _session, done) {
        smtp.attempts.push(address);
        try {
          onRecipient?.(address, smtp.attempts.filter((each) => each === address).length);
          done();
        } catch (error) {
          done(error as Error);
        }
      },
      onData(stream, { envelope }, done) {
        const take = async () => {
          const raw = await text(stream);
          await beforeAccepting?.();
          const from = envelope.mailFrom ? envelope.mailFrom.address : "";
          for (const { address } of envelope.rcptTo) smtp.#take(parse(address, from, raw));
        };
        take().then(() => done(), done);
      },
    });
    // A client that is killed in the middle is part of the tests.
    server.on("error", () => {});
    const smtp = new Smtp(server);
    await once(server.listen(port, "127.0.0.1"), "listening");
    return smtp;
  }

  #take(mail: Received): void {
    this.received.push(mail);
    this.#news.emit("mail");
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  to(address: string): Received[] {
    return this.received.filter((mail) => mail.to === address);
  }

  /** The first mail to an address whose subject matches, once it is there. */
  async mail(address: string, subject = /./): Promise<Received> {
    const signal = AbortSignal.timeout(patience(20_000));
    for (;;) {
      const found = this.to(address).find((mail) => subject.test(mail.subject));
      if (found) return found;
      await once(this.#news, "mail", { signal }).catch((cause: unknown) => {
        throw new Error(`There is no mail to ${address} about ${subject}.`, { cause });
      });
    }
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function parse(to: string, from: string, raw: string): Received {
  const [head = ""] = raw.split("\r\n\r\n");
  const header = (name: string) =>
    decodeWords(new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, "im").exec(head)?.[1] ?? "");
  const boundary = /boundary="?([^"\r\n;]+)/.exec(head)?.[1] ?? "";
  const parts = raw.split(`--${boundary}`);
  const part = (type: string) => {
    const found = parts.find((each) => each.toLowerCase().includes(`content-type: ${type}`)) ?? "";
    const [partHead = "", ...body] = found.split("\r\n\r\n");
    return decode(body.join("\r\n\r\n"), /content-transfer-encoding: (\S+)/i.exec(partHead)?.[1] ?? "7bit");
  };
  const [plain, html] = [part("text/plain"), part("text/html")];
  return {
    to,
    from,
    subject: header("Subject"),
    messageId: header("Message-ID"),
    raw,
    text: plain,
    html,
    links: [...new Set(plain.match(/https?:\/\/\S+\?token=[\w-]+/g) ?? [])],
    htmlLinks: [...new Set(html.match(/https?:\/\/[^\s"<]+\?token=[\w-]+/g) ?? [])],
  };
}

function decode(body: string, encoding: string): string {
  if (encoding === "base64") return Buffer.from(body, "base64").toString();
  if (encoding !== "quoted-printable") return body.replaceAll("\r\n", "\n");
  const bytes = body
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString().replaceAll("\r\n", "\n");
}

/** RFC 2047, as far as our subjects need it. */
function decodeWords(value: string): string {
  return value
    .replace(/\r\n[ \t]/g, " ")
    .replace(/=\?utf-8\?([QB])\?([^?]*)\?=\s*/gi, (_, kind: string, words: string) =>
      kind.toUpperCase() === "B"
        ? Buffer.from(words, "base64").toString()
        : decode(words.replaceAll("_", " "), "quoted-printable"),
    )
    .trim();
}

/** The token of a link. */
export function tokenOf(link: string | undefined): string {
  return new URL(link ?? "http://none.invalid").searchParams.get("token") ?? "";
}
