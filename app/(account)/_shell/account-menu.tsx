import { ThemeSwitch } from "@/app/_components/theme-switch";
import { Avatar } from "@/app/_components/ui/avatar";
import { Icon } from "@/app/_components/ui/icon";
import { MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "@/app/_components/ui/menu";
import type { Page } from "@/lib/product";
import type { Theme } from "@/lib/theme";
import { Navigation } from "./navigation";

const MENU = "account-menu";

/**
 * Who is signed in, and behind it the theme and the way out; where there is no room for the navigation, that, too. The way
 * out is a plain form: it works without a script, and the full navigation leaves no page behind.
 */
export function AccountMenu({
  user,
  pages,
  theme,
}: {
  user: { name: string; email: string } | null;
  pages: readonly Page[];
  theme: Theme;
}) {
  return (
    <>
      <MenuTrigger
        menu={MENU}
        variant="ghost"
        className="min-h-11 min-w-11 justify-start gap-2.5 px-2 text-start"
      >
        <Avatar name={user?.name ?? "?"} />
        <span className="sr-only">{user ? "Account: " : "Account "}</span>
        {user && (
          <span className="sr-only min-w-0 flex-1 wide:not-sr-only">
            <bdi className="block truncate text-foreground">{user.name}</bdi>{" "}
            <bdi data-email={user.email} className="block truncate font-normal text-muted-foreground text-xs">
              {user.email}
            </bdi>
          </span>
        )}
        <Icon name="chevrons-up-down" className="hidden text-muted-foreground wide:block" />
      </MenuTrigger>
      <MenuContent id={MENU} className="w-72">
        {user && (
          <p className="px-2 py-1.5 wide:hidden">
            <bdi className="block truncate font-medium">{user.name}</bdi>
            <bdi className="block truncate text-muted-foreground text-xs">{user.email}</bdi>
          </p>
        )}
        <Navigation pages={pages} className="wide:hidden" />
        <div className="wide:hidden">
          <MenuSeparator />
        </div>
        <div className="p-1">
          <ThemeSwitch theme={theme} />
        </div>
        <MenuSeparator />
        <form method="post" action="/api/auth/logout">
          <MenuItem type="submit">
            <Icon name="log-out" className="rtl:-scale-x-100" />
            Sign out
          </MenuItem>
        </form>
      </MenuContent>
    </>
  );
}
