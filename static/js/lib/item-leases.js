// How long items stay in hand: what both pages of items know of their leases.

const LONGEST_BEAT_S = 60;
const SHARE_OF_LEASE = 3;
const LOST = new Set([409, 410]); // in other hands, or closed

/** Milliseconds after which a page says again that it is open. */
export function beatOf(leaseSeconds) {
  return 1000 * Math.min(LONGEST_BEAT_S, Number(leaseSeconds) / SHARE_OF_LEASE);
}

/** Whether a refusal with this status says that the item is lost. */
export function isLoss(status) {
  return LOST.has(status);
}
