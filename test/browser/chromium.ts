import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** ALCATRAZ_CHROMIUM, or where Linux distributions put it. */
export const chromiumPath: string | undefined = [process.env['ALCATRAZ_CHROMIUM'], ...places].find(
  (path) => path !== undefined && existsSync(path),
)

/** For `test(name, { skip: skipWithoutChromium }, ...)`: says what is absent and how to get it. */
export const skipWithoutChromium: string | false =
  chromiumPath === undefined &&
  'SKIPPED: no Chromium here; install it (apt-get install chromium) or set ALCATRAZ_CHROMIUM'

/** Opens an empty page in headless Chromium, with no traffic of the browser's own. */
export async function withPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
  if (chromiumPath === undefined) throw new Error('no Chromium')
  const profile = mkdtempSync(join(tmpdir(), 'alcatraz-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  try {
    const page = await context.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(String(error)))
    const result = await work(page)
    if (problems.length > 0) throw new Error(`the page failed: ${problems.join('; ')}`)
    return result
  } finally {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  }
}
