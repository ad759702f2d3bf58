import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normaliseEmail, spellingsOf } from "@/lib/account/email";

const letterA = "a".repeat(64);

describe("one mailbox has one spelling", () => {
  test.each([
    ["a domain in another alphabet and in ASCII", "ada@bücher.example", "ada@xn--bcher-kva.example"],
    ["capitals in the domain", "ada@BÜCHER.Example", "ada@xn--bcher-kva.example"],
    ["capitals in ASCII", "ada@XN--BCHER-KVA.EXAMPLE", "ada@xn--bcher-kva.example"],
    ["a domain with its accent apart", "ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"],
    ["an ideographic full stop", "ada@bücher。example", "ada@xn--bcher-kva.example"],
    ["a full-width full stop", "ada@bücher．example", "ada@xn--bcher-kva.example"],
    ["full-width letters in the domain", "ada@ｅｘａｍｐｌｅ.com", "ada@example.com"],
    ["a sharp s, which is a letter of its own", "ada@straße.example", "ada@xn--strae-oqa.example"],
    ["a Kelvin sign in the domain", "ada@\u212aelvin.example", "ada@kelvin.example"],
    ["a Kelvin sign before the @", "\u212aelvin@example.com", "kelvin@example.com"],
    ["an Arabic domain", "ada@مثال.إختبار", "ada@xn--mgbh0fb.xn--kgbechtv"],
    ["spaces around it", " \u00a0Ada@example.com\n", "ada@example.com"],
    ["an accent apart", "rene\u0301@example.com", "ren\u00e9@example.com"],
    ["a final sigma", "ΟΔΟΣ@example.com", "οδοσ@example.com"],
  ])("%s", (_, typed, email) => {
    expect(normaliseEmail(typed)).toBe(email);
  });

  // Letters that are one code point when small only: lower case takes their capitals apart.
  test.each([..."ǰẖẗẘẙΐΰῖῦῗῧῒῢὖὒὔᾶῆῶ"])("%s, whichever way its capital is typed", (letter) => {
    const expected = normaliseEmail(`${letter}a@example.com`);
    for (const spelling of [
      letter,
      letter.toUpperCase(),
      letter.normalize("NFD"),
      letter.toUpperCase().normalize("NFD"),
    ]) {
      expect(normaliseEmail(`${spelling}a@example.com`), spelling).toBe(expected);
    }
  });

  test("whatever the letters are: the one spelling of the one spelling is itself, and a letter's case does not matter", () => {
    const local = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
    const host = fc.constantFrom("example.com", "bücher.example", "ΟΔΟΣ.example", "مثال.إختبار");
    fc.assert(
      fc.property(local, host, (text, domain) => {
        const email = normaliseEmail(`${text}@${domain}`);
        if (email === null) return;
        expect(normaliseEmail(email)).toBe(email);
        for (const form of ["NFC", "NFD"] as const) expect(normaliseEmail(email.normalize(form))).toBe(email);
      }),
      { numRuns: 2_000 },
    );
  });

  test("no letter of Unicode has two addresses that differ only in how it is composed", () => {
    const broken: string[] = [];
    for (let code = 0xa0; code < 0x30000; code += 1) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const letter = String.fromCodePoint(code);
      const email = normaliseEmail(`${letter}@example.com`);
      if (email === null) continue;
      const decomposed = normaliseEmail(`${letter.normalize("NFD")}@example.com`);
      if (normaliseEmail(email) !== email || decomposed !== email) broken.push(letter);
    }
    expect(broken).toEqual([]);
  });
});

describe("a domain with what cannot be seen, but belongs to it", () => {
  test.each([
    [
      "a joiner that keeps letters apart",
      "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com",
      "xn--mgba3gch31f060k.com",
    ],
    ["a joiner that joins them", "\u0dc1\u0dca\u200d\u0dbb\u0dd3.com", "xn--10cl1a0b660p.com"],
    ["an emoji in colour", "i\u2764\ufe0f.ws", "xn--i-7iq.ws"],
  ])("is one in both spellings: %s", (_, letters, ascii) => {
    expect(normaliseEmail(`ada@${letters}`)).toBe(`ada@${ascii}`);
    expect(normaliseEmail(`ada@${ascii}`)).toBe(`ada@${ascii}`);
    expect(spellingsOf(`ada@${ascii}`)).toContain(`ada@${letters.replace("\ufe0f", "")}`);
  });

  test.each(["exam\u200dple.com", "exam\u200cple.com", "exam\ufe0fple.com", "1\ufe0f.ws"])(
    "is none where it does not: %j",
    (domain) => {
      expect(normaliseEmail(`ada@${domain}`)).toBeNull();
    },
  );
});

describe("what is no address", () => {
  test.each([
    ["nothing", ""],
    ["no @", "ada.example.com"],
    ["two of them", "ada@home@example.com"],
    ["nothing before it", "@example.com"],
    ["nothing after it", "ada@"],
    ["a host without a dot", "ada@localhost"],
    ["a dot at the end", "ada@example.com."],
    ["two dots", "ada@example..com"],
    ["a dot at the beginning", "ada@.example.com"],
    ["an address of IPv4", "ada@192.0.2.1"],
    ["one in other digits", "ada@0x7f.1"],
    ["one in full-width digits", "ada@１２７.1"],
    ["an address of IPv6", "ada@[2001:db8::1]"],
    ["a hyphen at the edge", "ada@-example.com"],
    ["an underscore", "ada@ex_ample.com"],
    ["a label of 64", `ada@${letterA}.com`],
    ["a label that is too long in ASCII only", `ada@${"ü".repeat(60)}.example`],
    ["punycode that is none", "ada@xn--a.example"],
    ["punycode of nothing", "ada@xn--.example"],
    ["a path", "ada@example.com/x.y"],
    ["a full-width path", "ada@example.com／x.y"],
    ["a query", "ada@example.com?x.y"],
    ["a fragment", "ada@example.com#x.y"],
    ["a backslash", "ada@example.com\\x.y"],
    ["a port", "ada@example.com:25"],
    ["a coded letter", "ada@ex%61mple.com"],
    ["a full-width @", "ada@home＠example.com"],
    ["an apostrophe in the domain", "ada@o'neill.example"],
    ["65 octets before the @", `${letterA}a@example.com`],
    ["65 octets of two each", `${"é".repeat(33)}@example.com`],
    ["255 octets", `${letterA}@${`${"b".repeat(61)}.`.repeat(3)}example`],
    ["300 characters that become fewer", `${"e\u0301".repeat(600)}@example.com`],
    ["punycode for plain letters", "ada@xn--a-.example"],
    ["punycode that is none, in a later label", "ada@mail.xn--ab.example"],
    ["half a character", "\ud800da@example.com"],
  ])("%s", (_, typed) => {
    expect(normaliseEmail(typed)).toBeNull();
  });

  test.each([
    ["a zero width space", "\u200b"],
    ["a zero width joiner", "\u200d"],
    ["a soft hyphen", "\u00ad"],
    ["a right-to-left override", "\u202e"],
    ["an isolate", "\u2066"],
    ["a byte order mark", "\ufeff"],
    ["a tag", "\u{e0061}"],
    ["a private letter", "\ue000"],
    ["a letter that does not exist", "\u0378"],
    ["a variation selector", "\ufe0f"],
    ["a grapheme joiner", "\u034f"],
    ["a Hangul filler", "\u3164"],
    ["an empty Braille cell", "\u2800"],
    ["a line separator", "\u2028"],
    ["a no-break space", "\u00a0"],
    ["an ideographic space", "\u3000"],
    ["a NUL", "\0"],
    ["a delete", "\x7f"],
    ["a next line", "\x85"],
  ])("%s in either part", (_, character) => {
    expect(normaliseEmail(`a${character}da@example.com`)).toBeNull();
    expect(normaliseEmail(`ada@exam${character}ple.com`)).toBeNull();
  });

  test("takes no time, however long it is", () => {
    const startedAt = performance.now();
    for (const typed of [
      "a".repeat(16_000),
      `${"a.".repeat(8_000)}@`,
      `a@${"a.".repeat(8_000)}`,
      "@".repeat(16_000),
    ])
      expect(normaliseEmail(typed)).toBeNull();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe("an account that was stored in another spelling", () => {
  test("is looked for as it was typed first, then in the one spelling, then with its domain in letters", () => {
    expect(spellingsOf("Ada@BÜCHER.example")).toEqual(["ada@bücher.example", "ada@xn--bcher-kva.example"]);
    expect(spellingsOf("ada@xn--bcher-kva.example")).toEqual([
      "ada@xn--bcher-kva.example",
      "ada@bücher.example",
    ]);
    expect(spellingsOf("J\u030ca@example.com")).toEqual(["j\u030ca@example.com", "\u01f0a@example.com"]);
  });

  // Sign-up and a forgotten password look for the account by the one spelling alone.
  test.each([
    "γιώργος@example.gr",
    "γιώργος.νίκος@bücher.example",
    ...["ǰ", "ẖ", "ẗ", "ẘ", "ẙ", "ΐ", "ῗ", "ᾶ", "ὖ"].map(
      (letter) => `${letter.normalize("NFD")}a@example.com`,
    ),
  ])("is found by the one spelling of %j", (typed) => {
    const stored = typed.toUpperCase().normalize("NFC").toLowerCase();
    const email = normaliseEmail(stored);
    expect(email).not.toBeNull();
    expect(spellingsOf(email ?? "")).toContain(stored);
  });

  test("is not mistaken for one with other letters", () => {
    expect(spellingsOf("straße@example.de")).toEqual(["straße@example.de"]);
    expect(spellingsOf("strasse@example.de")).toEqual(["strasse@example.de"]);
  });

  test("is found under an address that nobody could sign up with today", () => {
    expect(spellingsOf("a\u200bda@example.com")).toEqual(["a\u200bda@example.com"]);
    expect(spellingsOf("ada@ex_ample.com")).toEqual(["ada@ex_ample.com"]);
  });
});
