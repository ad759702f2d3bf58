import type { BrowserContext, Page } from "@playwright/test";

/**
 * Lets every page of a browser be translated as Chrome does it: each text goes, and two `<font>` elements with its words
 * take its place, once the page's scripts run and whenever a text is added. The words stay the same, so that tests can
 * read them.
 */
export async function translatePages(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const translateText = (text: Text) => {
      if (!text.data.trim() || text.parentElement?.closest("font, script, style, noscript, textarea")) return;
      const [outer, inner] = [document.createElement("font"), document.createElement("font")];
      inner.textContent = text.data;
      outer.append(inner);
      text.replaceWith(outer);
    };
    const translateBelow = (root: Node) => {
      if (root instanceof Text) return translateText(root);
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      const texts: Text[] = [];
      while (walker.nextNode()) texts.push(walker.currentNode as Text);
      texts.forEach(translateText);
    };
    const translate = () => {
      translateBelow(document.body);
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) addedNodes.forEach(translateBelow);
      }).observe(document.body, { childList: true, subtree: true });
    };
    // Once React has taken over all of the page.
    const look = () => {
      const root = Object.entries(document).find(([key]) => key.startsWith("__reactContainer$"))?.[1];
      if (root?.stateNode.current.memoizedState.isDehydrated === false) translate();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

/** Waits until the page is translated. */
export async function waitForTranslation(page: Page): Promise<void> {
  await page.locator("h1 font").first().waitFor({ state: "attached" });
}
