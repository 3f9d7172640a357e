package io.glucogrid.client.soak;

/**
 * What one process of a node needed right after a collection.
 *
 * @param node its name; a node that was started again has another process
 * @param atSeconds since the watch began
 * @param ageSeconds since the process began
 * @param heapMb what is alive on its heap, MiB
 * @param onlineMb used of its region of online rows, MiB
 * @param historyMb used of its region of history, MiB; that region evicts and has a size of its own
 * @param residentMb memory of the process as the system counts it, MiB
 */
record Measure(
        String node,
        long pid,
        long atSeconds,
        long ageSeconds,
        long heapMb,
        long onlineMb,
        long historyMb,
        long residentMb) {

    /** Resident memory that is not pages of the region of history. */
    long ownMb() {
        return Math.max(0, residentMb - historyMb);
    }
}
