import "server-only";
import { env } from "@/lib/env";
import { PRODUCT } from "@/lib/product";

/** What a mail says. */
export type Message = {
  subject: string;
  lines: string[];
  facts?: (readonly [label: string, value: string])[];
  action?: { label: string; url: string };
  after: string[];
};

/** The message as plain text (RFC 2046, 4.1). */
export function toText({ lines, facts, action, after }: Message): string {
  const blocks = [
    ...lines,
    ...(facts ? [facts.map(([label, value]) => `${label}: ${value}`).join("\n")] : []),
    ...(action ? [`${action.label}:\n${action.url}`] : []),
    ...after,
    `-- \n${PRODUCT.name}\n${env().publicOrigin}`,
  ];
  return `${blocks.join("\n\n")}\n`;
}

// Mail clients support little CSS. What matters is in attributes; the block in the head adds dark mode.
const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const BODY = `margin:0;padding:0;background:#f4f4f5;color:#18181b;${FONT};font-size:16px;line-height:1.5`;
const CARD = "max-width:480px;margin:0 auto;padding:24px;background:#ffffff;border-radius:12px";
const BUTTON =
  "display:inline-block;padding:12px 20px;background:#18181b;color:#ffffff;border-radius:8px;text-decoration:none;font-weight:600";
const QUIET = "color:#52525b;font-size:14px;overflow-wrap:anywhere";

const DARK = `
@media (prefers-color-scheme: dark) {
  body, .page { background: #09090b !important; color: #fafafa !important }
  .card { background: #18181b !important }
  .button { background: #fafafa !important; color: #18181b !important }
  .quiet, .quiet a { color: #a1a1aa !important }
}`;

/** The same as HTML, legible at 360 px, in light and in dark. It loads nothing: no picture tells that it was opened. */
export function toHtml({ subject, lines, facts, action, after }: Message): string {
  const paragraph = (text: string) => `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`;
  const fact = ([label, value]: readonly [string, string]) =>
    `<tr><td class="quiet" style="${QUIET};padding:2px 16px 2px 0;vertical-align:top;white-space:nowrap">${escapeHtml(label)}</td><td style="padding:2px 0;overflow-wrap:anywhere;word-break:break-word">${escapeHtml(value)}</td></tr>`;
  const table = facts?.length
    ? `<table role="presentation" cellspacing="0" cellpadding="0" style="margin:0 0 16px;font-size:16px">${facts.map(fact).join("")}</table>`
    : "";
  const button = action
    ? `<p style="margin:0 0 16px"><a class="button" href="${escapeHtml(action.url)}" style="${BUTTON}">${escapeHtml(action.label)}</a></p>
<p class="quiet" style="${QUIET};margin:0 0 16px">Or open this address:<br><a href="${escapeHtml(action.url)}" style="color:#52525b">${escapeHtml(action.url)}</a></p>`
    : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>:root { color-scheme: light dark }${DARK}</style>
</head>
<body style="${BODY}">
<div class="page" role="main" style="padding:24px 12px;background:#f4f4f5">
<div class="card" style="${CARD}">
<p style="margin:0 0 16px;font-weight:600">${escapeHtml(PRODUCT.name)}</p>
<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">${escapeHtml(subject)}</h1>
${lines.map(paragraph).join("\n")}
${table}${button}
${after.map((text) => `<p class="quiet" style="${QUIET};margin:0 0 16px">${escapeHtml(text)}</p>`).join("\n")}
</div>
</div>
</body>
</html>
`;
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? "");
}
