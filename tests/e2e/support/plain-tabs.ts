import type { Browser, CDPSession } from "@playwright/test";
import type { Row } from "../../support/people/people";
import { place } from "../../support/people/place";
import { cookieOf } from "./sign-in";

// Tabs that Playwright knows nothing of. To it every page is in front, and what is in front is never frozen.

export type PlainTab = {
  /** Gives the JSON value of an expression. */
  evaluate(expression: string): Promise<unknown>;
  toFront(): Promise<void>;
  /** What the browser does to tabs in the background that nobody has looked at for a while. */
  setState(state: "frozen" | "active"): Promise<void>;
  close(): Promise<void>;
};

/** A profile of its own, in which the device of a session is signed in. */
export async function openPlainProfile(browser: Browser, session: Row) {
  const devTools = await browser.newBrowserCDPSession();
  const { browserContextId } = await devTools.send("Target.createBrowserContext");
  const { origin } = place();
  const cookie = { name: "session", value: await cookieOf(session), url: origin, httpOnly: true };
  await devTools.send("Storage.setCookies", { cookies: [cookie], browserContextId });
  return {
    async open(path: string): Promise<PlainTab> {
      const url = origin + path;
      const { targetId } = await devTools.send("Target.createTarget", { url, browserContextId });
      const send = await attach(devTools, targetId);
      return {
        async evaluate(expression) {
          const how = { expression, awaitPromise: true, returnByValue: true };
          return (await send("Runtime.evaluate", how)).result?.value;
        },
        async toFront() {
          await devTools.send("Target.activateTarget", { targetId });
        },
        async setState(state) {
          await send("Page.setWebLifecycleState", { state });
        },
        async close() {
          await devTools.send("Target.closeTarget", { targetId });
        },
      };
    },
    async close() {
      await devTools.send("Target.disposeBrowserContext", { browserContextId });
      await devTools.detach();
    },
  };
}

type Result = { result?: { value?: unknown } };

/** Gives the way to send commands to one tab. */
async function attach(devTools: CDPSession, targetId: string) {
  const { sessionId } = await devTools.send("Target.attachToTarget", { targetId });
  const waiting = new Map<number, (result: Result) => void>();
  devTools.on("Target.receivedMessageFromTarget", (event) => {
    if (event.sessionId !== sessionId) return;
    const { id, result } = JSON.parse(event.message) as { id?: number; result?: Result };
    if (id !== undefined) waiting.get(id)?.(result ?? {});
  });
  let lastId = 0;
  return async (method: string, params: object): Promise<Result> => {
    lastId += 1;
    const id = lastId;
    const answered = new Promise<Result>((resolve) => waiting.set(id, resolve));
    const message = JSON.stringify({ id, method, params });
    await devTools.send("Target.sendMessageToTarget", { sessionId, message });
    return answered;
  };
}
