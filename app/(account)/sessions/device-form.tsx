/** The forms that devices have, by the names of Next's user-agent parser and two of our own, `api` and `unknown`. */
export const FORM_LABELS = {
  desktop: "Computer",
  mobile: "Phone",
  tablet: "Tablet",
  api: "API session",
  smarttv: "Television",
  wearable: "Watch",
  console: "Game console",
  xr: "Headset",
  unknown: "Unknown device",
} as const;

export type Form = keyof typeof FORM_LABELS;

/** The form of a device, in the ring of its key tag. Put `<DeviceIcons>` on the page. */
export function DeviceIcon({ form }: { form: string }) {
  const known: Form = Object.hasOwn(FORM_LABELS, form) ? (form as Form) : "unknown";
  return (
    <span className="device-icon" title={FORM_LABELS[known]}>
      <svg aria-hidden="true">
        <use href={`#device-${known}`} />
      </svg>
      <span className="sr-only">{FORM_LABELS[known]}</span>
    </span>
  );
}
