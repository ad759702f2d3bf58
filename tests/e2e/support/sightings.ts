import type { BrowserContext } from "@playwright/test";

/**
 * Notes each page of an account that comes into view, by its path: not what is there when a test looks, but everything
 * was painted in between. Empty it by `splice(0)`.
 */
export async function watchForPages(context: BrowserContext): Promise<string[]> {
  const seen: string[] = [];
  await context.exposeFunction("pageInSight", (path: string) => seen.push(path));
  await context.addInitScript(() => {
    const { pageInSight } = window as typeof window & { pageInSight?: (path: string) => void };
    let last = "";
    const look = () => {
      const area = document.querySelector<HTMLElement>(".protected");
      const isInSight =
        area?.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && area.innerText;
      const path = isInSight ? location.pathname : "";
      if (path && path !== last) pageInSight?.(path);
      last = path;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    // A page from the back/forward cache comes into view again.
    window.addEventListener("pageshow", ({ persisted }) => {
      if (persisted) last = "";
    });
  });
  return seen;
}
