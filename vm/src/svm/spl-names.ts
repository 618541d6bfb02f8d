/**
 * Names of the programs that `spl-data.ts` has. The build replaces what is compiled from here, too, so that
 * a ledger can start without the data.
 */
export const splNames: readonly string[] = []
