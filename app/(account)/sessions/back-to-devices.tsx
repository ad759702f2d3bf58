import { ArrowLeft } from "lucide-react";
import Link from "next/link";

export function BackToDevices() {
  return (
    <p className="mb-4">
      <Link
        href="/sessions"
        prefetch={false}
        className="inline-flex min-h-6 items-center gap-1.5 rounded-md text-muted-foreground hover:text-foreground"
      >
        <ArrowLeft aria-hidden="true" className="size-4 rtl:rotate-180" />
        Devices
      </Link>
    </p>
  );
}
