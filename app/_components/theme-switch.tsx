"use client";

import { type SubmitEvent, useRef, useState } from "react";
import { THEME_COOKIE, THEME_MAX_AGE, THEMES, type Theme, themeAttributes, themeOf } from "@/lib/theme";
import { Icon } from "./ui/icon";
import { SegmentedControl } from "./ui/segmented-control";

const LABELS = {
  system: { words: "System", icon: "monitor" },
  light: { words: "Light", icon: "sun" },
  dark: { words: "Dark", icon: "moon" },
} as const satisfies Record<Theme, unknown>;

/** Light, dark, or as the device is. Without a script the page comes back in the other theme. */
export function ThemeSwitch({ theme }: { theme: Theme }) {
  const [chosen, setChosen] = useState(theme);
  const sending = useRef<AbortController>(null);

  function submitted(event: SubmitEvent<HTMLFormElement>) {
    const { submitter, currentTarget: form } = event;
    const choice = themeOf(submitter?.getAttribute("value"));
    if (!choice) return;
    event.preventDefault();
    setChosen(choice);
    const { "data-theme": name, className } = themeAttributes(choice);
    document.documentElement.dataset.theme = name;
    document.documentElement.classList.toggle("dark", className === "dark");
    // biome-ignore lint/suspicious/noDocumentCookie: a page that is loaded right after must know, and the Cookie Store is asynchronous.
    document.cookie = `${THEME_COOKIE}=${choice}; Path=/; Max-Age=${THEME_MAX_AGE}; SameSite=Lax`;
    // The server’s cookie lasts; one that a script sets would not in Safari. A late answer must not undo a later choice.
    sending.current?.abort();
    sending.current = new AbortController();
    const { signal } = sending.current;
    const body = new URLSearchParams({ theme: choice });
    fetch(form.action, { method: "POST", body, redirect: "manual", signal }).catch(() => null);
  }

  return (
    <form method="post" action="/api/theme" onSubmit={submitted}>
      <SegmentedControl label="Theme" className="flex">
        {THEMES.map((each) => {
          const { words, icon } = LABELS[each];
          return (
            <button key={each} type="submit" name="theme" value={each} aria-pressed={each === chosen}>
              <Icon name={icon} className="size-4" />
              {words}
            </button>
          );
        })}
      </SegmentedControl>
    </form>
  );
}
