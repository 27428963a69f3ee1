// Headless Chromium for the scripts here: opens a page of a fresh mock, logs in, takes pictures into a temporary folder.
import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'] });
}

export const pictures = process.env.MINGJIAN_PICTURES ?? mkdtempSync(join(tmpdir(), 'mingjian-web-'));

/** A page of its own context; what goes wrong in the console counts. */
export async function newPage(browser, url, { shade = 'light', width = 1366, height = 768, language = 'zh-CN' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: 'zh-CN', reducedMotion: 'reduce', baseURL: url, bypassCSP: false });
  await context.addInitScript(
    ([wanted, words]) => {
      localStorage.setItem('mingjian.shade', wanted);
      localStorage.setItem('mingjian.language', words);
    },
    [shade, language],
  );
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (401|403|404|409|422|500)/.test(message.text())) complaints.push(message.text());
    if (message.type() === 'warning' && /antd|Warning/.test(message.text())) complaints.push(message.text());
  });
  return { page, context, complaints };
}

export async function logIn(page, account) {
  await page.goto('/');
  await page.fill('#account', account);
  await page.fill('#password', 'demo');
  await page.keyboard.press('Enter');
  const code = page.locator('#code');
  const shell = page.locator('#page');
  await code.or(shell).first().waitFor();
  if (await code.isVisible()) {
    await code.fill('123456');
    await page.keyboard.press('Enter');
    await shell.waitFor();
  }
}

export async function settled(page) {
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(150);
}

/** Accessibility by axe; evaluated from here, because the page's policy lets no foreign script in. */
export async function axe(page) {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const found = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], resultTypes: ['violations'] });
    return found.violations.map((one) => `${one.id}: ${one.nodes.length} × ${one.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} [${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''}]`).join(' | ')}`);
  });
}

/** Whether the page runs off sideways. */
export async function sideways(page) {
  return page.evaluate(() => {
    const main = document.querySelector('#page') ?? document.documentElement;
    return Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - window.innerWidth);
  });
}
