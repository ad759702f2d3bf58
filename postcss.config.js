import tailwind from "@tailwindcss/postcss";
import systemTheme from "./scripts/system-theme.js";

export default { plugins: [tailwind(), systemTheme()] };
