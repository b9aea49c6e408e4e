import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium';
/** While somebody else installs packages. */
const APT_OPTIONS = ['--yes', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];

/**
 * Opens a real browser without a window. Where Chromium is not installed, it is installed first, out of Debian's packages.
 *
 * @throws {Error} when it cannot be installed or started
 */
export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  if (!existsSync(CHROMIUM)) {
    const apt = (...args: string[]) =>
      execFileSync('env', ['DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args], { stdio: 'pipe' });
    apt('update', '-q');
    apt('install', ...APT_OPTIONS, 'chromium');
  }
  // Its own sandbox refuses to run as root; it sees no pages but ours.
  return chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
}
