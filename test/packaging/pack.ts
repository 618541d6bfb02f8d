import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Runs npm in `folder` and answers what it prints; what it says about failures goes to stderr. */
export function npm(args: readonly string[], folder: string): string {
  const cli = process.env['npm_execpath']
  const [file, before] = cli?.endsWith('npm-cli.js') ? [process.execPath, [cli]] : ['npm', []]
  const quiet = { ...process.env, npm_config_loglevel: 'error', npm_config_fund: 'false' }
  return execFileSync(file, [...before, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: quiet,
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  })
}

/** Packs both packages, as publishing would, into `target`; answers the paths of the tarballs. */
export function packAll(target: string): { readonly engine: string; readonly node: string } {
  const staged = join(target, 'alcatraz-vm')
  execFileSync(process.execPath, [join('scripts', 'stage.mjs'), staged], { stdio: 'inherit' })
  const pack = (which: readonly string[]): string => {
    const text = npm(['pack', '--json', ...which, '--pack-destination', target], process.cwd())
    const packed = JSON.parse(text) as unknown
    const list = Array.isArray(packed) ? packed : Object.values(packed as object)
    return join(target, (list[0] as { filename: string }).filename)
  }
  return { engine: pack([staged]), node: pack(['-w', 'alcatraz-node']) }
}
