/** What V8 accepts of one function (src/wasm/wasm-limits.h); other engines accept the same or more. */
export const maxLocals = 50_000
/** Bytes of a body, declarations of locals included. */
export const maxBodyBytes = 7_654_321
/** Labels of one `br_table`, the default not counted. */
export const maxTableLabels = 65_520
