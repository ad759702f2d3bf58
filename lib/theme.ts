// Shared: the root layout, the switch and its route read it.

/** The themes that people choose from; with `system` the device decides. */
export const THEMES = ["system", "light", "dark"] as const;

export type Theme = (typeof THEMES)[number];

/** Remembers the choice. It is nobody's secret, so it has one name on http and https. */
export const THEME_COOKIE = "theme";

/** A theme out of whatever a cookie or a form holds, or null. */
export function themeOf(value: unknown): Theme | null {
  return THEMES.find((theme) => theme === value) ?? null;
}

/** The attributes of `<html>` for a theme; app/theme.css reads them. */
export function themeAttributes(theme: Theme): { "data-theme": Theme; className: string } {
  return { "data-theme": theme, className: theme === "dark" ? "dark" : "" };
}
