/** What of Node's file system is used; `process.getBuiltinModule` has it without an import. */
interface FileSystem {
  readFileSync(path: string): Uint8Array
  writeFileSync(path: string, bytes: Uint8Array): void
}

/** Texts of the operating system, as Rust prints them. */
const texts: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory (os error 2)',
  EACCES: 'Permission denied (os error 13)',
  EISDIR: 'Is a directory (os error 21)',
  ENOTDIR: 'Not a directory (os error 20)',
}

function fileSystem(): FileSystem {
  const { process } = globalThis as {
    readonly process?: { readonly getBuiltinModule?: (name: string) => unknown }
  }
  const found = process?.getBuiltinModule?.('node:fs')
  if (found === undefined)
    throw new Error('no file system here (Node 20.16 and newer have one): read the bytes yourself')
  return found as FileSystem
}

function told<T>(work: (files: FileSystem) => T): T {
  const files = fileSystem()
  try {
    return work(files)
  } catch (error) {
    const code = (error as { readonly code?: string }).code ?? ''
    throw new Error(texts[code] ?? (error as Error).message, { cause: error })
  }
}

/** @throws {Error} with the system's text, as Rust prints it */
export function readFile(path: string): Uint8Array {
  return told((files) => new Uint8Array(files.readFileSync(path)))
}

/** @throws {Error} with the system's text, as Rust prints it */
export function writeFile(path: string, bytes: Uint8Array): void {
  told((files) => files.writeFileSync(path, bytes))
}
