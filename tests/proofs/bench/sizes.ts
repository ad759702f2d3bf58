import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Context } from "./context";
import { startInstance } from "./instance";
import { populate, Signer } from "./population";
import { kilobytes } from "./report";
import { sum } from "./statistics";

const PAGES = ["/", "/login", "/signup", "/sessions", "/security", "/dashboard"];

type Size = { raw: number; gzip: number; brotli: number };
type Page = { path: string; html: Size; scripts: string[]; styles: string[] };

/** What a browser with an empty cache is sent for each page, before anybody clicks. */
export async function sizes({ stage, secrets, report }: Context): Promise<void> {
  const population = { people: 1, live: 5, ended: 5 };
  const databaseUrl = await stage.database();
  await populate(databaseUrl, population);
  const { url, stop } = await startInstance({ databaseUrl, secrets });
  const signer = new Signer(secrets, population);
  const cookie = await signer.cookie(signer.caller(0));

  const pages: Page[] = [];
  for (const path of PAGES) {
    const isPublic = ["/", "/login", "/signup"].includes(path);
    const response = await fetch(`${url}${path}`, { headers: isPublic ? {} : cookie, redirect: "manual" });
    if (response.status === 200) pages.push(readPage(path, await response.text()));
    else report.text(`${path} answered ${response.status} and is left out.`);
  }

  const files = new Map<string, Size>();
  for (const file of new Set(pages.flatMap(({ scripts, styles }) => [...scripts, ...styles]))) {
    const response = await fetch(new URL(file, url), { headers: { "Accept-Encoding": "identity" } });
    files.set(file, sizeOf(Buffer.from(await response.arrayBuffer())));
  }
  const total = (names: string[]) => addUp(names.map((name) => files.get(name) ?? sizeOf(Buffer.alloc(0))));
  const [first] = pages;
  const shared = first?.scripts.filter((file) => pages.every(({ scripts }) => scripts.includes(file))) ?? [];

  report.heading("What is sent");
  report.text(
    "As a browser with an empty cache loads it: every script and style sheet that the page names, not the ones for " +
      "browsers without modules. Compressed as files are before they are served: brotli 11, gzip 9. `/sessions` shows " +
      "5 live and 5 ended sessions.",
  );
  const cells = ({ raw, gzip, brotli }: Size) => [kilobytes(brotli), kilobytes(gzip), kilobytes(raw)];
  report.table(
    [
      "page",
      "JavaScript: brotli",
      "gzip",
      "raw",
      "of its own: brotli",
      "CSS: brotli",
      "HTML: brotli",
      "HTML: raw",
    ],
    [
      ...pages.map(({ path, html, scripts, styles }) => [
        path,
        ...cells(total(scripts)),
        kilobytes(total(scripts.filter((file) => !shared.includes(file))).brotli),
        kilobytes(total(styles).brotli),
        kilobytes(html.brotli),
        kilobytes(html.raw),
      ]),
      ["shared by all of them", ...cells(total(shared)), "", "", "", ""],
    ],
  );
  await stop();
}

function readPage(path: string, html: string): Page {
  const tags = [...html.matchAll(/<(script|link)\b[^>]*>/g)].map(([tag]) => tag);
  const attribute = (tag: string, name: string) =>
    new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const isLoaded = (tag: string) =>
    tag.startsWith("<script") ? !/\bnomodule\b/i.test(tag) : attribute(tag, "as") === "script";
  const scripts = tags
    .filter(isLoaded)
    .map((tag) => attribute(tag, tag.startsWith("<script") ? "src" : "href"));
  const styles = tags
    .filter((tag) => attribute(tag, "rel") === "stylesheet")
    .map((tag) => attribute(tag, "href"));
  const unique = (files: string[]) => [...new Set(files)].filter((file) => file !== "");
  return { path, html: sizeOf(Buffer.from(html)), scripts: unique(scripts), styles: unique(styles) };
}

function sizeOf(content: Buffer): Size {
  return {
    raw: content.length,
    gzip: gzipSync(content, { level: 9 }).length,
    brotli: brotliCompressSync(content).length,
  };
}

function addUp(sizes: Size[]): Size {
  return {
    raw: sum(sizes.map(({ raw }) => raw)),
    gzip: sum(sizes.map(({ gzip }) => gzip)),
    brotli: sum(sizes.map(({ brotli }) => brotli)),
  };
}
