import type pg from "pg";
import { expect } from "vitest";
import { connect, freshDatabase } from "../database/database";
import { type Answer, program } from "../http/client";
import { type Server, startServer } from "../http/server";
import { eventually } from "../http/timing";
import { Smtp, tokenOf } from "./smtp";

/** Two instances of one database, with a real server for their mail. */
export class PostOffice {
  readonly smtp: Smtp;
  readonly server: Server;
  readonly other: Server;
  readonly db: pg.Pool;

  private constructor(smtp: Smtp, server: Server, other: Server) {
    this.smtp = smtp;
    this.server = server;
    this.other = other;
    this.db = connect(server.databaseUrl);
  }

  static async open(): Promise<PostOffice> {
    const smtp = await Smtp.start();
    const databaseUrl = await freshDatabase();
    const env = { SMTP_URL: smtp.url };
    const server = await startServer({ databaseUrl, env });
    const { secrets, origin } = server;
    const other = await startServer({ databaseUrl, secrets, env: { ...env, PUBLIC_ORIGIN: origin } });
    return new PostOffice(smtp, server, other);
  }

  async close(): Promise<void> {
    await Promise.all([this.server.stop(), this.other.stop()]);
    await this.smtp.stop();
    await this.db.end();
  }

  /** What a program without a session gets that sends this. */
  post(path: string, json: Record<string, unknown>, place = this.server): Promise<Answer> {
    return program(place).post(path, { json });
  }

  async userOf(id: string): Promise<{ email: string; email_verified_at: Date | null }> {
    return (await this.db.query("SELECT * FROM users WHERE id = $1", [id])).rows[0];
  }

  /** The types of the events of an account, in their order. */
  async typesOf(id: string): Promise<string[]> {
    const sql = "SELECT type FROM security_events WHERE user_id = $1 ORDER BY created_at, id";
    return (await this.db.query<{ type: string }>(sql, [id])).rows.map(({ type }) => type);
  }

  /** Resolves when everything is decided and sent. */
  outboxIsEmpty(): Promise<void> {
    return eventually(async () => expect((await this.db.query("SELECT FROM outbox")).rows).toHaveLength(0));
  }

  /** Asks for a new password, and gives the token of the mail. */
  async forgotten(email: string): Promise<string> {
    const before = this.smtp.to(email).length;
    expect((await this.post("/api/auth/password/forgot", { email })).status).toBe(202);
    return eventually(() => {
      const mail = this.smtp
        .to(email)
        .slice(before)
        .find(({ subject }) => /new password/.test(subject));
      if (!mail) throw new Error("There is no mail yet.");
      return tokenOf(mail.links[0]);
    });
  }

  /** Makes a link by hand, and gives its token. */
  async madeLink(
    purpose: "verify" | "reset" | "report",
    { id, email }: { id: string; email: string },
    { session = null, expiresIn = 60 }: { session?: string | null; expiresIn?: number } = {},
  ): Promise<string> {
    const token = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
    await this.db.query(
      `INSERT INTO links (purpose, token_hash, user_id, email, session_id, expires_at)
       VALUES ($1, sha256(convert_to($2, 'UTF8')), $3, $4, $5, now() + make_interval(secs => $6))`,
      [purpose, token, id, purpose === "report" ? null : email, session, expiresIn],
    );
    return token;
  }
}
