"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { type SubmitEvent, useState } from "react";
import { THEMES, type Theme, themeAttributes, themeOf } from "@/lib/theme";
import { SegmentedControl } from "./ui/segmented-control";

const LABELS = {
  system: { words: "System", icon: Monitor },
  light: { words: "Light", icon: Sun },
  dark: { words: "Dark", icon: Moon },
} as const satisfies Record<Theme, unknown>;

/** Light, dark, or as the device is. Without a script the page comes back in the other theme. */
export function ThemeSwitch({ theme }: { theme: Theme }) {
  const [chosen, setChosen] = useState(theme);

  function submitted(event: SubmitEvent<HTMLFormElement>) {
    const { submitter, currentTarget: form } = event;
    const choice = themeOf(submitter?.getAttribute("value"));
    if (!choice) return;
    event.preventDefault();
    setChosen(choice);
    const { "data-theme": name, className } = themeAttributes(choice);
    document.documentElement.dataset.theme = name;
    document.documentElement.classList.toggle("dark", className === "dark");
    const body = new URLSearchParams({ theme: choice });
    // The page has it already; what gets lost is only that it is remembered.
    fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  }

  return (
    <form method="post" action="/api/theme" onSubmit={submitted}>
      <SegmentedControl label="Theme" className="flex">
        {THEMES.map((each) => {
          const { words, icon: Icon } = LABELS[each];
          return (
            <button key={each} type="submit" name="theme" value={each} aria-pressed={each === chosen}>
              <Icon aria-hidden="true" className="size-4" />
              {words}
            </button>
          );
        })}
      </SegmentedControl>
    </form>
  );
}
