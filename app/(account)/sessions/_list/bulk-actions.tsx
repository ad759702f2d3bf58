import { Button } from "@/app/_components/ui/button";
import { Icon } from "@/app/_components/ui/icon";
import { MenuContent, MenuTrigger, menuItemVariants } from "@/app/_components/ui/menu";
import { ASK_FORM } from "./device-row";

const MENU = "everywhere-menu";

/** What ends several sessions at once. Each asks first. */
export function BulkActions({ hasOthers }: { hasOthers: boolean }) {
  return (
    <>
      {hasOthers && (
        <Button type="submit" form={ASK_FORM} name="which" value="others" variant="destructive-outline">
          Sign out all others…
        </Button>
      )}
      <MenuTrigger menu={MENU} variant="outline" size="icon" aria-label="More actions">
        <Icon name="ellipsis" />
      </MenuTrigger>
      <MenuContent id={MENU}>
        <button
          type="submit"
          form={ASK_FORM}
          name="which"
          value="everywhere"
          className={menuItemVariants({ variant: "destructive" })}
        >
          Sign out everywhere…
        </button>
      </MenuContent>
    </>
  );
}
