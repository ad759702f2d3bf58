import { Icon } from "@/app/_components/ui/icon";
import type { IconName } from "@/app/_components/ui/icon-names";

/** The forms that devices have, by the names of Next's user-agent parser and two of our own, `api` and `unknown`. */
const FORMS = {
  desktop: { label: "Computer", icon: "monitor" },
  mobile: { label: "Phone", icon: "smartphone" },
  tablet: { label: "Tablet", icon: "tablet" },
  api: { label: "API session", icon: "terminal" },
  smarttv: { label: "Television", icon: "tv" },
  wearable: { label: "Watch", icon: "watch" },
  console: { label: "Game console", icon: "gamepad-2" },
  xr: { label: "Headset", icon: "glasses" },
  unknown: { label: "Unknown device", icon: "circle-question-mark" },
} as const satisfies Record<string, { label: string; icon: IconName }>;

type Form = keyof typeof FORMS;

/** The form of a device, in the ring of its key tag. */
export function DeviceIcon({ form }: { form: string }) {
  const { label, icon } = FORMS[Object.hasOwn(FORMS, form) ? (form as Form) : "unknown"];
  return (
    <span className="device-icon" title={label}>
      <Icon name={icon} />
      <span className="sr-only">{label}</span>
    </span>
  );
}
