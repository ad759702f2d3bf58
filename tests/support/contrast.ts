// How well two colours stand apart: WCAG 2.2, "contrast ratio" and "relative luminance".

export type Rgb = [red: number, green: number, blue: number];

const COLOR = /^(#|oklch\(|hsl\()/;

/** Whether a value of a style sheet is a colour that `linearOf` reads. */
export function isColor(value: string): boolean {
  return COLOR.test(value);
}

/** A colour as shares of linear light, out of `#rrggbb`, `oklch(…)` or `hsl(…)`, which is what themes are written in. */
export function linearOf(color: string): Rgb {
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(color);
  if (hex) return map(hexOf(hex), linear);
  const numbers = [...color.matchAll(/[\d.]+(%?)/g)].map(
    ([text, percent]) => Number.parseFloat(text) / (percent ? 100 : 1),
  );
  const [first = 0, second = 0, third = 0] = numbers;
  if (color.startsWith("oklch(")) return ofOklch(first, second, third);
  if (color.startsWith("hsl(")) return map(ofHsl(first, second, third), linear);
  throw new Error(`No colour that is read here: ${color}`);
}

/** From 1, the same, to 21, black on white. */
export function contrast(one: Rgb, other: Rgb): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** `color-mix(in oklab, one, other share)`, for colours that are near to each other. */
export function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const parts = one.map((part, index) => {
    const root = (1 - share) * Math.cbrt(part) + share * Math.cbrt(other[index] ?? 0);
    return root ** 3;
  });
  return parts as Rgb;
}

function map(rgb: Rgb, change: (part: number) => number): Rgb {
  return rgb.map(change) as Rgb;
}

function hexOf([, ...parts]: string[]): Rgb {
  return parts.map((part) => Number.parseInt(part, 16) / 255) as Rgb;
}

function linear(part: number): number {
  return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** CSS Color 4, 10.2 and 18. What lies outside of sRGB is cut off. */
function ofOklch(lightness: number, chroma: number, hue: number): Rgb {
  const angle = (hue * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)];
  const long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b) ** 3;
  const medium = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b) ** 3;
  const short = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b) ** 3;
  const rgb: Rgb = [
    4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
    -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
    -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701 * short,
  ];
  return map(rgb, (part) => Math.min(1, Math.max(0, part)));
}

/** CSS Color 4, 7.1. */
function ofHsl(hue: number, saturation: number, lightness: number): Rgb {
  const part = (n: number) => {
    const k = (n + hue / 30) % 12;
    return (
      lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1))
    );
  };
  return [part(0), part(8), part(4)];
}
