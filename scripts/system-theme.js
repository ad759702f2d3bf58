// @ts-check

// A PostCSS plugin. Paper is light: every `.dark { … }` is for screens. People who chose no theme get it where their device
// prefers it: it is repeated for them in a media query, so that a pasted theme needs no other form. A style sheet cannot do it alone, and the
// server cannot know what a device prefers. See docs/decisions/0023-a-theme-by-pasting.md.

/** @returns {import("postcss").Plugin} */
export default function systemTheme() {
  return {
    postcssPlugin: "system-theme",
    OnceExit(root, { AtRule }) {
      root.walkRules((rule) => {
        if (!rule.selectors.includes(".dark")) return;
        const media = new AtRule({ name: "media", params: "screen and (prefers-color-scheme: dark)" });
        media.append(rule.clone({ selector: '[data-theme="system"]' }));
        const screen = new AtRule({ name: "media", params: "screen" });
        rule.replaceWith(screen);
        screen.append(rule);
        screen.after(media);
      });
    },
  };
}
systemTheme.postcss = true;
