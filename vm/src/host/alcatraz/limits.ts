/** Return data, revert data: copied once into the receipt, and from there to every reader of it. */
export const maxAnswerLength = 65_536
/** Topics of one event: one for its name, three to search by. */
export const maxTopics = 4
export const topicLength = 32
/** Topics and data of all events of one message: what a receipt can grow by. */
export const maxEventBytes = 262_144
/** Events of one message, empty ones included: each is an object in the receipt. */
export const maxEvents = 1024
/** Input of one hash call. Copied out of guest memory as a whole, so it bounds the host's memory. */
export const maxHashLength = 1_048_576
/** Host memory that memcpy and its like use: they move guest bytes in pieces of this size. */
export const copyChunk = 65_536
/** Input of a message: it is copied into guest memory before the first instruction. */
export const maxInputLength = 65_536
/** Data of one signature check: what a message carries. */
export const maxSignedLength = 65_536
/** What contracts log in one transaction: a person reads it. */
export const maxLogBytes = 65_536
/** Messages open at one time, the transaction's own included: each is a machine in memory. */
export const maxMessageDepth = 16
/** Texts that contracts log in one transaction, empty ones included: each is an object in memory. */
export const maxLogs = 1024
/** Programs that a transaction runs again without paying for their code: what engines make of each is kept. */
export const maxWarmPrograms = 32
/** Bytes of their code together: some ten times that in engines. */
export const maxWarmBytes: number = 16 * 1024 * 1024
