/// <reference types="vitest/config" />
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The API a developer works against: the mock by default, the real server by MINGJIAN_API.
const api = process.env.MINGJIAN_API ?? 'http://127.0.0.1:8788';

export default defineConfig({
  base: '/',
  plugins: [react()],
  // The server replaces the placeholder by the nonce of each answer.
  html: { cspNonce: '__CSP_NONCE__' },
  server: { proxy: { '/api': api } },
  build: {
    // The desktops of public offices run old Chromium.
    target: 'chrome94',
    cssTarget: 'chrome94',
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'echarts', test: /node_modules[\\/](echarts|zrender)/ },
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
            { name: 'tanstack', test: /node_modules[\\/]@tanstack/ },
          ],
        },
      },
    },
  },
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'], testTimeout: 20000 },
});
