"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { isLive } from "@/app/_session/leave";

/** Asks the server once more when what the page says will have changed by itself. */
export function RefreshAfter({ milliseconds }: { milliseconds: number }) {
  const router = useRouter();
  useEffect(() => {
    const timer = setTimeout(async () => (await isLive()) && router.refresh(), milliseconds);
    return () => clearTimeout(timer);
  }, [router, milliseconds]);
  return null;
}
