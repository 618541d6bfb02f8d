/** Prints what a runtime under flags finds, as JSON: node --liftoff-only print.js ENGINE... */
import { found } from './day.ts'
import { material } from './material.ts'

console.log(JSON.stringify(await found(material(), process.argv.slice(2))))
