import { type MouseEvent, useRef } from "react";
import { ExactTime } from "@/app/_components/moment";
import { Icon } from "@/app/_components/ui/icon";
import { MenuContent, MenuItem, MenuLabel } from "@/app/_components/ui/menu";
import type { Device } from "@/app/(account)/sessions/device-view";

export const MENU = "device-menu";

export type MenuChoice = "rename" | "details" | "stranger";

/** What else can be done about a device: one menu for all of them. */
export function DeviceMenu({
  device,
  locale,
  onChoose,
}: {
  device: Device | null;
  locale: string;
  onChoose: (choice: MenuChoice, device: Device) => void;
}) {
  const menu = useRef<HTMLDivElement>(null);
  const choose = ({ currentTarget }: MouseEvent<HTMLButtonElement>) => {
    menu.current?.hidePopover();
    if (device) onChoose(currentTarget.value as MenuChoice, device);
  };
  return (
    <MenuContent ref={menu} id={MENU}>
      {device && (
        <MenuLabel>
          Last active: <ExactTime at={device.lastSeenAt} locale={locale} />
        </MenuLabel>
      )}
      <MenuItem value={"details" satisfies MenuChoice} onClick={choose}>
        <Icon name="info" />
        Details
      </MenuItem>
      <MenuItem value={"rename" satisfies MenuChoice} onClick={choose}>
        <Icon name="pencil" />
        Rename
      </MenuItem>
      <MenuItem variant="destructive" value={"stranger" satisfies MenuChoice} onClick={choose}>
        <Icon name="shield-alert" />I don’t recognise this
      </MenuItem>
    </MenuContent>
  );
}
