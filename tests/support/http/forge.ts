import { createHmac, createPrivateKey, type JsonWebKeyInput, sign as signBytes } from "node:crypto";
import type { PrivateKey } from "../people/secrets";

// Tokens that no library would make.

/** Base64url of a text, or of the JSON of anything else. */
export function part(content: unknown): string {
  return Buffer.from(typeof content === "string" ? content : JSON.stringify(content)).toString("base64url");
}

/** Signs any header and payload with an ES256 key. */
export function forge(key: PrivateKey, header: unknown, payload: unknown): string {
  const content = `${part(header)}.${part(payload)}`;
  const input: JsonWebKeyInput = { key, format: "jwk" };
  const signature = signBytes("sha256", Buffer.from(content), {
    key: createPrivateKey(input),
    dsaEncoding: "ieee-p1363",
  });
  return `${content}.${signature.toString("base64url")}`;
}

/** Makes a MAC over any header and payload with any secret. */
export function forgeMac(secret: string | Buffer, header: unknown, payload: unknown): string {
  const content = `${part(header)}.${part(payload)}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}

const ORDER_OF_P256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The other signature (r, n − s) that every ECDSA signature has. */
export function twinOf(token: string): string {
  const [header, payload, signature = ""] = token.split(".");
  const bytes = Buffer.from(signature, "base64url");
  const s = BigInt(`0x${bytes.subarray(32).toString("hex")}`);
  const twin = Buffer.from((ORDER_OF_P256 - s).toString(16).padStart(64, "0"), "hex");
  return `${header}.${payload}.${Buffer.concat([bytes.subarray(0, 32), twin]).toString("base64url")}`;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Spellings of a token whose last character differs only in bits that stand for nothing. */
export function respellingsOf(token: string): string[] {
  const bytes = Buffer.from(token.split(".")[2] ?? "", "base64url").length;
  const unused = { 0: 1, 1: 16, 2: 4 }[bytes % 3] ?? 1;
  const last = ALPHABET.indexOf(token.at(-1) ?? "");
  const first = last - (last % unused);
  return Array.from({ length: unused }, (_, offset) => token.slice(0, -1) + ALPHABET[first + offset]).filter(
    (each) => each !== token,
  );
}
