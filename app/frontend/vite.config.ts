import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  // Inlined pictures would need a weaker content security policy.
  build: { assetsInlineLimit: 0 },
  server: { proxy: { "/api": process.env["SHOP_URL"] ?? "http://127.0.0.1:8080" } },
  test: { include: ["test/**/*.test.ts"] },
});
