/**
 * The page as a person meets it: a lab on the wall clock, its front on a free port, the page built from this tree, and a browser.
 *
 * What a test does here it does by what is on the screen. The page runs under the server's own policy; whatever the browser objects to, and
 * every exception of the page, is kept in `complaints`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { build } from 'vite';
import { openFront } from '../../controller/front.ts';
import { Lab } from '../../lab/lab.ts';
import { PacedLab } from '../../lab/paced-lab.ts';
import { loadTopology } from '../../topologies/loader.ts';
import { fill, type Language, WORDS, type WordKey, type WordParams } from '../../web/words.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a person would wait for before thinking that it does not work. */
const PATIENCE_MS = 15_000;

export interface OpenLab {
  readonly url: string;
  close(): Promise<void>;
}

/** Builds the page apart from `dist/`, where somebody may be building too. */
export async function openLab(topology: string): Promise<OpenLab> {
  const webRoot = mkdtempSync(join(tmpdir(), 'sluice-page-'));
  await build({
    configFile: join(root, 'web/vite.config.ts'),
    build: { outDir: webRoot, emptyOutDir: true },
    logLevel: 'error',
  });
  const lab = new PacedLab(new Lab(loadTopology(join(root, 'topologies', topology))));
  const front = await openFront(lab, { port: 0, webRoot });
  return {
    url: front.url,
    close: async () => {
      await front.close();
      lab.close();
      rmSync(webRoot, { recursive: true });
    },
  };
}

export function launchBrowser(program: string): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--headless', '--disable-background-networking'],
  });
}

export class DashboardPage {
  readonly page: Page;
  readonly complaints: string[] = [];
  readonly #language: Language;

  private constructor(page: Page, language: Language) {
    this.page = page;
    this.#language = language;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // A refused request is what some tests are about; the browser reports each.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        this.complaints.push(message.text());
      }
    });
  }

  static async open(browser: Browser, url: string, language: Language): Promise<DashboardPage> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    });
    const dashboard = new DashboardPage(await context.newPage(), language);
    await dashboard.page.goto(url);
    return dashboard;
  }

  say(key: WordKey, params: WordParams = {}): string {
    return fill(WORDS[key][this.#language], params);
  }

  /** A switch or a host by what is written on its card, a link by its name. */
  onMap(name: string): Locator {
    return this.page.locator(`.nodes a:has(.name:text-is("${name}")), .links a[data-id="${name}"]`);
  }

  get inspector(): Locator {
    return this.page.locator('.inspector');
  }

  get events(): Locator {
    return this.page.locator('.event-list');
  }

  async select(name: string): Promise<void> {
    await this.onMap(name).focus();
    await this.page.keyboard.press('Enter');
    await this.inspector.getByRole('heading', { name, exact: true }).waitFor();
  }

  async waitUntilConverged(): Promise<void> {
    await this.page.getByText(this.say('connection.live'), { exact: true }).waitFor();
    await this.page.getByText(this.say('network.converged')).waitFor();
  }

  async press(key: WordKey): Promise<void> {
    await this.inspector.getByRole('button', { name: this.say(key), exact: true }).click();
  }

  /** What came back, as it stands in the inspector. */
  async ping(from: string, to: string): Promise<{ readonly sent: number; readonly received: number }> {
    await this.select(from);
    await this.inspector.locator('#ping-to').selectOption(to);
    await this.press('ping.send');
    const result = this.inspector.locator('.result');
    await result.waitFor();
    const value = async (key: WordKey) =>
      Number(await result.locator(`dt:text-is("${this.say(key)}") + dd`).textContent());
    return { sent: await value('ping.sent'), received: await value('ping.received') };
  }

  async addRule(rule: { readonly match: string; readonly actions: string; readonly priority: number }): Promise<void> {
    const form = this.inspector.locator('.adding');
    if (!(await form.locator('form').isVisible())) await form.locator('summary').click();
    await form.locator('#flow-match').fill(rule.match);
    await form.locator('#flow-actions').fill(rule.actions);
    await form.locator('#flow-priority').fill(String(rule.priority));
    await this.press('form.add');
    await form.locator('.outcome:not(:empty)').waitFor();
  }

  get outcome(): Locator {
    return this.inspector.locator('.adding .outcome');
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
