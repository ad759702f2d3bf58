import { Avatar } from "@/app/_components/ui/avatar";
import { Badge, type BadgeVariant } from "@/app/_components/ui/badge";
import { Button } from "@/app/_components/ui/button";
import {
  Card,
  CardAction,
  CardContent,
  CardDescription,
  CardFooter,
  CardHeader,
  CardTitle,
} from "@/app/_components/ui/card";
import { EmptyState } from "@/app/_components/ui/empty-state";
import { Icon } from "@/app/_components/ui/icon";
import { Notice } from "@/app/_components/ui/notice";
import { Skeleton } from "@/app/_components/ui/skeleton";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/app/_components/ui/table";
import { Group } from "./group";

const BADGES: BadgeVariant[] = [
  "default",
  "secondary",
  "outline",
  "destructive",
  "warning",
  "brass",
  "online",
];

const DEVICES = [
  ["Chrome on macOS", "Lisbon, PT"],
  ["Safari on iOS", "Porto, PT"],
] as const;

export function Surfaces() {
  return (
    <>
      <Group title="Badges and avatars">
        {BADGES.map((variant) => (
          <Badge key={variant} variant={variant}>
            {variant}
          </Badge>
        ))}
        <Avatar name="Ada Lovelace" />
        <Avatar name="ada@example.com" />
      </Group>
      <Group title="Notices">
        <div className="grid w-full gap-3">
          <Notice look="info">Your password was changed.</Notice>
          <Notice look="warning">You’re offline. This page shows what was known at 14:02.</Notice>
          <Notice look="problem">Incorrect email or password.</Notice>
        </div>
      </Group>
      <Group title="Card">
        <Card className="w-full max-w-md">
          <CardHeader>
            <CardTitle>Password</CardTitle>
            <CardDescription>Changed 3 months ago.</CardDescription>
            <CardAction>
              <Badge variant="outline">Strong</Badge>
            </CardAction>
          </CardHeader>
          <CardContent>What stands in a card.</CardContent>
          <CardFooter>
            <Button size="sm">Change password</Button>
          </CardFooter>
        </Card>
      </Group>
      <Group title="Table">
        <Card className="w-full">
          <Table aria-label="Devices">
            <TableHeader>
              <TableRow>
                <TableHead>Device</TableHead>
                <TableHead>Place</TableHead>
              </TableRow>
            </TableHeader>
            <TableBody>
              {DEVICES.map(([device, place]) => (
                <TableRow key={device}>
                  <TableCell>{device}</TableCell>
                  <TableCell>{place}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </Card>
      </Group>
      <Group title="Nothing there, and not yet there">
        <EmptyState className="w-full">
          <Icon name="inbox" />
          <p>Only this device is signed in.</p>
        </EmptyState>
        <div className="w-full space-y-2">
          <Skeleton className="h-15" />
          <Skeleton className="h-15" />
        </div>
      </Group>
    </>
  );
}
