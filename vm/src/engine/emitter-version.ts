/**
 * Names what lift and recompiler make of programs: artifacts of another version are not used. It is a
 * digest of what they make of known programs; `UPDATE=1 node --test build/test/recomp/output.test.js`
 * writes it, and that test fails while it is not so.
 */
export const emitterVersion: string = '3f50609ca16b4df9'
