import "server-only";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { singleton } from "@/lib/singleton";

// Numbers for operators, in Prometheus' terms. Counted where things happen, read when they are asked for.

type Layer = "instances" | "tab" | "device";
type Metrics = { registry: Registry; revocation: Histogram<"layer"> };

const metrics = singleton("metrics", createMetrics);

function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const revocation = new Histogram({
    name: "latchkey_revocation_seconds",
    help: "From the commit of an ending until a layer knew: all instances, an open tab, the device's receipt.",
    labelNames: ["layer"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return { registry, revocation };
}

/** Counts how long an ending took to reach a layer, in seconds. */
export function observeRevocation(layer: Layer, seconds: number): void {
  metrics().revocation.observe({ layer }, seconds);
}

/** Adds a number that is read when the metrics are asked for. */
export function addGauge(name: string, help: string, read: () => number): void {
  const { registry } = metrics();
  if (registry.getSingleMetric(name)) return;
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

/** Adds a count since the process started, that is read when the metrics are asked for. */
export function addCounter(name: string, help: string, read: () => number): void {
  const { registry } = metrics();
  if (registry.getSingleMetric(name)) return;
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

/** All metrics in Prometheus' text format, with its content type. */
export async function readMetrics(): Promise<{ text: string; type: string }> {
  const { registry } = metrics();
  return { text: await registry.metrics(), type: registry.contentType };
}
