import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { fullStrength, target } from './support/target';
import { root } from './support/environment';
import { report } from './support/report';
import { shop, shopStack, type Shop } from './support/shop';
import { waitFor } from './support/wait';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const email = `${randomUUID()}@behaviour.test`;
const password = `pass-${randomUUID()}`;
const profile = mkdtempSync(join(tmpdir(), 'behaviour-browser-'));
let it_: Shop;
let browser: BrowserContext;
let page: Page;
let order: string;
const errors: string[] = [];

beforeAll(async () => {
  it_ = await shop();
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    viewport: { width: 1280, height: 800 },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  page = browser.pages()[0] ?? (await browser.newPage());
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => errors.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  rmSync(profile, { recursive: true, force: true });
});

const id = (name: string) => page.getByTestId(name);

async function signIn(): Promise<void> {
  await page.goto(it_.url);
  if (
    await id('sign-out')
      .isVisible()
      .catch(() => false)
  )
    await id('sign-out').click();
  await id('open-sign-in').click();
  await id('sign-in-form').locator('input[name=email]').fill(email);
  await id('sign-in-form').locator('input[name=password]').fill(password);
  await id('sign-in-form').locator('button[type=submit]').click();
  await id('account-name').waitFor();
}

async function expectOrder(): Promise<void> {
  await id('show-orders').click();
  await page.locator(`[data-testid=order-row][data-order="${order}"]`).waitFor();
}

describe('a customer in a browser', () => {
  it('sees the products and finds one', async () => {
    await page.goto(it_.url);
    await id('product-card').first().waitFor();
    const all = await id('product-card').count();
    expect(all).toBeGreaterThan(3);
    // The README's picture is rewritten only when that is meant: a test leaves the checkout as it is.
    const folder = process.env['UPDATE_PICTURES'] === '1' ? join(root, 'docs', 'images') : join(root, '.local');
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, 'shop.png') });
    await id('search').fill('gift card');
    await waitFor('the search to narrow the list', async () => (await id('product-card').count()) < all, {
      timeout: 10_000,
    });
    expect(await id('product-card').first().innerText()).toMatch(/gift card/i);
  });

  it('registers, signs out and signs in', async () => {
    await id('open-register').click();
    const form = id('register-form');
    await form.locator('input[name=name]').fill('Browser Test');
    await form.locator('input[name=email]').fill(email);
    await form.locator('input[name=password]').fill(password);
    await form.locator('button[type=submit]').click();
    await id('account-name').waitFor();
    await id('sign-out').click();
    await signIn();
    expect(await id('account-name').innerText()).toContain('Browser Test');
  });

  it('orders, and is shown the order', async () => {
    await id('search').fill('gift card');
    await id('add-to-basket').first().click();
    await id('basket-line').first().waitFor();
    await id('checkout').click();
    await id('order-row').first().waitFor();
    order = (await id('order-row').first().getAttribute('data-order')) ?? '';
    expect(order).not.toBe('');
  });

  it('finds the order again after the order service was restarted', async () => {
    const before = await target.replicas(it_.scope, 'order');
    for (const one of before) await target.kill(one.id);
    await fullStrength(it_.scope, 'order', before.length, { without: before.map((one) => one.id) });
    // All replicas were gone at once; the gateway asks DNS for the new ones every second.
    await waitFor('the gateway to see them', async () => (await fetch(`${it_.url}/api/orders`)).status === 401, {
      timeout: 10_000,
    });
    await signIn();
    await expectOrder();
  });

  it('finds the order again after the whole shop was updated', async () => {
    await shopStack.mustUp({ 'shop:revision': `browser ${Date.now()}` });
    await signIn();
    await expectOrder();
  });

  it('finds the order again after `down` and `up`', async () => {
    expect(await shopStack.destroy()).toMatchObject({ code: 0 });
    it_ = await shop();
    await signIn();
    await expectOrder();
    expect(errors).toEqual([]);
    report({ name: 'browser', note: 'order kept over restart, update, down and up' });
  });
});
