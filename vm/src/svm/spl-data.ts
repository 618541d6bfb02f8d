/**
 * Deflated ELFs of the programs in `spl-programs.ts`, in base64 by their names. The build replaces what is
 * compiled from here by what `scripts/spl-programs.mjs` takes out of litesvm; without litesvm it stays empty.
 */
export const splData: Readonly<Record<string, string>> = {}
