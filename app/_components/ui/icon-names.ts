// Shared: the test that draws icons.svg reads it.

/**
 * The icons of this app, by Lucide's names (https://lucide.dev/icons). After a change, `npm test -- unit icons -u` draws
 * icons.svg again.
 */
export const ICON_NAMES = [
  "arrow-left",
  "arrow-up",
  "check",
  "chevron-down",
  "chevron-right",
  "chevrons-up-down",
  "circle-alert",
  "circle-question-mark",
  "copy",
  "download",
  "ellipsis",
  "eye",
  "eye-off",
  "gamepad-2",
  "glasses",
  "inbox",
  "info",
  "laptop",
  "log-out",
  "monitor",
  "moon",
  "pencil",
  "rotate-ccw",
  "search",
  "search-x",
  "settings",
  "shield-alert",
  "smartphone",
  "sun",
  "tablet",
  "terminal",
  "triangle-alert",
  "tv",
  "watch",
  "x",
] as const;

export type IconName = (typeof ICON_NAMES)[number];
