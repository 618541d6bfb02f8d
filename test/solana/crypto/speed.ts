/** `npm run bench:signatures`: verifications of Ed25519 a second, here and in Chromium when there is one. */
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromiumPath, withPage } from '../../browser/chromium.ts'
import { measure, perSecond, type Speed } from './speed-page.ts'

const count = 1000
const spkiHead = 12

/** The same by the platform's library, which accepts other signatures; keys are read anew each time. */
function platform(): number {
  const message = new Uint8Array(200)
  const signed = Array.from({ length: count }, () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(spkiHead)
    return { x: raw.toString('base64url'), bytes: sign(null, message, privateKey) }
  })
  return perSecond(signed, ({ x, bytes }) => {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    if (!verify(null, message, key, bytes)) throw new Error('a signature was refused')
  })
}

/** The measured module as one script. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./speed-page.js', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'speed',
    platform: 'neutral',
    mainFields: ['module', 'main'],
  })
  return outputFiles[0]!.text
}

function say(where: string, { verifications, ofOneKey, points }: Speed): void {
  console.log(
    `${where}: ${verifications} verifications/s, ${ofOneKey} by one key, ${points} points/s`,
  )
}

say(`Node ${process.versions.node}`, measure(count))
console.log(`node:crypto: ${platform()} verifications/s`)
if (chromiumPath === undefined) console.log('Chromium: absent')
else {
  const script = await bundle()
  await withPage(async (page) => {
    await page.addScriptTag({ content: script })
    say('Chromium', (await page.evaluate(`speed.measure(${count})`)) as Speed)
  })
}
