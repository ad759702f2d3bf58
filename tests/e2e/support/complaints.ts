import type { BrowserContext } from "@playwright/test";
import { complainOfBareTexts } from "./bare-texts";

// Every complaint of a browser fails the test: errors and warnings on the console, exceptions, violations of the
// Content-Security-Policy, answers of 500 and above, texts that a translated page would choke on. Where a complaint is the subject, the test says so.

/** Said of every answer with a status of 400 or above to a script. */
export const REFUSED = /^Failed to load resource: the server responded with a status of 4\d\d/;
/** Said when a server is not there. */
export const UNREACHABLE = /^Failed to load resource: net::ERR_/;

// An open tab that asks whether its session lives may be told that it does not, a moment before it hears of the end.
const NOT_LIVE = /^Failed to load resource: .* 401 \(Unauthorized\) \S+\/api\/auth\/verify$/;

export class Complaints {
  readonly #heard: string[] = [];
  readonly #expected: RegExp[] = [NOT_LIVE];

  /** From now on such complaints are part of the test. */
  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  async hear(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
        console.error(`The policy forbids ${blockedURI} (${violatedDirective}).`);
      });
    });
    await complainOfBareTexts(context);
    context.on("console", (message) => {
      if (!["error", "warning", "assert"].includes(message.type())) return;
      this.#hear(`${message.text()} ${message.location().url}`);
    });
    context.on("weberror", (error) => this.#hear(String(error.error())));
    context.on("response", (response) => {
      if (response.status() >= 500) this.#hear(`${response.status()} ${response.url()}`);
    });
  }

  #hear(complaint: string): void {
    this.#heard.push(complaint);
  }

  unexpected(): string[] {
    return this.#heard.filter((each) => !this.#expected.some((pattern) => pattern.test(each)));
  }
}
