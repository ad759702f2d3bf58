import { writeFileSync } from "node:fs";

/** A report that can be read as it is and as Markdown: printed while it grows, written to a file as a whole. */
export class Report {
  readonly #parts: string[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  heading(text: string, level: 1 | 2 | 3 = 2): void {
    this.#add(`${"#".repeat(level)} ${text}`);
  }

  text(text: string): void {
    this.#add(text);
  }

  /** The first column stands left, the others right. */
  table(head: string[], rows: string[][]): void {
    const widths = head.map((_, column) =>
      Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)),
    );
    const pad = (text: string, column: number) =>
      column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
    const line = (row: string[]) =>
      `| ${head.map((_, column) => pad(row[column] ?? "", column)).join(" | ")} |`;
    const rule = `|${widths.map((width, column) => (column === 0 ? `${"-".repeat(width + 2)}` : `${"-".repeat(width + 1)}:`)).join("|")}|`;
    this.#add([line(head), rule, ...rows.map(line)].join("\n"));
  }

  /** Text that must keep its lines. */
  code(text: string): void {
    this.#add(`\`\`\`\n${text}\n\`\`\``);
  }

  #add(part: string): void {
    this.#parts.push(part);
    console.log(`${part}\n`);
    // After every part: a run that fails late leaves what it found.
    writeFileSync(this.#file, `${this.#parts.join("\n\n")}\n`);
  }
}

/** What is going on, on the error output: it is no part of the report. */
export function progress(text: string): void {
  console.error(`· ${text}`);
}

/** Three digits that matter. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}

export function ratio(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : "–";
}

/** A duration given in milliseconds. */
export function milliseconds(value: number): string {
  return Number.isFinite(value) ? `${number(value)} ms` : "–";
}

/** The same, where it is less than one. */
export function microseconds(inMilliseconds: number): string {
  return Number.isFinite(inMilliseconds) ? `${number(inMilliseconds * 1000)} µs` : "–";
}

export function megabytes(bytes: number): string {
  return `${number(bytes / 1_000_000)} MB`;
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
