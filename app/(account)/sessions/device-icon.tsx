import {
  CircleQuestionMark,
  Gamepad2,
  Glasses,
  type LucideIcon,
  Monitor,
  Smartphone,
  Tablet,
  Terminal,
  Tv,
  Watch,
} from "lucide-react";
import { FORM_LABELS, type Form } from "./device-form";

const ICONS: Record<Form, LucideIcon> = {
  desktop: Monitor,
  mobile: Smartphone,
  tablet: Tablet,
  api: Terminal,
  smarttv: Tv,
  wearable: Watch,
  console: Gamepad2,
  xr: Glasses,
  unknown: CircleQuestionMark,
};

/** The drawings of devices, once for the page: each `DeviceIcon` only refers to one. */
export function DeviceIcons() {
  return (
    <svg aria-hidden="true" className="hidden">
      {(Object.keys(FORM_LABELS) as Form[]).map((form) => {
        const Icon = ICONS[form];
        return (
          <symbol key={form} id={`device-${form}`} viewBox="0 0 24 24">
            <Icon strokeWidth={1.75} />
          </symbol>
        );
      })}
    </svg>
  );
}
