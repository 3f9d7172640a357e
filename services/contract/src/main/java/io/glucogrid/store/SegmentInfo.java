package io.glucogrid.store;

/** A named segment as its writer announces it. A class, not a record: it is a cache value. */
public final class SegmentInfo {
    private final String table;
    private final String path;
    private final long rows;
    private final long bytes;

    /**
     * @param path below the tier's root, with forward slashes
     * @param rows rows in the segment
     * @param bytes size of the file
     */
    public SegmentInfo(String table, String path, long rows, long bytes) {
        this.table = table;
        this.path = path;
        this.rows = rows;
        this.bytes = bytes;
    }

    public String table() {
        return table;
    }

    public String path() {
        return path;
    }

    public long rows() {
        return rows;
    }

    public long bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return path + " (" + rows + " rows)";
    }
}
