import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../web/words.ts';
import { findPeer } from '../interop/peer.ts';
import { DashboardPage, launchBrowser, type OpenLab, openLab } from './dashboard-page.ts';

const chromium = findPeer('chromium');

describe.skipIf(chromium.isSkipped)('the dashboard in a browser', () => {
  let lab: OpenLab;
  let browser: Browser;

  beforeAll(async () => {
    lab = await openLab('edge-gateway.yaml');
    browser = await launchBrowser(chromium.program!);
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
  });

  describe.each(LANGUAGES)('in %s', (language) => {
    let dashboard: DashboardPage;

    beforeAll(async () => {
      dashboard = await DashboardPage.open(browser, lab.url, language);
      await dashboard.waitUntilConverged();
    });
    afterAll(() => dashboard?.close());

    it('shows the running network', async () => {
      expect(await dashboard.page.locator('.nodes a').count()).toBe(20);
      expect(await dashboard.page.locator('.links a').count()).toBe(22);
    });

    it('pings, cuts the link on the way, pings again, and mends it', async () => {
      expect(await dashboard.ping('plc-a1', 'ingest')).toEqual({ sent: 4, received: 4 });

      await dashboard.select('uplink-a');
      await dashboard.press('link.cut');
      await dashboard.inspector.getByRole('button', { name: dashboard.say('link.mend') }).waitFor();
      await dashboard.page.locator('.links a[data-id="uplink-a"] .line.down').waitFor();
      await dashboard.events.locator('.trouble').first().waitFor();
      await dashboard.waitUntilConverged();
      expect(await dashboard.ping('plc-a1', 'ingest')).toEqual({ sent: 4, received: 4 });

      await dashboard.select('uplink-a');
      await dashboard.press('link.mend');
      await dashboard.inspector.getByRole('button', { name: dashboard.say('link.cut') }).waitFor();
      await dashboard.waitUntilConverged();
    });

    it('says that a rule is installed when it is, and shows and deletes it', async () => {
      const match = `tcp,nw_dst=10.9.0.${LANGUAGES.indexOf(language) + 1}`;
      await dashboard.select('gw-1');
      await dashboard.addRule({ match, actions: 'output:11', priority: 777 });
      expect(await dashboard.outcome.textContent()).toContain(dashboard.say('form.installed'));

      const row = dashboard.inspector.locator('.flows tr', { hasText: /^777/ });
      await row.waitFor();
      expect(await row.textContent()).toContain(dashboard.say('flows.owner.user'));
      await row.getByRole('button').click();
      await row.waitFor({ state: 'detached' });
      await dashboard.inspector.getByText(dashboard.say('flows.deleted')).waitFor();
    });

    it('says beside the field what is wrong with a rule, and installs nothing', async () => {
      await dashboard.select('gw-1');
      await dashboard.addRule({ match: 'tcp,nw_dst=nowhere', actions: 'output:11', priority: 778 });
      expect(await dashboard.outcome.textContent()).toContain(dashboard.say('form.refused'));
      expect(await dashboard.page.locator('#flow-match').getAttribute('aria-invalid')).toBe('true');
      expect(await dashboard.inspector.locator('.flows tr', { hasText: /^778/ }).count()).toBe(0);
    });

    it("says the switch's refusal in words", async () => {
      await dashboard.select('gw-1');
      await dashboard.addRule({ match: '', actions: 'output:99', priority: 779 });
      expect(await dashboard.outcome.textContent()).toContain(dashboard.say('form.refused'));
      expect(await dashboard.outcome.textContent()).toContain('BAD_ACTION/BAD_OUT_PORT');
      expect(await dashboard.page.locator('#flow-actions').getAttribute('aria-invalid')).toBe('true');
    });

    it('leads to the same view from its address', async () => {
      await dashboard.select('trunk-1');
      const again = await DashboardPage.open(browser, dashboard.page.url(), language);
      await again.inspector.getByRole('heading', { name: 'trunk-1', exact: true }).waitFor();
      await again.page.keyboard.press('Escape');
      await again.inspector.getByText(again.say('inspector.nothing')).waitFor();
      await again.close();
    });

    it('is walked over and selected from with the keyboard alone', async () => {
      const { keyboard } = dashboard.page;
      await keyboard.press('Escape');
      await dashboard.onMap('plc-a1').focus();
      for (const key of ['ArrowRight', 'ArrowRight', 'Enter']) await keyboard.press(key);
      await dashboard.inspector.getByRole('heading', { level: 2 }).waitFor();
      const chosen = dashboard.page.locator('.nodes [aria-current="true"]');
      expect(await chosen.evaluate((node) => node.matches(':focus-visible'))).toBe(true);
      // One stop of Tab for all nodes, one for all links.
      expect(await dashboard.page.locator('.nodes a[tabindex="0"]').count()).toBe(1);
      expect(await dashboard.page.locator('.links a[tabindex="0"]').count()).toBe(1);
    });

    it('breaks no policy of the server and throws nothing', () => {
      expect(dashboard.complaints).toEqual([]);
    });
  });

  it('keeps what it knew when the server goes, says so, and lets nothing be changed', async () => {
    const mortal = await openLab('triangle.yaml');
    const dashboard = await DashboardPage.open(browser, `${mortal.url}/#host/00%3A00%3A00%3A00%3A00%3A01`, 'en');
    await dashboard.waitUntilConverged();
    expect(await dashboard.ping('h1', 'h3')).toEqual({ sent: 4, received: 4 });
    await mortal.close();
    await dashboard.page.getByRole('alert').getByText(dashboard.say('connection.old')).waitFor();
    expect(await dashboard.onMap('s1').isVisible()).toBe(true);
    expect(await dashboard.inspector.getByRole('button', { name: dashboard.say('ping.send') }).isDisabled()).toBe(true);
    await dashboard.inspector.getByText(dashboard.say('disabled.not-live')).waitFor();
    await dashboard.close();
  });
});
