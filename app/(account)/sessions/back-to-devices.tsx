import Link from "next/link";
import { Icon } from "@/app/_components/ui/icon";

export function BackToDevices() {
  return (
    <p className="mb-4">
      <Link
        href="/sessions"
        prefetch={false}
        className="inline-flex min-h-6 items-center gap-1.5 rounded-md text-muted-foreground hover:text-foreground"
      >
        <Icon name="arrow-left" className="size-4 rtl:rotate-180" />
        Devices
      </Link>
    </p>
  );
}
