// Headless Chromium: one context per person, as each sits at a machine of their own.
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PASSWORD } from './server.mjs';

// The browser's driver and the checker of accessibility are the web client's own.
const require = createRequire(fileURLToPath(new URL('../../web/package.json', import.meta.url)));
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export class Desk {
  /** `web` names a folder of built pages to take instead of those in the program. */
  static async open(url, pictures, web) {
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'],
    });
    return new Desk(browser, url, pictures, web);
  }

  constructor(browser, url, pictures, web) {
    Object.assign(this, { browser, url, wanted: pictures, web, people: new Map(), complaints: [], seen: [], shots: 0 });
  }

  /** The page of a person, logged in by the form the first time. */
  async of(account, password = PASSWORD) {
    const there = this.people.get(account);
    if (there) return there;
    const page = await this.page();
    await page.goto('/');
    await logIn(page, account, password);
    this.people.set(account, page);
    return page;
  }

  /** A page of its own context. What goes wrong in the console is kept. */
  async page({ width = 1366, height = 768, shade = 'light', cookies } = {}) {
    const context = await this.browser.newContext({ viewport: { width, height }, locale: 'zh-CN', reducedMotion: 'reduce', baseURL: this.url });
    context.setDefaultTimeout(15_000);
    await context.addInitScript((wanted) => localStorage.setItem('mingjian.shade', localStorage.getItem('mingjian.shade') ?? wanted), shade);
    if (cookies) await context.addCookies(cookies);
    if (this.web) await context.route((address) => !address.pathname.startsWith('/api/'), (route) => this.give(route));
    const page = await context.newPage();
    page.on('pageerror', (error) => this.complaints.push(`${path(page)} ${error}`));
    page.on('console', (message) => {
      // Refusals that a page asks for are answers. The component library locks scrolling under a dialog by a style without a nonce, which the
      // policy turns away as it should. The rest is a fault of the page.
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) this.complaints.push(`${path(page)} ${message.text()}`);
    });
    page.on('dialog', (dialog) => {
      this.complaints.push(`${path(page)} dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    return page;
  }

  /** A page file of the folder, under the policy of the server's own. */
  async give(route) {
    const name = new URL(route.request().url()).pathname.slice(1);
    const file = join(this.web, name);
    if (name && existsSync(file)) return route.fulfill({ path: file });
    const policy = (await fetch(this.url)).headers.get('content-security-policy');
    const page = readFileSync(join(this.web, 'index.html'), 'utf8').replaceAll('__CSP_NONCE__', /'nonce-([^']+)'/.exec(policy)[1]);
    return route.fulfill({ contentType: 'text/html; charset=utf-8', headers: { 'content-security-policy': policy }, body: page });
  }

  /** Axe, light and dark, over what is on the screen; once for each name. */
  async look(page, name) {
    // What is still coming is nothing to judge.
    await page.waitForFunction(() => !document.querySelector('.skeleton, .ghost'));
    if (this.wanted) await this.picture(page, name);
    for (const shade of ['light', 'dark']) {
      await turn(page, shade);
      for (const words of await axe(page)) this.seen.push(`${name} ${shade} ${words}`);
      if (this.wanted && shade === 'dark') await this.picture(page, `${name}-dark`);
    }
    await turn(page, 'light');
  }

  async picture(page, name) {
    this.shots += 1;
    const folder = (this.folder ??= this.wanted ?? mkdtempSync(join(tmpdir(), 'mingjian-pictures-')));
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${String(this.shots).padStart(2, '0')}-${name.replace(/[^\p{L}\p{N}-]+/gu, '-').slice(0, 60)}.png`);
    await page.screenshot({ path: file }).catch(() => undefined);
    return file;
  }

  close() {
    return this.browser.close();
  }
}

export async function logIn(page, account, password = PASSWORD) {
  await page.fill('#account', account);
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.locator('#page').waitFor();
}

function path(page) {
  return new URL(page.url()).pathname;
}

/** Changes the shade by the button a person has, where there is one. */
async function turn(page, shade) {
  const now = await page.evaluate(() => document.documentElement.dataset.shade);
  if (now === shade) return;
  // A dialog covers the button; what it does is the same.
  await page.evaluate((wanted) => {
    const word = { dark: ['深色', 'Dark'], light: ['浅色', 'Light'] }[wanted];
    const button = [...document.querySelectorAll('button')].find((one) => word.some((part) => (one.getAttribute('aria-label') ?? one.textContent ?? '').includes(part)));
    button?.click();
  }, shade);
  await page.waitForFunction((wanted) => document.documentElement.dataset.shade === wanted, shade);
}

async function axe(page) {
  // Given over by the debugger: the page's own policy lets no foreign script in.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  return page.evaluate(async () => {
    // Colours that are on their way are nobody's: wait for them.
    await Promise.all(document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity).map((one) => one.finished.catch(() => undefined)));
    const found = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'], resultTypes: ['violations'] });
    return found.violations.map((one) => `${one.id} × ${one.nodes.length}: ${one.nodes.slice(0, 2).map((node) => `${node.target.join(' ')} — ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''}`).join(' | ')}`);
  });
}

/** Pixels by which the page runs off sideways. */
export function sideways(page) {
  return page.evaluate(() => {
    const main = document.querySelector('#page') ?? document.documentElement;
    return Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - window.innerWidth);
  });
}

export const dialog = (page) => page.getByRole('dialog');
export const button = (page, name) => page.getByRole('button', { name });

/** Picks options of a select by what they read. */
export async function pick(page, label, ...texts) {
  await page.getByRole('combobox', { name: label }).click();
  for (const text of texts) await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: text }).first().click();
}

/** 元 as shown, in fen. */
export const fen = (text) => Math.round(Number(text.replace(/[,，\s]/g, '')) * 100);

/** Waits until something is so, without a guess how long it takes. */
export async function until(what, so, patience = 15_000) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await so();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 40));
  }
}
