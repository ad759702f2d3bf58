import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ThemeSwitch } from "@/app/_components/theme-switch";
import { Brand } from "@/app/_components/ui/brand";
import { PageHeader } from "@/app/_components/ui/page-header";
import { chosenTheme } from "@/lib/current/theme";
import { isForDevelopers } from "@/lib/env";
import { Colors } from "./colors";
import { Controls } from "./controls";
import { Overlays } from "./overlays";
import { Surfaces } from "./surfaces";

export const metadata: Metadata = { title: "Design" };

/** Every primitive in every state, for the people who build with them: in development and in a preview only. */
export default async function DesignPage() {
  if (!isForDevelopers()) notFound();
  return (
    <div className="mx-auto max-w-240 px-4 py-6 wide:px-10">
      <header className="flex flex-wrap items-center justify-between gap-4">
        <a href="/" className="inline-flex min-h-11 items-center rounded-md">
          <Brand />
        </a>
        <ThemeSwitch theme={await chosenTheme()} />
      </header>
      <main id="main" tabIndex={-1} className="mt-6 space-y-10">
        <PageHeader
          title="Design"
          description="Every primitive of app/_components/ui, in the colours of app/theme.css."
        />
        <Colors />
        <Controls />
        <Surfaces />
        <Overlays />
      </main>
    </div>
  );
}
