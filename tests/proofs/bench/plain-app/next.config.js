// @ts-check

/** @type {import("next").NextConfig} */
export default {};
