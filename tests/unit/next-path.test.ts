import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextPath } from "@/lib/http/next-path";
import { HOME } from "@/lib/product";

const ORIGIN = "https://app.example.com";

describe("anything but a path of this site leads home", () => {
  test.each([
    null,
    undefined,
    "",
    "sessions",
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/%5cevil.example",
    "/%5Cevil.example",
    "/%2fevil.example",
    "/%2f%2fevil.example",
    "/%252f%252fevil.example",
    "/%25252fevil.example",
    "%2f%2fevil.example",
    "http:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    " //evil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "/\n/evil.example",
    "/%0d%0aSet-Cookie:x=1",
    "/a%00b",
    "/a\u0000b",
    "/a\u007fb",
    "/a\u0085b",
    "/.//evil.example",
    "/..//evil.example",
    "/%2e%2e//evil.example",
    "/a/..//evil.example",
    "/%",
    "/%zz",
    "/a%ff",
    `/${"a".repeat(2_000)}`,
  ])("%j", (next) => {
    expect(nextPath(next)).toBe(HOME);
  });
});

describe("a path of this site passes as it is", () => {
  test.each([
    "/",
    "/sessions",
    "/sessions?state=ended#top",
    "/security/password",
    "/caf%C3%A9",
    "/a%20b",
    "/a?next=https://elsewhere.example",
    "/search?q=100%25",
    "/search?q=%E9&r=100%",
    "/日本?q=ü",
  ])("%j", (next) => {
    expect(nextPath(next)).toBe(next);
  });
});

const trick = fc.constantFrom(
  "/",
  "\\",
  "%2f",
  "%5c",
  "%252f",
  ".",
  "..",
  ":",
  "@",
  "?",
  "#",
  "\t",
  "\n",
  "%09",
  "%0a",
  "evil.example",
  "https:",
  "//",
  "a",
);

/** As a server might read it that decodes once too often; what cannot be decoded, it reads as it is. */
function decoded(path: string): string {
  return path.replace(/%[\da-f]{2}/gi, (each) => {
    try {
      return decodeURIComponent(each);
    } catch {
      return each;
    }
  });
}

test("whatever is asked for, a browser stays on this site", () => {
  const anything = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.array(trick, { maxLength: 12 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(anything, fc.boolean(), (text, rooted) => {
      const path = nextPath(rooted ? `/${text}` : text);
      for (const seen of [path, decoded(path)]) {
        expect(new URL(seen, `${ORIGIN}/login`).origin).toBe(ORIGIN);
        expect(seen).toMatch(/^\/(?![/\\])/);
      }
      // A header takes it as it is.
      expect(path).not.toMatch(/[\r\n]/);
    }),
    { numRuns: 5_000 },
  );
});
