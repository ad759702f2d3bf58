import {
  CircleQuestionMark,
  Gamepad2,
  Glasses,
  Monitor,
  Smartphone,
  Tablet,
  Terminal,
  Tv,
  Watch,
} from "lucide-react";

const FORMS = {
  desktop: { icon: Monitor, label: "Computer" },
  mobile: { icon: Smartphone, label: "Phone" },
  tablet: { icon: Tablet, label: "Tablet" },
  api: { icon: Terminal, label: "Program" },
  smarttv: { icon: Tv, label: "Television" },
  wearable: { icon: Watch, label: "Watch" },
  console: { icon: Gamepad2, label: "Game console" },
  xr: { icon: Glasses, label: "Headset" },
} as const;

const UNKNOWN = { icon: CircleQuestionMark, label: "Unknown device" };

const isForm = (type: string): type is keyof typeof FORMS => Object.hasOwn(FORMS, type);

/** The form of a device, in the ring of its key tag. */
export function DeviceIcon({ type, look }: { type: string; look: "current" | "active" | "idle" | "ended" }) {
  const { icon: Icon, label } = isForm(type) ? FORMS[type] : UNKNOWN;
  const ring = {
    current: "border-brass bg-brass-tint text-brass",
    active: "border-primary bg-accent text-primary",
    idle: "border-input text-muted-foreground",
    ended: "border-input border-dashed text-muted-foreground",
  }[look];
  return (
    <span
      title={label}
      className={`grid size-12 shrink-0 place-content-center rounded-full border-2 ${ring}`}
    >
      <Icon className="size-6" strokeWidth={1.75} aria-hidden="true" />
      <span className="sr-only">{label}</span>
    </span>
  );
}
