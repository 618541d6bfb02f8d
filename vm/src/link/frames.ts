export function scannedFrame(_code: Uint8Array, _start: number, _end: number): number {
  return 512
}
