// Headless Chromium for the scripts here: opens a page of a fresh mock, logs in, takes pictures into a temporary folder.
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'] });
}

export const pictures = process.env.MINGJIAN_PICTURES ?? mkdtempSync(join(tmpdir(), 'mingjian-web-'));

const DIST = fileURLToPath(new URL('../dist', import.meta.url));

/** A page file of dist/ in place of the one in the program, under the policy of the server's own. */
async function give(route, url) {
  const name = new URL(route.request().url()).pathname.slice(1);
  const file = join(DIST, name);
  if (name && extname(name) && existsSync(file)) return route.fulfill({ path: file });
  const policy = (await fetch(url)).headers.get('content-security-policy');
  const body = readFileSync(join(DIST, 'index.html'), 'utf8').replaceAll('__CSP_NONCE__', /'nonce-([^']+)'/.exec(policy)[1]);
  return route.fulfill({ contentType: 'text/html; charset=utf-8', headers: { 'content-security-policy': policy }, body });
}

/** A page of its own context; what goes wrong in the console counts. `platform`: the interface of a running one, the pages of dist/. */
export async function newPage(browser, url, { shade, width = 1366, height = 768, language, platform = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: 'zh-CN', reducedMotion: 'reduce', baseURL: url, bypassCSP: false });
  await context.addInitScript(
    ([wanted, words]) => {
      // What the page is told later on stays.
      if (wanted || !localStorage.getItem('mingjian.shade')) localStorage.setItem('mingjian.shade', wanted ?? 'light');
      if (words || !localStorage.getItem('mingjian.language')) localStorage.setItem('mingjian.language', words ?? 'zh-CN');
    },
    [shade, language],
  );
  if (platform) await context.route((address) => !address.pathname.startsWith('/api/'), (route) => give(route, url));
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (401|403|404|409|422|500)/.test(message.text())) complaints.push(message.text());
    if (message.type() === 'warning' && /antd|Warning/.test(message.text())) complaints.push(message.text());
  });
  return { page, context, complaints };
}

export async function logIn(page, account, password = 'demo') {
  await page.goto('/');
  await page.fill('#account', account);
  await page.fill('#password', password);
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
    const found = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] });
    // A menu that floats over the page belongs to its button, not to a landmark.
    for (const one of found.violations) if (one.id === 'region') one.nodes = one.nodes.filter((node) => !node.target.join(' ').includes('.ant-dropdown'));
    return found.violations.filter((one) => one.nodes.length > 0).map((one) => `${one.id}: ${one.nodes.length} × ${one.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} [${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''}]`).join(' | ')}`);
  });
}

/** Whether the page runs off sideways. */
export async function sideways(page) {
  return page.evaluate(() => {
    const main = document.querySelector('#page') ?? document.documentElement;
    return Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - window.innerWidth);
  });
}

/** Text that is cut off and cannot be read in full: no title on it or around it. */
export async function cutOff(page) {
  return page.evaluate(() => {
    const seen = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden';
    const cut = [...document.querySelectorAll('#root *')].filter((element) => {
      const style = getComputedStyle(element);
      if (style.textOverflow !== 'ellipsis' && style.webkitLineClamp === 'none') return false;
      const over = element.scrollWidth > element.clientWidth + 1 || (style.webkitLineClamp !== 'none' && element.scrollHeight > element.clientHeight + 2);
      return over && seen(element) && !element.closest('[title]') && !element.querySelector('[title]') && !element.closest('.ant-select, .ant-picker, .unseen');
    });
    return [...new Set(cut.map((element) => `cut off without a title: ${element.className || element.tagName} “${(element.textContent ?? '').slice(0, 30)}”`))].slice(0, 6);
  });
}
