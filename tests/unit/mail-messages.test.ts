import { describe, expect, test } from "vitest";
import { LINK_PAGES, type Mails, render } from "@/lib/mail/messages";
import { PRODUCT } from "@/lib/product";

const TOKEN = "T".repeat(43);
const AT = "2026-11-27T10:00:00.000Z";

const MAILS: { [K in keyof Mails]: Mails[K] } = {
  verify: { token: TOKEN },
  change: { token: TOKEN },
  changing: { address: "new@example.com", token: TOKEN },
  reset: { token: TOKEN },
  passwordChanged: { ip: "192.0.2.1", at: AT },
  known: {},
  taken: {},
  signIn: {
    token: TOKEN,
    device: "Chrome on macOS",
    ip: "192.0.2.1",
    location: "Lisbon, PT",
    at: AT,
    amr: ["pwd"],
  },
};
const KINDS = Object.keys(MAILS) as (keyof Mails)[];
const linksOf = (text: string) => [...new Set(text.match(/https?:\/\/[^\s"<]+\?token=[^\s"<]+/g) ?? [])];

describe.each(KINDS)("the mail %s", (kind) => {
  const { subject, text, html } = render(kind, MAILS[kind]);

  test("has a subject of one line that fits a list, and names the product", () => {
    expect(subject).toMatch(/^[^\r\n]{10,78}$/);
    expect(subject).toContain(PRODUCT.name);
  });

  test("has the same link in text and HTML, of our origin, and nothing else to load", () => {
    const links = linksOf(text);
    expect(linksOf(html)).toEqual(links);
    expect(links).toEqual("token" in MAILS[kind] ? [expect.stringContaining(`?token=${TOKEN}`)] : []);
    for (const link of links) {
      const { origin, pathname } = new URL(link);
      expect(origin).toBe("https://app.example.com");
      expect(Object.values(LINK_PAGES)).toContain(pathname);
    }
    expect(html).not.toMatch(/<(img|script|link|iframe|form)\b|url\(/);
  });

  test("says the same in text and HTML", () => {
    const words = (part: string) =>
      part
        .replace(/<(style|title|head)[\s\S]*?<\/\1>/g, "")
        .replace(/<[^>]+>/g, " ")
        .replaceAll("&#39;", "'");
    for (const line of text.split("\n").filter((each) => / \w+ \w+/.test(each) && !each.startsWith("--")))
      expect(words(html).replace(/\s+/g, " ")).toContain(line.replace(/^\w+(?: \w+)?: |:$/g, ""));
  });
});

test("what a device or a place is called stays text in HTML", () => {
  const { html } = render("signIn", { ...MAILS.signIn, device: "<b>&\"'", location: "<img src=x>" });
  expect(html).toContain("&lt;b&gt;&amp;&quot;&#39;");
  expect(html).not.toContain("<b>");
  expect(html).not.toContain("<img");
});

test("a notice to an address that is not confirmed has no link", () => {
  const { text, html } = render("changing", { address: "new@example.com", token: null });
  expect([...linksOf(text), ...linksOf(html)]).toEqual([]);
});
