import { Monitor, Smartphone, Terminal } from "lucide-react";

const RING = "grid size-12 shrink-0 place-content-center rounded-full border-2";

/** What the product is about, as a picture: keys on a board, one of them taken back. */
export function KeyBoard() {
  return (
    <div aria-hidden="true" className="hidden select-none space-y-4 lg:block">
      <div className="tag flex items-center gap-4 p-3">
        <span className={`${RING} border-brass bg-brass-tint text-brass`}>
          <Monitor />
        </span>
        <span>
          <span className="block font-semibold">Firefox on Linux</span>
          <span className="text-muted-foreground">The key in your hand</span>
        </span>
      </div>
      <div className="tag ms-8 flex items-center gap-4 p-3">
        <span className={`${RING} border-primary bg-accent text-primary`}>
          <Terminal />
        </span>
        <span>
          <span className="block font-semibold">Nightly backup</span>
          <span className="text-muted-foreground">Active now</span>
        </span>
      </div>
      <div className="tag flex items-center gap-4 border-dashed bg-transparent p-3">
        <span className={`${RING} border-input border-dashed text-muted-foreground`}>
          <Smartphone />
        </span>
        <span>
          <span className="block font-semibold line-through">Safari on the phone in the taxi</span>
          <span className="text-muted-foreground">Confirmed by the device 0.1 s later</span>
        </span>
      </div>
    </div>
  );
}
